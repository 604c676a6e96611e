//! Saying many things at once over one connection: they are stored together, in the order in which they were said.

use serde_json::{Value, json};

use crate::support::numbered::{self, history, name_of};
use crate::support::{Io, Person, Server, Transport, eventually};

/// More than one connection may have under way, so that some of it has to wait.
const EACH: usize = 200;

/// Says everything at once; then the answers in the order in which it was said.
async fn burst(io: &mut Io, said: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let asked: Vec<u64> = said.into_iter().map(|said| io.ask("chat", said)).collect();
    let mut answers = Vec::new();
    for id in asked {
        let answer = io.answer(id).await;
        assert!(answer.get("error").is_some() || io.has_heard(&answer), "heard before it is acknowledged: {answer}");
        answers.push(answer);
    }
    answers
}

fn seqs(answers: &[Value]) -> Vec<i64> {
    answers.iter().filter_map(|answer| answer["seq"].as_i64()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_says_in_a_burst_keeps_its_order_and_is_heard_before_it_is_acknowledged() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = owner.make_room("t", 10, "").await;
    let mut posting = Vec::new();
    for transport in [Transport::WebSocket, Transport::WebSocket, Transport::WebSocket, Transport::Polling] {
        let person = Person::new(&server);
        person.look(&room).await;
        let mut io = person.connect(transport).await;
        assert!(io.call("join", json!(room)).await["error"].is_null());
        let room = room.clone();
        posting.push(tokio::spawn(async move {
            burst(&mut io, (0..EACH).map(|n| json!({"room": room, "chat": n.to_string()}))).await
        }));
    }
    let people = posting.len();
    let mut all = Vec::new();
    for done in posting {
        let answers = done.await.unwrap();
        assert!(answers.iter().map(|answer| answer["chat"].as_str().unwrap()).eq((0..EACH).map(|n| n.to_string())));
        let own = seqs(&answers);
        assert!(own.is_sorted(), "stored in the order in which it was said");
        all.extend(own);
    }
    all.sort_unstable();
    // With those who came they are all that there is.
    let history = history(&owner, &room).await;
    assert_eq!(history.len(), people * (EACH + 1));
    let (chats, joins): (Vec<_>, Vec<_>) = history.iter().partition(|entry| name_of(entry) == "chat");
    assert!(chats.iter().map(|chat| chat["seq"].as_i64().unwrap()).eq(all));
    assert!(joins.iter().all(|join| name_of(join) == "join") && joins.len() == people, "{joins:?}");
}

#[tokio::test]
async fn a_retry_in_the_same_burst_is_one_message() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let said = |name: &str| json!({"room": room, "chat": "x", "clientMessageId": name});
    let answers = burst(&mut io, ["a", "b", "a", "b", "c"].map(said)).await;
    assert_eq!(seqs(&answers), [2, 3, 2, 3, 4]);
    assert_eq!((&answers[0], &answers[1]), (&answers[2], &answers[3]));
    assert_eq!(numbered::seqs(&io.heard_so_far().await), [2, 3, 4]);
}

#[tokio::test]
async fn what_is_refused_in_a_burst_stands_in_nobodys_way() {
    let server = Server::start_with(|config| {
        config.message_rate = 0.001;
        config.message_burst = 3;
    })
    .await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let texts = ["1", " ", "2", "3", "4"].map(|text| json!({"room": room, "chat": text}));
    let answers = burst(&mut io, texts).await;
    assert_eq!(seqs(&answers), [2, 3, 4]);
    assert_eq!(answers[1]["error"]["code"], "text-empty");
    assert_eq!(answers[4]["error"]["code"], "too-often");
}

#[tokio::test]
async fn after_a_room_is_gone_nothing_more_is_accepted_and_everything_is_answered() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let asked: Vec<u64> = (0..EACH).map(|n| io.ask("chat", json!({"room": room, "chat": n.to_string()}))).collect();
    assert_eq!(person.request(reqwest::Method::DELETE, &format!("/room/{room}")).send().await.unwrap().status(), 204);
    let mut answers = Vec::new();
    for id in asked {
        answers.push(io.answer(id).await);
    }
    let stored = seqs(&answers).len();
    assert!(answers[stored..].iter().all(|answer| answer["error"]["code"] == "no-such-room"), "{answers:?}");
}

#[tokio::test]
async fn what_was_said_before_a_connection_ends_is_stored() {
    let server = Server::start().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let room = one.make_room("t", 4, "").await;
    let mut io = one.enter(&room).await;
    let _other = two.enter(&room).await;
    for n in 0..EACH {
        io.ask("chat", json!({"room": room, "chat": n.to_string()}));
    }
    io.raw("41/chat,");
    let last = (EACH - 1).to_string();
    eventually("all of it is stored, in its order", async || {
        let newest = two.get_json(&format!("/room/{room}/messages?limit=1")).await;
        newest[0]["seq"] == 2 + EACH as i64 && newest[0]["chat"] == last
    })
    .await;
}
