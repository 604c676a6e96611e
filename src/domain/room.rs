//! Rooms.

use super::{Caller, Color, Invalid, Member, MemberId, Preset, RoomId, SessionId, Slow, Timestamp, Title};

/// How many people a room holds: 2 up to the server's own limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberLimit(u32);

impl MemberLimit {
    pub const MIN: u32 = 2;
    /// What the form proposes.
    pub const DEFAULT: Self = Self(10);

    /// # Errors
    /// [`Invalid::Limit`] outside `2..=most`.
    pub const fn new(value: u32, most: u32) -> Result<Self, Invalid> {
        if value < Self::MIN || value > most { Err(Invalid::Limit { most }) } else { Ok(Self(value)) }
    }

    /// Reads what a form or JSON holds: a whole number in digits, no sign, no fraction, no exponent.
    ///
    /// # Errors
    /// [`Invalid::Limit`] for anything else, or outside `2..=most`.
    pub fn parse(text: &str, most: u32) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Invalid::Limit { most });
        }
        text.parse().map_err(|_| Invalid::Limit { most }).and_then(|value| Self::new(value, most))
    }

    pub const fn get(self) -> u32 {
        self.0
    }
}

/// A room as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    pub id: RoomId,
    pub title: Title,
    pub limit: MemberLimit,
    /// PHC string of the password's argon2id hash; `None` for a public room.
    pub password_hash: Option<String>,
    pub owner: Member,
    pub owner_session: SessionId,
    /// Whether nobody new gets in.
    pub locked: bool,
    pub slow: Slow,
    pub preset: Preset,
    /// Since when the raid button is pressed.
    pub raid_since: Option<Timestamp>,
    /// Changes when positions of clients no longer fit (a restored backup): with `seq` it is a position.
    pub epoch: i64,
    /// The `seq` of its newest message; 0 before the first.
    pub head: i64,
    pub created_at: Timestamp,
}

impl Room {
    pub const fn is_private(&self) -> bool {
        self.password_hash.is_some()
    }

    pub fn is_owned_by(&self, caller: &Caller) -> bool {
        self.owner_session == caller.session
    }

    pub fn summary(&self, members: u32) -> RoomSummary {
        RoomSummary {
            id: self.id,
            title: self.title.clone(),
            limit: self.limit,
            owner: self.owner.color,
            owner_name: self.owner.name.clone(),
            owner_member: self.owner.id,
            locked: self.locked,
            slow: self.slow,
            preset: self.preset,
            raid: self.raid_since.is_some(),
            private: self.is_private(),
            created_at: self.created_at,
            members,
        }
    }
}

/// A room as the lobby shows it: nothing in it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomSummary {
    pub id: RoomId,
    pub title: Title,
    pub limit: MemberLimit,
    pub owner: Color,
    pub owner_name: String,
    pub owner_member: MemberId,
    pub locked: bool,
    pub slow: Slow,
    pub preset: Preset,
    pub raid: bool,
    pub private: bool,
    pub created_at: Timestamp,
    pub members: u32,
}

impl RoomSummary {
    pub const fn is_full(&self) -> bool {
        self.members >= self.limit.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_whole_number_within_bounds() {
        assert_eq!(MemberLimit::parse("2", 1000).map(MemberLimit::get), Ok(2));
        assert_eq!(MemberLimit::parse(" 1000 ", 1000).map(MemberLimit::get), Ok(1000));
        for wrong in ["", "1", "0", "-3", "+5", "2.5", "1e9", "1001", "99999999999999999999", "two", "２"] {
            assert_eq!(MemberLimit::parse(wrong, 1000), Err(Invalid::Limit { most: 1000 }), "{wrong}");
        }
    }
}
