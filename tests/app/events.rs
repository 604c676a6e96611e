//! `/room/<id>/events`: a room for who has nothing but HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::numbered::{self, name_of, names_of, seqs_of};
use crate::support::{Event, Events, Heard, Person, Server, Transport, eventually, status_and_problem};

async fn say(person: &Person, room: &str, texts: impl IntoIterator<Item = i64>) {
    for text in texts {
        assert_eq!(person.say(room, &text.to_string()).await.status(), 201);
    }
}

/// The next events, which must be the entries with these numbers (the first of a room is a join, in these tests), and
/// have their `seq` as `id`.
async fn expect(events: &mut Events, seqs: impl IntoIterator<Item = i64>) {
    for seq in seqs {
        let Event { heard, id, .. } = events.event().await;
        let name = if seq == 1 { "join" } else { "chat" };
        assert_eq!((heard.name.as_str(), &heard.payload["seq"], id), (name, &json!(seq), Some(seq)));
        assert_eq!(name_of(&heard.payload), name, "an event is what a list would have");
    }
}

fn seqs(snapshot: &Value) -> Vec<i64> {
    seqs_of(&snapshot["messages"])
}

#[tokio::test]
async fn it_begins_with_a_snapshot_and_goes_on_with_what_happens() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let mut io = owner.enter(&room).await;
    say(&owner, &room, 1..=3).await;
    guest.look(&room).await;
    let mut events = guest.events(&room, None).await;
    let (snapshot, id) = events.snapshot().await;
    assert_eq!((seqs(&snapshot), id), (vec![1, 2, 3, 4, 5], Some(5)));
    assert_eq!(names_of(&snapshot["messages"]), ["join", "chat", "chat", "chat", "join"], "their own coming, too");
    assert_eq!((&snapshot["recovered"], &snapshot["seq"]), (&json!(false), &json!(5)));
    assert_eq!(snapshot["messages"], guest.get_json(&format!("/room/{room}/messages")).await);
    let joined = io.next("join").await;
    assert_eq!((&joined["member"], &joined["members"]), (&snapshot["me"], &json!(2)));
    assert_eq!(joined, snapshot["messages"][4], "as the others hear it");
    say(&owner, &room, 4..=5).await;
    expect(&mut events, 6..=7).await;
    let third = Person::new(&server).enter(&room).await;
    let Event { heard: Heard { name, payload }, id, .. } = events.event().await;
    assert_eq!((name.as_str(), &payload, id), ("join", &io.next("join").await, Some(8)));
    drop(third);
}

#[tokio::test]
async fn who_comes_back_with_the_last_id_gets_what_was_missed_and_no_more() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    say(&person, &room, 1..=5).await;
    for last in 0..=6 {
        let mut events = person.events(&room, Some(&last.to_string())).await;
        let (snapshot, id) = events.snapshot().await;
        assert_eq!((seqs(&snapshot), &snapshot["recovered"], id), (vec![], &json!(true), None));
        assert_eq!(snapshot["seq"], 6);
        expect(&mut events, last + 1..=6).await;
    }
    let mut late = person.events(&room, Some("5")).await;
    late.snapshot().await;
    say(&person, &room, 6..=7).await;
    expect(&mut late, 6..=8).await;
}

#[tokio::test]
async fn who_cannot_be_continued_is_told_and_begins_anew() {
    let server = Server::start_with(|config| config.recovery_messages = 200).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let asked: Vec<u64> = (0..205).map(|_| io.ask("chat", json!({"room": room, "chat": "x"}))).collect();
    for id in asked {
        assert!(io.answer(id).await["seq"].is_i64());
    }
    // What never was, and more than is sent at once.
    for last in ["207", "9223372036854775807", "9223372036854775808", "0", "5"] {
        let mut events = person.events(&room, Some(last)).await;
        let (snapshot, id) = events.snapshot().await;
        assert_eq!((&snapshot["recovered"], id), (&json!(false), Some(206)), "{last}");
        assert!(seqs(&snapshot).into_iter().eq(157..=206), "{last}");
    }
    let mut events = person.events(&room, Some("6")).await;
    assert_eq!(events.snapshot().await.0["recovered"], true);
    expect(&mut events, 7..=206).await;
    for wrong in ["x", "-1", "1.5", "+1"] {
        assert_eq!(status_and_problem(person.try_events(&room, Some(wrong)).await).await.0, 422, "{wrong}");
    }
    assert_eq!(person.events(&room, Some("")).await.snapshot().await.0["recovered"], false);
}

#[tokio::test]
async fn nothing_on_the_way_may_hold_it_back() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    person.look(&room).await;
    let asks_for = |path: String| person.request(Method::GET, &path).header("accept-encoding", "gzip").send();
    let page = asks_for(format!("/room/{room}")).await.unwrap();
    assert_eq!(page.headers()["content-encoding"], "gzip", "what can be compressed is");
    let stream = asks_for(format!("/room/{room}/events")).await.unwrap();
    assert_eq!(stream.headers().get("content-encoding"), None);
    assert_eq!(stream.headers().get("content-length"), None);
    assert_eq!(stream.headers()["cache-control"], "no-store");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    Events::of(stream).snapshot().await;
}

#[tokio::test]
async fn readers_take_a_place_together_and_leave_it_with_the_last_one() {
    let server = Server::start().await;
    let (owner, reader, late) = (Person::new(&server), Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 2, "").await;
    let mut io = owner.enter(&room).await;
    reader.look(&room).await;
    late.look(&room).await;
    let first = reader.events(&room, None).await;
    let second = reader.events(&room, None).await;
    assert_eq!(io.next("join").await["members"], 2);
    let members = format!("/room/{room}/members");
    let count = async || owner.get_json(&members).await.as_array().unwrap().len();
    assert_eq!(count().await, 2);
    assert_eq!(status_and_problem(late.try_events(&room, None).await).await, (409, String::from("room-full")));
    let mut plain = late.plain().await;
    assert_eq!(plain.call("join", json!({"room": room})).await["error"]["code"], "room-full");
    assert_eq!(reader.say(&room, "who reads may speak").await.status(), 201);
    io.next("chat").await;

    drop(first);
    server.advance(100);
    assert_eq!((io.heard_so_far().await, count().await), (vec![], 2), "one of them is still there");
    drop(second);
    eventually("the exit", || async {
        server.env.advance(std::time::Duration::from_millis(250));
        owner.get_json(&members).await.as_array().unwrap().len() == 1
    })
    .await;
    let [away, exit] = [io.hear().await, io.hear().await];
    assert_eq!([away.name.as_str(), exit.name.as_str()], ["away", "exit"]);
    assert_eq!((&away.payload["away"], &exit.payload["members"]), (&json!(true), &json!(1)));
    server.advance(100);
    assert_eq!(io.heard_so_far().await, []);
    assert_eq!(late.events(&room, None).await.snapshot().await.0["members"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_reader_who_comes_back_at_once_was_never_away() {
    let server = Server::start().await;
    let (owner, reader) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let mut io = owner.enter(&room).await;
    reader.look(&room).await;
    for _ in 0..5 {
        reader.events(&room, None).await.snapshot().await;
    }
    let mut last = reader.events(&room, None).await;
    last.snapshot().await;
    server.advance(600);
    say(&owner, &room, [3]).await;
    // Between two streams they may have been without one for a moment, which is a hint and leaves no trace.
    let payload = last.next_of("chat").await;
    assert_eq!(payload["seq"], 3);
    let (away, heard): (Vec<_>, Vec<_>) = io.heard_so_far().await.into_iter().partition(|heard| heard.name == "away");
    assert_eq!(heard.iter().map(|heard| heard.name.as_str()).collect::<Vec<_>>(), ["join", "chat"]);
    assert_eq!(numbered::seqs(&heard), [2, 3]);
    assert!(away.last().is_none_or(|last| last.payload["away"] == false), "{away:?}");
}

#[tokio::test]
async fn the_end_of_the_room_reaches_readers() {
    let server = Server::start().await;
    let (owner, reader) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    reader.look(&room).await;
    let mut events = reader.events(&room, None).await;
    events.snapshot().await;
    assert_eq!(owner.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap().status(), 204);
    assert_eq!(events.next("removeRoom").await, json!(room));
    assert_eq!(status_and_problem(reader.try_events(&room, Some("0")).await).await.0, 404);
}

#[tokio::test]
async fn refusals_are_problem_details() {
    let server = Server::start().await;
    let (owner, stranger) = (Person::new(&server), Person::new(&server));
    let private = owner.make_room("t", 4, "secret").await;
    let mut io = owner.connect(Transport::WebSocket).await;
    assert!(io.call("join", json!(private)).await["error"].is_null());
    for person in [&stranger, &Person::new(&server)] {
        let refused = person.try_events(&private, Some("0")).await;
        assert_eq!(status_and_problem(refused).await, (403, String::from("not-admitted")));
    }
    for nowhere in ["ab".repeat(12).as_str(), "x"] {
        let refused = owner.try_events(nowhere, None).await;
        assert_eq!(status_and_problem(refused).await.0, 404, "{nowhere}");
    }
    server.advance(100);
    assert_eq!(io.heard_so_far().await, [], "nobody has come or gone");
}
