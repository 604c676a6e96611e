//! Identifiers. All are random bytes written as lower-case hexadecimal; what is a secret does not print itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::Invalid;

/// Makes a fixed-size identifier that is written in lower-case hexadecimal.
macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Length in bytes; the written form has twice as many characters.
            pub const LEN: usize = $bytes;

            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            fn hex(&self) -> String {
                self.0.iter().fold(String::with_capacity(2 * $bytes), |mut hex, byte| {
                    for nibble in [byte >> 4, byte & 15] {
                        hex.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
                    }
                    hex
                })
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let digits = text.as_bytes();
                if digits.len() != 2 * $bytes {
                    return Err(Invalid::Id { field: $field });
                }
                let mut bytes = [0; $bytes];
                for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                    let (Some(high), Some(low)) = (nibble(pair[0]), nibble(pair[1])) else {
                        return Err(Invalid::Id { field: $field });
                    };
                    *byte = high << 4 | low;
                }
                Ok(Self(bytes))
            }
        }
    };
}

impl GifHash {
    /// Of a file's content.
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }
}

/// Lower case only, so that an identifier has one written form.
const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

macro_rules! public_id {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.hex())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.hex())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.hex())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <std::borrow::Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

hex_id! {
    /// A room: 24 digits, the shape of the book's ids. It is the address of the room, not a right to enter it.
    RoomId, 12, "room"
}
hex_id! {
    /// A message: 24 digits.
    MessageId, 12, "message"
}
hex_id! {
    /// A person, as others may know them: 16 digits, random, not derived from anything secret.
    MemberId, 8, "member"
}
hex_id! {
    /// SHA-256 of a GIF as we store it: 64 digits. Its name in `/gif/<hash>.gif`.
    GifHash, 32, "gif"
}
hex_id! {
    /// The secret that makes a browser one person: 32 digits, known to its signed cookie and the database only.
    /// It neither displays nor serializes itself.
    SessionId, 16, "session"
}

hex_id! {
    /// The keyed hash of the network somebody came from, for one room: 32 digits. For bans; it is told to nobody.
    NetworkHash, 16, "network"
}
hex_id! {
    /// A GIF of the server's library: 16 digits.
    LibraryId, 8, "library"
}
hex_id! {
    /// The keyed hash of a session, or of an address, that offers GIFs to the library: 32 digits. It is told to nobody.
    OffererHash, 16, "offerer"
}
hex_id! {
    /// The salt of a proof of work: 32 digits.
    WorkSalt, 16, "work"
}

public_id!(RoomId, MessageId, MemberId, GifHash, NetworkHash, LibraryId, OffererHash, WorkSalt);

impl SessionId {
    /// The written form, for the signed cookie, the database and the colour: nowhere else.
    pub fn expose(&self) -> String {
        self.hex()
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_written_form() {
        let id = RoomId::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 0xab, 0xcd, 0xef, 0xff]);
        assert_eq!(id.to_string(), "0001020304050607abcdefff");
        assert_eq!("0001020304050607abcdefff".parse(), Ok(id));
        for wrong in [
            "",
            "0001020304050607ABCDEFFF",
            "0001020304050607abcdeff",
            "0001020304050607abcdefffa",
            "zz01020304050607abcdefff",
            "가0102030405060abcdefff",
        ] {
            assert_eq!(wrong.parse::<RoomId>(), Err(Invalid::Id { field: "room" }), "{wrong}");
        }
    }

    #[test]
    fn a_session_does_not_print_itself() {
        assert_eq!(format!("{:?}", SessionId::from_bytes([7; 16])), "SessionId(secret)");
    }
}
