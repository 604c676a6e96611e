//! One order for all.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Io, Person, Server};

const POSTERS: usize = 20;
const EACH: usize = 500;
/// Their coming has a number, too.
const ALL: i64 = (POSTERS + POSTERS * EACH) as i64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_messages_of_twenty_people_arrive_complete_and_in_order_everywhere() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = Arc::new(owner.make_room("t", 100, "").await);
    let mut inside = Vec::new();
    for _ in 0..POSTERS {
        inside.push(Person::new(&server).enter(&room).await);
    }
    let posting = inside.into_iter().enumerate();
    let posting: Vec<_> = posting.map(|(poster, io)| tokio::spawn(post(io, Arc::clone(&room), poster))).collect();
    let mut histories = Vec::new();
    for done in posting {
        histories.push(done.await.unwrap());
    }
    let all = &histories[0];
    let seqs = all.iter().map(|(seq, _)| *seq);
    assert!(seqs.eq(POSTERS as i64 + 1..=ALL), "complete, without gaps, right after those who came");
    assert!(histories.iter().all(|history| history == all), "the same for everybody");
    for poster in 0..POSTERS {
        let prefix = format!("{poster}:");
        let own = all.iter().filter_map(|(_, text)| text.strip_prefix(&prefix)?.parse::<usize>().ok());
        assert!(own.eq(0..EACH), "each in the order they said it");
    }
    let newest = owner.get(&format!("/room/{room}/messages?limit=1")).await;
    assert_eq!(newest.json::<Value>().await.unwrap()[0]["seq"], ALL);
}

/// Says everything, a window of a few unacknowledged at a time, and listens until all was heard.
async fn post(mut io: Io, room: Arc<String>, poster: usize) -> Vec<(i64, String)> {
    const WINDOW: usize = 16;
    let mut asked = std::collections::VecDeque::new();
    for number in 0..EACH {
        let said = json!({"room": *room, "chat": format!("{poster}:{number}")});
        asked.push_back(io.ask("chat", said));
        if asked.len() == WINDOW {
            let answer = io.answer(asked.pop_front().unwrap()).await;
            assert!(answer["seq"].is_i64(), "{answer}");
        }
    }
    for id in asked {
        assert!(io.answer(id).await["seq"].is_i64());
    }
    let mut heard = Vec::new();
    while heard.last().is_none_or(|(seq, _)| *seq < ALL) {
        let entry = io.next_numbered().await;
        let seq = entry.seq().unwrap();
        assert_eq!(entry.name, if seq <= POSTERS as i64 { "join" } else { "chat" });
        if entry.name == "chat" {
            heard.push((seq, entry.payload["chat"].as_str().unwrap().to_owned()));
        }
    }
    heard
}
