//! What is known of a GIF without decoding it.

use std::num::NonZeroU16;
use std::time::Duration;

/// Facts of a GIF that passed every check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Canvas width in pixels, as browsers lay it out; at least 1.
    pub width: u32,
    /// Canvas height in pixels, as browsers lay it out; at least 1.
    pub height: u32,
    /// Number of frames; at least 1.
    pub frames: u32,
    /// One loop, delays as browsers play them. Zero for a single frame: a still picture.
    pub duration: Duration,
    /// How often the animation plays.
    pub loops: Loops,
}

/// How often an animation plays. A file says so with a NETSCAPE2.0 or ANIMEXTS1.0 application extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Loops {
    /// Once: the file says nothing.
    #[default]
    Once,
    /// Again so many times after the first (the written number; browsers play one more than it says).
    Again(NonZeroU16),
    /// Without end (written as 0).
    Forever,
}

impl Loops {
    pub(crate) fn from_count(count: u16) -> Self {
        NonZeroU16::new(count).map_or(Self::Forever, Self::Again)
    }

    /// How often in all, as other formats say it; 0 is for ever.
    pub(crate) fn from_plays(plays: u32) -> Self {
        match plays {
            0 => Self::Forever,
            1 => Self::Once,
            _ => NonZeroU16::new(u16::try_from(plays - 1).unwrap_or(u16::MAX)).map_or(Self::Once, Self::Again),
        }
    }

    /// The count to write; `None` means no extension at all.
    pub(crate) fn count(self) -> Option<u16> {
        match self {
            Self::Once => None,
            Self::Again(times) => Some(times.get()),
            Self::Forever => Some(0),
        }
    }
}

/// How long browsers show a frame: 10 ms and less become 100 ms, everything else is as written (hundredths of a
/// second).
pub(crate) fn played(delay: u16) -> Duration {
    match delay {
        0 | 1 => Duration::from_millis(100),
        hundredths => Duration::from_millis(u64::from(hundredths) * 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_delays_play_slowly() {
        for (written, milliseconds) in [(0, 100), (1, 100), (2, 20), (10, 100), (u16::MAX, 655_350)] {
            assert_eq!(played(written), Duration::from_millis(milliseconds), "{written}");
        }
    }

    #[test]
    fn a_loop_count_of_zero_is_forever() {
        assert_eq!(Loops::from_count(0), Loops::Forever);
        assert_eq!(Ok(Loops::from_count(3)), 3.try_into().map(Loops::Again));
        for count in [0, 1, u16::MAX] {
            assert_eq!(Loops::from_count(count).count(), Some(count));
        }
        assert_eq!(Loops::Once.count(), None);
        let again = Loops::Again(NonZeroU16::MIN);
        assert_eq!([0, 1, 2].map(Loops::from_plays), [Loops::Forever, Loops::Once, again]);
        assert_eq!(Loops::from_plays(u32::MAX), Loops::Again(NonZeroU16::MAX));
    }
}
