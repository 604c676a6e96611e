//! Whatever happens in a room: no whisper reaches a third one in any form, there is one owner, bans hold, and the list
//! that everybody sees is that of a model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Events, Person, Plain, Server};

const PEOPLE: usize = 5;
const SEATS: usize = 4;
const DAMPING: u64 = 10;
const OWNER_GRACE: u64 = 30;
const KICK: u64 = 600;

#[derive(Clone, Copy, Debug)]
enum Step {
    Join(usize),
    /// The connection breaks.
    Break(usize),
    Leave(usize),
    Say(usize),
    Whisper(usize, usize),
    Kick(usize, usize),
    Ban(usize, usize),
    Unban(usize, usize),
    HandOver(usize, usize),
    Rename(usize, u8),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..PEOPLE;
    let two = (0..PEOPLE, 0..PEOPLE);
    prop_oneof![
        6 => who.clone().prop_map(Step::Join),
        2 => who.clone().prop_map(Step::Break),
        1 => who.clone().prop_map(Step::Leave),
        2 => who.clone().prop_map(Step::Say),
        5 => two.clone().prop_map(|(from, to)| Step::Whisper(from, to)),
        1 => two.clone().prop_map(|(by, whom)| Step::Kick(by, whom)),
        1 => two.clone().prop_map(|(by, whom)| Step::Ban(by, whom)),
        1 => two.clone().prop_map(|(by, whom)| Step::Unban(by, whom)),
        2 => two.prop_map(|(by, whom)| Step::HandOver(by, whom)),
        1 => (who, any::<u8>()).prop_map(|(who, name)| Step::Rename(who, name)),
        3 => prop::sample::select(vec![1_u64, 4, 11, 31, 601]).prop_map(Step::Wait),
    ]
}

/// What is known of somebody who is in the room.
#[derive(Clone, Copy, Debug)]
struct Stay {
    arrival: u64,
    /// Since when they have no connection.
    lost: Option<u64>,
}

#[derive(Debug, Default)]
struct Model {
    now: u64,
    arrivals: u64,
    here: BTreeMap<usize, Stay>,
    owner: usize,
    /// Until when; `None`: for good.
    out: BTreeMap<usize, Option<u64>>,
}

impl Model {
    fn is_out(&self, who: usize) -> bool {
        self.out.get(&who).is_some_and(|until| until.is_none_or(|until| self.now < until))
    }

    /// Owner first, then by arrival.
    fn list(&self) -> Vec<usize> {
        let mut list: Vec<_> = self.here.iter().collect();
        list.sort_by_key(|(who, stay)| (**who != self.owner, stay.arrival));
        list.into_iter().map(|(who, _)| *who).collect()
    }

    fn gone(&mut self, who: usize) {
        self.here.remove(&who);
        if self.owner == who
            && let Some((next, _)) = self
                .here
                .iter()
                .min_by_key(|(_, stay)| (stay.lost.is_some(), stay.arrival))
                .map(|(who, stay)| (*who, *stay))
        {
            self.owner = next;
        }
    }

    fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now += 1;
            let due = |model: &Self, who: usize, stay: &Stay| {
                let grace = if who == model.owner { OWNER_GRACE } else { DAMPING };
                stay.lost.is_some_and(|lost| lost + grace <= model.now)
            };
            while let Some(who) = self.here.iter().find(|(who, stay)| due(self, **who, stay)).map(|(who, _)| *who) {
                self.gone(who);
            }
        }
    }
}

struct World {
    server: Server,
    room: String,
    people: Vec<Person>,
    ids: Vec<String>,
    lines: Vec<Option<Plain>>,
    model: Model,
    /// Each with the two who may know it.
    secrets: Vec<(String, [usize; 2])>,
    /// All that somebody was ever told.
    told: Vec<String>,
}

impl World {
    async fn begin() -> Self {
        let server = Server::start().await;
        let people: Vec<Person> = (0..PEOPLE).map(|_| Person::new(&server)).collect();
        let room = people[0].make_room("t", SEATS as u32, "").await;
        let mut world = Self {
            server,
            room,
            people,
            ids: Vec::new(),
            lines: (0..PEOPLE).map(|_| None).collect(),
            model: Model::default(),
            secrets: Vec::new(),
            told: vec![String::new(); PEOPLE],
        };
        for who in 0..PEOPLE {
            world.people[who].look(&world.room).await;
            // Everybody has been here once, so everybody's id is known.
            let mut line = world.people[who].plain().await;
            let snapshot = line.call("join", json!({"room": world.room})).await;
            world.ids.push(snapshot["me"]["id"].as_str().unwrap().to_owned());
            if who > 0 {
                line.call("leave", json!({"room": world.room})).await;
            } else {
                world.model.here.insert(0, Stay { arrival: 0, lost: None });
                world.lines[0] = Some(line);
            }
        }
        world
    }

    fn is_empty(&self) -> bool {
        self.model.here.is_empty()
    }

    async fn call(&mut self, who: usize, command: &str, mut fields: Value) -> Option<Value> {
        fields["room"] = json!(self.room);
        let answer = self.lines[who].as_mut()?.call(command, fields).await;
        self.told[who] += &answer.to_string();
        Some(answer)
    }

    /// Keeps what they were told until now.
    fn note(&mut self, who: usize) {
        if let Some(line) = &mut self.lines[who] {
            for heard in line.untaken() {
                self.told[who] += &heard.payload.to_string();
            }
        }
    }

    async fn list(&self) -> Vec<Value> {
        // Somebody who is not shut out can read it; there is always one.
        for who in 0..PEOPLE {
            let response = self.people[who].get(&format!("/room/{}/members", self.room)).await;
            if response.status() == 200 {
                return response.json::<Value>().await.unwrap().as_array().unwrap().clone();
            }
            assert!(self.model.is_out(who), "{who} is not shut out");
        }
        Vec::new()
    }

    async fn act(&mut self, step: Step) {
        match step {
            Step::Join(who) => self.join(who).await,
            Step::Break(who) => self.lose(who).await,
            Step::Leave(who) => {
                if self.call(who, "leave", json!({})).await.is_some_and(|answer| answer["error"].is_null()) {
                    self.model.gone(who);
                    self.note(who);
                    self.lines[who] = None;
                }
            }
            Step::Say(who) => {
                let said = self.call(who, "chat", json!({"chat": "everybody may know"})).await;
                assert!(said.is_none_or(|said| said["error"].is_null() == self.model.here.contains_key(&who)));
            }
            Step::Whisper(from, to) => self.whisper(from, to).await,
            Step::Kick(by, whom) => self.shut_out(by, whom, "kick", Some(KICK)).await,
            Step::Ban(by, whom) => self.shut_out(by, whom, "ban", None).await,
            Step::Unban(by, whom) => {
                let lifted = self.call(by, "unban", json!({"member": self.ids[whom]})).await;
                if lifted.is_some_and(|answer| answer["error"].is_null()) {
                    assert_eq!(by, self.model.owner);
                    self.model.out.remove(&whom);
                }
            }
            Step::HandOver(by, whom) => {
                let answer = self.call(by, "owner", json!({"member": self.ids[whom]})).await;
                let Some(answer) = answer else { return };
                let may = by == self.model.owner && by != whom && self.model.here.contains_key(&whom);
                assert_eq!(answer["error"].is_null(), may, "{by} to {whom}: {answer}");
                if may {
                    self.model.owner = whom;
                }
            }
            Step::Rename(who, name) => {
                self.call(who, "nick", json!({"name": format!("이름{name}")})).await;
            }
            Step::Wait(seconds) => {
                self.model.wait(seconds);
                self.server.advance(seconds);
            }
        }
    }

    async fn join(&mut self, who: usize) {
        let mut line = match self.lines[who].take() {
            Some(line) => line,
            None => self.people[who].plain().await,
        };
        let answer = line.call("join", json!({"room": self.room})).await;
        self.told[who] += &answer.to_string();
        let is_here = self.model.here.contains_key(&who);
        if self.model.is_out(who) {
            let code = answer["error"]["code"].as_str().unwrap_or_default();
            assert!(["kicked", "banned"].contains(&code), "bans hold: {answer}");
        } else if !is_here && self.model.here.len() == SEATS {
            assert_eq!(answer["error"]["code"], "room-full");
        } else {
            assert!(answer["error"].is_null(), "{answer}");
            self.model.arrivals += 1;
            let arrival = self.model.arrivals;
            let stay = self.model.here.entry(who).or_insert(Stay { arrival, lost: None });
            stay.lost = None;
            self.lines[who] = Some(line);
        }
    }

    async fn lose(&mut self, who: usize) {
        self.note(who);
        if self.lines[who].take().is_none() {
            return;
        }
        if let Some(stay) = self.model.here.get_mut(&who) {
            stay.lost = Some(self.model.now);
            // Time goes on when the server has seen it.
            let id = json!(self.ids[who]);
            while !self.list().await.iter().any(|member| member["id"] == id && member["away"] == true) {}
        }
    }

    async fn whisper(&mut self, from: usize, to: usize) {
        let secret = format!("s3cr3t-{}-", self.secrets.len());
        let answer = self.call(from, "whisper", json!({"to": self.ids[to], "chat": secret})).await;
        let Some(answer) = answer else { return };
        let may = from != to && self.model.here.contains_key(&from) && self.model.here.contains_key(&to);
        assert_eq!(answer["error"].is_null(), may, "{from} to {to}: {answer}");
        if may {
            assert_eq!(answer["there"], self.model.here[&to].lost.is_none());
            self.secrets.push((secret, [from, to]));
        }
    }

    async fn shut_out(&mut self, by: usize, whom: usize, command: &str, time: Option<u64>) {
        let member = json!({"member": self.ids[whom]});
        let Some(answer) = self.call(by, command, member).await else { return };
        if !answer["error"].is_null() {
            let is_reason = by != self.model.owner || by == whom || !self.model.here.contains_key(&whom);
            assert!(is_reason, "{by} {command} {whom}: {answer}");
            return;
        }
        assert_eq!(by, self.model.owner, "only the owner may");
        self.model.out.insert(whom, time.map(|time| self.model.now + time));
        self.model.here.remove(&whom);
        if let Some(mut line) = self.lines[whom].take() {
            for heard in line.rest().await.0 {
                self.told[whom] += &heard.payload.to_string();
            }
        }
    }

    /// The list is the model's, and there is one owner.
    async fn check(&mut self) {
        let wanted: Vec<Value> = self.model.list().iter().map(|who| json!(self.ids[*who])).collect();
        let list = self.list().await;
        let ids: Vec<Value> = list.iter().map(|member| member["id"].clone()).collect();
        assert_eq!(ids, wanted, "{:?}", self.model);
        let owners = list.iter().filter(|member| member["owner"] == true).count();
        assert_eq!(owners, usize::from(self.model.here.contains_key(&self.model.owner)));
        assert!(list.is_empty() || owners == 1, "exactly one owner while anybody is here: {list:?}");
    }

    /// Everything that anybody can ask for is asked for; then each secret is looked for in all that each was told.
    async fn look_for_secrets(&mut self) {
        for who in 0..PEOPLE {
            self.note(who);
            for path in ["messages?limit=100", "members", "search?q=s3cr3t", "export?format=json", "export?format=html"]
            {
                let response = self.people[who].get(&format!("/room/{}/{path}", self.room)).await;
                self.told[who] += &response.text().await.unwrap();
            }
            self.told[who] += &self.people[who].page(&format!("/room/{}", self.room)).await.text().await.unwrap();
            self.told[who] += &self.people[who].page("/").await.text().await.unwrap();
            let stream = self.people[who].try_events(&self.room, Some("0")).await;
            if stream.status() == 200 {
                let mut events = Events::of(stream);
                self.told[who] += &events.snapshot().await.0.to_string();
            }
        }
        let strangers: Vec<BTreeSet<usize>> = self
            .secrets
            .iter()
            .map(|(secret, _)| (0..PEOPLE).filter(|who| self.told[*who].contains(secret)).collect())
            .collect();
        for ((secret, two), knowing) in self.secrets.iter().zip(strangers) {
            assert!(knowing.is_subset(&two.iter().copied().collect()), "{secret} of {two:?} is known to {knowing:?}");
            assert!(knowing.contains(&two[0]), "{secret}: who said it knows it");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_room_is_as_its_model(steps in prop::collection::vec(step(), 20..60)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::begin().await;
            for step in steps {
                world.act(step).await;
                if world.is_empty() {
                    break;
                }
                world.check().await;
            }
            world.look_for_secrets().await;
            world.server.stop().await;
        });
    }
}
