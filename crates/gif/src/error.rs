//! Why a picture is refused.

use std::fmt;
use std::time::Duration;

/// Why [`receive`](crate::receive) and [`clean`](crate::clean) refuse bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The first six bytes are neither `GIF87a` nor `GIF89a`.
    NotAGif,
    /// The bytes are of none of the formats that are taken.
    NotAPicture,
    /// The file, or the GIF that was made of it, has more bytes than allowed.
    TooLarge { most: usize },
    /// The canvas, or a frame that sticks out of it, is wider or taller than allowed.
    CanvasTooLarge { width: u32, height: u32 },
    /// There are more frames than allowed.
    TooManyFrames { most: u32 },
    /// Canvas x frames is more than allowed.
    TooManyPixels { most: u64 },
    /// One loop takes longer than allowed.
    TooLong { most: Duration },
    /// The bytes end inside a block, or before the first frame.
    Truncated,
    /// The bytes do not follow the format. `at` is the offset of the block at fault.
    Broken { at: usize },
    /// There is no frame, or one without width, height or data.
    Empty,
    /// The pixels of this frame (the first is 1) cannot be decoded, or are too few: browsers would show different things.
    BadPixels { frame: u32 },
    /// A PNG, JPEG or WebP that is broken, cut off, or uses what we do not read.
    Unreadable,
    /// Decoding takes more processor time than allowed.
    TooMuchWork { most: Duration },
    /// There was not enough memory to encode the picture as WebP.
    NotEncoded,
    /// Whoever asked for a rendition does not want it any more.
    Cancelled,
}

/// The limit that was crossed, for a sentence about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    Bytes(usize),
    Canvas { width: u32, height: u32 },
    Frames(u32),
    Pixels(u64),
    Duration(Duration),
    Cpu(Duration),
}

impl Error {
    /// A stable key: the last part of a problem's `type`, and the key of its sentence.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAGif => "gif-not-a-gif",
            Self::NotAPicture => "gif-not-a-picture",
            Self::TooLarge { .. } => "gif-too-large",
            Self::CanvasTooLarge { .. } => "gif-canvas-too-large",
            Self::TooManyFrames { .. } => "gif-too-many-frames",
            Self::TooManyPixels { .. } => "gif-too-many-pixels",
            Self::TooLong { .. } => "gif-too-long",
            Self::Truncated => "gif-truncated",
            Self::Broken { .. } => "gif-broken",
            Self::Empty => "gif-empty",
            Self::BadPixels { .. } => "gif-bad-pixels",
            Self::Unreadable => "gif-unreadable",
            Self::TooMuchWork { .. } => "gif-too-much-work",
            Self::NotEncoded => "gif-not-encoded",
            Self::Cancelled => "gif-cancelled",
        }
    }

    /// The limit that was crossed; `None` when the file itself is wrong.
    pub const fn bound(&self) -> Option<Bound> {
        match *self {
            Self::TooLarge { most } => Some(Bound::Bytes(most)),
            Self::CanvasTooLarge { width, height } => Some(Bound::Canvas { width, height }),
            Self::TooManyFrames { most } => Some(Bound::Frames(most)),
            Self::TooManyPixels { most } => Some(Bound::Pixels(most)),
            Self::TooLong { most } => Some(Bound::Duration(most)),
            Self::TooMuchWork { most } => Some(Bound::Cpu(most)),
            Self::NotAGif
            | Self::NotAPicture
            | Self::Truncated
            | Self::Broken { .. }
            | Self::Empty
            | Self::BadPixels { .. }
            | Self::Unreadable
            | Self::NotEncoded
            | Self::Cancelled => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAGif => f.write_str("the bytes are not a GIF"),
            Self::NotAPicture => f.write_str("the bytes are neither a GIF nor a PNG, JPEG or WebP"),
            Self::TooLarge { most } => write!(f, "the picture has more than {most} bytes"),
            Self::CanvasTooLarge { width, height } => write!(f, "the picture is larger than {width} x {height} pixels"),
            Self::TooManyFrames { most } => write!(f, "the picture has more than {most} frames"),
            Self::TooManyPixels { most } => write!(f, "the picture has more than {most} pixels in all frames together"),
            Self::TooLong { most } => write!(f, "the picture plays longer than {most:?}"),
            Self::Truncated => f.write_str("the picture ends too early"),
            Self::Broken { at } => write!(f, "the GIF is broken at byte {at}"),
            Self::Empty => f.write_str("there is no picture in it, or a frame without pixels"),
            Self::BadPixels { frame } => write!(f, "the pixels of frame {frame} are broken"),
            Self::Unreadable => f.write_str("the picture is broken, or of a kind that is not read"),
            Self::TooMuchWork { most } => write!(f, "the picture takes more than {most:?} to decode"),
            Self::NotEncoded => f.write_str("the picture could not be encoded as WebP"),
            Self::Cancelled => f.write_str("the picture is not wanted any more"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_and_sentences_are_distinct() {
        let all = [
            Error::NotAGif,
            Error::TooLarge { most: 1 },
            Error::CanvasTooLarge { width: 1, height: 2 },
            Error::TooManyFrames { most: 1 },
            Error::TooManyPixels { most: 1 },
            Error::TooLong { most: Duration::from_secs(1) },
            Error::Truncated,
            Error::Broken { at: 1 },
            Error::Empty,
            Error::NotAPicture,
            Error::BadPixels { frame: 1 },
            Error::Unreadable,
            Error::TooMuchWork { most: Duration::from_secs(2) },
            Error::NotEncoded,
            Error::Cancelled,
        ];
        assert_eq!(all.iter().map(Error::code).collect::<HashSet<_>>().len(), all.len());
        assert_eq!(all.iter().map(ToString::to_string).collect::<HashSet<_>>().len(), all.len());
        assert!(all.iter().all(|error| error.code().starts_with("gif-")));
        assert_eq!(all.iter().filter(|error| error.bound().is_some()).count(), 6);
    }
}
