//! One room, whichever door one comes in by.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};

use crate::support::numbered::seqs;
use crate::support::{Events, GIF, Heard, Io, Person, Plain, Server, Transport, eventually};

/// What one hears by any door.
enum Ear {
    Io(Io),
    Plain(Box<Plain>),
    Events(Events),
}

impl Ear {
    async fn hear(&mut self) -> Heard {
        match self {
            Self::Io(io) => io.hear().await,
            Self::Plain(plain) => plain.hear().await,
            Self::Events(events) => events.hear().await,
        }
    }

    /// Everything up to a message with that text.
    async fn until(&mut self, text: &str) -> Vec<Heard> {
        let mut all = Vec::new();
        loop {
            let heard = self.hear().await;
            let is_last = heard.payload["chat"] == text;
            all.push(heard);
            if is_last {
                return all;
            }
        }
    }
}

#[tokio::test]
async fn all_doors_show_the_same_room_in_the_same_order() {
    let server = Server::start().await;
    let people: Vec<Person> = (0..5).map(|_| Person::new(&server)).collect();
    let room = people[0].make_room("t", 10, "").await;
    for person in &people {
        person.look(&room).await;
    }
    let mut web_socket = people[0].connect(Transport::WebSocket).await;
    let mut polling = people[1].connect(Transport::Polling).await;
    for io in [&mut web_socket, &mut polling] {
        assert_eq!(io.call("join", json!(room)).await["recovered"], false);
    }
    let mut plain = people[2].enter_plain(&room).await;
    let events = people[3].events(&room, None).await;
    assert_eq!(people[3].say(&room, "start").await.status(), 201);

    let mut said = Vec::new();
    for round in 0..20 {
        let text =
            |door: &str| json!({"room": room, "chat": format!("{door} {round}"), "clientMessageId": round.to_string()});
        let (a, b) = (web_socket.ask("chat", text("web socket")), polling.ask("chat", text("polling")));
        let c = plain.ask("chat", text("plain")).await;
        let d: Value = people[3].post(&format!("/room/{room}/chat"), &text("http")).await.json().await.unwrap();
        said.extend([web_socket.answer(a).await, polling.answer(b).await, plain.answer(&c).await, d]);
        if round == 10 {
            let gif = people[1].send_gif(&room, GIF).await;
            said.push(gif.json().await.unwrap());
            let guest = people[4].enter(&room).await;
            guest.close();
            let members = format!("/room/{room}/members");
            eventually("the exit", || async {
                server.env.advance(std::time::Duration::from_millis(250));
                people[0].get_json(&members).await.as_array().unwrap().len() == 4
            })
            .await;
        }
    }
    people[0].say(&room, "end").await;
    let mut heard = Vec::new();
    for mut ear in [Ear::Io(web_socket), Ear::Io(polling), Ear::Plain(Box::new(plain)), Ear::Events(events)] {
        ear.until("start").await;
        heard.push(ear.until("end").await);
    }
    for other in &heard[1..] {
        assert_eq!(&heard[0], other);
    }
    let names = |name: &str| heard[0].iter().filter(|heard| heard.name == name).count();
    assert_eq!((names("join"), names("exit"), names("chat")), (1, 1, said.len() + 1));
    assert_eq!((names("away"), heard[0].len()), (1, said.len() + 4), "and nothing else");
    let chats: Vec<&Value> = heard[0].iter().filter(|heard| heard.name == "chat").map(|heard| &heard.payload).collect();
    said.sort_by_key(|message| message["seq"].as_i64());
    assert!(said.iter().eq(chats[..said.len()].iter().copied()), "an answer is what everybody hears");
    // Four have come, and one said something.
    let numbers = seqs(&heard[0]);
    assert!(numbers.iter().copied().eq((6..).take(said.len() + 3)), "{numbers:?}");
}

const TALKERS: usize = 3;
const TEXTS: i64 = 300;
/// The newest number: all the texts, and the coming of the talkers and of the one who reads.
const ALL: i64 = TALKERS as i64 * (1 + TEXTS) + 1;

/// What a reader has: everything from one `seq` to another.
struct Read {
    /// The first it may expect next. `None`: it has nothing yet.
    next: Option<i64>,
}

impl Read {
    fn take(&mut self, seq: i64) {
        assert!(self.next.is_none_or(|next| next == seq), "{seq} comes where {:?} was due", self.next);
        self.next = Some(seq + 1);
    }

    /// A snapshot: all of it, with what comes after.
    fn begin(&mut self, snapshot: &Value) {
        if snapshot["recovered"] == false {
            self.next = None;
        }
        for message in snapshot["messages"].as_array().unwrap() {
            self.take(message["seq"].as_i64().unwrap());
        }
        if self.next.is_none() {
            self.next = Some(snapshot["seq"].as_i64().unwrap() + 1);
        }
    }
}

/// Reads to the end of everything, hanging up after every few messages and coming back with the last one it has.
async fn read_in_parts(person: &Person, room: &str, part: usize, first: Option<i64>) {
    let mut read = Read { next: first.map(|first| first + 1) };
    let mut last = first;
    while last != Some(ALL) {
        let mut events = person.events(room, last.map(|last| last.to_string()).as_deref()).await;
        let (snapshot, _) = events.snapshot().await;
        read.begin(&snapshot);
        last = read.next.map(|next| next - 1).filter(|&last| last > 0).or(last);
        for _ in 0..part {
            if last == Some(ALL) {
                break;
            }
            last = events.next_numbered().await.seq();
            read.take(last.unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_while_everybody_talks_misses_nothing_and_hears_nothing_twice() {
    let server = Server::start().await;
    let owner = Arc::new(Person::new(&server));
    let room = owner.make_room("t", 50, "").await;
    owner.look(&room).await;
    let newest = Arc::new(AtomicI64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..TALKERS {
        let mut io = Person::new(&server).enter(&room).await;
        let (room, newest) = (room.clone(), Arc::clone(&newest));
        tasks.push(tokio::spawn(async move {
            for _ in 0..TEXTS / 10 {
                let asked: Vec<u64> = (0..10).map(|_| io.ask("chat", json!({"room": room, "chat": "x"}))).collect();
                for id in asked {
                    newest.fetch_max(io.answer(id).await["seq"].as_i64().unwrap(), Ordering::Relaxed);
                }
            }
        }));
    }
    for n in 0..24 {
        let (owner, room) = (Arc::clone(&owner), room.clone());
        // Some are new, some have what was the newest a moment ago, some have nothing but know since when.
        let first = match n % 3 {
            0 => None,
            1 => Some(newest.load(Ordering::Relaxed)),
            _ => Some(0),
        };
        tasks.push(tokio::spawn(async move { read_in_parts(&owner, &room, 5 + n * 20, first).await }));
    }
    for since in [None, Some(0)] {
        let mut plain = owner.plain().await;
        let room = room.clone();
        tasks.push(tokio::spawn(async move {
            let snapshot = plain.call("join", json!({"room": room, "since": since})).await;
            let mut read = Read { next: since.map(|since: i64| since + 1) };
            read.begin(&snapshot);
            let known = snapshot["seq"].as_i64().unwrap();
            while read.next != Some(ALL + 1) {
                let seq = plain.next_numbered().await.seq().unwrap();
                // What was on its way when the answer was made is in both.
                if seq > known {
                    read.take(seq);
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
