//! WebP renditions: what pages show instead of the GIF.

mod animator;
mod change;
mod choice;
mod container;
mod fit;
mod picture;

use crate::work::Work;
use crate::{Error, Frames, Limits};
use animator::Animator;

/// Pixels of the longer side of a poster at most: twice and more of what a frame in a room measures.
pub const POSTER_SIDE: u32 = 640;

/// A still WebP of one picture: `width` x `height` pixels with straight alpha, in rows from the top. It is made smaller
/// when a side is longer than [`POSTER_SIDE`].
///
/// It needs less than 20 MiB on top of `rgba`.
///
/// # Errors
/// [`Error::NotEncoded`] when there is not enough memory.
///
/// # Panics
/// When `rgba` has not four bytes for each pixel, or a side is 0.
pub fn poster(rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
    assert_eq!(rgba.len() as u64, u64::from(width) * u64::from(height) * 4, "four bytes for each pixel");
    let (across, down) = fit::fitted(width, height, POSTER_SIDE);
    if (across, down) == (width, height) {
        return choice::still(rgba, width, height);
    }
    choice::still(&fit::shrink(rgba, (width, height), (across, down)), across, down)
}

/// An animated WebP that shows what `source` shows: the same size, times and loops, and pixels that nobody would tell
/// apart. `None` when it would not have less than `most` bytes.
///
/// `go_on` is asked before each frame, and how much of [`Limits::animation_cpu`] is left. CPU heavy: call it off the async
/// threads. Memory is that of [`Frames`], at most `most` bytes of output, and up to 60 bytes for each pixel of the canvas
/// while a frame is encoded.
///
/// # Errors
/// [`Error::Cancelled`] when `go_on` says no; [`Error::TooMuchWork`]; [`Error::NotEncoded`]; those of [`Frames`] and
/// [`Frames::open`].
pub fn animate(
    source: &[u8],
    limits: &Limits,
    most: usize,
    go_on: &dyn Fn() -> bool,
) -> Result<Option<Vec<u8>>, Error> {
    let work = Work::new(limits.animation_cpu);
    let mut frames = Frames::open(source, limits)?;
    let (width, height) = frames.size();
    if width.max(height) > container::MOST_SIDE {
        return Ok(None);
    }
    let mut animator = Animator::new(width, height, frames.info().loops);
    while let Some(frame) = frames.next()? {
        if !go_on() {
            return Err(Error::Cancelled);
        }
        work.check()?;
        animator.show(frame.rgba, frame.delay)?;
        if animator.len() >= most {
            return Ok(None);
        }
    }
    Ok(Some(animator.finish()).filter(|webp| webp.len() < most))
}
