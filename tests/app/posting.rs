//! Saying something, over HTTP and over Socket.IO.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::support::numbered::names_of;
use crate::support::{Person, Server, Transport, status_and_problem};

#[tokio::test]
async fn what_is_said_is_heard_by_all_and_answered() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let room = one.make_room("t", 4, "").await;
    let (mut a, mut b) = (one.enter(&room).await, two.enter(&room).await);
    let posted = one.say(&room, "안녕").await;
    assert_eq!(posted.status(), 201);
    let message: Value = posted.json().await.unwrap();
    let keys: Vec<_> = message.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["_id", "room", "user", "chat", "createdAt", "seq", "member", "name"] {
        assert!(keys.contains(&key), "{key}");
    }
    assert_eq!((keys.len(), &message["chat"], &message["seq"]), (8, &json!("안녕"), &json!(3)));
    assert_eq!(a.next("chat").await, message);
    assert_eq!(b.next("chat").await, message);
    let said = json!({"room": room, "chat": "over the socket", "clientMessageId": "c1"});
    let answer = b.call("chat", said).await;
    assert_eq!((&answer["seq"], &answer["clientMessageId"]), (&json!(4), &json!("c1")));
    assert_eq!(a.next("chat").await, answer);
    assert_eq!(b.next("chat").await, answer);
    let history = one.get_json(&format!("/room/{room}/messages")).await;
    assert_eq!(names_of(&history), ["join", "join", "chat", "chat"]);
    assert_eq!((&history[2], &history[3]), (&message, &answer));
}

#[tokio::test]
async fn every_transport_hears_the_same() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let room = one.make_room("t", 4, "").await;
    two.look(&room).await;
    let mut a = one.enter(&room).await;
    let mut b = two.connect(Transport::Polling).await;
    assert_eq!(b.call("join", json!(room)).await["members"].as_array().unwrap().len(), 2);
    let joined = a.next("join").await;
    assert_eq!(joined["members"], 2);
    assert_eq!(joined["user"], "system");
    assert!(joined["chat"].as_str().unwrap().ends_with("님이 입장하셨습니다."));
    assert_eq!((&joined["code"], &joined["seq"]), (&json!("joined"), &json!(2)));
    for said in ["1", "2", "3"] {
        let message: Value = one.say(&room, said).await.json().await.unwrap();
        assert_eq!(a.next("chat").await, message);
        assert_eq!(b.next("chat").await, message);
    }
}

#[tokio::test]
async fn a_retry_is_told_once() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let said = json!({"chat": "once", "clientMessageId": "same"});
    let path = format!("/room/{room}/chat");
    let first: Value = person.post(&path, &said).await.json().await.unwrap();
    let again: Value = person.post(&path, &said).await.json().await.unwrap();
    let over = io.call("chat", json!({"room": room, "chat": "other", "clientMessageId": "same"})).await;
    assert_eq!((&again, &over), (&first, &first));
    let chats: Vec<_> = io.heard_so_far().await.into_iter().filter(|heard| heard.name == "chat").collect();
    assert_eq!(chats.len(), 1);
}

#[tokio::test]
async fn only_who_is_inside_speaks() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let room = one.make_room("t", 4, "").await;
    two.look(&room).await;
    assert_eq!(status_and_problem(two.say(&room, "x").await).await, (403, String::from("not-in-room")));
    assert_eq!(status_and_problem(two.send_gif(&room, crate::support::GIF).await).await.1, "not-in-room");
    let io = two.enter(&room).await;
    assert_eq!(two.say(&room, "x").await.status(), 201);
    io.close();
    assert_eq!(two.say(&room, "a reload loses nothing").await.status(), 201);
}

#[tokio::test]
async fn text_is_text() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let path = format!("/room/{room}/chat");
    for (said, code) in [
        (json!({}), "text-empty"),
        (json!({"chat": null}), "text-empty"),
        (json!({"chat": ""}), "text-empty"),
        (json!({"chat": " \n\u{200b}"}), "text-empty"),
        (json!({"chat": "x".repeat(2001)}), "text-too-long"),
        (json!({"chat": {"a": 1}}), "not-text"),
        (json!({"chat": ["a"]}), "not-text"),
        (json!({"chat": 7}), "not-text"),
        (json!(["chat"]), "text-empty"),
        (json!("chat"), "text-empty"),
        (json!(null), "text-empty"),
        (json!({"chat": "x", "clientMessageId": ""}), "client-message-id-invalid"),
        (json!({"chat": "x", "clientMessageId": {}}), "not-text"),
    ] {
        let refused = status_and_problem(person.post(&path, &said).await).await;
        assert_eq!(refused, (422, code.to_owned()), "{said}");
        if let Value::Object(mut fields) = said {
            fields.insert(String::from("room"), json!(room));
            assert_eq!(io.call("chat", Value::Object(fields)).await["error"]["code"], code);
        }
    }
    assert_eq!(person.say(&room, &"가".repeat(2000)).await.status(), 201);
    let spaced: Value = person.say(&room, " a\r\nb ").await.json().await.unwrap();
    assert_eq!(spaced["chat"], "a\nb");
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let send = async |kind: &str, body: &[u8]| {
        let request = person.request(Method::POST, &format!("/room/{room}/chat"));
        let response = request.header(CONTENT_TYPE, kind).body(body.to_vec()).send().await.unwrap();
        if response.status() == 201 { (201, String::new()) } else { status_and_problem(response).await }
    };
    const FORM: &str = "application/x-www-form-urlencoded";
    const JSON: &str = "application/json";
    assert_eq!(send(FORM, b"chat=%EC%95%88+%26").await.0, 201);
    assert_eq!(send(FORM, b"chat=%ff").await, (400, String::from("bad-request")));
    assert_eq!(send(FORM, b"chat[a]=1").await, (422, String::from("text-empty")));
    assert_eq!(send(JSON, b"{").await, (400, String::from("bad-request")));
    assert_eq!(send(JSON, b"").await, (400, String::from("bad-request")));
    assert_eq!(send(JSON, b"{\"chat\":\"\xff\"}").await, (400, String::from("bad-request")));
    assert_eq!(send(JSON, "[".repeat(50_000).as_bytes()).await, (400, String::from("bad-request")));
    assert_eq!(send("text/plain", b"hello").await, (415, String::from("unsupported-type")));
    assert_eq!(send(JSON, &vec![b' '; 70_000]).await, (413, String::from("too-large")));
}

#[tokio::test]
async fn history_comes_in_pages() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    for number in 1..=120 {
        assert_eq!(person.say(&room, &number.to_string()).await.status(), 201);
    }
    let seqs = async |query: &str| -> (i64, i64, usize) {
        let page = person.get_json(&format!("/room/{room}/messages{query}")).await;
        let page = page.as_array().unwrap();
        let seq = |message: Option<&Value>| message.unwrap()["seq"].as_i64().unwrap();
        (seq(page.first()), seq(page.last()), page.len())
    };
    assert_eq!(seqs("").await, (72, 121, 50));
    assert_eq!(seqs("?before=72&limit=10").await, (62, 71, 10));
    assert_eq!(seqs("?limit=99999999999").await, (22, 121, 100));
    assert_eq!(seqs("?before=3").await, (1, 2, 2));
    assert_eq!(person.get_json(&format!("/room/{room}/messages?before=1")).await, json!([]));
    for wrong in ["before=x", "before=-1", "limit=1.5"] {
        let refused = person.get(&format!("/room/{room}/messages?{wrong}")).await;
        assert_eq!(status_and_problem(refused).await, (422, String::from("not-number")));
    }
}
