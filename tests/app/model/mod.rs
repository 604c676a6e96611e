//! A model of a room, and the real program beside it.
//!
//! proptest makes up what people do, in any order: they join by any door, with the position they have; post, repeat
//! themselves, are cut off in the middle, read too slowly; the program is killed while it stores, or restarted. The model
//! says what all of them must see. A failing sequence is made as short as it gets, and printed.
//!
//! `bin/test` tries a few sequences; `GIFCHAT_MODEL_CASES=1000 cargo test --release --test app model` as many as one likes.

mod real;

use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use real::Real;

const PEOPLE: usize = 4;
/// One less than there are people, so that somebody finds it full.
const PLACES: usize = 3;
/// Entries that somebody who comes back is given at once.
const RECOVERED: usize = 12;
/// Entries of a page.
const PAGE: usize = 50;
/// Messages that are more than one waits for who does not read.
const FLOOD: u32 = 240;

/// How somebody is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    WebSocket,
    Polling,
    Plain,
    Events,
}

/// A message: whose, and the how manieth of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub who: usize,
    pub number: u32,
}

/// What has a number in the room's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Said(Said),
    /// With how many are there then.
    Came {
        who: usize,
        members: usize,
    },
    Went {
        who: usize,
        members: usize,
    },
}

#[derive(Clone, Debug, Default)]
pub struct Somebody {
    pub seat: Option<Way>,
    /// Everything up to there was shown to them; nothing, before they first joined.
    pub position: Option<usize>,
    /// How many messages they have posted.
    pub said: u32,
}

/// What must be true.
#[derive(Clone, Debug)]
pub struct Model {
    /// In `seq` order; but where somebody's coming stands among what was on its way when the program was killed, only the
    /// real one knows.
    pub log: Vec<Entry>,
    pub people: Vec<Somebody>,
}

#[derive(Clone, Debug)]
pub enum Step {
    /// With the position they have.
    Join {
        who: usize,
        way: Way,
    },
    /// One more connection of somebody who is there, for a moment.
    OneMore {
        who: usize,
        way: Way,
    },
    /// At once, with all their connections.
    Leave {
        who: usize,
    },
    Post {
        who: usize,
        count: u32,
        by_http: bool,
    },
    /// Somebody who is not there.
    PostFromOutside {
        who: usize,
    },
    /// Something said before, once more.
    Retry {
        who: usize,
        number: u32,
        by_http: bool,
    },
    /// The connection breaks while messages are on their way; they are sent again on the next one.
    BreakOff {
        who: usize,
        count: u32,
        way: Way,
    },
    /// Somebody joins and does not read, while much is said.
    DoNotRead {
        who: usize,
        speaker: usize,
        way: Way,
    },
    /// The program is killed while messages are on their way.
    Crash {
        who: usize,
        count: u32,
        way: Way,
    },
    Restart,
}

impl Model {
    pub fn seated(&self) -> Vec<usize> {
        (0..PEOPLE).filter(|who| self.people[*who].seat.is_some()).collect()
    }

    /// Whether there is a place for them.
    pub fn has_room_for(&self, who: usize) -> bool {
        self.people[who].seat.is_some() || self.seated().len() < PLACES
    }

    /// What somebody who joins with a position is answered: whether it goes on from there, and the first message that
    /// they are given, counted from 0.
    pub fn answer_from(&self, position: Option<usize>) -> (bool, usize) {
        match position {
            Some(position) if self.log.len() - position <= RECOVERED => (true, position),
            _ => (false, self.log.len().saturating_sub(PAGE)),
        }
    }

    fn say(&mut self, who: usize, count: u32) {
        for _ in 0..count {
            self.log.push(Entry::Said(Said { who, number: self.people[who].said }));
            self.people[who].said += 1;
        }
    }

    /// Whoever is there already comes in by another door, and has not come anew.
    fn come(&mut self, who: usize, way: Way) {
        let is_new = self.people[who].seat.replace(way).is_none();
        if is_new {
            self.log.push(Entry::Came { who, members: self.seated().len() });
        }
    }

    fn go(&mut self, who: usize) {
        self.people[who].seat = None;
        self.log.push(Entry::Went { who, members: self.seated().len() });
    }

    /// The program ends, and nobody is there when it begins again. That leaves no trace in the room: they have not gone.
    fn begin_again(&mut self) {
        self.people.iter_mut().for_each(|person| person.seat = None);
    }
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![Just(Way::WebSocket), Just(Way::Polling), Just(Way::Plain), Just(Way::Events)]
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self { log: Vec::new(), people: vec![Somebody::default(); PEOPLE] }).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let who = || 0..PEOPLE;
        prop_oneof![
            12 => (who(), way()).prop_map(|(who, way)| Step::Join { who, way }),
            2 => (who(), way()).prop_map(|(who, way)| Step::OneMore { who, way }),
            4 => who().prop_map(|who| Step::Leave { who }),
            12 => (who(), 1..8_u32, any::<bool>()).prop_map(|(who, count, by_http)| Step::Post { who, count, by_http }),
            1 => who().prop_map(|who| Step::PostFromOutside { who }),
            4 => (who(), 0..20_u32, any::<bool>()).prop_map(|(who, number, by_http)| Step::Retry { who, number, by_http }),
            5 => (who(), 1..10_u32, way()).prop_map(|(who, count, way)| Step::BreakOff { who, count, way }),
            2 => (who(), who(), way()).prop_map(|(who, speaker, way)| Step::DoNotRead { who, speaker, way }),
            3 => (who(), 1..10_u32, way()).prop_map(|(who, count, way)| Step::Crash { who, count, way }),
            1 => Just(Step::Restart),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        let is_there = |who: usize| state.people[who].seat.is_some();
        match step {
            Step::Join { .. } | Step::Restart => true,
            Step::OneMore { who, .. } | Step::Leave { who } | Step::Post { who, .. } => is_there(*who),
            Step::PostFromOutside { who } => !is_there(*who),
            Step::Retry { who, number, .. } => is_there(*who) && *number < state.people[*who].said,
            Step::BreakOff { who, way, .. } | Step::Crash { who, way, .. } => {
                // An event stream takes no messages: there is nothing to break off.
                is_there(*who) && state.people[*who].seat != Some(Way::Events) && *way != Way::Events
            }
            Step::DoNotRead { who, speaker, way } => {
                // Who polls and does not poll is not deaf, but gone; and the others here read when it is their turn,
                // which would be too late.
                state.seated() == [*speaker]
                    && who != speaker
                    && *way != Way::Polling
                    && state.people[*speaker].seat != Some(Way::Events)
            }
        }
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        match *step {
            Step::Join { who, way } if state.has_room_for(who) => state.come(who, way),
            Step::Join { .. } | Step::OneMore { .. } | Step::PostFromOutside { .. } | Step::Retry { .. } => {}
            Step::Leave { who } => state.go(who),
            Step::Post { who, count, .. } => state.say(who, count),
            Step::BreakOff { who, count, way } => {
                state.say(who, count);
                state.come(who, way);
            }
            Step::DoNotRead { who, speaker, way } => {
                state.come(who, way);
                state.say(speaker, FLOOD);
            }
            Step::Crash { who, count, way } => {
                state.say(who, count);
                state.begin_again();
                state.come(who, way);
            }
            Step::Restart => state.begin_again(),
        }
        let head = state.log.len();
        for person in state.people.iter_mut().filter(|person| person.seat.is_some()) {
            person.position = Some(head);
        }
        state
    }
}

/// The real one, with the model as it was before the step.
pub struct Both {
    real: Real,
    before: Model,
}

impl StateMachineTest for Both {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(model: &Model) -> Self {
        Self { real: Real::start(), before: model.clone() }
    }

    fn apply(mut both: Self, after: &Model, step: Step) -> Self {
        both.real.take(&both.before, after, &step);
        both.real.check(after);
        both.before = after.clone();
        both
    }

    fn check_invariants(_: &Self, _: &Model) {}
}

fn cases() -> u32 {
    std::env::var("GIFCHAT_MODEL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(10)
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn people_see_what_the_model_of_the_room_says(sequential 1..40 => Both);
}
