//! Each rule on its own. What they do together is in `presence/model.rs`.

mod entering;
mod hints;
mod lines;
mod model;
mod moderating;
mod names;
mod owner;
mod raids;
mod settings;
mod speaking;

use std::time::Duration;

use super::acts::Taken;
use super::*;
use crate::domain::{
    Act, Caller, Change, Content, Lang, Listed, MemberId, MemberLimit, Nick, Notice, NoticeCode, Preset, RoomChange,
    Slow, Title,
};

pub const TIMING: Timing = Timing {
    exit_damping: Duration::from_secs(10),
    owner_grace: Duration::from_secs(30),
    empty_grace: Duration::from_secs(60),
    kick_time: Duration::from_secs(600),
};

pub const ROOM: RoomId = RoomId::from_bytes([1; 12]);
/// The owner of the room.
pub const OWNER: u8 = 0;

pub fn session(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

pub fn member(number: u8) -> MemberId {
    MemberId::from_bytes([number; 8])
}

pub fn network(number: u8) -> NetworkHash {
    NetworkHash::from_bytes([number; 16])
}

/// Somebody with a name that is nobody else's.
pub fn caller(number: u8) -> Caller {
    let mut caller = Caller::new(session(number), member(number), Lang::En);
    caller.member.name = format!("Guest {}", char::from(b'a' + number));
    caller
}

pub fn room(limit: u32) -> Room {
    let owner = caller(OWNER);
    Room {
        id: ROOM,
        title: Title::parse("room").unwrap(),
        limit: MemberLimit::new(limit, 1000).unwrap(),
        password_hash: None,
        owner: owner.member,
        owner_session: owner.session,
        locked: false,
        slow: Slow::OFF,
        preset: Preset::Open,
        raid_since: None,
        epoch: 1,
        head: 0,
        created_at: Timestamp(0),
    }
}

/// The state machine with a clock, and what came out of it.
pub struct World {
    pub state: State,
    pub now: Timestamp,
    /// Told since the last look.
    pub events: Vec<Event>,
    ids: u64,
}

impl World {
    pub fn new() -> Self {
        Self::with(room(10))
    }

    pub fn with(room: Room) -> Self {
        let mut state = State::new(TIMING);
        state.open(room, Timestamp(0));
        Self { state, now: Timestamp(0), events: Vec::new(), ids: 0 }
    }

    /// Calls the state machine.
    pub fn ask<T>(&mut self, ask: impl FnOnce(&mut State, &mut Moment<'_>) -> T) -> T {
        let ids = &mut self.ids;
        let mut next = || {
            *ids += 1;
            let mut bytes = [0; 12];
            bytes[4..].copy_from_slice(&ids.to_be_bytes());
            MessageId::from_bytes(bytes)
        };
        let mut moment = Moment { now: self.now, events: Vec::new(), ids: &mut next };
        let got = ask(&mut self.state, &mut moment);
        self.events.append(&mut moment.events);
        got
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        self.ask(|state, moment| state.tick(moment));
    }

    pub fn wait_millis(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        self.ask(|state, moment| state.tick(moment));
    }

    pub fn enter(&mut self, who: u8) -> Result<(u64, Entered), Refusal> {
        self.enter_from(who, None, true)
    }

    pub fn enter_from(
        &mut self,
        who: u8,
        network: Option<NetworkHash>,
        admitted: bool,
    ) -> Result<(u64, Entered), Refusal> {
        self.ask(|state, moment| state.enter(ROOM, &caller(who), network, admitted, moment))
    }

    /// They come in this order, each for the first time.
    pub fn all_enter(&mut self, who: impl IntoIterator<Item = u8>) {
        for who in who {
            assert!(matches!(self.enter(who), Ok((_, Entered::First(_)))));
        }
    }

    /// The one connection of the newest stay leaves.
    pub fn leave(&mut self, who: u8, arrival: u64) {
        self.ask(|state, moment| state.leave(ROOM, session(who), arrival, false, moment));
    }

    pub fn is_here(&self, who: u8) -> bool {
        self.state.is_present(ROOM, session(who))
    }

    pub fn owner(&self) -> SessionId {
        self.state.room(ROOM).unwrap().owner_session
    }

    pub fn listed(&self, who: u8) -> Listed {
        self.state.listed(ROOM, session(who)).unwrap()
    }

    pub fn name(&self, who: u8) -> String {
        self.listed(who).member.name
    }

    pub fn rename(&mut self, who: u8, to: &str) -> Result<(Member, Queued), Refusal> {
        let nick = Nick::parse(to).unwrap();
        self.ask(|state, moment| state.rename(ROOM, session(who), &nick, moment))
    }

    pub fn say(&mut self, who: u8, what: Speech) -> Result<Voice, Refusal> {
        self.ask(|state, moment| state.speak(ROOM, session(who), what, None, moment))
    }

    pub fn kick(&mut self, by: u8, whom: u8) -> Result<(Sanctioned, Queued), Refusal> {
        self.ask(|state, moment| state.kick(ROOM, session(by), member(whom), moment))
    }

    pub fn ban(
        &mut self,
        by: u8,
        whom: u8,
        lasts: Option<Duration>,
        purge: bool,
    ) -> Result<(Sanctioned, Queued), Refusal> {
        self.ask(|state, moment| state.ban(ROOM, session(by), member(whom), lasts, purge, moment))
    }

    pub fn unban(&mut self, by: u8, whom: u8) -> Result<Queued, Refusal> {
        self.ask(|state, moment| state.unban(ROOM, session(by), member(whom), moment))
    }

    pub fn mute(&mut self, by: u8, whom: u8, seconds: u64) -> Result<(Sanctioned, Queued), Refusal> {
        let lasts = Duration::from_secs(seconds);
        self.ask(|state, moment| state.mute(ROOM, session(by), member(whom), lasts, moment))
    }

    pub fn unmute(&mut self, by: u8, whom: u8) -> Result<Queued, Refusal> {
        self.ask(|state, moment| state.unmute(ROOM, session(by), member(whom), moment))
    }

    pub fn hand_over(&mut self, by: u8, whom: u8) -> Result<Queued, Refusal> {
        self.ask(|state, moment| state.hand_over(ROOM, session(by), member(whom), moment))
    }

    pub fn configure(&mut self, by: u8, to: RoomChange) -> Result<Queued, Refusal> {
        self.ask(|state, moment| state.configure(ROOM, session(by), to, moment))
    }

    pub fn raid(&mut self, by: u8, on: bool, clean: bool) -> Result<(Cleaned, Queued), Refusal> {
        self.ask(|state, moment| state.raid(ROOM, session(by), on, clean, moment))
    }

    pub fn flooded(&mut self, who: u8, times: u32) {
        for _ in 0..times {
            self.ask(|state, moment| state.flooded(ROOM, session(who), moment));
        }
    }

    /// Takes the next act and lets it be stored or not.
    pub fn store(&mut self, stored: bool) -> Option<Act> {
        let Taken { act, ticket, .. } = self.state.take_act()?;
        self.ask(|state, moment| state.settle(ticket, stored, moment));
        Some(act)
    }

    pub fn store_all(&mut self) -> Vec<Act> {
        std::iter::from_fn(|| self.store(true)).collect()
    }

    /// What was told since the last look.
    pub fn heard(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

/// The notices of acts, each with whose line it is.
pub fn notices(acts: &[Act]) -> Vec<(MemberId, Notice)> {
    let entries = acts.iter().flat_map(|act| &act.entries);
    entries
        .filter_map(|entry| match &entry.content {
            Content::Notice(notice) => Some((entry.member.id, notice.clone())),
            _ => None,
        })
        .collect()
}

pub fn codes(acts: &[Act]) -> Vec<NoticeCode> {
    notices(acts).into_iter().map(|(_, notice)| notice.code).collect()
}

pub fn changes(acts: &[Act]) -> Vec<&Change> {
    acts.iter().flat_map(|act| &act.changes).collect()
}

pub fn lobby(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::RoomUpdated(_))).count()
}
