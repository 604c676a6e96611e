//! Who is shut out is out, on every transport and with a full outbox; and a room never holds more than it may.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{DOORS, Deaf, Person, Server, Transport};

/// Texts of 6 kB each: more than the kernel keeps for a client that does not read.
const TEXTS: usize = 40;

/// G12: after the ack nothing of the room is delivered to that session, although much waits for it.
#[tokio::test]
async fn who_is_kicked_with_a_full_outbox_gets_nothing_more_on_any_transport() {
    for ban in [false, true] {
        let server = Server::start_with(|config| config.stall_limit = Duration::from_secs(3600)).await;
        let owner = Person::new(&server);
        let room = owner.make_room("t", 20, "").await;
        let mut one = owner.enter_plain(&room).await;
        let (mut deaf, mut people) = (Vec::new(), Vec::new());
        for door in DOORS {
            let person = Person::new(&server);
            deaf.push(Deaf::enter(&person, &room, door).await);
            people.push(person);
        }
        let members = one.call("members", json!({"room": room})).await["members"].clone();
        let ids: Vec<Value> = members.as_array().unwrap().iter().map(|member| member["id"].clone()).collect();
        assert_eq!(ids.len(), 5);
        let long = "가".repeat(2000);
        for _ in 0..TEXTS {
            assert!(one.call("chat", json!({"room": room, "chat": long})).await["error"].is_null());
        }
        for id in &ids[1..] {
            let command = if ban { "ban" } else { "kick" };
            let done = one.call(command, json!({"room": room, "member": id})).await;
            assert!(done["error"].is_null(), "{done}");
        }
        assert!(one.call("chat", json!({"room": room, "chat": "AFTER"})).await["error"].is_null());
        for (door, mut client) in DOORS.into_iter().zip(deaf) {
            client.listen();
            while let Some(heard) = client.hear().await {
                assert_ne!(heard.payload["chat"], "AFTER", "{door:?}, ban {ban}");
            }
        }
        let code = if ban { "banned" } else { "kicked" };
        for person in &people {
            // Nothing more is accepted from them, by any door.
            assert_eq!(person.say(&room, "x").await.status(), 403);
            assert_eq!(person.page(&format!("/room/{room}")).await.status(), 403);
            assert_eq!(person.try_events(&room, None).await.status(), 403);
            let mut io = person.connect(Transport::WebSocket).await;
            assert_eq!(io.call("join", json!(room)).await["error"]["code"], code);
            assert_eq!(io.call("chat", json!({"room": room, "chat": "x"})).await["error"]["code"], code);
            let mut plain = person.plain().await;
            assert_eq!(plain.call("join", json!({"room": room})).await["error"]["code"], code);
            assert_eq!(plain.call("typing", json!({"room": room})).await["error"]["code"], code);
        }
        let members = one.call("members", json!({"room": room})).await["members"].clone();
        assert_eq!(members.as_array().unwrap().len(), 1);
    }
}

/// What somebody sends without a pause is stored before they are kicked, or never.
#[tokio::test]
async fn a_torrent_ends_with_the_kick() {
    let server = Server::start().await;
    let (owner, talker) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let mut one = owner.enter_plain(&room).await;
    let mut two = talker.enter_plain(&room).await;
    let id = one.next("join").await["member"]["id"].clone();
    for number in 0..400 {
        two.ask("chat", json!({"room": room, "chat": number.to_string()})).await;
    }
    one.next("chat").await;
    let kicked = one.call("kick", json!({"room": room, "member": id})).await;
    assert!(kicked["until"].is_string(), "{kicked}");
    let newest = owner.get_json(&format!("/room/{room}/messages?limit=1")).await;
    assert_eq!(newest[0]["code"], "kicked", "nothing of them comes after it");
    for _ in 0..3 {
        one.call("chat", json!({"room": room, "chat": "mine"})).await;
    }
    let page = owner.get_json(&format!("/room/{room}/messages?limit=4")).await;
    let said: Vec<_> = page.as_array().unwrap().iter().map(|entry| entry["code"].clone()).collect();
    assert_eq!(said, [json!("kicked"), Value::Null, Value::Null, Value::Null], "and nothing later");
    let (_, answers) = two.rest().await;
    assert!(answers.iter().all(|answer| answer["seq"].as_i64() < newest[0]["seq"].as_i64()), "{answers:?}");
}

/// G11: 200 sessions, 50 seats, all at once; they leave and return.
#[tokio::test]
async fn two_hundred_sessions_join_a_room_for_fifty() {
    // On a busy machine some wait longer for their turn than a ping for its answer.
    let server = Server::start_with(|config| config.ping_interval = Duration::from_secs(600)).await;
    let owner = Person::new(&server);
    let room = owner.make_room("t", 50, "").await;
    let mut watcher = owner.plain().await;
    watcher.call("rooms", json!({})).await;
    let mut lines = Vec::new();
    for _ in 0..200 {
        let person = Person::new(&server);
        person.look(&room).await;
        lines.push((person.plain().await, person));
    }
    for round in 0..3 {
        let mut asked = Vec::new();
        for (line, _) in &mut lines {
            asked.push(line.ask("join", json!({"room": room})).await);
        }
        let mut inside = Vec::new();
        for (index, ((line, _), reference)) in lines.iter_mut().zip(&asked).enumerate() {
            let answer = line.answer(reference).await;
            match answer["error"]["code"].as_str() {
                None => inside.push((index, answer)),
                Some(code) => assert_eq!(code, "room-full"),
            }
        }
        assert_eq!(inside.len(), 50, "round {round}");
        // Everybody's list is right at the end: what they were told on joining, and what they heard since.
        let list = owner.get_json(&format!("/room/{room}/members")).await;
        let ids = |list: &Value| -> Vec<Value> {
            let mut ids: Vec<_> = list.as_array().unwrap().iter().map(|member| member["id"].clone()).collect();
            ids.sort_by_key(ToString::to_string);
            ids
        };
        let mut joined: Vec<_> = inside.iter().map(|(_, snapshot)| snapshot["me"]["id"].clone()).collect();
        joined.sort_by_key(ToString::to_string);
        assert_eq!(ids(&list), joined);
        for (index, snapshot) in &inside {
            let mut here = ids(&snapshot["members"]);
            for heard in lines[*index].0.heard_so_far().await {
                let id = &heard.payload["member"]["id"];
                match heard.name.as_str() {
                    "join" if !here.contains(id) => here.push(id.clone()),
                    "exit" => here.retain(|other| other != id),
                    _ => {}
                }
                assert!(heard.payload["members"].as_i64().is_none_or(|members| members <= 50), "never 51");
            }
            here.sort_by_key(ToString::to_string);
            assert_eq!(here, joined, "round {round}");
        }
        for (index, _) in &inside {
            let left = lines[*index].0.call("leave", json!({"room": room})).await;
            assert!(left["error"].is_null(), "{left}");
            lines[*index].0.heard_so_far().await;
        }
        assert_eq!(owner.get_json(&format!("/room/{room}/members")).await, json!([]));
    }
    for heard in watcher.heard_so_far().await {
        assert!(heard.payload["members"].as_i64().is_none_or(|members| members <= 50), "never 51: {heard:?}");
    }
}
