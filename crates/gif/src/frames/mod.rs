//! Plays a picture: canvas after canvas, as browsers show them.

mod alpha;
mod canvas;
mod chunks;
mod count;
mod exif;
mod gif;
mod jpeg;
mod pieces;
mod png;
mod riff;
mod vp8l;
mod webp;

use std::fmt;
use std::time::Duration;

use crate::sources::Source;
use crate::work::Work;
use crate::{Error, Info, Limits};
use gif::GifFrames;
use jpeg::Jpeg;
use png::PngFrames;
use webp::WebPFrames;

/// The frames of a picture, one after the other.
///
/// In memory are never more than the canvas, what a frame covered of the canvas before it, and one frame.
pub struct Frames<'a> {
    info: Info,
    kind: Kind<'a>,
    /// What decoding may still cost. Time that passes between two calls of [`next`](Self::next) is not counted.
    work: Work,
}

enum Kind<'a> {
    Gif(Box<GifFrames<'a>>),
    Png(Box<PngFrames<'a>>),
    /// Until it is decoded.
    Jpeg(Jpeg<'a>),
    /// The only frame, decoded.
    Still(Vec<u8>),
    WebP(WebPFrames<'a>),
}

/// What shows until the next frame.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The whole canvas: rows from the top, four bytes a pixel (red, green, blue, alpha), alpha straight.
    pub rgba: &'a [u8],
    /// How long browsers show it; never zero. Of a still it means nothing.
    pub delay: Duration,
}

impl<'a> Frames<'a> {
    /// Holds a picture of any [`Source`] to `limits`; no pixel is decoded yet.
    ///
    /// # Errors
    /// [`Error::NotAPicture`], [`Error::TooLarge`], and what can be told of sizes, frames and times by the container
    /// alone; for a GIF as [`clean`](crate::clean).
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let source = Source::of(bytes).ok_or(Error::NotAPicture)?;
        if bytes.len() > limits.bytes {
            return Err(Error::TooLarge { most: limits.bytes });
        }
        let (info, kind) = match source {
            Source::Gif => return Self::of_gif(bytes, limits),
            Source::Png => {
                let (info, frames) = PngFrames::open(bytes, limits)?;
                (info, Kind::Png(Box::new(frames)))
            }
            Source::Jpeg => {
                let (info, jpeg) = Jpeg::open(bytes, limits)?;
                (info, Kind::Jpeg(jpeg))
            }
            Source::WebP => {
                let (info, frames) = WebPFrames::open(bytes, limits)?;
                (info, Kind::WebP(frames))
            }
        };
        Ok(Self { info, kind, work: Work::new(limits.cpu) })
    }

    /// Holds a GIF to `limits`; nothing is decoded yet.
    ///
    /// # Errors
    /// As [`clean`](crate::clean).
    pub fn of_gif(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let info = crate::clean::inspect(bytes, limits)?;
        let kind = Kind::Gif(Box::new(GifFrames::open(bytes, &info)?));
        Ok(Self { info, kind, work: Work::new(limits.cpu) })
    }

    /// Counts what was spent on the same job before.
    pub(crate) fn within(self, work: &Work) -> Self {
        Self { work: work.handed_on(), ..self }
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
    /// [`Error::BadPixels`], [`Error::Unreadable`], [`Error::TooMuchWork`]. After an error there is no next frame.
    #[expect(clippy::should_implement_trait, reason = "it lends what it keeps, which an iterator cannot")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Error> {
        self.work.begin();
        let delay = match &mut self.kind {
            Kind::Gif(frames) => frames.next(&self.work)?,
            Kind::Png(frames) => frames.next(&self.work)?,
            Kind::WebP(frames) => frames.next(&self.work)?,
            Kind::Jpeg(jpeg) => {
                let rgba = jpeg.decode()?;
                self.work.check()?;
                self.kind = Kind::Still(rgba);
                Some(count::delay(0))
            }
            Kind::Still(_) => None,
        };
        self.work.pause();
        Ok(delay.map(|delay| Frame { rgba: self.rgba(), delay }))
    }

    fn rgba(&self) -> &[u8] {
        match &self.kind {
            Kind::Gif(frames) => frames.rgba(),
            Kind::Png(frames) => frames.rgba(),
            Kind::WebP(frames) => frames.rgba(),
            Kind::Still(rgba) => rgba,
            Kind::Jpeg(_) => &[],
        }
    }

    /// The canvas as it shows, and nothing that the next frame would take.
    pub(crate) fn into_rgba(self) -> Vec<u8> {
        match self.kind {
            Kind::Gif(frames) => frames.into_rgba(),
            Kind::Png(frames) => frames.into_rgba(),
            Kind::WebP(frames) => frames.into_rgba(),
            Kind::Still(rgba) => rgba,
            Kind::Jpeg(_) => Vec::new(),
        }
    }

    /// LZW data for the last frame, when something hid in its own, or its end was missing; only of a GIF.
    pub(crate) fn mended(&self) -> Option<Vec<u8>> {
        match &self.kind {
            Kind::Gif(frames) => frames.mended(),
            _ => None,
        }
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
