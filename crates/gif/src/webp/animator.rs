//! Turns canvases into an animation that holds only what changes.

use std::time::Duration;

use super::change::Change;
use super::choice::Choice;
use super::container::Animation;
use crate::{Error, Loops};

pub(super) struct Animator {
    width: u32,
    height: u32,
    /// The canvas as it was shown last; empty before the first.
    shown: Vec<u8>,
    animation: Animation,
    /// The first picture, while it is the only one: then it is a still.
    still: Vec<u8>,
    choice: Choice,
    /// When the canvas that comes next is shown, and since when the last one is that was not the same; from the start.
    now: Duration,
    since: Duration,
}

impl Animator {
    pub fn new(width: u32, height: u32, loops: Loops) -> Self {
        Self {
            width,
            height,
            shown: Vec::new(),
            animation: Animation::new(width, height, loops),
            still: Vec::new(),
            choice: Choice::default(),
            now: Duration::ZERO,
            since: Duration::ZERO,
        }
    }

    /// Shows a canvas for a while: the next frame, or more of the last one when nothing has changed.
    pub fn show(&mut self, rgba: &[u8], delay: Duration) -> Result<(), Error> {
        if self.shown.is_empty() {
            self.still = self.push(rgba, Change::whole(self.width, self.height))?;
            self.shown.extend_from_slice(rgba);
        } else if let Some(change) = Change::between(&self.shown, rgba, self.width) {
            self.still = Vec::new();
            self.push(rgba, change)?;
            self.shown.copy_from_slice(rgba);
        }
        self.now += delay;
        // Ends are rounded, not lengths: what is lost of one is not lost of the whole.
        self.animation.set_duration(milliseconds(self.now) - milliseconds(self.since));
        Ok(())
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        if self.still.is_empty() { self.animation.len() } else { self.still.len() }
    }

    pub fn finish(self) -> Vec<u8> {
        if self.still.is_empty() { self.animation.finish() } else { self.still }
    }

    fn push(&mut self, rgba: &[u8], change: Change) -> Result<Vec<u8>, Error> {
        self.since = self.now;
        let picture = self.choice.encode(&self.shown, rgba, self.width, change)?;
        self.animation.push(change.rect, &picture, change.can_leave_out);
        Ok(picture)
    }
}

/// Rounded; every time that limits allow fits.
fn milliseconds(time: Duration) -> u32 {
    u32::try_from((time.as_micros() + 500) / 1000).unwrap_or(u32::MAX)
}
