//! Somebody enters a room with one connection.

use super::acts::Queued;
use super::agenda::Due;
use super::{Moment, Present, Scene, Slate, State};
use crate::domain::{Caller, Change, Event, Member, NetworkHash, Notice, NoticeCode, Refusal, RoomId, SessionId};

/// How a connection entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered<T = Queued> {
    /// As the first one of its session: the others hear of it.
    First(T),
    /// Beside another one, or back within the damping: nobody hears of it.
    Again,
}

impl State {
    /// Whether somebody could enter now: see [`State::enter`].
    pub fn may_enter(
        &mut self,
        room: RoomId,
        session: SessionId,
        network: Option<NetworkHash>,
        admitted: bool,
        moment: &mut Moment<'_>,
    ) -> Result<(), Refusal> {
        self.scene(room, moment)?.may_enter(session, network, admitted)
    }

    /// Takes a place. Returns the number of the stay, too.
    pub fn enter(
        &mut self,
        room: RoomId,
        caller: &Caller,
        network: Option<NetworkHash>,
        admitted: bool,
        moment: &mut Moment<'_>,
    ) -> Result<(u64, Entered), Refusal> {
        self.scene(room, moment)?.enter(caller, network, admitted)
    }
}

impl Scene<'_, '_> {
    fn may_enter(&self, session: SessionId, network: Option<NetworkHash>, admitted: bool) -> Result<(), Refusal> {
        let owner = self.live.is_owner(session);
        let network = network.filter(|_| !admitted && !owner);
        if let Some(refusal) = self.live.sanctions.shuts_out(session, network, self.now()) {
            return Err(refusal);
        }
        if self.live.present.contains_key(&session) {
            return Ok(());
        }
        if self.live.room.locked && !owner {
            return Err(Refusal::RoomLocked);
        }
        if self.live.members() >= self.live.room.limit.get() {
            return Err(Refusal::RoomFull);
        }
        Ok(())
    }

    fn enter(
        &mut self,
        caller: &Caller,
        network: Option<NetworkHash>,
        admitted: bool,
    ) -> Result<(u64, Entered), Refusal> {
        self.may_enter(caller.session, network, admitted)?;
        if let Some(present) = self.live.present.get_mut(&caller.session) {
            let was_away = present.is_away();
            present.connections += 1;
            present.network = network.or(present.network);
            self.agenda.clear(&mut present.exits_at, Due::Exit(self.id, caller.session));
            let (arrival, member) = (present.arrival, present.member.clone());
            if was_away {
                self.tell(Event::Away { room: self.id, member, away: false });
            }
            return Ok((arrival, Entered::Again));
        }
        let member = self.arrive(caller, network);
        self.agenda.clear(&mut self.live.expires_at, Due::Expiry(self.id));
        let queued = self.come(caller.session, &member);
        self.tell_lobby();
        self.watch_joins();
        Ok((self.live.arrivals, Entered::First(queued)))
    }

    /// A stay begins.
    fn arrive(&mut self, caller: &Caller, network: Option<NetworkHash>) -> Member {
        let session = caller.session;
        let name = self.live.names.get(&session).unwrap_or(&caller.member.name);
        let member = Member { name: self.live.looks.free(name, self.live.members()), ..caller.member.clone() };
        self.live.looks.take(&member.name, session);
        self.live.arrivals += 1;
        let slate = match self.live.gone.iter().position(|gone| gone.session == session) {
            Some(at) => self.live.gone.remove(at).map(|gone| gone.slate),
            None => None,
        };
        let present = Present {
            member: member.clone(),
            arrival: self.live.arrivals,
            network,
            connections: 1,
            away: 0,
            exits_at: None,
            slate: slate.unwrap_or_else(|| Slate::clean(self.now())),
        };
        self.live.present.insert(session, present);
        member
    }

    /// Their line, and what their coming means for who owns the room.
    fn come(&mut self, session: SessionId, member: &Member) -> Queued {
        let mut draft = self.draft();
        if self.live.room.raid_since.is_some() {
            self.tell_unnumbered(session, member.clone(), true);
        } else {
            let joined = Notice::new(NoticeCode::Joined).members(self.live.members());
            self.notice(&mut draft, (session, member.clone()), joined);
            self.line(&mut draft, session, member, false, true);
        }
        if self.live.is_owner(session) {
            self.agenda.clear(&mut self.live.takeover_at, Due::Takeover(self.id));
            if self.live.room.owner != *member {
                self.room_mut().owner = member.clone();
                draft.change(Change::Owner(session, member.clone()));
            }
        } else if !self.live.present.contains_key(&self.live.room.owner_session) && self.live.takeover_at.is_none() {
            let at = self.now() + self.timing.owner_grace;
            self.agenda.set(&mut self.live.takeover_at, at, Due::Takeover(self.id));
        }
        self.queue(draft)
    }
}
