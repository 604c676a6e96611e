//! One picture, encoded by libwebp.

use webpx::{EncoderConfig, Unstoppable};

use crate::Error;

/// Of 100. Text drawn over film stays readable; noise and dithering lose what nobody looks at.
const QUALITY: f32 = 72.0;
/// Between fast (0) and small (6).
const METHOD: u8 = 4;
/// How hard to look for a small lossless picture, of 100.
const EFFORT: f32 = 60.0;
const LOSSLESS_METHOD: u8 = 3;

/// How a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// For what a camera sees: smaller, nearly the same.
    Lossy,
    /// For what is drawn: exactly the same, and smaller when areas are flat.
    Lossless,
}

impl Coding {
    /// A WebP file of one picture. `rgba` has `width` x `height` pixels with straight alpha.
    ///
    /// # Errors
    /// [`Error::NotEncoded`]: libwebp has no memory for it.
    pub fn encode(self, rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
        let config = EncoderConfig::new();
        let config = match self {
            Self::Lossy => config.quality(QUALITY).method(METHOD),
            Self::Lossless => config.lossless(true).quality(EFFORT).method(LOSSLESS_METHOD),
        };
        config.encode_rgba(rgba, width, height, Unstoppable).map_err(|_| Error::NotEncoded)
    }
}
