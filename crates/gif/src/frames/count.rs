//! Holds what a container says to the limits, before anything is decoded.

use std::time::Duration;

use crate::{Error, Info, Limits, Loops};

/// What the frames so far amount to.
pub(super) struct Count<'a> {
    limits: &'a Limits,
    info: Info,
}

impl<'a> Count<'a> {
    pub fn new(width: u32, height: u32, limits: &'a Limits) -> Result<Self, Error> {
        if width == 0 || height == 0 {
            return Err(Error::Empty);
        }
        // A GIF has no larger sides.
        let most = [limits.width, limits.height].map(|side| side.min(u16::MAX.into()));
        if width > most[0] || height > most[1] {
            return Err(Error::CanvasTooLarge { width: most[0], height: most[1] });
        }
        let info = Info { width, height, frames: 0, duration: Duration::ZERO, loops: Loops::Once };
        Ok(Self { limits, info })
    }

    /// One more frame that shows for `delay`.
    pub fn add(&mut self, delay: Duration) -> Result<(), Error> {
        let Limits { frames, pixels, duration, .. } = *self.limits;
        self.info.frames += 1;
        if self.info.frames > frames {
            return Err(Error::TooManyFrames { most: frames });
        }
        if u64::from(self.info.width) * u64::from(self.info.height) * u64::from(self.info.frames) > pixels {
            return Err(Error::TooManyPixels { most: pixels });
        }
        self.info.duration = self.info.duration.saturating_add(delay);
        if self.info.frames > 1 && self.info.duration > duration {
            return Err(Error::TooLong { most: duration });
        }
        Ok(())
    }

    /// `plays`: how often an animation plays in all, 0 for ever.
    pub fn finish(mut self, plays: u32) -> Result<Info, Error> {
        match self.info.frames {
            0 => return Err(Error::Empty),
            1 => self.info.duration = Duration::ZERO,
            _ => self.info.loops = Loops::from_plays(plays),
        }
        Ok(self.info)
    }
}

/// Browsers play what is to show for 10 ms or less for 100 ms, whatever the format.
pub(super) fn delay(milliseconds: u64) -> Duration {
    Duration::from_millis(if milliseconds <= 10 { 100 } else { milliseconds })
}
