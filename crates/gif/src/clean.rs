//! Checks a GIF, then writes it anew.

use std::time::Duration;

use crate::info::played;
use crate::reader::{APPLICATION, Block, EXTENSION, Frame, NETSCAPE, Reader, TRAILER};
use crate::{Error, Info, Limits, Loops};

/// What the two bytes of a side can say. An offset plus a size can be more.
const MOST_SIDE: u32 = u16::MAX as u32;

/// A GIF that passed every check and holds nothing but pictures.
#[derive(Clone, PartialEq, Eq)]
pub struct Clean {
    pub info: Info,
    /// The GIF, written anew: at most one byte (a missing trailer) longer than what came in.
    pub bytes: Vec<u8>,
}

/// Checks `bytes` against `limits` and writes them anew without metadata; pixels stay as they are.
///
/// The result obeys `limits` as well, and cleaning it again gives the same bytes and the same [`Info`].
///
/// # Errors
/// Every [`Error`]. Nothing is allocated until the whole input has passed.
pub fn clean(bytes: &[u8], limits: &Limits) -> Result<Clean, Error> {
    let info = inspect(bytes, limits)?;
    let bytes = rewrite(bytes, &info)?;
    // A file of just the largest size may have lacked its trailer.
    if bytes.len() > limits.bytes {
        return Err(Error::TooLarge { most: limits.bytes });
    }
    Ok(Clean { info, bytes })
}

/// The first walk: checks everything, keeps nothing.
pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Info, Error> {
    let (screen, mut reader) = Reader::open(bytes)?;
    if bytes.len() > limits.bytes {
        return Err(Error::TooLarge { most: limits.bytes });
    }
    let mut total = Total::new(screen.width, screen.height, limits)?;
    while let Some(block) = reader.next()? {
        match block {
            Block::Frame(frame) => total.add(&frame)?,
            Block::Control(control) => total.delay = control.delay,
            Block::Loop(count) => total.loops = Loops::from_count(count),
            Block::Other => {}
        }
    }
    match total.frames {
        0 if reader.is_closed() => Err(Error::Empty),
        0 => Err(Error::Truncated),
        _ => Ok(total.into_info()),
    }
}

/// The second walk: copies what stays.
fn rewrite(bytes: &[u8], info: &Info) -> Result<Vec<u8>, Error> {
    let (screen, mut reader) = Reader::open(bytes)?;
    let mut out = Vec::with_capacity(bytes.len() + 1);
    // Always 89a: it allows all that may follow, and Firefox lays out 87a by another rule.
    out.extend_from_slice(b"GIF89a");
    for side in [info.width, info.height] {
        let side = u16::try_from(side).expect("sides were checked against MOST_SIDE");
        out.extend_from_slice(&side.to_le_bytes());
    }
    out.extend_from_slice(screen.rest);
    if let Some(count) = info.loops.count() {
        let [low, high] = count.to_le_bytes();
        out.extend_from_slice(&[EXTENSION, APPLICATION, 11]);
        out.extend_from_slice(NETSCAPE);
        out.extend_from_slice(&[3, 1, low, high, 0]);
    }
    let mut control = None;
    while let Some(block) = reader.next()? {
        match block {
            Block::Control(next) => control = Some(next),
            Block::Frame(frame) => {
                out.extend_from_slice(control.take().map_or(&[], |control| control.bytes));
                out.extend_from_slice(frame.bytes);
            }
            Block::Loop(_) | Block::Other => {}
        }
    }
    out.push(TRAILER);
    Ok(out)
}

/// What the frames so far amount to.
struct Total<'a> {
    limits: &'a Limits,
    width: u32,
    height: u32,
    frames: u32,
    pixels: u64,
    duration: Duration,
    /// Of the next frame, in hundredths of a second.
    delay: u16,
    /// The last extension counts, as in browsers.
    loops: Loops,
}

impl<'a> Total<'a> {
    fn new(width: u16, height: u16, limits: &'a Limits) -> Result<Self, Error> {
        let mut total = Self {
            limits,
            width: 0,
            height: 0,
            frames: 0,
            pixels: 0,
            duration: Duration::ZERO,
            delay: 0,
            loops: Loops::Once,
        };
        (total.width, total.height) = total.within_limits(width.into(), height.into())?;
        Ok(total)
    }

    fn add(&mut self, frame: &Frame<'_>) -> Result<(), Error> {
        let [left, top, width, height] = [frame.left, frame.top, frame.width, frame.height].map(u32::from);
        if width == 0 || height == 0 {
            return Err(Error::Empty);
        }
        let (right, bottom) = self.within_limits(left + width, top + height)?;
        if self.frames == 0 {
            self.width = self.width.max(right);
            self.height = self.height.max(bottom);
        }

        self.frames += 1;
        if self.frames > self.limits.frames {
            return Err(Error::TooManyFrames { most: self.limits.frames });
        }
        let pixels = area(self.width, self.height).max(area(width, height));
        self.pixels = self.pixels.saturating_add(pixels);
        if self.pixels > self.limits.pixels {
            return Err(Error::TooManyPixels { most: self.limits.pixels });
        }
        self.duration = self.duration.saturating_add(played(self.delay));
        self.delay = 0;
        if self.one_loop() > self.limits.duration {
            return Err(Error::TooLong { most: self.limits.duration });
        }
        Ok(())
    }

    fn within_limits(&self, right: u32, bottom: u32) -> Result<(u32, u32), Error> {
        let width = self.limits.width.min(MOST_SIDE);
        let height = self.limits.height.min(MOST_SIDE);
        if right > width || bottom > height {
            return Err(Error::CanvasTooLarge { width, height });
        }
        Ok((right, bottom))
    }

    /// One frame is a still picture, whatever its delay says.
    fn one_loop(&self) -> Duration {
        if self.frames > 1 { self.duration } else { Duration::ZERO }
    }

    fn into_info(self) -> Info {
        Info {
            width: self.width,
            height: self.height,
            frames: self.frames,
            duration: self.one_loop(),
            loops: self.loops,
        }
    }
}

fn area(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

impl std::fmt::Debug for Clean {
    /// Without the bytes: there may be millions of them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Clean").field("info", &self.info).field("len", &self.bytes.len()).finish()
    }
}
