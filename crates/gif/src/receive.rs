//! Takes a picture from a stranger.

use std::fmt;

use crate::encode::Encoder;
use crate::flash::Watch;
use crate::sample::Grid;
use crate::work::Work;
use crate::{Error, Frames, Info, Limits, Source, clean, look, trim};

/// A picture that passed every check, as a GIF.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Clean, and every frame decodes. Of a GIF these are its own pixels; of anything else the nearest that a GIF can show.
    pub gif: Vec<u8>,
    /// Of the GIF.
    pub info: Info,
    /// What it was made of.
    pub source: Source,
    pub look: Look,
}

/// How it looks before it plays.
#[derive(Clone, PartialEq, Eq)]
pub struct Look {
    /// The colour that covers most of the poster: red, green, blue.
    pub color: [u8; 3],
    /// It flashes more than three times in some second, over a quarter of the picture or more.
    pub flashes: bool,
    /// The first frame on which there is something to see, as WebP.
    pub poster: Vec<u8>,
}

/// What one walk over all frames finds.
struct Seen {
    /// Of a GIF: data for each frame that must not keep its own.
    mended: Vec<Option<Vec<u8>>>,
    color: [u8; 3],
    flashes: bool,
    /// Number of the frame for the poster; the first is 0.
    poster: usize,
    /// Of anything but a GIF.
    made: Option<Vec<u8>>,
}

/// Checks a picture of any [`Source`] against `limits`, frame by frame, and makes a GIF of it.
///
/// Of a GIF every pixel, delay and loop stays as it is. Other pictures get at most 256 colours a frame, pixels that are
/// there or not, and delays of at least 20 ms; their size stays.
///
/// Takes processor time, at most a little more than [`Limits::cpu`], and 64 MiB of memory at most: call it where it may
/// block.
///
/// # Errors
/// Every [`Error`]. What comes out obeys the limits as well: a picture that is too large as a GIF is
/// [`Error::TooLarge`].
pub fn receive(upload: &[u8], limits: &Limits) -> Result<Received, Error> {
    let work = Work::new(limits.cpu);
    let source = Source::of(upload).ok_or(Error::NotAPicture)?;
    let (seen, gif) = if source == Source::Gif {
        let cleaned = clean(upload, limits)?.bytes;
        let mut seen = watch(&cleaned, limits, &work, false)?;
        let gif = trim::trim(cleaned, &std::mem::take(&mut seen.mended))?;
        (seen, gif)
    } else {
        let mut seen = watch(upload, limits, &work, true)?;
        let gif = seen.made.take().ok_or(Error::Unreadable)?;
        (seen, gif)
    };
    // Both ways are only taken when they obey; what they made is held to it once more.
    let cleaned = clean(&gif, limits)?;
    debug_assert_eq!(cleaned.bytes, gif);
    drop(gif);
    let poster = poster(if source == Source::Gif { &cleaned.bytes } else { upload }, limits, &work, seen.poster)?;
    let look = Look { color: seen.color, flashes: seen.flashes, poster };
    Ok(Received { gif: cleaned.bytes, info: cleaned.info, source, look })
}

/// Decodes every frame.
fn watch(bytes: &[u8], limits: &Limits, work: &Work, make: bool) -> Result<Seen, Error> {
    let mut frames = Frames::open(bytes, limits)?;
    let info = *frames.info();
    let grid = Grid::new(info.width, info.height, bytes);
    let mut encoder = make.then(|| Encoder::new(&info, limits));
    let mut flash = Watch::new();
    let (mut mended, mut mended_bytes) = (Vec::new(), 0);
    let mut color = None;
    let mut poster = None;
    let mut number = 0;
    while let Some(frame) = frames.next()? {
        work.check()?;
        if poster.is_none() {
            if look::is_meaningful(&grid, frame.rgba) {
                poster = Some(number);
                color = Some(look::dominant(&grid, frame.rgba));
            } else if color.is_none() {
                color = Some(look::dominant(&grid, frame.rgba));
            }
        }
        if info.frames > 1 {
            flash.add(&grid, frame.rgba, frame.delay);
        }
        if let Some(encoder) = &mut encoder {
            encoder.add(frame.rgba, frame.delay, work)?;
        }
        if !make {
            let data = frames.mended();
            mended_bytes += data.as_ref().map_or(0, Vec::len);
            if mended_bytes > limits.bytes {
                return Err(Error::TooLarge { most: limits.bytes });
            }
            mended.push(data);
        }
        number += 1;
    }
    Ok(Seen {
        mended,
        color: color.unwrap_or_default(),
        flashes: flash.flashes(&grid, info.loops),
        poster: poster.unwrap_or(0),
        made: encoder.map(Encoder::finish),
    })
}

/// Decodes up to the frame that was chosen: to keep it until now would have taken as much memory as a canvas.
fn poster(bytes: &[u8], limits: &Limits, work: &Work, number: usize) -> Result<Vec<u8>, Error> {
    let mut frames = Frames::open(bytes, limits)?.within(work);
    let (width, height) = frames.size();
    for _ in 0..number {
        frames.next()?;
    }
    frames.next()?.ok_or(Error::Unreadable)?;
    crate::poster(&frames.into_rgba(), width, height)
}

impl fmt::Debug for Received {
    /// Without the bytes: there may be millions of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { gif, info, source, look } = self;
        f.debug_struct("Received")
            .field("gif", &gif.len())
            .field("info", info)
            .field("source", source)
            .field("look", look)
            .finish()
    }
}

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { color, flashes, poster } = self;
        f.debug_struct("Look").field("color", color).field("flashes", flashes).field("poster", &poster.len()).finish()
    }
}
