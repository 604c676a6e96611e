//! What a room's order is made of, as it was shown: small enough to keep a million of it.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A place in the order of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub epoch: i64,
    pub seq: i64,
}

/// What a client claims to have when it joins again: a position, and the number of its newest whisper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    pub epoch: i64,
    pub seq: i64,
    pub whispers: i64,
}

/// Something that was said, as it was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// 24 hexadecimal digits.
    pub id: u128,
    /// 16 hexadecimal digits.
    pub member: u64,
    /// Of the `clientMessageId`: [`hash`]; 0 without one.
    pub client_message_id: u64,
    /// Of the text or of the GIF's name: [`hash`]; 0 when it was removed.
    pub text: u64,
    /// Its text is another than it was.
    pub edited: bool,
    /// All its reactions together.
    pub reactions: u32,
}

impl Shown {
    /// Whether both are the same message, however often it was changed in between.
    pub const fn is_as(&self, other: &Self) -> bool {
        let same = self.id == other.id && self.member == other.member;
        same && self.client_message_id == other.client_message_id
            && (self.is_changed() || other.is_changed() || self.text == other.text)
    }

    /// It does not say any more what was said.
    pub const fn is_changed(&self) -> bool {
        self.text == 0 || self.edited
    }
}

/// What was done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The hash of its text now.
    Edit(u64),
    Remove,
    /// The hash of the emoji, and how many have it now.
    React {
        emoji: u64,
        on: bool,
        count: u32,
    },
}

/// A change of the message with the number `target`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub target: i64,
    pub member: u64,
    pub what: What,
}

impl Change {
    /// Whether both are the same change: told late, an edit has the newest text or is a removal, a reaction the newest
    /// count.
    fn is_as(&self, other: &Self) -> bool {
        let same = match (self.what, other.what) {
            (What::React { emoji, on, .. }, What::React { emoji: other, on: was, .. }) => emoji == other && on == was,
            (What::React { .. }, _) | (_, What::React { .. }) => false,
            _ => true,
        };
        same && self.target == other.target && self.member == other.member
    }
}

/// One number of a room's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    Said(Shown),
    /// A system message: the hash of all that it says, whom it is about, and whether they are here now, where it says so.
    Notice {
        what: u64,
        member: u64,
        here: Option<bool>,
    },
    Change(Change),
    /// What certain people wrote is gone.
    Purge,
    /// What is left of it.
    Purged,
}

impl Entry {
    /// Whether both can be the same number, seen at different times.
    pub fn is_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Said(one), Self::Said(other)) => one.is_as(other),
            (Self::Change(one), Self::Change(other)) => one.is_as(other),
            (Self::Purged, Self::Said(_) | Self::Notice { .. })
            | (Self::Said(_) | Self::Notice { .. }, Self::Purged) => true,
            _ => self == other,
        }
    }

    /// Whether a page of history shows it; what changes another one is applied there already.
    pub const fn is_on_pages(&self) -> bool {
        matches!(self, Self::Said(_) | Self::Notice { .. })
    }

    /// It does not say any more what it said first.
    pub const fn is_changed(&self) -> bool {
        match self {
            Self::Said(shown) => shown.is_changed(),
            Self::Purged => true,
            _ => false,
        }
    }

    pub const fn said(&self) -> Option<&Shown> {
        if let Self::Said(shown) = self { Some(shown) } else { None }
    }
}

/// What one person said to one other, as one of the two was shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whisper {
    pub id: u128,
    /// In the mailbox of who was shown it, from 1.
    pub number: i64,
    pub from: u64,
    pub to: u64,
    /// Hashes, as in [`Shown`].
    pub client_message_id: u64,
    pub text: u64,
}

/// The same in every run.
pub fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    // 0 is "none".
    hasher.finish().max(1)
}
