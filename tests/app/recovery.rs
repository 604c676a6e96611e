//! Coming back with a position: everything that was missed, once and in order, or the word that it cannot be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::numbered::{self, seqs_of};
use crate::support::{Door, Event, Person, Server, Transport};

fn seqs(answer: &Value) -> Vec<i64> {
    seqs_of(&answer["messages"])
}

/// Says these, one after another on disk.
async fn say(person: &Person, room: &str, texts: impl IntoIterator<Item = String>) {
    for text in texts {
        assert_eq!(person.say(room, &text).await.status(), 201);
    }
}

#[tokio::test]
async fn the_first_answer_has_a_position_and_any_door_goes_on_from_it() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut first = person.connect(Transport::WebSocket).await;
    let empty = first.call("join", json!(room)).await;
    assert_eq!((seqs(&empty), &empty["seq"], &empty["recovered"]), (vec![1], &json!(1), &json!(false)));
    assert_eq!((&empty["messages"][0]["kind"], &empty["messages"][0]["code"]), (&json!("join"), &json!("joined")));
    let epoch = empty["epoch"].as_i64().unwrap();
    say(&person, &room, (1..=10).map(|number| number.to_string())).await;
    for mut door in Door::all(&person).await {
        for seq in 0..=11 {
            for since in [json!({"epoch": epoch, "seq": seq}), json!(seq)] {
                let back = door.call("join", json!({"room": room, "since": since})).await;
                assert_eq!(seqs(&back), (seq + 1..=11).collect::<Vec<_>>());
                assert_eq!(
                    (&back["recovered"], &back["seq"], &back["epoch"]),
                    (&json!(true), &json!(11), &json!(epoch))
                );
            }
        }
    }
    for seq in 0..=11 {
        let mut events = person.events_at(&room, &format!("?since={seq}&epoch={epoch}"), None).await;
        let (snapshot, _) = events.snapshot().await;
        assert_eq!((&snapshot["recovered"], &snapshot["epoch"]), (&json!(true), &json!(epoch)));
        for missed in seq + 1..=11 {
            assert_eq!(events.hear().await.seq(), Some(missed));
        }
    }
    // What a browser says when it comes back is newer than the address that it came with.
    let mut events = person.events_at(&room, &format!("?since=2&epoch={epoch}"), Some("9")).await;
    assert_eq!(events.snapshot().await.0["recovered"], true);
    assert_eq!(events.next("chat").await["seq"], 10);
}

#[tokio::test]
async fn what_cannot_be_continued_is_said() {
    let server = Server::start_with(|config| {
        config.recovery_messages = 20;
        config.recovery_bytes = 20_000;
    })
    .await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    person.look(&room).await;
    let mut io = person.connect(Transport::WebSocket).await;
    let epoch = io.call("join", json!(room)).await["epoch"].as_i64().unwrap();
    say(&person, &room, (1..=60).map(|number| number.to_string())).await;
    let page: Vec<i64> = (12..=61).collect();
    for mut door in Door::all(&person).await {
        for (seq, claimed) in [(61, epoch + 1), (41, epoch - 1), (62, epoch), (40, epoch), (0, epoch)] {
            let since = json!({"epoch": claimed, "seq": seq});
            let back = door.call("join", json!({"room": room, "since": since})).await;
            assert_eq!((&back["recovered"], seqs(&back)), (&json!(false), page.clone()), "{since}");
            assert_eq!((&back["seq"], &back["epoch"]), (&json!(61), &json!(epoch)));
        }
        let back = door.call("join", json!({"room": room, "since": {"epoch": epoch, "seq": 41}})).await;
        assert_eq!((&back["recovered"], seqs(&back).len()), (&json!(true), 20), "as many as are sent at once");
    }
    for query in [format!("?since=61&epoch={}", epoch + 1), format!("?since=40&epoch={epoch}")] {
        let (snapshot, id) = person.events_at(&room, &query, None).await.snapshot().await;
        assert_eq!((&snapshot["recovered"], seqs(&snapshot), id), (&json!(false), page.clone(), Some(61)), "{query}");
    }
    let (snapshot, _) = person.events_at(&room, &format!("?epoch={}", epoch + 1), Some("61")).await.snapshot().await;
    assert_eq!(snapshot["recovered"], false, "the epoch in the address counts for the header, too");
    // The same by bytes: 256 and the text for each.
    say(&person, &room, (0..10).map(|_| "x".repeat(2000))).await;
    for (seq, recovered) in [(63, true), (62, false)] {
        let back = io.call("join", json!({"room": room, "since": {"epoch": epoch, "seq": seq}})).await;
        assert_eq!(back["recovered"], recovered, "{seq}");
    }
}

#[tokio::test]
async fn what_is_recovered_fits_the_outbox() {
    let server = Server::start_with(|config| {
        config.outbox_frames = 100;
        config.outbox_bytes = 40_000;
    })
    .await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    say(&person, &room, (1..=40).map(|number| number.to_string())).await;
    for (since, recovered) in [(15, false), (16, true)] {
        let mut events = person.events_at(&room, &format!("?since={since}"), None).await;
        assert_eq!(events.snapshot().await.0["recovered"], recovered, "a quarter of the outbox, from {since}");
    }
    say(&person, &room, (0..10).map(|_| "x".repeat(1000))).await;
    for (since, recovered) in [(43, false), (44, true)] {
        let mut events = person.events_at(&room, &format!("?since={since}"), None).await;
        assert_eq!(events.snapshot().await.0["recovered"], recovered, "the same in bytes, from {since}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_and_events_fit_together_while_others_write() {
    const ROUNDS: usize = 40;
    let server = Server::start().await;
    let (writer, reader) = (Person::new(&server), Person::new(&server));
    let room = Arc::new(writer.make_room("t", 4, "").await);
    let mut writing = writer.enter(&room).await;
    reader.look(&room).await;
    let mut doors = Vec::from(Door::all(&reader).await);
    let is_over = Arc::new(AtomicBool::new(false));
    let written = tokio::spawn({
        let (room, is_over) = (Arc::clone(&room), Arc::clone(&is_over));
        async move {
            let mut asked = std::collections::VecDeque::new();
            while !is_over.load(Ordering::Relaxed) {
                asked.push_back(writing.ask("chat", json!({"room": *room, "chat": "x"})));
                if asked.len() == 8 {
                    let answer = writing.answer(asked.pop_front().unwrap()).await;
                    assert!(answer["seq"].is_i64(), "{answer}");
                }
            }
        }
    });
    let mut positions = vec![json!(null); doors.len()];
    let mut missed = 0;
    for round in 0..ROUNDS {
        for (door, since) in doors.iter_mut().zip(&mut positions) {
            // Each first joins on a fresh connection, then again on the one that hears the room already.
            let answer = door.call("join", json!({"room": *room, "since": since})).await;
            let mut seq = answer["seq"].as_i64().unwrap();
            let before = numbered::seqs(&door.untaken());
            if round == 0 {
                assert_eq!(before, [0; 0], "nothing comes before the first answer");
            } else {
                // What a connection heard until the server took its command.
                assert!(before.iter().all(|before| *before <= seq));
                assert_eq!(answer["recovered"], true, "{answer}");
                missed += seqs(&answer).len();
            }
            for _ in 0..5 {
                seq += 1;
                assert_eq!(door.next_numbered().await.seq(), Some(seq), "right after the answer");
            }
            *since = json!({"epoch": answer["epoch"], "seq": seq});
        }
        let mut events = reader.events_at(&room, "", None).await;
        let (snapshot, _) = events.snapshot().await;
        let mut seq = snapshot["seq"].as_i64().unwrap();
        for _ in 0..5 {
            seq += 1;
            assert_eq!(events.hear().await.seq(), Some(seq));
        }
    }
    assert!(missed > 0, "nobody wrote meanwhile: nothing was tested");
    is_over.store(true, Ordering::Relaxed);
    written.await.unwrap();
}

#[tokio::test]
async fn a_room_that_has_fallen_silent_is_told_its_head() {
    let server = Server::start_with(|config| config.head_interval = Duration::from_secs(5)).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut events = person.events(&room, None).await;
    let mut doors = Door::all(&person).await;
    let mut answer = Value::Null;
    for door in &mut doors {
        answer = door.call("join", json!({"room": room})).await;
    }
    say(&person, &room, (1..=3).map(|number| number.to_string())).await;
    let expected = json!({"room": room, "epoch": answer["epoch"], "seq": 4});
    let mut looker = person.enter(&room).await;
    // Each look at the rooms takes an advance of the clock.
    let mut heads = Vec::new();
    for _ in 0..1000 {
        server.advance(5);
        heads.extend(looker.heard_so_far().await.into_iter().filter(|heard| heard.name == "head"));
        if heads.len() >= 3 {
            break;
        }
    }
    assert!(heads.iter().all(|heard| heard.payload == expected) && heads.len() == 3, "{heads:?}");
    for door in &mut doors {
        assert_eq!(door.next("head").await, expected);
    }
    let told = loop {
        let Event { heard, id, .. } = events.event().await;
        if heard.name == "head" {
            break (heard.payload, id);
        }
    };
    assert_eq!(told, (expected, None), "it is no message that one has");
}

#[tokio::test]
async fn a_retry_is_the_first_message_by_any_door_and_after_a_restart() {
    let server = Server::start().await;
    let (person, other) = (Person::new(&server), Person::new(&server));
    let room = person.make_room("t", 4, "").await;
    let mut io = other.enter(&room).await;
    let said = json!({"room": room, "chat": "once", "clientMessageId": "mine"});
    let mut doors = Door::all(&person).await;
    doors[0].call("join", json!({"room": room})).await;
    let first = doors[0].call("chat", said.clone()).await;
    assert_eq!((&first["seq"], &first["clientMessageId"]), (&json!(3), &json!("mine")));
    for door in &mut doors[1..] {
        door.call("join", json!({"room": room})).await;
        assert_eq!(door.call("chat", said.clone()).await, first);
    }
    let by_http = async |person: &Person| person.post(&format!("/room/{room}/chat"), &said).await.json::<Value>().await;
    assert_eq!(by_http(&person).await.unwrap(), first);
    // Somebody else's is another message.
    let others = other.post(&format!("/room/{room}/chat"), &said).await.json::<Value>().await.unwrap();
    assert_eq!(others["seq"], 4);
    assert_eq!(numbered::seqs(&io.heard_so_far().await), [2, 3, 4]);
    let data = server.stop().await;

    let server = Server::start_in(data, 2, |_| {}).await;
    let person = person.at(&server);
    let mut io = person.enter(&room).await;
    assert_eq!(by_http(&person).await.unwrap(), first);
    assert_eq!(io.call("chat", said).await, first);
    assert_eq!(seqs(&io.call("join", json!(room)).await), [1, 2, 3, 4, 5], "with their coming again");
}
