//! Plays a picture: canvas after canvas, as browsers show them.

mod canvas;
mod gif;

use std::fmt;
use std::time::Duration;

use crate::sources::Source;
use crate::work::Work;
use crate::{Error, Info, Limits};
use gif::GifFrames;

/// The frames of a picture, one after the other.
///
/// In memory are never more than the canvas, what a frame covered of the canvas before it, and one frame with a byte
/// for each pixel.
pub struct Frames<'a> {
    info: Info,
    source: Kind<'a>,
    /// What decoding may still cost. Time that passes between two calls of [`next`](Self::next) is not counted.
    work: Work,
}

enum Kind<'a> {
    Gif(GifFrames<'a>),
}

/// What shows until the next frame.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The whole canvas: rows from the top, four bytes a pixel (red, green, blue, alpha), alpha straight.
    pub rgba: &'a [u8],
    /// How long browsers show it; never zero.
    pub delay: Duration,
}

impl<'a> Frames<'a> {
    /// Holds a picture of any [`Source`] to `limits`; no pixel is decoded yet.
    ///
    /// # Errors
    /// [`Error::NotAPicture`]; for a GIF as [`Self::of_gif`].
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        match Source::of(bytes).ok_or(Error::NotAPicture)? {
            Source::Gif => Self::of_gif(bytes, limits),
            Source::Png | Source::Jpeg | Source::WebP => Err(Error::Unreadable),
        }
    }

    /// Holds a GIF to `limits`; nothing is decoded yet.
    ///
    /// # Errors
    /// As [`clean`](crate::clean).
    pub fn of_gif(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let info = crate::clean::inspect(bytes, limits)?;
        Ok(Self { info, source: Kind::Gif(GifFrames::open(bytes, &info)?), work: Work::new(limits.cpu) })
    }

    /// What is known without decoding.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Width and height of the canvas in pixels, each at least 1.
    pub fn size(&self) -> (u32, u32) {
        (self.info.width, self.info.height)
    }

    /// Decodes the next frame; `None` behind the last one.
    ///
    /// # Errors
    /// [`Error::BadPixels`], [`Error::TooMuchWork`]. After an error there is no next frame.
    #[expect(clippy::should_implement_trait, reason = "it lends what it keeps, which an iterator cannot")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Error> {
        self.work.begin();
        let delay = match &mut self.source {
            Kind::Gif(frames) => frames.next(&self.work),
        }?;
        self.work.pause();
        let rgba = match &self.source {
            Kind::Gif(frames) => frames.rgba(),
        };
        Ok(delay.map(|delay| Frame { rgba, delay }))
    }
}

impl fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames").field("info", &self.info).finish_non_exhaustive()
    }
}

impl fmt::Debug for Frame<'_> {
    /// Without the pixels: there may be millions of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame").field("delay", &self.delay).finish_non_exhaustive()
    }
}
