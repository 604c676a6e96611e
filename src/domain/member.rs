//! People.

use serde::Serialize;

use super::{Color, Lang, MemberId, SessionId, friendly_name};

/// A person as everybody may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    pub id: MemberId,
    pub name: String,
    pub color: Color,
}

/// A person in the list of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub member: Member,
    pub is_owner: bool,
    /// Looks elsewhere, or has no connection for the moment.
    pub is_away: bool,
    pub is_muted: bool,
}

/// Who is asking: the secret of their session beside what others see of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub session: SessionId,
    pub member: Member,
}

impl Caller {
    /// The person behind a session. Their name is in the language in which they first came.
    pub fn new(session: SessionId, id: MemberId, born: Lang) -> Self {
        let member = Member { id, name: friendly_name(id, born), color: Color::of_session(&session) };
        Self { session, member }
    }
}
