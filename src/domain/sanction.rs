//! What the owner of a room does to one who disturbs it.

use super::{Invalid, Member, NetworkHash, SessionId, Timestamp};

/// A kick, ban, mute or shadow mute that holds in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanction {
    pub kind: SanctionKind,
    pub session: SessionId,
    /// The person as they were.
    pub member: Member,
    /// From where newcomers are banned, too.
    pub network: Option<NetworkHash>,
    pub created_at: Timestamp,
    /// `None`: as long as the room lives.
    pub until: Option<Timestamp>,
}

impl Sanction {
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SanctionKind {
    /// Out, and not back for a while.
    Kick,
    /// Out, and newcomers from the same network stay out, too.
    Ban,
    /// Says nothing for a while.
    Mute,
    /// Is answered as if all were well, and heard by nobody.
    Shadow,
}

impl SanctionKind {
    pub const ALL: [Self; 4] = [Self::Kick, Self::Ban, Self::Mute, Self::Shadow];

    /// A stable key, as events and the database have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kick => "kick",
            Self::Ban => "ban",
            Self::Mute => "mute",
            Self::Shadow => "shadow",
        }
    }

    /// Whether it keeps somebody out of the room.
    pub const fn shuts_out(self) -> bool {
        matches!(self, Self::Kick | Self::Ban)
    }
}

impl std::fmt::Display for SanctionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for SanctionKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(Invalid::Id { field: "kind" })
    }
}
