//! GIFs beyond the upload: shown again by name, told in words, served in lighter shapes.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{GIF, Person, Server, status_and_problem};

#[tokio::test]
async fn a_gif_that_is_here_is_shown_by_its_name_from_every_door() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let (source, room) = (one.make_room("1", 4, "").await, one.make_room("2", 4, "").await);
    let _there = one.enter(&source).await;
    let (mut io, mut plain) = (one.enter(&room).await, two.enter_plain(&room).await);
    let gif = one.send_gif(&source, GIF).await.json::<Value>().await.unwrap()["gif"].clone();

    let acked =
        io.call("gif", json!({"room": room, "gif": gif, "alt": " an\n otter ", "clientMessageId": "g-1"})).await;
    assert_eq!((&acked["gif"], &acked["alt"], &acked["width"]), (&gif, &json!("an otter"), &json!(1)));
    let heard = plain.next("chat").await;
    assert_eq!(heard, acked);
    let again = io.call("gif", json!({"room": room, "gif": gif, "clientMessageId": "g-1"})).await;
    assert_eq!(again, acked, "a retry is the first one");

    let replied = plain.call("gif", json!({"room": room, "gif": gif, "reply": acked["seq"]})).await;
    assert_eq!((&replied["reply"]["gif"], &replied["alt"]), (&gif, &Value::Null));
    let body = json!({"type": "gif", "gif": gif});
    let posted = one.post(&format!("/room/{room}/commands"), &body).await;
    assert_eq!(posted.status(), 200);
    assert_eq!(posted.json::<Value>().await.unwrap()["gif"], gif);

    // It lives as long as any of them, and no longer.
    one.request(Method::DELETE, &format!("/room/{source}")).send().await.unwrap();
    let path = format!("/gif/{}", gif.as_str().unwrap());
    assert_eq!(one.get(&path).await.status(), 200);
    let last = io.call("gif", json!({"room": room, "gif": gif})).await;
    for message in [&acked, &replied, &last] {
        let remover = if message == &replied { &two } else { &one };
        let body = json!({"type": "remove", "target": message["seq"]});
        assert_eq!(remover.post(&format!("/room/{room}/commands"), &body).await.status(), 200);
    }
    assert_eq!(one.get(&path).await.status(), 200, "the one over HTTP is left");
    one.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    assert_eq!((one.get(&path).await.status().as_u16(), server.stored_gifs().len()), (404, 0));
}

#[tokio::test]
async fn a_gif_that_is_not_here_is_gone_and_its_name_gives_no_right() {
    let server = Server::start().await;
    let (owner, stranger) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let mut io = owner.enter(&room).await;
    let unknown = format!("{}.gif", "ab".repeat(32));
    let refused = io.call("gif", json!({"room": room, "gif": unknown})).await;
    assert_eq!((&refused["error"]["code"], &refused["error"]["status"]), (&json!("gif-gone"), &json!(410)));
    let commands = format!("/room/{room}/commands");
    let body = json!({"type": "gif", "gif": unknown});
    assert_eq!(status_and_problem(owner.post(&commands, &body).await).await, (410, String::from("gif-gone")));
    let gif = owner.send_gif(&room, GIF).await.json::<Value>().await.unwrap()["gif"].clone();
    let body = json!({"type": "gif", "gif": gif});
    assert_eq!(status_and_problem(stranger.post(&commands, &body).await).await.0, 403, "who is not in the room");
    for wrong in [json!("x.gif"), json!(5), json!("../../secret"), Value::Null] {
        let refused = io.call("gif", json!({"room": room, "gif": wrong})).await;
        assert_eq!(refused["error"]["field"], "gif", "{wrong}");
    }
}

#[tokio::test]
async fn a_gif_counts_as_something_said() {
    let server = Server::start_with(|config| (config.message_rate, config.message_burst) = (1.0, 2)).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let gif = person.send_gif(&room, GIF).await.json::<Value>().await.unwrap()["gif"].clone();
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(io.call("gif", json!({"room": room, "gif": gif})).await["error"]["code"].clone());
    }
    assert_eq!(codes, [Value::Null, Value::Null, json!("too-often")]);
}

#[tokio::test]
async fn a_gif_is_told_in_words_that_its_sender_can_change_at_any_time() {
    let server = Server::start().await;
    let (owner, other) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let (mut io, mut theirs) = (owner.enter(&room).await, other.enter(&room).await);
    let sent = owner.send_gif_with(&room, GIF, &[("alt", "춤추는 수달"), ("clientMessageId", "c-1")]).await;
    let message: Value = sent.json().await.unwrap();
    assert_eq!((&message["alt"], &message["clientMessageId"]), (&json!("춤추는 수달"), &json!("c-1")));
    assert_eq!(theirs.next("chat").await["alt"], "춤추는 수달");
    let long = owner.send_gif_with(&room, GIF, &[("alt", &"가".repeat(501))]).await;
    assert_eq!(status_and_problem(long).await, (422, String::from("alt-too-long")));

    // Long after texts can be changed no more.
    server.advance(86_400);
    let edit = json!({"room": room, "target": message["seq"], "alt": "a \"dancing\" <otter>"});
    let edited = io.call("edit", edit.clone()).await;
    assert_eq!((&edited["kind"], &edited["alt"]), (&json!("edit"), &edit["alt"]));
    assert_eq!(theirs.next("edit").await, edited);
    let now = owner.get_json(&format!("/room/{room}/messages")).await;
    let shown = now.as_array().unwrap().iter().find(|entry| entry["seq"] == message["seq"]).unwrap().clone();
    assert_eq!((&shown["alt"], &shown["gif"]), (&edit["alt"], &message["gif"]));
    let page = owner.page(&format!("/room/{room}")).await.text().await.unwrap();
    assert!(page.contains("alt=\"a &#34;dancing&#34; &#60;otter&#62;\""), "{page}");

    // Only theirs, and only of a GIF.
    assert_eq!(theirs.call("edit", edit).await["error"]["code"], "not-yours");
    let text = io.call("chat", json!({"room": room, "chat": "hi"})).await;
    for (target, field) in [(&text["seq"], "alt"), (&message["seq"], "chat")] {
        let refused = io.call("edit", json!({"room": room, "target": target, field: "x"})).await;
        assert_eq!(refused["error"]["code"], "no-such-message", "{refused}");
    }
    let cleared = io.call("edit", json!({"room": room, "target": message["seq"], "alt": ""})).await;
    assert_eq!(cleared["alt"], "");
    // Who missed all of it is told how it is now.
    let missed = theirs.call("join", json!({"room": room, "since": {"epoch": 0, "seq": 0}})).await;
    let shown = missed["messages"].as_array().unwrap().iter().find(|entry| entry["seq"] == message["seq"]).unwrap();
    assert_eq!(shown.get("alt"), None);
}
