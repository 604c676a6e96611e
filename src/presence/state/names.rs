//! What people are called in a room: no two who are here look alike.

use std::collections::HashMap;
use std::sync::Arc;

use super::acts::{Queued, Undo};
use super::{Moment, Scene, State};
use crate::domain::{Change, Member, Nick, Notice, NoticeCode, Refusal, Room, RoomId, SessionId, Skeleton, numbered};

/// How many chosen names a room remembers.
const MOST_NAMES: usize = 10_000;

/// How the names that are taken look: each has several faces, of which no two people share one.
#[derive(Debug, Default)]
pub struct Looks(HashMap<(usize, String), SessionId>);

impl Looks {
    pub fn take(&mut self, name: &str, session: SessionId) {
        self.0.extend(faces(name).map(|face| (face, session)));
    }

    pub fn give_back(&mut self, name: &str, session: SessionId) {
        for face in faces(name) {
            if self.0.get(&face) == Some(&session) {
                self.0.remove(&face);
            }
        }
    }

    /// Whether nobody but this session has a name that looks like it.
    fn is_free(&self, name: &str, session: Option<SessionId>) -> bool {
        faces(name).all(|face| self.0.get(&face).is_none_or(|holder| Some(*holder) == session))
    }

    /// The name, with the first number that makes it look like nobody's where it is taken.
    pub fn free(&self, name: &str, members: u32) -> String {
        if self.is_free(name, None) {
            return name.to_owned();
        }
        // Each member has three faces, so takes three of these numbers at most.
        let mut numbers = (2..=members.saturating_mul(3).saturating_add(2)).map(|number| numbered(name, number));
        numbers.find(|name| self.is_free(name, None)).unwrap_or_else(|| name.to_owned())
    }
}

fn faces(name: &str) -> impl Iterator<Item = (usize, String)> {
    let faces = Skeleton::of(name).faces().map(str::to_owned);
    faces.into_iter().enumerate()
}

impl State {
    /// Somebody is called otherwise from now on.
    pub fn rename(
        &mut self,
        room: RoomId,
        session: SessionId,
        nick: &Nick,
        moment: &mut Moment<'_>,
    ) -> Result<(Member, Queued), Refusal> {
        self.scene(room, moment)?.rename(session, nick)
    }
}

impl Scene<'_, '_> {
    fn rename(&mut self, session: SessionId, nick: &Nick) -> Result<(Member, Queued), Refusal> {
        let (to, from) = (nick.as_str(), self.live.member(session)?.member.clone());
        if !self.live.looks.is_free(to, Some(session)) {
            return Err(Refusal::NameTaken);
        }
        let member = Member { name: to.to_owned(), ..from.clone() };
        if from.name == to || self.is_unheard(session) {
            return Ok((member, Queued::Nothing));
        }
        let known = self.live.names.get(&session).cloned();
        let mut draft = self.draft();
        if known.is_some() || self.live.names.len() < MOST_NAMES {
            self.live.names.insert(session, to.to_owned());
            draft.change(Change::Rename(session, to.to_owned()));
        }
        self.call(session, to);
        let renamed = Notice::new(NoticeCode::Renamed).value(&from.name);
        self.notice(&mut draft, (session, member.clone()), renamed);
        if self.live.is_owner(session) {
            draft.change(Change::Owner(session, member.clone()));
        }
        draft.undo = Undo::Rename { session, from: from.name, known, to: to.to_owned() };
        let queued = self.queue(draft);
        Ok((member, queued))
    }

    /// The name before, if they still have the one that could not be stored and it is still free.
    pub fn rename_back(&mut self, session: SessionId, from: String, known: Option<String>, to: &str) {
        if self.live.names.get(&session).is_some_and(|name| name == to) {
            match known {
                Some(known) => drop(self.live.names.insert(session, known)),
                None => drop(self.live.names.remove(&session)),
            }
        }
        let is_so = self.live.member(session).is_ok_and(|present| present.member.name == to);
        if is_so && self.live.looks.is_free(&from, Some(session)) {
            self.call(session, &from);
        }
    }

    fn call(&mut self, session: SessionId, name: &str) {
        let Some(present) = self.live.present.get_mut(&session) else { return };
        self.live.looks.give_back(&present.member.name, session);
        name.clone_into(&mut present.member.name);
        self.live.looks.take(name, session);
        if self.live.is_owner(session) {
            name.clone_into(&mut self.room_mut().owner.name);
            self.tell_lobby();
        }
    }

    pub fn room_mut(&mut self) -> &mut Room {
        Arc::make_mut(&mut self.live.room)
    }
}
