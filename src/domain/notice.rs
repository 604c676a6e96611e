//! What happened to a room and the people in it, as lines of its history: a code with parameters, so that each reader
//! is told in their own language.

use super::{Invalid, Member, Timestamp};

/// A system message. Who it is about, or who did it, is the message's own member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub code: NoticeCode,
    /// To whom it was done.
    pub whom: Option<Member>,
    /// The old name, the new title, limit, seconds or preset.
    pub value: Option<String>,
    /// Until when it holds.
    pub until: Option<Timestamp>,
    /// How many are here now; of who came and went alone.
    pub members: Option<u32>,
}

impl Notice {
    /// One without parameters.
    pub const fn new(code: NoticeCode) -> Self {
        Self { code, whom: None, value: None, until: None, members: None }
    }

    #[must_use]
    pub fn whom(self, whom: Member) -> Self {
        Self { whom: Some(whom), ..self }
    }

    #[must_use]
    pub fn value(self, value: impl ToString) -> Self {
        Self { value: Some(value.to_string()), ..self }
    }

    #[must_use]
    pub fn until(self, until: Option<Timestamp>) -> Self {
        Self { until, ..self }
    }

    #[must_use]
    pub fn members(self, members: u32) -> Self {
        Self { members: Some(members), ..self }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum NoticeCode { $($(#[$doc])* $name),+ }

        impl NoticeCode {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// A stable key, as events and the database have it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

codes! {
    Joined = "joined",
    Left = "left",
    /// `value` is the name before.
    Renamed = "renamed",
    /// The owner (`whom`) has left; the member is the new one.
    OwnerLeft = "owner-left",
    /// The owner made `whom` the owner.
    OwnerHanded = "owner-handed",
    Kicked = "kicked",
    Banned = "banned",
    Unbanned = "unbanned",
    Muted = "muted",
    Unmuted = "unmuted",
    Title = "title",
    Limit = "limit",
    PasswordSet = "password-set",
    PasswordRemoved = "password-removed",
    Locked = "locked",
    Unlocked = "unlocked",
    /// `value` is in seconds; 0 is off.
    Slow = "slow",
    Preset = "preset",
    RaidOn = "raid-on",
    RaidOff = "raid-off",
}

impl std::str::FromStr for NoticeCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(Invalid::Id { field: "code" })
    }
}

impl std::fmt::Display for NoticeCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
