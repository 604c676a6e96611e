//! What is on its way to being stored, in the order in which it became true.

use std::collections::VecDeque;

use super::{Moment, Scene, State};
use crate::domain::{Act, Change, Content, Member, NewMessage, Notice, RoomChange, RoomId, SessionId};

/// How many acts wait at most. Beyond that, who comes and goes is told unnumbered, and other acts count as failed.
pub const MOST_ACTS: usize = 65_536;

/// What became of an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// There was nothing to store.
    Nothing,
    /// It is stored under this number of the queue, or will have failed.
    As(u64),
    /// Too many wait: it has failed at once.
    Failed,
}

/// What an act leaves behind until it is stored.
#[derive(Debug)]
pub struct Ticket {
    room: RoomId,
    /// Who comes (`true`) or goes by it.
    lines: Vec<(SessionId, bool)>,
    /// Whether it says who owns the room.
    owner: bool,
    undo: Undo,
}

/// What goes back when an act cannot be stored, if it is still as the act set it.
#[derive(Debug)]
pub enum Undo {
    Nothing,
    Rename { session: SessionId, from: String, known: Option<String>, to: String },
    HandOver { from: SessionId, to: SessionId },
    Configure { from: Box<RoomChange>, to: Box<RoomChange> },
}

/// An act that was taken out of the queue.
#[derive(Debug)]
pub struct Taken {
    pub number: u64,
    pub act: Act,
    pub ticket: Ticket,
}

#[derive(Debug, Default)]
pub struct Acts {
    waiting: VecDeque<(Act, Ticket)>,
    /// The number of the first that waits.
    first: u64,
    #[cfg(test)]
    pub most: Option<usize>,
}

impl Acts {
    fn most(&self) -> usize {
        #[cfg(test)]
        if let Some(most) = self.most {
            return most;
        }
        MOST_ACTS
    }
}

/// An act that is being put together.
pub struct Draft {
    act: Act,
    lines: Vec<(SessionId, bool)>,
    pub undo: Undo,
}

impl Draft {
    pub fn change(&mut self, change: Change) {
        self.act.changes.push(change);
    }

    fn is_empty(&self) -> bool {
        self.act.entries.is_empty() && self.act.changes.is_empty()
    }
}

impl Scene<'_, '_> {
    pub fn draft(&self) -> Draft {
        let act = Act { room: self.id, entries: Vec::new(), changes: Vec::new() };
        Draft { act, lines: Vec::new(), undo: Undo::Nothing }
    }

    pub fn notice(&mut self, draft: &mut Draft, by: (SessionId, Member), notice: Notice) {
        self.entry(draft, by, Content::Notice(notice));
    }

    pub fn entry(&mut self, draft: &mut Draft, (session, member): (SessionId, Member), content: Content) {
        draft.act.entries.push(NewMessage {
            id: (self.moment.ids)(),
            room: self.id,
            session,
            member,
            content,
            reply: None,
            mentions: Vec::new(),
            client_message_id: None,
        });
    }

    /// Says that somebody comes or goes by this act: once it is stored, everybody knows. `before` is whether they were here
    /// until now.
    pub fn line(&mut self, draft: &mut Draft, session: SessionId, member: &Member, before: bool, here: bool) {
        draft.lines.push((session, here));
        self.expect(session, member, before);
    }

    /// Puts an act in the queue.
    pub fn queue(&mut self, mut draft: Draft) -> Queued {
        if draft.is_empty() {
            return Queued::Nothing;
        }
        let says_owner = |act: &Act| act.changes.iter().any(|change| matches!(change, Change::Owner(..)));
        if self.live.owner_unsaved && !says_owner(&draft.act) {
            draft.change(Change::Owner(self.live.room.owner_session, self.live.room.owner.clone()));
        }
        let owner = says_owner(&draft.act);
        self.live.owner_unsaved &= !owner;
        let ticket = Ticket { room: self.id, lines: draft.lines, owner, undo: draft.undo };
        if self.acts.waiting.len() >= self.acts.most() {
            self.settle(ticket, false);
            return Queued::Failed;
        }
        self.acts.waiting.push_back((draft.act, ticket));
        Queued::As(self.acts.first + self.acts.waiting.len() as u64 - 1)
    }

    /// An act is stored, or could not be.
    pub fn settle(&mut self, ticket: Ticket, stored: bool) {
        if !stored {
            self.live.owner_unsaved |= ticket.owner;
            self.go_back(ticket.undo);
        }
        for (session, here) in ticket.lines {
            self.learned(session, here, stored);
        }
    }

    fn go_back(&mut self, undo: Undo) {
        match undo {
            Undo::Nothing => {}
            Undo::Rename { session, from, known, to } => self.rename_back(session, from, known, &to),
            Undo::HandOver { from, to } => self.hand_back(from, to),
            Undo::Configure { from, to } => self.configure_back(&from, &to),
        }
    }
}

impl State {
    pub fn has_act(&self) -> bool {
        !self.acts.waiting.is_empty()
    }

    pub fn take_act(&mut self) -> Option<Taken> {
        let (act, ticket) = self.acts.waiting.pop_front()?;
        let number = self.acts.first;
        self.acts.first += 1;
        Some(Taken { number, act, ticket })
    }

    /// An act that was taken is stored, or could not be. Nothing happens when its room is gone.
    pub fn settle(&mut self, ticket: Ticket, stored: bool, moment: &mut Moment<'_>) {
        if let Some(mut scene) = self.any(ticket.room, moment) {
            scene.settle(ticket, stored);
        }
    }
}
