//! Who is in a room: exactly, and without noise.

use serde_json::{Value, json};

use crate::support::numbered::{history, name_of};
use crate::support::{Io, Person, Server, Transport, eventually, status_and_problem};

/// Lets a member's exit happen, who has closed their last connection.
///
/// When the server sees the close is not announced to anybody, so time moves in small steps until the member is gone.
pub async fn left(server: &Server, person: &Person, room: &str) {
    let members = format!("/room/{room}/members");
    eventually("the exit", || async {
        server.env.advance(std::time::Duration::from_millis(250));
        person.get_json(&members).await == json!([])
    })
    .await;
}

#[tokio::test]
async fn six_enter_a_room_for_two_at_once_and_two_are_in() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    for round in 0..5 {
        let room = owner.make_room(&round.to_string(), 2, "").await;
        let mut waiting: Vec<(Person, Io)> = Vec::new();
        for _ in 0..6 {
            let person = Person::new(&server);
            person.look(&room).await;
            let io = person.connect(Transport::WebSocket).await;
            waiting.push((person, io));
        }
        let asked: Vec<u64> = waiting.iter_mut().map(|(_, io)| io.ask("join", json!(room))).collect();
        let mut entered = 0;
        for ((person, io), id) in waiting.iter_mut().zip(asked) {
            let answer = io.answer(id).await;
            let is_in = answer["error"].is_null();
            entered += usize::from(is_in);
            let said = person.say(&room, "x").await;
            if is_in {
                assert_eq!(said.status(), 201);
            } else {
                assert_eq!(answer["error"]["code"], "room-full");
                assert_eq!(status_and_problem(said).await.1, "not-in-room");
            }
        }
        assert_eq!(entered, 2);
        for (_, io) in &mut waiting {
            for heard in io.heard_so_far().await {
                assert!(heard.payload["members"].as_i64().is_none_or(|members| members <= 2), "never three: {heard:?}");
            }
        }
        let late = Person::new(&server).page(&format!("/room/{room}")).await;
        assert_eq!(late.status(), 303);
        assert!(late.headers()["location"].to_str().unwrap().starts_with("/?error=%ED%97%88%EC%9A%A9"));
    }
}

#[tokio::test]
async fn two_tabs_are_one_person() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let room = one.make_room("t", 2, "").await;
    let mut witness = two.enter(&room).await;
    let mut tab = one.enter(&room).await;
    let other_tab = one.enter(&room).await;
    assert_eq!(witness.next("join").await["members"], 2);
    assert_eq!(tab.call("join", json!(room)).await["members"].as_array().unwrap().len(), 2);
    other_tab.close();
    assert!(tab.is_alive().await);
    assert_eq!(witness.heard_so_far().await, [], "one announcement, however many tabs");
    assert_eq!(history(&one, &room).await.len(), 2, "and one line for each of the two");
    let members = one.get_json(&format!("/room/{room}/members")).await;
    assert_eq!(members.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_reload_is_silent_and_keeps_the_room() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let room = one.make_room("t", 4, "").await;
    let first = one.enter(&room).await;
    let mut witness = two.enter(&room).await;
    for _ in 0..3 {
        one.enter(&room).await.close();
    }
    first.close();
    let _back = one.enter(&room).await;
    server.advance(600);
    // Without a tab for a moment they may have been told to look elsewhere, which is no going and no coming.
    let heard = witness.heard_so_far().await;
    assert!(heard.iter().all(|heard| heard.name == "away"), "{heard:?}");
    assert!(heard.last().is_none_or(|last| last.payload["away"] == false), "{heard:?}");
    assert_eq!(history(&one, &room).await.len(), 2);
    witness.close();
    let alone = one.enter(&room).await;
    server.advance(600);
    alone.close();
    one.enter(&room).await;
    assert_eq!(one.say(&room, "still here").await.status(), 201);
}

#[tokio::test]
async fn an_exit_is_announced_after_the_damping_and_once() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let room = one.make_room("t", 4, "").await;
    let (mut witness, leaver) = (one.enter(&room).await, two.enter(&room).await);
    witness.next("join").await;
    leaver.close();
    let exit = loop {
        server.env.advance(std::time::Duration::from_millis(250));
        if let Some(heard) = witness.heard_so_far().await.into_iter().find(|heard| heard.name != "away") {
            break heard;
        }
    };
    assert_eq!(exit.name, "exit");
    let keys: Vec<_> = exit.payload.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["kind", "room", "seq", "user", "chat", "code", "member", "members", "createdAt"] {
        assert!(keys.contains(&key), "{key}");
    }
    assert_eq!((keys.len(), &exit.payload["members"], &exit.payload["user"]), (9, &json!(1), &json!("system")));
    assert_eq!((&exit.payload["kind"], &exit.payload["code"]), (&json!("exit"), &json!("left")));
    assert_eq!(exit.payload, history(&one, &room).await[2], "it is stored as it is told");
    assert!(exit.payload["chat"].as_str().unwrap().ends_with("님이 퇴장하셨습니다."));
    server.advance(100);
    assert_eq!(witness.heard_so_far().await, []);
}

#[tokio::test]
async fn an_empty_room_goes_after_its_grace_with_everything_in_it() {
    let server = Server::start().await;
    let (person, watcher) = (Person::new(&server), Person::new(&server));
    let mut lobby = watcher.watch().await;
    let room = person.make_room("t", 4, "").await;
    let io = person.enter(&room).await;
    assert_eq!(person.send_gif(&room, crate::support::GIF).await.status(), 201);
    assert_eq!(server.stored_gifs().len(), 1);
    io.close();
    left(&server, &person, &room).await;
    server.advance(58);
    person.look(&room).await;
    server.advance(2);
    assert_eq!(lobby.next("removeRoom").await, json!(room));
    assert_eq!(status_and_problem(person.get(&format!("/room/{room}")).await).await.0, 404);
    eventually("its GIF is gone", || async { server.stored_gifs().is_empty() }).await;
}

#[tokio::test]
async fn a_room_that_nobody_enters_goes_too() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let mut lobby = person.watch().await;
    let room = person.make_room("t", 4, "").await;
    server.advance(59);
    person.look(&room).await;
    server.advance(1);
    assert_eq!(lobby.next("removeRoom").await, json!(room));
}

#[tokio::test]
async fn the_owner_comes_first_then_by_arrival() {
    let server = Server::start().await;
    let people = [Person::new(&server), Person::new(&server), Person::new(&server)];
    let room = people[2].make_room("t", 4, "").await;
    let mut ids: Vec<Value> = Vec::new();
    let mut held = Vec::new();
    for person in &people {
        person.look(&room).await;
        let mut io = person.connect(Transport::WebSocket).await;
        ids.push(io.call("join", json!(room)).await["me"]["id"].clone());
        held.push(io);
    }
    let members = people[0].get_json(&format!("/room/{room}/members")).await;
    let members = members.as_array().unwrap();
    assert!(members.iter().map(|member| &member["id"]).eq([&ids[2], &ids[0], &ids[1]]), "{members:?}");
    assert!(
        members.iter().map(|member| &member["owner"]).eq([&json!(true), &Value::Null, &Value::Null]),
        "{members:?}"
    );
}

#[tokio::test]
async fn joining_another_room_leaves_the_first() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let (first, second) = (one.make_room("1", 4, "").await, one.make_room("2", 4, "").await);
    let mut witness = two.enter(&first).await;
    let mut io = one.enter(&first).await;
    witness.next("join").await;
    one.look(&second).await;
    assert_eq!(io.call("join", json!(second)).await["room"]["_id"], second);
    // They own it: it waits longer for them, and then has another owner.
    server.advance(30);
    assert_eq!(witness.next("exit").await["members"], 1);
    assert_eq!(witness.next("owner").await["code"], "owner-left");
    two.say(&first, "behind them").await;
    witness.next("chat").await;
    assert!(io.heard_so_far().await.iter().all(|heard| heard.name != "chat"));
}

#[tokio::test]
async fn in_a_raid_who_comes_and_goes_is_told_and_not_kept() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let (mut io, mut plain) = (owner.enter(&room).await, guest.enter_plain(&room).await);
    assert_eq!(io.call("raid", json!({"room": room, "on": true})).await["raid"], true);
    assert_eq!(io.next("raid").await["seq"], 3);
    assert_eq!(plain.call("leave", json!({"room": room})).await, json!({}));
    let left = io.next("exit").await;
    assert_eq!((&left["members"], left.get("seq")), (&json!(1), None));
    plain.heard_so_far().await;
    // They were admitted before the raid, and need not do any work.
    let snapshot = plain.call("join", json!({"room": room})).await;
    assert_eq!((&snapshot["seq"], &snapshot["members"][1]), (&json!(3), &snapshot["me"]));
    let joined = io.next("join").await;
    assert_eq!((&joined["member"], &joined["members"], joined.get("seq")), (&snapshot["me"], &json!(2), None));
    assert_eq!(plain.heard_so_far().await, [], "who comes does not hear that they came");
    let history = history(&owner, &room).await;
    assert!(history.iter().map(name_of).eq(["join", "join", "raid"]), "{history:?}");
}
