//! The state machine against what is too simple to be wrong: who has how many connections and since when not, until when
//! somebody is shut out or silenced; and against what a reader and the store make of what comes out of it.

mod reader;
mod steps;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::SanctionKind::{self, Ban, Kick, Mute};
use reader::{Durable, Reader};
use steps::{Step, step};

/// One stay: its number, its connections (each: looks elsewhere?), and when it ends if none comes back.
#[derive(Debug)]
struct Stay {
    arrival: u64,
    connections: u32,
    exits_at: Timestamp,
}

struct Model {
    world: World,
    reader: Reader,
    durable: Durable,
    stays: BTreeMap<u8, Stay>,
    /// All that were ever taken and not given back: whose, of which stay, whether it looks elsewhere.
    places: Vec<(u8, u64, bool)>,
    /// What holds, until when (`None`: for ever), and for bans from which network.
    holds: BTreeMap<(u8, SanctionKind), (Option<Timestamp>, Option<u8>)>,
    networks: BTreeMap<u8, u8>,
    ownerless_since: Option<Timestamp>,
    empty_since: Option<Timestamp>,
    shut: bool,
    failed: bool,
}

impl Model {
    fn new(limit: u32) -> Self {
        let room = room(limit);
        Self {
            reader: Reader::new(&room),
            durable: Durable::new(room.clone()),
            world: World::with(room),
            stays: BTreeMap::new(),
            places: Vec::new(),
            holds: BTreeMap::new(),
            networks: BTreeMap::new(),
            ownerless_since: None,
            empty_since: Some(Timestamp(0)),
            shut: false,
            failed: false,
        }
    }

    fn room(&self) -> Room {
        (*self.world.state.rooms[&ROOM].room).clone()
    }

    fn holding(&self, who: u8, kind: SanctionKind) -> Option<Option<Timestamp>> {
        let (until, _) = self.holds.get(&(who, kind))?;
        until.is_none_or(|until| self.world.now < until).then_some(*until)
    }

    fn wanted_entry(&self, who: u8, network: u8, admitted: bool) -> Result<(), &'static str> {
        let (room, now) = (self.room(), self.world.now);
        let is_owner = room.owner_session == session(who);
        let of_network = self.holds.iter().any(|((_, kind), (until, from))| {
            *kind == Ban && *from == Some(network) && until.is_none_or(|until| now < until)
        });
        if self.shut {
            Err("no-such-room")
        } else if self.holding(who, Ban).is_some() || (of_network && !admitted && !is_owner) {
            Err("banned")
        } else if self.holding(who, Kick).is_some() {
            Err("kicked")
        } else if self.stays.contains_key(&who) {
            Ok(())
        } else if room.locked && !is_owner {
            Err("room-locked")
        } else if self.stays.len() >= room.limit.get() as usize {
            Err("room-full")
        } else {
            Ok(())
        }
    }

    fn enter(&mut self, who: u8, number: u8, admitted: bool) {
        let wanted = self.wanted_entry(who, number, admitted);
        let got = self.world.enter_from(who, Some(network(number)), admitted);
        assert_eq!(got.as_ref().map(|_| ()).map_err(Refusal::code), wanted);
        let Ok((arrival, entered)) = got else { return };
        self.networks.insert(who, number);
        self.places.push((who, arrival, false));
        self.empty_since = None;
        if let Some(stay) = self.stays.get_mut(&who) {
            assert_eq!((entered, arrival), (Entered::Again, stay.arrival));
            stay.connections += 1;
        } else {
            assert!(matches!(entered, Entered::First(_)));
            self.reader.away.remove(&member(who));
            self.stays.insert(who, Stay { arrival, connections: 1, exits_at: Timestamp(0) });
        }
    }

    fn leave(&mut self, who: u8, which: usize) {
        let mine = self.places.iter().enumerate().filter(|(_, (whose, ..))| *whose == who);
        let Some((at, _)) = mine.collect::<Vec<_>>().get(which).copied() else { return };
        let (_, arrival, away) = self.places.remove(at);
        let grace = if self.room().owner_session == session(who) { TIMING.owner_grace } else { TIMING.exit_damping };
        let now = self.world.now;
        if let Some(stay) = self.stays.get_mut(&who).filter(|stay| stay.arrival == arrival) {
            stay.connections -= 1;
            stay.exits_at = now + grace;
        }
        self.world.ask(|state, moment| state.leave(ROOM, session(who), arrival, away, moment));
    }

    fn away(&mut self, who: u8, which: usize, away: bool) {
        let mut mine = self.places.iter_mut().filter(|(whose, ..)| *whose == who).collect::<Vec<_>>();
        let Some((_, arrival, was)) = mine.get_mut(which).filter(|(_, _, was)| *was != away) else { return };
        *was = away;
        let arrival = *arrival;
        let got = self.world.ask(|state, moment| state.away(ROOM, session(who), arrival, away, moment));
        let is_seated = self.stays.get(&who).is_some_and(|stay| stay.arrival == arrival);
        assert_eq!(got.is_ok(), is_seated);
    }

    /// Somebody is out at once.
    fn out(&mut self, who: u8) {
        if self.stays.remove(&who).is_some() && self.stays.is_empty() {
            self.empty_since = Some(self.world.now);
        }
    }

    fn shut_out(&mut self, whom: u8, kind: SanctionKind, got: Result<(Sanctioned, Queued), Refusal>) {
        if let Ok((out, _)) = got {
            assert_eq!(out.session, session(whom));
            let network = self.networks.get(&whom).copied().filter(|_| kind == Ban);
            self.holds.insert((whom, kind), (out.until, network));
            if kind != Mute {
                self.out(whom);
            }
        }
    }

    fn lift(&mut self, whom: u8, kinds: &[SanctionKind], got: Result<Queued, Refusal>) {
        if got.is_ok() {
            self.holds.retain(|(who, kind), _| *who != whom || !kinds.contains(kind));
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.world.wait(seconds);
        let now = self.world.now;
        let over: Vec<_> =
            self.stays.iter().filter(|(_, stay)| stay.connections == 0 && stay.exits_at <= now).collect();
        let last = over.iter().map(|(_, stay)| stay.exits_at).max();
        let over: Vec<_> = over.into_iter().map(|(who, _)| *who).collect();
        for who in over {
            self.stays.remove(&who);
            // They may have been the owner for a moment before they left, too: owners are not muted.
            if !self.world.state.rooms[&ROOM].sanctions.has(session(who), Mute) {
                self.holds.remove(&(who, Mute));
            }
        }
        if self.stays.is_empty() && self.empty_since.is_none() {
            self.empty_since = last;
        }
        let expires = self.empty_since.is_some_and(|since| since + TIMING.empty_grace <= now) && !self.shut;
        assert_eq!(self.world.state.take_expired().is_some(), expires);
        self.shut |= expires;
    }

    fn store(&mut self, acts: usize, stored: bool) {
        for _ in 0..acts {
            let Some(Taken { act, ticket, .. }) = self.world.state.take_act() else { return };
            if stored {
                self.reader.read(&act);
                self.durable.store(&act);
            }
            self.failed |= !stored;
            self.world.ask(|state, moment| state.settle(ticket, stored, moment));
        }
    }

    fn step(&mut self, step: Step) {
        let world = &mut self.world;
        match step {
            Step::Enter { who, network, admitted } => self.enter(who, network, admitted),
            Step::Leave { who, which } => self.leave(who, which),
            Step::Away { who, which, away } => self.away(who, which, away),
            Step::LeaveNow(who) => {
                if world.ask(|state, moment| state.leave_now(ROOM, session(who), moment)).is_ok() {
                    self.out(who);
                }
            }
            Step::Wait(seconds) => self.wait(seconds),
            Step::Rename { who, to } => drop(world.rename(who, to)),
            Step::HandOver { by, to } => drop(world.hand_over(by, to)),
            Step::Kick { by, whom } => {
                let got = world.kick(by, whom);
                self.shut_out(whom, Kick, got);
            }
            Step::Ban { by, whom, seconds, purge } => {
                let got = world.ban(by, whom, seconds.map(Duration::from_secs), purge);
                self.shut_out(whom, Ban, got);
            }
            Step::Unban { by, whom } => {
                let got = world.unban(by, whom);
                self.lift(whom, &[Kick, Ban], got);
            }
            Step::Mute { by, whom, seconds } => {
                let got = world.mute(by, whom, seconds);
                self.shut_out(whom, Mute, got);
            }
            Step::Unmute { by, whom } => {
                let got = world.unmute(by, whom);
                self.lift(whom, &[Mute], got);
            }
            Step::Limit { by, limit } => {
                let limit = Some(MemberLimit::new(limit, 1000).unwrap());
                drop(world.configure(by, RoomChange { limit, ..RoomChange::default() }));
            }
            Step::Lock { by, locked } => {
                drop(world.configure(by, RoomChange { locked: Some(locked), ..RoomChange::default() }));
            }
            Step::Raid { by, on, clean } => {
                if let Ok((cleaned, _)) = world.raid(by, on, clean) {
                    for (banned, _) in cleaned.banned {
                        let who = banned.as_bytes()[0];
                        self.holds.insert((who, Ban), (None, None));
                        self.out(who);
                    }
                }
            }
            Step::Flood(who) => world.flooded(who, 10),
            Step::Speak(who) => self.speak(who),
            Step::Store { acts, stored } => self.store(acts, stored),
            Step::Shut => {
                assert_eq!(world.state.shut(ROOM).is_some(), !self.shut);
                self.shut = true;
            }
            Step::Reopen => {
                let now = world.now;
                world.state.reopen(ROOM, now + TIMING.empty_grace);
                if self.shut {
                    self.empty_since = self.stays.is_empty().then_some(now);
                }
                self.shut = false;
            }
        }
    }

    fn speak(&mut self, who: u8) {
        let got = self.world.say(who, Speech::Gif).map(|_| ()).map_err(|refusal| refusal.code());
        let is_owner = self.room().owner_session == session(who);
        let wanted = if self.shut {
            Err("no-such-room")
        } else if !self.stays.contains_key(&who) {
            Err("not-in-room")
        } else if self.holding(who, Mute).is_some() && !is_owner {
            Err("muted")
        } else {
            Ok(())
        };
        assert_eq!(got, wanted);
    }

    /// What is true after each step.
    fn check(&mut self) {
        for event in self.world.heard() {
            self.reader.hear(&event);
        }
        let (live, now) = (&self.world.state.rooms[&ROOM], self.world.now);
        self.holds.retain(|(who, kind), _| *kind != Mute || !live.is_owner(session(*who)));
        let here: Vec<_> = self.stays.keys().map(|who| session(*who)).collect();
        let mut present: Vec<_> = live.present.keys().copied().collect();
        present.sort_unstable();
        assert_eq!(present, here, "who is here");
        assert!(present.len() <= live.room.limit.get() as usize, "the limit holds");
        for ((who, kind), (until, _)) in &self.holds {
            let holds = kind.shuts_out() && until.is_none_or(|until| now < until);
            assert!(!holds || !present.contains(&session(*who)), "a ban holds");
        }
        let has_owner = present.contains(&live.room.owner_session);
        match (present.is_empty() || has_owner, self.ownerless_since) {
            (true, _) => self.ownerless_since = None,
            (false, since) => {
                let since = *self.ownerless_since.insert(since.unwrap_or(now));
                assert!(now < since + TIMING.owner_grace, "an owner who is here, or soon");
            }
        }
        assert_eq!(self.reader.lobby, live.summary(), "the lobby knows");
        for present in live.present.values() {
            assert_eq!(present.is_away(), self.reader.away.contains(&present.member.id), "who is away");
        }
        let names: std::collections::HashSet<_> =
            live.present.values().map(|it| it.member.name.to_lowercase()).collect();
        assert_eq!(names.len(), present.len(), "no two are called alike");
        if !self.world.state.has_act() {
            self.check_told();
        }
    }

    /// When nothing is on its way: what others know is what is true.
    fn check_told(&self) {
        let (live, now) = (&self.world.state.rooms[&ROOM], self.world.now);
        assert!(live.telling.is_empty(), "nothing is left behind");
        let here: Vec<_> = live.present.values().map(|present| present.member.id).collect();
        assert!(self.reader.here.len() == here.len() && here.iter().all(|id| self.reader.here.contains_key(id)));
        if self.failed {
            return;
        }
        for present in live.present.values() {
            assert_eq!(self.reader.here[&present.member.id], present.member);
            let muted = self.reader.muted.get(&present.member.id).is_some_and(|until| now < *until);
            let session = live.present.iter().find(|(_, it)| it.arrival == present.arrival).unwrap().0;
            assert_eq!(live.sanctions.has(*session, Mute), muted);
        }
        assert_eq!(self.reader.owner, live.room.owner.id);
        let mut fresh = State::new(TIMING);
        fresh.restore(self.durable.found(), now);
        let fresh = &fresh.rooms[&ROOM];
        assert_eq!(fresh.room, live.room, "a fresh start finds the same room");
        assert_eq!(fresh.names, live.names);
        assert_eq!(fresh.sanctions.all().collect::<Vec<_>>(), live.sanctions.all().collect::<Vec<_>>());
    }
}

fn run(limit: u32, steps: Vec<Step>) {
    let mut model = Model::new(limit);
    for step in steps {
        model.step(step);
        model.check();
    }
    model.store(usize::MAX, true);
    model.check();
    assert!(model.world.state.removed(ROOM));
    assert_eq!(model.world.state.next_deadline(), None, "no deadline outlives its room");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    #[test]
    fn behaves_as_the_model(limit in 2..5u32, steps in prop::collection::vec(step(false), 1..150)) {
        run(limit, steps);
    }

    #[test]
    fn behaves_as_the_model_when_the_store_fails(limit in 2..5u32, steps in prop::collection::vec(step(true), 1..150)) {
        run(limit, steps);
    }
}
