//! What may happen in a room.

use proptest::prelude::*;

use super::super::OWNER;

const PEOPLE: u8 = 6;

#[derive(Clone, Debug)]
pub enum Step {
    Enter { who: u8, network: u8, admitted: bool },
    Leave { who: u8, which: usize },
    Away { who: u8, which: usize, away: bool },
    LeaveNow(u8),
    Wait(u64),
    Rename { who: u8, to: &'static str },
    HandOver { by: u8, to: u8 },
    Kick { by: u8, whom: u8 },
    Ban { by: u8, whom: u8, seconds: Option<u64>, purge: bool },
    Unban { by: u8, whom: u8 },
    Mute { by: u8, whom: u8, seconds: u64 },
    Unmute { by: u8, whom: u8 },
    Limit { by: u8, limit: u32 },
    Lock { by: u8, locked: bool },
    Raid { by: u8, on: bool, clean: bool },
    Flood(u8),
    Speak(u8),
    Store { acts: usize, stored: bool },
    Shut,
    Reopen,
}

/// The owner acts more often than the others, who may not.
fn by() -> impl Strategy<Value = u8> {
    prop_oneof![3 => Just(OWNER), 1 => 1..PEOPLE]
}

pub fn step(fails: bool) -> impl Strategy<Value = Step> {
    let who = || 0..PEOPLE;
    let stored = if fails { any::<bool>().boxed() } else { Just(true).boxed() };
    prop_oneof![
        10 => (who(), 0..2u8, any::<bool>()).prop_map(|(who, network, admitted)| Step::Enter { who, network, admitted }),
        6 => (who(), 0..3usize).prop_map(|(who, which)| Step::Leave { who, which }),
        3 => (who(), 0..3usize, any::<bool>()).prop_map(|(who, which, away)| Step::Away { who, which, away }),
        2 => who().prop_map(Step::LeaveNow),
        6 => (1..40u64).prop_map(Step::Wait),
        2 => (who(), prop::sample::select(&["Ivy", "lvy", "Ada", "ADA", "Eve"][..]))
            .prop_map(|(who, to)| Step::Rename { who, to }),
        2 => (by(), who()).prop_map(|(by, to)| Step::HandOver { by, to }),
        2 => (by(), who()).prop_map(|(by, whom)| Step::Kick { by, whom }),
        2 => (by(), who(), prop::option::of(1..60u64), any::<bool>())
            .prop_map(|(by, whom, seconds, purge)| Step::Ban { by, whom, seconds, purge }),
        2 => (by(), who()).prop_map(|(by, whom)| Step::Unban { by, whom }),
        2 => (by(), who(), 1..60u64).prop_map(|(by, whom, seconds)| Step::Mute { by, whom, seconds }),
        1 => (by(), who()).prop_map(|(by, whom)| Step::Unmute { by, whom }),
        1 => (by(), 2..5u32).prop_map(|(by, limit)| Step::Limit { by, limit }),
        1 => (by(), any::<bool>()).prop_map(|(by, locked)| Step::Lock { by, locked }),
        2 => (by(), any::<bool>(), any::<bool>()).prop_map(|(by, on, clean)| Step::Raid { by, on, clean }),
        2 => who().prop_map(Step::Flood),
        4 => who().prop_map(Step::Speak),
        8 => (1..4usize, stored).prop_map(|(acts, stored)| Step::Store { acts, stored }),
        1 => Just(Step::Shut),
        1 => Just(Step::Reopen),
    ]
}
