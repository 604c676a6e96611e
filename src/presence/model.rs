//! The state machine against a model that is too simple to be wrong: for each room, a list of who is in it, with how
//! many connections, and since when not.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;

use super::state::{Entered, State, Timing};
use crate::domain::{
    Caller, Event, Lang, Member, MemberId, MemberLimit, Refusal, Room, RoomId, SessionId, Timestamp, Title,
};

const TIMING: Timing = Timing { exit_damping: Duration::from_millis(10), empty_grace: Duration::from_millis(60) };

fn caller(number: u8) -> Caller {
    Caller::new(SessionId::from_bytes([number; 16]), MemberId::from_bytes([number; 8]), Lang::En)
}

fn room(number: u8, limit: u32) -> Room {
    let owner = caller(number);
    Room {
        id: RoomId::from_bytes([number; 12]),
        title: Title::parse("room").unwrap(),
        limit: MemberLimit::new(limit, 1000).unwrap(),
        password_hash: None,
        owner: owner.member,
        owner_session: owner.session,
        locked: false,
        slow: crate::domain::Slow::default(),
        preset: crate::domain::Preset::default(),
        raid_since: None,
        epoch: 1,
        head: 0,
        created_at: Timestamp(0),
    }
}

#[derive(Clone, Debug)]
enum Step {
    Enter { room: u8, who: u8 },
    Leave { room: u8, who: u8 },
    Wait(u16),
    Shut(u8),
    Reopen(u8),
    Removed(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let rooms = 0..2u8;
    prop_oneof![
        8 => (rooms.clone(), 0..6u8).prop_map(|(room, who)| Step::Enter { room, who }),
        8 => (rooms.clone(), 0..6u8).prop_map(|(room, who)| Step::Leave { room, who }),
        6 => (0..40u16).prop_map(Step::Wait),
        1 => rooms.clone().prop_map(Step::Shut),
        1 => rooms.clone().prop_map(Step::Reopen),
        1 => rooms.prop_map(Step::Removed),
    ]
}

/// What the model knows of one room; `present` is by arrival: who, connections, since when without.
#[derive(Default)]
struct Model {
    present: Vec<(u8, u32, Option<i64>)>,
    empty_since: Option<i64>,
    /// Instead of the end of a grace period, after a removal that failed.
    retry_at: Option<i64>,
    shut: bool,
}

impl Model {
    fn find(&mut self, who: u8) -> Option<&mut (u8, u32, Option<i64>)> {
        self.present.iter_mut().find(|(other, ..)| *other == who)
    }

    /// Lets one millisecond pass.
    fn pass(&mut self, now: i64) {
        self.present.retain(|(_, _, since)| since.is_none_or(|since| since + 10 > now));
        if !self.present.is_empty() {
            (self.empty_since, self.retry_at) = (None, None);
        } else if self.empty_since.is_none() && self.retry_at.is_none() && !self.shut {
            self.empty_since = Some(now);
        }
        let over = self.empty_since.is_some_and(|since| since + 60 <= now) || self.retry_at.is_some_and(|at| at <= now);
        if over {
            (self.empty_since, self.retry_at, self.shut) = (None, None, true);
        }
    }
}

/// What a member of the room would have written down from the events alone.
#[derive(Default)]
struct Heard(HashMap<RoomId, Vec<Member>>);

impl Heard {
    fn hear(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Joined { room, member, members } => {
                    let here = self.0.entry(*room).or_default();
                    assert!(!here.contains(member), "one join per stay");
                    here.push(member.clone());
                    assert_eq!(here.len(), *members as usize, "the count includes the newcomer");
                }
                Event::Left { room, member, members } => {
                    let here = self.0.entry(*room).or_default();
                    let at = here.iter().position(|other| other == member).expect("an exit follows a join");
                    here.remove(at);
                    assert_eq!(here.len(), *members as usize, "the count is of those still there");
                }
                Event::RoomUpdated(summary) => {
                    let here = self.0.entry(summary.id).or_default();
                    assert_eq!(here.len(), summary.members as usize, "the lobby's count is the room's");
                    assert!(summary.members <= summary.limit.get(), "never over the limit");
                }
                other => panic!("the state machine publishes no {other:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 512 }))]

    #[test]
    fn behaves_as_the_model(limit in 2..4u32, steps in prop::collection::vec(step(), 1..120)) {
        let mut state = State::new(TIMING);
        let mut model: HashMap<u8, Model> = HashMap::new();
        let mut heard = Heard::default();
        let mut now = 0_i64;
        for number in 0..2 {
            state.open(room(number, limit), Timestamp(0));
            model.insert(number, Model { empty_since: Some(0), ..Model::default() });
        }
        for step in steps {
            let mut events = Vec::new();
            match step {
                Step::Enter { room, who } => {
                    let got = state.enter(RoomId::from_bytes([room; 12]), &caller(who), &mut events);
                    let wanted = match model.get_mut(&room) {
                        None => Err(Refusal::NoSuchRoom),
                        Some(model) if model.shut => Err(Refusal::NoSuchRoom),
                        Some(model) => if let Some(present) = model.find(who) {
                            (present.1, present.2) = (present.1 + 1, None);
                            Ok(Entered::Again)
                        } else if model.present.len() == limit as usize {
                            Err(Refusal::RoomFull)
                        } else {
                            model.present.push((who, 1, None));
                            (model.empty_since, model.retry_at) = (None, None);
                            Ok(Entered::First)
                        },
                    };
                    prop_assert_eq!(&got, &wanted);
                    prop_assert_eq!(events.len(), if got == Ok(Entered::First) { 2 } else { 0 });
                }
                Step::Leave { room, who } => {
                    // Only a connection that entered leaves: the type of a place makes that so.
                    if let Some(present) = model.get_mut(&room).and_then(|model| model.find(who))
                        && present.1 > 0
                    {
                        present.1 -= 1;
                        if present.1 == 0 {
                            present.2 = Some(now);
                        }
                        state.leave(RoomId::from_bytes([room; 12]), caller(who).session, Timestamp(now));
                    }
                }
                Step::Wait(time) => {
                    // The state machine is woken late and does everything at once; the model lives each millisecond.
                    for _ in 0..time {
                        now += 1;
                        model.values_mut().for_each(|model| model.pass(now));
                    }
                    state.tick(Timestamp(now), &mut events);
                }
                Step::Shut(number) => {
                    let got = state.shut(RoomId::from_bytes([number; 12])).is_some();
                    let wanted = model.get_mut(&number).is_some_and(|model| {
                        let was_open = !model.shut;
                        if was_open {
                            (model.empty_since, model.retry_at, model.shut) = (None, None, true);
                        }
                        was_open
                    });
                    prop_assert_eq!(got, wanted);
                }
                Step::Reopen(number) => {
                    state.reopen(RoomId::from_bytes([number; 12]), Timestamp(now + 5));
                    if let Some(model) = model.get_mut(&number).filter(|model| model.shut) {
                        model.shut = false;
                        model.retry_at = model.present.is_empty().then_some(now + 5);
                    }
                }
                Step::Removed(number) => {
                    let id = RoomId::from_bytes([number; 12]);
                    prop_assert_eq!(state.removed(id), model.remove(&number).is_some());
                    heard.0.remove(&id);
                }
            }
            heard.hear(&events);
            for (number, model) in &model {
                let id = RoomId::from_bytes([*number; 12]);
                prop_assert_eq!(state.room(id).is_some(), !model.shut, "room {} at {}", number, now);
                if let Some(members) = state.members(id) {
                    let mut wanted: Vec<_> = model.present.iter().map(|(who, ..)| *who).collect();
                    // A stable sort on "is not the owner": the owner first, the others by arrival.
                    wanted.sort_by_key(|who| who != number);
                    let wanted: Vec<_> = wanted.into_iter().map(|who| caller(who).member).collect();
                    prop_assert_eq!(members, wanted);
                }
            }
        }
    }
}
