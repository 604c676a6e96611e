//! Members that do not read: bounded, then closed and gone, and nobody else feels it.

use std::time::Duration;

use gifchat::config::Config;
use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::{Running, gifchat};
use crate::support::numbered::seqs;
use crate::support::{DOORS, Deaf, Events, Heard, Io, PATIENCE, Person, Plain, Server, Transport, status_and_problem};

/// Texts that are said before everybody has to have heard them.
const BATCH: i64 = 8;
/// Bytes of a text.
const TEXT: usize = 6000;
/// No kernel keeps so much for us, in bytes: whoever is still there when so much was said is not bounded.
const TOO_MUCH: i64 = 48 << 20;
const FOR_EVER: Duration = Duration::from_secs(3600);

/// A room with members who read, by each door, and members who do not.
struct Busy {
    server: Server,
    room: String,
    owner: Person,
    talker: Io,
    polling: Io,
    plain: Plain,
    events: Events,
    deaf: Vec<Deaf>,
    people: Vec<Person>,
    /// The newest `seq`.
    head: i64,
    /// How many texts were said.
    said: i64,
    /// What the talker has heard of goings and comings.
    notices: Vec<Heard>,
}

impl Busy {
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        let server = Server::start_with(change).await;
        let owner = Person::new(&server);
        let room = owner.make_room("t", 20, "").await;
        let mut talker = owner.enter(&room).await;
        let readers: Vec<Person> = (0..3).map(|_| Person::new(&server)).collect();
        readers[0].look(&room).await;
        let mut polling = readers[0].connect(Transport::Polling).await;
        assert!(polling.call("join", json!(room)).await["error"].is_null());
        let mut plain = readers[1].enter_plain(&room).await;
        readers[2].look(&room).await;
        let mut events = readers[2].events(&room, None).await;
        events.snapshot().await;
        let (mut deaf, mut people) = (Vec::new(), Vec::new());
        for door in DOORS {
            let person = Person::new(&server);
            deaf.push(Deaf::enter(&person, &room, door).await);
            people.push(person);
        }
        talker.heard_so_far().await;
        let (head, said, notices) = (deaf.last().unwrap().head, 0, Vec::new());
        // They heard those come who came after them.
        while polling.next_numbered().await.seq() != Some(head) {}
        while plain.next_numbered().await.seq() != Some(head) {}
        while events.next_numbered().await.seq() != Some(head) {}
        Self { server, room, owner, talker, polling, plain, events, deaf, people, head, said, notices }
    }

    /// Says something, and goes on when everybody who reads has heard all of it and who went meanwhile, each once and in
    /// order.
    async fn talk(&mut self) {
        let text = "가".repeat(TEXT / 3);
        let asked: Vec<u64> =
            (0..BATCH).map(|_| self.talker.ask("chat", json!({"room": self.room, "chat": text}))).collect();
        let mut answers = Vec::new();
        for id in asked {
            answers.push(self.talker.answer(id).await["seq"].as_i64().unwrap());
        }
        let mut heard = self.talker.heard_so_far().await;
        // A hint, and not of everybody's order.
        heard.retain(|heard| heard.name != "away");
        let first = self.head + 1;
        self.head += heard.len() as i64;
        assert!(seqs(&heard).into_iter().eq(first..=self.head), "nothing is missing: {:?}", seqs(&heard));
        let (chats, notices): (Vec<_>, Vec<_>) = heard.into_iter().partition(|heard| heard.name == "chat");
        assert_eq!(seqs(&chats), answers);
        self.notices.extend(notices);
        self.hear_out(first).await;
        self.said += BATCH;
    }

    /// Everybody else who reads hears all from a number to the newest.
    async fn hear_out(&mut self, first: i64) {
        for seq in first..=self.head {
            for heard in [self.polling.next_numbered().await, self.plain.next_numbered().await] {
                assert_eq!(heard.seq(), Some(seq), "{heard:?}");
            }
            assert_eq!(self.events.next_numbered().await.seq(), Some(seq));
        }
    }

    /// For at most a minute, which is much longer than any limit here. Talks until all those who do not read are gone; then nobody else goes, and nobody goes twice.
    async fn until_the_deaf_are_gone(&mut self) {
        tokio::time::timeout(PATIENCE * 3, self.talk_them_out()).await.expect("all of them are gone in time");
        self.server.advance(100);
        self.talk().await;
        self.check_who_is_gone().await;
    }

    async fn talk_them_out(&mut self) {
        while self.notices.len() < self.deaf.len() {
            assert!(self.said * (TEXT as i64) < TOO_MUCH, "only these are gone: {:?}", self.notices);
            self.talk().await;
            self.server.env.advance(Duration::from_millis(250));
        }
    }

    async fn check_who_is_gone(&mut self) {
        assert!(self.notices.iter().all(|notice| notice.name == "exit"), "{:?}", self.notices);
        let name = |id: &Value| id.as_str().unwrap().to_owned();
        let mut gone: Vec<_> = self.notices.iter().map(|exit| name(&exit.payload["member"]["id"])).collect();
        let mut deaf: Vec<_> = self.deaf.iter().map(|deaf| name(&deaf.id)).collect();
        gone.sort();
        deaf.sort();
        assert_eq!(gone, deaf, "an exit for each, once");
        for deaf in &mut self.deaf {
            // It ends, after nothing but what was said, in order.
            let (seqs, _) = deaf.hear_out("nothing").await;
            let whole = (deaf.head + 1..).take(seqs.len());
            assert!(seqs.iter().copied().eq(whole), "{:?} has heard {seqs:?}", deaf.door);
            assert!(deaf.head + (seqs.len() as i64) < self.head, "{:?} has heard everything", deaf.door);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_bytes_waiting_close_who_does_not_read() {
    let mut busy = Busy::start(|config| {
        config.outbox_bytes = 256 << 10;
        config.outbox_frames = 1 << 20;
        config.stall_limit = FOR_EVER;
    })
    .await;
    busy.until_the_deaf_are_gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_events_waiting_close_who_does_not_read() {
    let mut busy = Busy::start(|config| {
        config.outbox_bytes = 1 << 30;
        config.outbox_frames = 40;
        config.stall_limit = FOR_EVER;
    })
    .await;
    busy.until_the_deaf_are_gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_nothing_for_too_long_closes_who_does_not_read() {
    let mut busy = Busy::start(|config| {
        config.outbox_bytes = 1 << 30;
        config.outbox_frames = 1 << 20;
        config.stall_limit = Duration::from_secs(3);
    })
    .await;
    busy.until_the_deaf_are_gone().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_goes_at_once_while_much_waits_for_its_members() {
    let mut busy = Busy::start(|config| {
        config.outbox_bytes = 1 << 30;
        config.outbox_frames = 1 << 20;
        config.stall_limit = FOR_EVER;
    })
    .await;
    // More than any kernel keeps for somebody who does not read.
    while busy.said * (TEXT as i64) < 8 << 20 {
        busy.talk().await;
    }
    let path = format!("/room/{}", busy.room);
    assert_eq!(busy.owner.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(busy.talker.next("removeRoom").await, json!(busy.room));
    assert_eq!(busy.polling.next("removeRoom").await, json!(busy.room));
    assert_eq!(busy.plain.next("removeRoom").await, json!(busy.room));
    assert_eq!(busy.events.next("removeRoom").await, json!(busy.room));
    for person in &busy.people {
        let refused = status_and_problem(person.say(&busy.room, "x").await).await;
        assert_eq!(refused, (404, String::from("no-such-room")));
        assert_eq!(person.try_events(&busy.room, None).await.status(), 404);
    }
    for deaf in &mut busy.deaf {
        // Who was only slow hears all that was said, in order, and that it is over.
        let (seqs, last) = deaf.hear_out("removeRoom").await;
        assert!(seqs.into_iter().eq(deaf.head + 1..=busy.head), "{:?}", deaf.door);
        assert_eq!(last.unwrap().name, "removeRoom", "{:?}", deaf.door);
    }
}

/// What the operator reads when the one member that does not read is closed by a program with these limits.
async fn logged(limits: &[&str], reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let mut args = vec!["--listen", "127.0.0.1:0", "--data", data.to_str().unwrap(), "--log", "info"];
    args.extend(["--message-rate", "0", "--outbox-bytes", "64MiB"]);
    args.extend(limits);
    let server = Running::start_logging(gifchat(&args), std::fs::File::create(&log).unwrap());
    let (owner, other) = (Person::at_address(server.address), Person::at_address(server.address));
    let room = owner.make_room("t", 4, "").await;
    let mut talker = owner.enter(&room).await;
    let deaf = Deaf::enter(&other, &room, DOORS[0]).await;
    let text = "가".repeat(TEXT / 3);
    let closed = format!("reason={reason}");
    let is_told = || std::fs::read_to_string(&log).unwrap().contains(&closed);
    let told = async {
        while !is_told() {
            let asked: Vec<u64> = (0..16).map(|_| talker.ask("chat", json!({"room": room, "chat": text}))).collect();
            for id in asked {
                assert!(talker.answer(id).await["seq"].is_i64());
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE * 3, told).await;
    assert!(told.is_ok(), "{closed} is not in the log:\n{}", std::fs::read_to_string(&log).unwrap());
    drop(deaf);
}

#[tokio::test]
async fn the_log_names_the_reason() {
    logged(&["--stall-limit", "1h", "--outbox-frames", "40"], "outbox full").await;
    logged(&["--stall-limit", "1s", "--outbox-frames", "1000000"], "stalled").await;
}
