//! The real program, with real clients, doing what the model does.

mod told;

use std::collections::{BTreeMap, BTreeSet};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{Entry, FLOOD, Model, PEOPLE, PLACES, RECOVERED, Said, Step, Way};
use crate::cli::{Running, gifchat};
use crate::support::numbered;
use crate::support::{Deaf, DeafDoor, Door, Events, PATIENCE, Person, Transport, status_and_problem};

pub struct Real {
    runtime: Runtime,
    scene: Scene,
}

/// Somebody's connection.
enum Line {
    Door(Door),
    Events(Box<Events>),
}

struct Scene {
    data: TempDir,
    /// `None` while it is started again.
    program: Option<Running>,
    people: Vec<Person>,
    room: String,
    epoch: i64,
    lines: Vec<Option<Line>>,
    /// Up to where each was shown everything.
    shown: Vec<usize>,
    /// Who they are for the others.
    ids: Vec<Value>,
    /// The model's log, in the order in which it happened.
    log: Vec<Entry>,
    /// Every entry that anybody was ever shown or acknowledged, by `seq`: its event, its id, who it is of, and what its
    /// sender called it.
    seen: BTreeMap<i64, [Value; 4]>,
}

/// What somebody who joins is told.
struct Answer {
    recovered: bool,
    messages: Vec<Value>,
    seq: i64,
}

impl Real {
    pub fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let scene = runtime.block_on(Scene::start());
        Self { runtime, scene }
    }

    /// Does a step, and checks every answer.
    pub fn take(&mut self, before: &Model, after: &Model, step: &Step) {
        self.runtime.block_on(self.scene.take(before, after, step));
    }

    /// Checks what everybody sees after it.
    pub fn check(&mut self, model: &Model) {
        self.runtime.block_on(self.scene.check(model));
    }
}

fn said(entry: &Entry) -> Option<Said> {
    if let Entry::Said(said) = entry { Some(*said) } else { None }
}

fn called(said: Said) -> String {
    format!("{}-{}", said.who, said.number)
}

fn start(data: &TempDir, listen: &str) -> Running {
    let data = data.path().join("data");
    let recovered = RECOVERED.to_string();
    let mut args = vec!["--listen", listen, "--data", data.to_str().unwrap(), "--recovery-messages", &recovered];
    args.extend([
        "--message-rate",
        "0",
        "--join-rate",
        "0",
        "--command-rate",
        "0",
        // Whose connection breaks keeps their place; who goes says so. And the owner, who never comes, stays the owner.
        "--exit-damping",
        "1h",
        "--owner-grace",
        "1h",
        "--empty-grace",
        "1h",
        "--outbox-bytes",
        "1MiB",
    ]);
    Running::start(gifchat(&args))
}

impl Scene {
    async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let program = start(&data, "127.0.0.1:0");
        let people: Vec<Person> = (0..PEOPLE).map(|_| Person::at_address(program.address)).collect();
        let room = Person::at_address(program.address).make_room("t", PLACES as u32, "").await;
        for person in &people {
            person.look(&room).await;
        }
        let scene = Self {
            data,
            program: Some(program),
            people,
            room,
            epoch: 0,
            lines: (0..PEOPLE).map(|_| None).collect(),
            shown: vec![0; PEOPLE],
            ids: vec![Value::Null; PEOPLE],
            log: Vec::new(),
            seen: BTreeMap::new(),
        };
        scene.members(0).await;
        scene
    }

    async fn take(&mut self, before: &Model, after: &Model, step: &Step) {
        let head = before.log.len();
        let new = &after.log[head..];
        let said: Vec<Said> = new.iter().filter_map(said).collect();
        if !matches!(step, Step::Crash { .. }) {
            self.log.extend(new);
        }
        match *step {
            Step::Join { who, way } => {
                let joined = self.join(who, way, before.people[who].position).await;
                if !before.has_room_for(who) {
                    assert_eq!(joined.err().as_deref(), Some("room-full"));
                    return;
                }
                let (line, answer) = joined.unwrap();
                // With their own coming.
                self.expect(after, before.people[who].position, &answer);
                self.shown[who] = after.log.len();
                self.lines[who] = Some(line);
            }
            Step::OneMore { who, way } => {
                let (_, answer) = self.join(who, way, Some(head)).await.unwrap();
                self.expect(before, Some(head), &answer);
            }
            Step::Leave { who } => self.leave(who).await,
            Step::Post { who, count, by_http } => {
                assert_eq!(said.len(), count as usize);
                let answers = self.say(who, &said, by_http, "x").await;
                self.expect_stored(&said, &answers);
            }
            Step::PostFromOutside { who } => {
                let refused = self.people[who].say(&self.room, "let me in").await;
                assert_eq!(status_and_problem(refused).await.1, "not-in-room");
            }
            Step::Retry { who, number, by_http } => {
                let again = [Said { who, number }];
                let answers = self.say(who, &again, by_http, "something else").await;
                self.expect_stored(&again, &answers);
            }
            Step::BreakOff { who, way, .. } => {
                self.begin_to_say(who, &said).await;
                self.lines[who] = None;
                let (line, answer) = self.join(who, way, Some(head)).await.unwrap();
                self.come_back(who, line, &answer, &said).await;
            }
            Step::DoNotRead { who, speaker, way } => self.flood(who, speaker, way, after, &said).await,
            Step::Crash { who, way, .. } => {
                self.begin_to_say(who, &said).await;
                self.program.as_mut().unwrap().child.kill().unwrap();
                self.begin_again().await;
                let (line, answer) = self.join(who, way, Some(head)).await.unwrap();
                // What was stored in time stands before their coming, and the rest, said again, after it.
                let (came, texts) = new.split_last().unwrap();
                let in_time = answer.messages.len().checked_sub(1).expect("at least their coming");
                let (in_time, late) = texts.split_at(in_time);
                self.log.extend(in_time.iter().chain([came]).chain(late));
                self.come_back(who, line, &answer, &said).await;
            }
            Step::Restart => {
                kill_process(Pid::from_child(&self.program.as_ref().unwrap().child), Signal::TERM).unwrap();
                self.begin_again().await;
            }
        }
    }

    /// Starts the program again, which has been told or made to end. What people had heard until then must stay true.
    async fn begin_again(&mut self) {
        for who in 0..PEOPLE {
            if let Some(Line::Door(mut door)) = self.lines[who].take() {
                let (heard, answers) = door.rest().await;
                heard.iter().filter(|heard| heard.seq().is_some()).for_each(|heard| self.see(&heard.payload));
                answers.iter().filter(|answer| answer["error"].is_null()).for_each(|answer| self.see(answer));
            }
        }
        let mut program = self.program.take().unwrap();
        program.child.wait().unwrap();
        self.program = Some(start(&self.data, &program.address.to_string()));
    }

    async fn join(&mut self, who: usize, way: Way, position: Option<usize>) -> Result<(Line, Answer), String> {
        let person = &self.people[who];
        let since = position.map(|seq| json!({"epoch": self.epoch, "seq": seq}));
        if way == Way::Events {
            let address = position.map(|seq| format!("?since={seq}&epoch={}", self.epoch)).unwrap_or_default();
            let response = person.try_events_at(&self.room, &address, None).await;
            if response.status() != 200 {
                return Err(status_and_problem(response).await.1);
            }
            let mut events = Events::of(response);
            let (snapshot, _) = events.snapshot().await;
            let mut answer = self.answer(who, &snapshot);
            while answer.recovered && position.unwrap() + answer.messages.len() < answer.seq as usize {
                answer.messages.push(events.next_numbered().await.payload);
            }
            return Ok((Line::Events(Box::new(events)), answer));
        }
        let mut door = match way {
            Way::WebSocket => Door::io(person, Transport::WebSocket).await,
            Way::Polling => Door::io(person, Transport::Polling).await,
            Way::Plain | Way::Events => Door::plain(person).await,
        };
        let snapshot = door.call("join", json!({"room": self.room, "since": since})).await;
        if let Some(code) = snapshot["error"]["code"].as_str() {
            return Err(code.to_owned());
        }
        assert_eq!(numbered::seqs(&door.untaken()), [0; 0], "nothing comes before the answer");
        let answer = self.answer(who, &snapshot);
        Ok((Line::Door(door), answer))
    }

    /// Goes, and says so.
    async fn leave(&mut self, who: usize) {
        match self.lines[who].take().unwrap() {
            Line::Door(mut door) => assert_eq!(door.call("leave", json!({"room": self.room})).await, json!({})),
            Line::Events(_events) => {
                let commands = format!("/room/{}/commands", self.room);
                let done = self.people[who].post(&commands, &json!({"type": "leave"})).await;
                assert_eq!((done.status().as_u16(), done.json().await.ok()), (200, Some(json!({}))));
            }
        }
    }

    /// Puts messages on their way, and waits for nothing.
    async fn begin_to_say(&mut self, who: usize, new: &[Said]) {
        let Some(Line::Door(door)) = &mut self.lines[who] else { panic!("an event stream takes no messages") };
        for said in new {
            door.ask("chat", json!({"room": self.room, "chat": "x", "clientMessageId": called(*said)})).await;
        }
    }

    async fn say(&mut self, who: usize, new: &[Said], by_http: bool, text: &str) -> Vec<Value> {
        let command = |said: &Said| json!({"room": self.room, "chat": text, "clientMessageId": called(*said)});
        let mut answers = Vec::new();
        match &mut self.lines[who] {
            Some(Line::Door(door)) if !by_http => {
                // So few that their events do not pile up in front of their answers.
                for some in new.chunks(4) {
                    let mut asked = Vec::new();
                    for said in some {
                        asked.push(door.ask("chat", command(said)).await);
                    }
                    for asked in asked {
                        answers.push(door.answer(asked).await);
                    }
                }
            }
            _ => {
                for said in new {
                    let answer = self.people[who].post(&format!("/room/{}/chat", self.room), &command(said)).await;
                    answers.push(answer.json().await.unwrap());
                }
            }
        }
        answers
    }

    /// Somebody whose connection broke has joined again, and repeats what was on its way.
    async fn come_back(&mut self, who: usize, line: Line, answer: &Answer, new: &[Said]) {
        assert!(answer.recovered);
        for (seq, message) in (self.shown[who] + 1..).zip(&answer.messages) {
            self.expect_entry(seq, message);
        }
        self.shown[who] += answer.messages.len();
        assert_eq!(self.shown[who] as i64, answer.seq);
        self.lines[who] = Some(line);
        let answers = self.say(who, new, false, "x").await;
        self.expect_stored(new, &answers);
    }

    /// Much is said while somebody does not read: they get all up to some message, and the rest when they come back.
    async fn flood(&mut self, who: usize, speaker: usize, way: Way, after: &Model, new: &[Said]) {
        let door = match way {
            Way::Events => DeafDoor::Events,
            Way::Plain => DeafDoor::Plain,
            Way::WebSocket | Way::Polling => DeafDoor::SocketIo,
        };
        let mut deaf = Deaf::enter(&self.people[who], &self.room, door).await;
        self.ids[who] = deaf.id.clone();
        assert_eq!(new.len(), FLOOD as usize);
        let mut position = after.log.len() - new.len();
        assert_eq!(deaf.head, position as i64, "with their own coming");
        let answers = self.say(speaker, new, false, &"가".repeat(2000)).await;
        self.expect_stored(new, &answers);
        deaf.listen();
        while position < after.log.len()
            && let Some(heard) = deaf.hear().await
        {
            if heard.seq().is_some() {
                position += 1;
                self.expect_entry(position, &heard.payload);
            }
        }
        let (line, answer) = self.join(who, way, Some(position)).await.unwrap();
        self.expect(after, Some(position), &answer);
        self.shown[who] = after.log.len();
        self.lines[who] = Some(line);
    }

    async fn check(&mut self, model: &Model) {
        for who in model.seated() {
            let mut line = self.lines[who].take().unwrap();
            while self.shown[who] < model.log.len() {
                let heard = match &mut line {
                    Line::Door(door) => door.next_numbered().await,
                    Line::Events(events) => events.next_numbered().await,
                };
                self.shown[who] += 1;
                self.expect_entry(self.shown[who], &heard.payload);
            }
            self.lines[who] = Some(line);
        }
        let history = numbered::history(&self.people[0], &self.room).await;
        assert_eq!(history.len(), model.log.len());
        for (seq, entry) in (1..).zip(&history) {
            self.expect_entry(seq, entry);
        }
        self.members(model.seated().len()).await;
    }

    /// Who is there: it takes a moment until somebody who left is gone.
    async fn members(&self, count: usize) {
        let path = format!("/room/{}/members", self.room);
        let last = std::cell::RefCell::new(Value::Null);
        let settled = async {
            loop {
                let members = self.people[0].get_json(&path).await;
                let ids: BTreeSet<&str> =
                    members.as_array().unwrap().iter().map(|member| member["id"].as_str().unwrap()).collect();
                assert!(ids.len() <= PLACES);
                if ids.len() == count {
                    return;
                }
                last.replace(members);
            }
        };
        let settled = tokio::time::timeout(PATIENCE, settled).await;
        assert!(settled.is_ok(), "{count} should be there, not {}", last.into_inner());
    }
}
