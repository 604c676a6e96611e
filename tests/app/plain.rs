//! `/ws`: the same chat as JSON in text frames, for those without a Socket.IO client.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::numbered::{names_of, seqs_of};
use crate::support::{Heard, Person, Plain, Server};

#[tokio::test]
async fn join_answers_with_the_room_as_it_is_and_with_what_was_missed() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let mut one = owner.enter_plain(&room).await;
    for text in ["1", "2", "3"] {
        assert!(one.call("chat", json!({"room": room, "chat": text})).await["error"].is_null());
    }
    guest.look(&room).await;
    let mut two = guest.plain().await;
    let fresh = two.call("join", json!({"room": room})).await;
    assert_eq!((&fresh["seq"], &fresh["recovered"]), (&json!(5), &json!(false)));
    assert_eq!(names_of(&fresh["messages"]), ["join", "chat", "chat", "chat", "join"]);
    assert_eq!(fresh["messages"], guest.get_json(&format!("/room/{room}/messages")).await);
    assert_eq!(fresh["members"], guest.get_json(&format!("/room/{room}/members")).await);
    assert_eq!(fresh["me"], fresh["members"][1]);

    let missed = |answer: &Value| seqs_of(&answer["messages"]);
    for since in [json!(1), json!({"epoch": fresh["epoch"], "seq": 1})] {
        let back = two.call("join", json!({"room": room, "since": since})).await;
        assert_eq!((missed(&back), &back["recovered"], &back["seq"]), (vec![2, 3, 4, 5], &json!(true), &json!(5)));
    }
    let epoch = fresh["epoch"].as_i64().unwrap() + 1;
    for since in [json!(6), json!({"epoch": epoch, "seq": 1})] {
        let lost = two.call("join", json!({"room": room, "since": since})).await;
        assert_eq!(
            (missed(&lost), &lost["recovered"]),
            (vec![1, 2, 3, 4, 5], &json!(false)),
            "it is said, never silent"
        );
    }
    let joined = one.next("join").await;
    assert_eq!((&joined["member"], &joined), (&fresh["me"], &fresh["messages"][4]));
    assert_eq!(one.heard_so_far().await, [], "one announcement, however often");
}

#[tokio::test]
async fn what_is_said_is_heard_by_all_and_acknowledged() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let (mut one, mut two) = (owner.enter_plain(&room).await, guest.enter_plain(&room).await);
    one.next("join").await;
    let said = json!({"room": room, "chat": "안녕", "clientMessageId": "a-1"});
    let ack = one.call("chat", said.clone()).await;
    assert_eq!((&ack["seq"], &ack["chat"], &ack["clientMessageId"]), (&json!(3), &json!("안녕"), &json!("a-1")));
    let event = Heard { name: String::from("chat"), payload: ack.clone() };
    assert_eq!(one.heard_so_far().await, [event], "heard by who said it");
    assert_eq!(two.hear().await.payload, ack);
    assert_eq!(one.call("chat", said).await, ack, "a retry is the first message");
    for (wrong, code) in [
        (json!({"room": room, "chat": " "}), "text-empty"),
        (json!({"room": room, "chat": "x".repeat(2001)}), "text-too-long"),
        (json!({"room": "x", "chat": "x"}), "id-invalid"),
        (json!({"room": "ab".repeat(12), "chat": "x"}), "no-such-room"),
    ] {
        let refused = one.call("chat", wrong).await;
        assert_eq!(refused["error"]["code"], code, "{refused}");
    }
    assert_eq!((one.heard_so_far().await, two.heard_so_far().await), (vec![], vec![]));
}

#[tokio::test]
async fn a_ref_is_repeated_as_it_is_and_without_one_nothing_is_answered() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut plain = person.enter_plain(&room).await;
    for reference in [json!("a"), json!(""), json!(0), json!(-1), json!(1.5), json!("문"), json!("x".repeat(62))] {
        plain.say(json!({"type": "chat", "room": room, "chat": "x", "ref": reference})).await;
        assert!(plain.answer(&reference).await["seq"].is_i64(), "{reference}");
        plain.say(json!({"type": "nonsense", "ref": reference})).await;
        assert_eq!(plain.answer(&reference).await["error"]["code"], "unknown-command");
    }
    plain.say(json!({"type": "chat", "room": room, "chat": "silent"})).await;
    plain.say(json!({"type": "chat", "room": room, "chat": "too", "ref": null})).await;
    plain.say(json!({"type": "chat", "room": room, "chat": ""})).await;
    plain.say(json!({"type": "nonsense"})).await;
    plain.say(json!({"type": "rooms"})).await;
    while plain.next("chat").await["chat"] != "too" {}
    assert_eq!((plain.heard_so_far().await, plain.unasked()), (vec![], 0));
}

#[tokio::test]
async fn what_is_no_command_closes_the_connection_and_no_other() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut canary = person.enter_plain(&room).await;
    let text = |text: &str| Message::text(text.to_owned());
    let command = |reference: Value| Message::text(json!({"type": "chat", "ref": reference}).to_string());
    for (said, code) in [
        (text("hello"), 1007),
        (text("[]"), 1007),
        (text("{}"), 1007),
        (text(r#"{"type":1}"#), 1007),
        (command(json!({})), 1007),
        (command(json!([1])), 1007),
        (command(json!(true)), 1007),
        (command(json!("x".repeat(63))), 1007),
        (Message::binary(b"{}".to_vec()), 1003),
        (text(&format!(r#"{{"type":"{}"}}"#, "x".repeat(64 << 10))), 1009),
    ] {
        let mut plain = person.plain().await;
        let what = said.to_string();
        plain.raw(said).await;
        assert_eq!(plain.end().await, Some(code), "{what:.60}");
    }
    assert_eq!(canary.heard_so_far().await, []);
}

#[tokio::test]
async fn the_lobby_is_for_everybody_and_a_room_for_who_was_admitted() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let first = owner.make_room("1", 4, "").await;
    let mut stranger = Person::new(&server).plain().await;
    assert_eq!(stranger.call("rooms", json!({})).await["rooms"][0]["_id"], first);
    for (command, code) in [("join", "not-admitted"), ("chat", "not-admitted")] {
        let refused = stranger.call(command, json!({"room": first, "chat": "x"})).await;
        assert_eq!((&refused["error"]["code"], &refused["error"]["status"]), (&json!(code), &json!(403)));
    }
    let second = owner.make_room("2", 4, "secret").await;
    let made = stranger.next("newRoom").await;
    assert_eq!((&made["_id"], &made["password"], &made["members"]), (&json!(second), &json!(true), &json!(0)));
    let inside = owner.enter_plain(&second).await;
    assert_eq!(stranger.next("updateRoom").await["members"], 1);
    assert_eq!(owner.request(Method::DELETE, &format!("/room/{second}")).send().await.unwrap().status(), 204);
    assert_eq!(stranger.next("removeRoom").await, json!(second));
    assert_eq!(stranger.heard_so_far().await, [], "of rooms it hears nothing else");
    drop(inside);

    let looker = Person::new(&server);
    looker.look(&first).await;
    let private = owner.make_room("3", 4, "secret").await;
    let refused = looker.plain().await.call("join", json!({"room": private})).await;
    assert_eq!(refused["error"]["code"], "not-admitted");
    let mut forged = looker.headers();
    forged.insert("cookie", format!("{}x", looker.cookie()).parse().unwrap());
    let mut forged = Plain::connect(&looker.host(), forged).await.unwrap();
    assert_eq!(forged.call("join", json!({"room": first})).await["error"]["code"], "not-admitted");
    let mut foreign: HeaderMap = looker.headers();
    foreign.insert("origin", "https://evil.example".parse().unwrap());
    assert_eq!(Plain::connect(&looker.host(), foreign).await.err(), Some(403));
}

#[tokio::test]
async fn a_second_join_moves_the_place_and_a_refused_one_does_not() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let (first, second) = (one.make_room("1", 4, "").await, one.make_room("2", 4, "").await);
    let mut witness = two.enter_plain(&first).await;
    let mut mover = one.enter_plain(&first).await;
    witness.next("join").await;
    assert_eq!(mover.call("join", json!({"room": "ab".repeat(12)})).await["error"]["code"], "no-such-room");
    assert!(mover.call("chat", json!({"room": first, "chat": "still here"})).await["seq"].is_i64());
    witness.next("chat").await;
    one.look(&second).await;
    assert_eq!(mover.call("join", json!({"room": second})).await["room"]["_id"], second);
    // They own it: it waits longer for them, and then has another owner.
    server.advance(30);
    assert_eq!(witness.next("exit").await["members"], 1);
    assert_eq!(witness.next("owner").await["code"], "owner-left");
    assert_eq!(mover.call("chat", json!({"room": first, "chat": "x"})).await["error"]["code"], "not-in-room");
    mover.heard_so_far().await;
    two.say(&first, "behind them").await;
    witness.next("chat").await;
    assert_eq!(mover.heard_so_far().await, []);
}
