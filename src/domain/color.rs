//! The colour of a person: the `user` of every event.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::{Invalid, SessionId};

/// An sRGB colour, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color([u8; 3]);

impl Color {
    /// Nobody's.
    pub const GREY: Self = Self([0x80; 3]);

    pub const fn from_rgb(rgb: [u8; 3]) -> Self {
        Self(rgb)
    }

    /// The colour that npm's color-hash 2 gives with its defaults for the written session id, so that people keep
    /// the colour they have in the original.
    pub fn of_session(session: &SessionId) -> Self {
        Self::of_text(&session.expose())
    }

    fn of_text(text: &str) -> Self {
        const STEPS: [f64; 3] = [0.35, 0.5, 0.65];
        let digest = Sha256::digest(text);
        let hash = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
        let saturation_seed = hash.div_ceil(360);
        let lightness_seed = saturation_seed.div_ceil(3);
        let hue = f64::from(hash % 359) / 360.0;
        let saturation = STEPS[(saturation_seed % 3) as usize];
        let lightness = STEPS[(lightness_seed % 3) as usize];
        let q = if lightness < 0.5 {
            lightness * (1.0 + saturation)
        } else {
            lightness + saturation - lightness * saturation
        };
        let p = 2.0 * lightness - q;
        Self([hue + 1.0 / 3.0, hue, hue - 1.0 / 3.0].map(|channel| (channel_of(p, q, channel) * 255.0).round() as u8))
    }
}

/// One channel of CSS Color 4's HSL conversion; `turn` is the hue in turns, at most one turn outside [0, 1].
fn channel_of(p: f64, q: f64, turn: f64) -> f64 {
    let turn = if turn < 0.0 { turn + 1.0 } else { turn };
    let turn = if turn > 1.0 { turn - 1.0 } else { turn };
    if turn < 1.0 / 6.0 {
        p + (q - p) * 6.0 * turn
    } else if turn < 0.5 {
        q
    } else if turn < 2.0 / 3.0 {
        p + (q - p) * 6.0 * (2.0 / 3.0 - turn)
    } else {
        p
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

impl FromStr for Color {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = Invalid::Id { field: "color" };
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii()).ok_or(wrong.clone())?;
        let number = u32::from_str_radix(digits, 16).map_err(|_| wrong)?;
        let [_, r, g, b] = number.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_color_hash_2() {
        // Printed by `new ColorHash().hex(text)` of npm's color-hash 2.0.2.
        for (text, color) in [
            ("", "#535dac"),
            ("a", "#d2c679"),
            ("hello", "#1f932d"),
            ("가나다", "#2d5c86"),
            ("3f9a", "#c58787"),
            ("AAAAAAAAAAAAAAAAAAAAAA", "#d2882d"),
        ] {
            assert_eq!(Color::of_text(text).to_string(), color, "{text}");
        }
    }

    #[test]
    fn reads_what_it_writes() {
        assert_eq!("#0a1bff".parse::<Color>().unwrap().to_string(), "#0a1bff");
        for wrong in ["", "#", "0a1bff", "#0a1bf", "#0a1bfg", "#+a1bff0", "#가나"] {
            assert!(wrong.parse::<Color>().is_err(), "{wrong}");
        }
    }
}
