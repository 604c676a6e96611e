//! Proof of work: what a newcomer pays when too many come at once.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{HashKey, RoomId, SessionId, Timestamp, WorkSalt};

/// A riddle: find a nonce so that SHA-256 of `<salt>:<nonce>` begins with `bits` zero bits. About `2^bits` attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub salt: WorkSalt,
    pub bits: u8,
}

impl Challenge {
    /// What is asked unless somebody configures otherwise: about 0.3 s in a browser.
    pub const BITS: u8 = 18;
    /// A salt is good in the window it was made in and in the next one: 2 to 4 minutes.
    pub const WINDOW: Duration = Duration::from_secs(120);
    /// Characters of a nonce.
    pub const NONCE_MOST: usize = 20;

    /// The riddle of this session in this room at this time. It follows from the key: nothing has to be remembered.
    pub fn issue(key: &HashKey, room: RoomId, session: SessionId, now: Timestamp, bits: u8) -> Self {
        Self { salt: salt(key, room, session, window(now)), bits }
    }

    /// Whether `nonce` solves a riddle this server gave to this session for this room a short while ago. It may be
    /// shown more than once in that time, by that session only.
    pub fn accepts(
        key: &HashKey,
        (room, session): (RoomId, SessionId),
        (given, nonce): (WorkSalt, &str),
        now: Timestamp,
        bits: u8,
    ) -> bool {
        let window = window(now);
        let known = [window, window - 1].iter().any(|&window| salt(key, room, session, window) == given);
        known && Self { salt: given, bits }.is_solved_by(nonce)
    }

    /// A nonce is 1 to 20 hexadecimal digits (decimal ones are). Costs one hash.
    pub fn is_solved_by(&self, nonce: &str) -> bool {
        if nonce.is_empty() || nonce.len() > Self::NONCE_MOST || !nonce.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return false;
        }
        let hash = Sha256::digest(format!("{}:{nonce}", self.salt));
        let mut zeros = 0;
        for byte in hash {
            zeros += byte.leading_zeros();
            if byte != 0 {
                break;
            }
        }
        zeros >= u32::from(self.bits)
    }
}

fn salt(key: &HashKey, room: RoomId, session: SessionId, window: i64) -> WorkSalt {
    WorkSalt::from_bytes(key.hash("work", &[room.as_bytes(), session.as_bytes(), &window.to_be_bytes()]))
}

const fn window(now: Timestamp) -> i64 {
    now.0.div_euclid(Challenge::WINDOW.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROOM: RoomId = RoomId::from_bytes([1; 12]);
    const ME: SessionId = SessionId::from_bytes([2; 16]);

    fn solve(challenge: &Challenge) -> String {
        (0_u64..).map(|nonce| nonce.to_string()).find(|nonce| challenge.is_solved_by(nonce)).unwrap()
    }

    #[test]
    fn leading_zero_bits_are_what_counts() {
        let salt = WorkSalt::from_bytes([0; 16]);
        let solves = |bits, nonce: &str| Challenge { salt, bits }.is_solved_by(nonce);
        // SHA-256 of 32 zeros and ":7" begins with 03ce, says sha256sum: six zero bits.
        assert!(solves(6, "7") && !solves(7, "7"));
        let nonce = solve(&Challenge { salt, bits: 12 });
        let hash = Sha256::digest(format!("{}:{nonce}", "00".repeat(16)));
        assert!(hash[0] == 0 && hash[1] < 16, "{hash:x?}");
        assert!(!solves(255, &nonce));
        for wrong in ["", " 1", "1 ", "+1", "가", "g", &"0".repeat(21)] {
            assert!(!solves(0, wrong), "{wrong:?}");
        }
        assert!(solves(0, "fF") && solves(0, &"0".repeat(20)));
    }

    #[test]
    fn a_riddle_is_for_one_session_in_one_room_and_a_short_time() {
        let key = HashKey::new(&[3; 32]);
        let start = Timestamp(1_700_000_000_000);
        let riddle = Challenge::issue(&key, ROOM, ME, start, 8);
        let nonce = solve(&riddle);
        let accepts = |room, session, now| Challenge::accepts(&key, (room, session), (riddle.salt, &nonce), now, 8);
        assert!(accepts(ROOM, ME, start));
        assert!(accepts(ROOM, ME, start + Duration::from_secs(120)));
        assert!(!accepts(ROOM, ME, start + Duration::from_secs(240)));
        assert!(!accepts(ROOM, ME, Timestamp(start.0 - 120_000)), "not before its time");
        assert!(!accepts(RoomId::from_bytes([9; 12]), ME, start));
        assert!(!accepts(ROOM, SessionId::from_bytes([9; 16]), start));
        assert!(!Challenge::accepts(&HashKey::new(&[4; 32]), (ROOM, ME), (riddle.salt, &nonce), start, 8));
        let own = WorkSalt::from_bytes([0; 16]);
        let made_up = solve(&Challenge { salt: own, bits: 8 });
        assert!(!Challenge::accepts(&key, (ROOM, ME), (own, &made_up), start, 8), "a salt of one's own");
        assert!(!Challenge::accepts(&key, (ROOM, ME), (riddle.salt, "zz"), start, 8));
    }

    proptest! {
        #[test]
        fn no_nonce_and_no_time_make_it_panic(nonce in ".{0,24}", now: i64, bits: u8) {
            let key = HashKey::new(b"");
            let riddle = Challenge::issue(&key, ROOM, ME, Timestamp(now), bits);
            let _ = Challenge::accepts(&key, (ROOM, ME), (riddle.salt, &nonce), Timestamp(now), bits);
        }
    }
}
