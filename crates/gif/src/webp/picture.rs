//! One picture, encoded by libwebp.

use webpx::{EncoderConfig, Unstoppable};

use crate::Error;

/// Of 100. Dithered film keeps a similarity of 0.95 (docs/performance.md); at 75 it is 0.90 and half the bytes.
const QUALITY: f32 = 85.0;
/// Between fast (0) and small (6). From 3 on the encoder weighs bits against what they show, which halves the bytes.
const METHOD: u8 = 3;
/// The filter against blocks also takes the dithering away, and at this quality there are no blocks to see.
const FILTER: u8 = 0;
/// The same for lossless pictures, and how hard to look for a small one, of 100.
const LOSSLESS_METHOD: u8 = 2;
const LOSSLESS_EFFORT: f32 = 75.0;

/// A WebP file that shows nearly the same. `rgba` has `width` x `height` pixels with straight alpha; alpha stays exact.
///
/// # Errors
/// [`Error::NotEncoded`]: libwebp has no memory for it.
pub(super) fn lossy(rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
    let config = EncoderConfig::new().quality(QUALITY).method(METHOD).filter_strength(FILTER);
    encode(&config, rgba, width, height)
}

/// A WebP file that shows exactly the same, where anything shows.
///
/// # Errors
/// As [`lossy`].
pub(super) fn lossless(rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
    let config = EncoderConfig::new().lossless(true).quality(LOSSLESS_EFFORT).method(LOSSLESS_METHOD);
    encode(&config, rgba, width, height)
}

fn encode(config: &EncoderConfig, rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
    config.encode_rgba(rgba, width, height, Unstoppable).map_err(|_| Error::NotEncoded)
}
