//! How a room treats those who are new to it.

use std::time::Duration;

use super::Invalid;

/// How careful a room is; its owner chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Preset {
    /// Nothing is asked of anybody.
    Open,
    /// Newcomers work while many come at once.
    #[default]
    Normal,
    /// Newcomers always work, wait before the first word, and begin without links and GIFs.
    Strict,
}

/// When a newcomer solves a proof of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Only when the owner pressed the button.
    Never,
    InASurge,
    Always,
}

/// What a preset means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    pub work: Work,
    /// From the first entering to the first word.
    pub newcomer_silence: Duration,
    /// From the first entering to the first link or GIF.
    pub newcomer_plain: Duration,
    /// Slow mode is never below.
    pub slow_at_least: Duration,
}

impl Preset {
    pub const ALL: [Self; 3] = [Self::Open, Self::Normal, Self::Strict];

    /// # Errors
    /// [`Invalid::Preset`] for anything but `open`, `normal`, `strict`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == text).ok_or(Invalid::Preset)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Normal => "normal",
            Self::Strict => "strict",
        }
    }

    pub const fn rules(self) -> Rules {
        let open = Rules {
            work: Work::Never,
            newcomer_silence: Duration::ZERO,
            newcomer_plain: Duration::ZERO,
            slow_at_least: Duration::ZERO,
        };
        match self {
            Self::Open => open,
            Self::Normal => Rules { work: Work::InASurge, ..open },
            Self::Strict => Rules {
                work: Work::Always,
                newcomer_silence: Duration::from_secs(10),
                newcomer_plain: Duration::from_secs(60),
                slow_at_least: Duration::from_secs(5),
            },
        }
    }
}

impl std::fmt::Display for Preset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Slow mode: seconds between two messages of one session, 0 (off) to 3,600.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slow(u16);

impl Slow {
    pub const OFF: Self = Self(0);
    /// An hour.
    pub const MOST: u16 = 3600;

    /// # Errors
    /// [`Invalid::Slow`] above [`Slow::MOST`].
    pub const fn new(seconds: u64) -> Result<Self, Invalid> {
        if seconds > Self::MOST as u64 { Err(REFUSED) } else { Ok(Self(seconds as u16)) }
    }

    /// Reads digits only: no sign, no fraction, no exponent.
    ///
    /// # Errors
    /// [`Invalid::Slow`] for anything else, or above [`Slow::MOST`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(REFUSED);
        }
        text.parse().map_err(|_| REFUSED).and_then(Self::new)
    }

    pub const fn seconds(self) -> u32 {
        self.0 as u32
    }

    pub const fn is_on(self) -> bool {
        self.0 > 0
    }

    /// The wait that holds in a room with these rules.
    pub fn under(self, rules: &Rules) -> Duration {
        Duration::from_secs(self.0.into()).max(rules.slow_at_least)
    }
}

const REFUSED: Invalid = Invalid::Slow { most: Slow::MOST as u32 };

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_preset_has_one_written_form() {
        for preset in Preset::ALL {
            assert_eq!(Preset::parse(&preset.to_string()), Ok(preset));
        }
        for wrong in ["", "Open", "strict ", "lax"] {
            assert_eq!(Preset::parse(wrong), Err(Invalid::Preset), "{wrong}");
        }
    }

    #[test]
    fn a_stricter_preset_asks_no_less() {
        for pair in Preset::ALL.windows(2) {
            let (lax, strict) = (pair[0].rules(), pair[1].rules());
            assert!(lax.newcomer_silence <= strict.newcomer_silence);
            assert!(lax.newcomer_plain <= strict.newcomer_plain);
            assert!(lax.slow_at_least <= strict.slow_at_least);
        }
        assert_eq!(Preset::default().rules().work, Work::InASurge);
    }

    #[test]
    fn slow_mode_is_up_to_an_hour() {
        assert_eq!(Slow::parse("0"), Ok(Slow::OFF));
        assert_eq!(Slow::parse(" 3600 ").map(Slow::seconds), Ok(3600));
        for wrong in ["", "3601", "-1", "+1", "1.5", "1e2", "off", "２", "99999999999999999999"] {
            assert_eq!(Slow::parse(wrong), Err(Invalid::Slow { most: 3600 }), "{wrong}");
        }
        assert_eq!(Slow::new(3601), Err(Invalid::Slow { most: 3600 }));
        let strict = Preset::Strict.rules();
        assert_eq!(Slow::OFF.under(&strict), Duration::from_secs(5));
        assert_eq!(Slow(30).under(&strict), Duration::from_secs(30));
        assert_eq!(Slow::OFF.under(&Preset::Open.rules()), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn what_is_read_is_in_bounds(text in ".{0,8}|[0-9]{0,8}") {
            if let Ok(slow) = Slow::parse(&text) {
                prop_assert_eq!(Ok(slow), Slow::parse(&slow.seconds().to_string()));
                prop_assert!(slow.seconds() <= Slow::MOST.into());
            }
            prop_assert!(Preset::parse(&text).is_err());
        }
    }
}
