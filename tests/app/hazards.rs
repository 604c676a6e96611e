//! Where the book's program is wrong: contract section 6, line by line. Each of these would fail there; many of them
//! end its process. A connection that was open before must be open after.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor};

use crate::support::numbered::names_of;
use crate::support::{GIF, Io, Person, Server, Transport, eventually, status_and_problem};

/// A server with a room, a member of it, and their connection: the canary.
async fn scene() -> (Server, Person, String, Io) {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = owner.make_room("canary", 4, "").await;
    let canary = owner.enter(&room).await;
    (server, owner, room, canary)
}

fn referer(value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("referer", value.parse().unwrap());
    headers
}

#[tokio::test]
async fn a_socket_needs_no_referer_and_may_have_an_odd_one() {
    let (server, _, room, mut canary) = scene().await;
    let stranger = Person::new(&server);
    stranger.page("/").await;
    for odd in ["x", "http://evil.example/", "http://h/room/nope", "http://h/room/%00", "///", "http://h/room/"] {
        let mut io = stranger.try_connect(Transport::WebSocket, referer(odd)).await.unwrap();
        io.attach("/chat").await;
        assert!(io.is_alive().await, "{odd}");
        io.close();
    }
    let mut io = stranger.connect(Transport::Polling).await;
    assert!(io.is_alive().await);
    assert_eq!(canary.heard_so_far().await, []);
    assert!(stranger.say(&room, "x").await.status().is_client_error());
}

#[tokio::test]
async fn events_with_reserved_or_impossible_names_harm_nobody() {
    let (server, owner, room, mut canary) = scene().await;
    let hostile = Person::new(&server);
    hostile.look(&room).await;
    for said in [
        r#"42/chat,["error","x"]"#,
        r#"42/chat,["connect","x"]"#,
        r#"42/chat,["disconnect","x"]"#,
        r#"42/chat,["__proto__",{}]"#,
        r#"42/chat,[{"toString":1},"x"]"#,
        r#"42/chat,[null]"#,
        r#"42/chat,[]"#,
        r#"42/chat,{}"#,
        r#"42/chat,"#,
        r#"42/nowhere,["join","x"]"#,
        r#"40/nowhere,"#,
        r#"451-/chat,["join",{"_placeholder":true,"num":0}]"#,
        r#"49"#,
        r#"x"#,
        "",
    ] {
        for transport in [Transport::WebSocket, Transport::Polling] {
            let io = hostile.connect(transport).await;
            io.raw(said);
        }
        assert!(canary.is_alive().await, "{said}");
    }
    let mut well = hostile.enter(&room).await;
    for shape in [json!(null), json!(1), json!([]), json!({}), json!({"room": {}}), json!({"room": room, "since": "x"})]
    {
        assert!(well.call("join", shape.clone()).await["error"].is_object(), "{shape}");
    }
    assert!(well.is_alive().await, "a wrong argument is refused, not punished");
    assert_eq!(owner.say(&room, "x").await.status(), 201);
    assert_eq!(canary.next("chat").await["chat"], "x");
}

#[tokio::test]
async fn hostile_multipart_is_a_clean_refusal() {
    let (_server, owner, room, mut canary) = scene().await;
    let part = |head: &str| format!("--b\r\n{head}\r\n\r\nx\r\n--b--\r\n");
    for (kind, body) in [
        ("multipart/form-data; boundary=b", part(" Content-Disposition: form-data; name=\"gif\"; filename=\"x\"")),
        ("multipart/form-data; boundary=b", part("Content-Disposition form-data")),
        ("multipart/form-data; boundary=b", part(&"x".repeat(20_000))),
        (
            "multipart/form-data; boundary=b",
            String::from("--b\r\nContent-Disposition: form-data; name=\"gif\"\r\n\r\nx"),
        ),
        ("multipart/form-data; boundary=b", String::from("no boundary at all")),
        ("multipart/form-data; boundary=b", String::new()),
        ("multipart/form-data", part("Content-Disposition: form-data; name=\"gif\"")),
        ("multipart/form-data; boundary=\"\"", part("Content-Disposition: form-data; name=\"gif\"")),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n".repeat(100) + "--b--\r\n",
        ),
    ] {
        let request = owner.request(Method::POST, &format!("/room/{room}/gif")).header(CONTENT_TYPE, kind);
        let (status, _) = status_and_problem(request.body(body.clone()).send().await.unwrap()).await;
        assert!((400..500).contains(&status), "{status} for {body:.60}");
    }
    assert!(canary.is_alive().await);
    assert_eq!(owner.send_gif(&room, GIF).await.status(), 201, "the next upload works");
}

#[tokio::test]
async fn the_database_may_be_away_when_the_last_member_leaves() {
    let (server, owner, room, canary) = scene().await;
    let other = Person::new(&server);
    let kept = other.make_room("kept", 4, "").await;
    let mut canary_elsewhere = other.enter(&kept).await;
    canary.close();
    crate::presence::left(&server, &owner, &room).await;
    let path = server.data_path().join("gifchat.db");
    let mut thief = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    thief.execute("BEGIN IMMEDIATE").await.unwrap();
    server.advance(60);
    let is_there = async || owner.get(&format!("/room/{room}")).await.status() == StatusCode::OK;
    eventually("its door is shut", async || !is_there().await).await;
    eventually("the removal failed and the room is back", is_there).await;
    assert!(canary_elsewhere.is_alive().await);
    thief.execute("ROLLBACK").await.unwrap();
    assert_eq!(other.say(&kept, "the writer is well").await.status(), 201);
    server.advance(5);
    eventually("the room is gone at last", async || !is_there().await).await;
    assert!(canary_elsewhere.is_alive().await);
}

#[tokio::test]
async fn nobody_forges_an_exit_a_removal_or_a_voice() {
    let (server, owner, room, mut canary) = scene().await;
    let stranger = Person::new(&server);
    stranger.page("/").await;
    let page = format!("{}/room/{room}", server.url(""));
    for _ in 0..3 {
        let mut io = stranger.try_connect(Transport::WebSocket, referer(&page)).await.unwrap();
        io.attach("/chat").await;
        assert!(io.is_alive().await);
        io.close();
    }
    let mut io = stranger.connect(Transport::WebSocket).await;
    for event in [
        "exit",
        "removeRoom",
        "newRoom",
        "chat",
        "join",
        "owner",
        "settings",
        "kick",
        "ban",
        "mute",
        "raid",
        "nick",
        "edit",
        "remove",
        "react",
        "whisper",
        "typing",
        "away",
        "leave",
        "close",
    ] {
        io.emit(event, json!({"room": room, "user": "system", "chat": "forged"}));
        io.emit(event, json!(room));
    }
    assert!(io.is_alive().await);
    io.close();
    server.advance(3600);
    assert_eq!(canary.heard_so_far().await, [], "nothing of it is heard");
    let delete = stranger.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    assert_eq!(status_and_problem(delete).await, (403, String::from("not-owner")));
    assert_eq!(status_and_problem(stranger.say(&room, "x").await).await, (403, String::from("not-in-room")));
    assert_eq!(names_of(&owner.get_json(&format!("/room/{room}/messages")).await), ["join"]);
}

#[tokio::test]
async fn the_oldest_pages_join_by_their_referer_once_and_only_with_the_right_to() {
    let (server, _, room, mut canary) = scene().await;
    let guest = Person::new(&server);
    guest.look(&room).await;
    let page = server.url(&format!("/room/{room}"));
    let mut io = guest.try_connect(Transport::WebSocket, referer(&page)).await.unwrap();
    io.attach("/chat").await;
    assert_eq!(canary.next("join").await["members"], 2);
    assert_eq!(io.call("join", json!(room)).await["room"]["members"], 2);
    assert_eq!(canary.heard_so_far().await, [], "an explicit join on top is not told again");
    assert_eq!(guest.say(&room, "hi").await.status(), 201);
    assert_eq!(io.next("chat").await["chat"], "hi");
}

#[tokio::test]
async fn a_password_is_nowhere_and_its_creator_is_inside() {
    let server = Server::start().await;
    let (owner, watcher) = (Person::new(&server), Person::new(&server));
    let mut lobby = watcher.watch().await;
    for password in ["a&b", "a+b", "a#b", "%41", "a b", "\"'<", "비밀"] {
        let made = owner.submit("/room", &[("title", "t"), ("max", "4"), ("password", password)]).await;
        assert_eq!(made.status(), 303);
        let path = made.headers()["location"].to_str().unwrap().to_owned();
        assert!(!path.contains('?'), "{path}");
        let page = owner.page(&path).await;
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains("chat-form"), "the creator is in their room");
        assert_eq!(lobby.next("newRoom").await["password"], true);
        let guest = Person::new(&server);
        let entered = guest.submit(&format!("{path}/enter"), &[("password", password)]).await;
        assert_eq!(entered.status(), 303, "{password}");
    }
}

#[tokio::test]
async fn nothing_answers_500_and_nothing_names_a_library() {
    let (_server, owner, room, mut canary) = scene().await;
    let long = "x".repeat(5000);
    let paths = [
        "/",
        "/room",
        "/room/",
        "/room/x",
        "/room/%ff",
        "/room/%00",
        "/room//chat",
        "/gif/",
        "/gif/%ff",
        "/gif/x.gif",
        "/assets/",
        "/assets/../../secret",
        "/assets/%2e%2e/secret",
        "/lang/xx",
        "/lang/ko?to=//evil.example",
        "/?error=%ff",
        "/nowhere",
        "/socket.io/",
        "/socket.io/?EIO=9&transport=polling",
        "/socket.io/?EIO=4&transport=x",
        "/socket.io/?EIO=4&transport=polling&sid=x",
        "/socket.io/nothing.js",
        &format!("/{long}"),
        &format!("/room/{room}/chat"),
        &format!("/room/{room}/gif"),
        &format!("/room/{room}/messages?before=%ff"),
        &format!("/room/{room}/enter"),
    ]
    .map(str::to_owned);
    for path in &paths {
        for method in
            [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS]
        {
            for (kind, body) in [
                ("application/json", "{"),
                ("text/plain", "x"),
                ("application/x-www-form-urlencoded", "title[a]=1&max=1e9"),
            ] {
                if method == Method::DELETE && path.ends_with(&room) {
                    continue;
                }
                let mut request = owner.request(method.clone(), path);
                if method != Method::GET && method != Method::HEAD {
                    request = request.header(CONTENT_TYPE, kind).body(body);
                }
                let response = request.send().await.unwrap();
                let status = response.status();
                assert!(!status.is_server_error(), "{method} {path}: {status}");
                let text = response.text().await.unwrap().to_lowercase();
                for library in ["axum", "serde", "hyper", "sqlx", "multer", "panicked", "rust"] {
                    assert!(!text.contains(library), "{method} {path} names {library}: {text}");
                }
            }
        }
    }
    assert!(canary.is_alive().await);
}

#[tokio::test]
async fn people_are_told_apart() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = owner.make_room("t", 1000, "").await;
    // So many newcomers at once would have to do some work first.
    let open = owner.enter(&room).await.call("settings", json!({"room": room, "preset": "open"})).await;
    assert_eq!(open["room"]["preset"], "open", "{open}");
    let mut seen = std::collections::HashSet::new();
    for _ in 0..150 {
        let mut io = Person::new(&server).enter(&room).await;
        let me: Value = io.call("join", json!(room)).await["me"].clone();
        assert!(seen.insert(me["id"].as_str().unwrap().to_owned()), "the book gives out one of 4096 or so colours");
    }
}

#[tokio::test]
async fn any_name_of_the_server_is_its_name() {
    let (server, owner, room, _canary) = scene().await;
    let mut headers = HeaderMap::new();
    headers.insert("host", "chat.example:8005".parse().unwrap());
    headers.insert("origin", "http://chat.example:8005".parse().unwrap());
    for transport in [Transport::WebSocket, Transport::Polling] {
        let mut io = owner.try_connect(transport, headers.clone()).await.unwrap();
        io.attach("/chat").await;
        assert_eq!(io.call("join", json!(room)).await["room"]["_id"], room);
    }
    drop(server);
}
