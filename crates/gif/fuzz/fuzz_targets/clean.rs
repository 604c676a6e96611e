//! Whatever comes in: no panic, the limits hold, cleaning twice is cleaning once, and the reference decoder sees the
//! same frames before and after.

#![no_main]

use gif::{DecodeOptions, DecodingError};
use gifchat_gif::{Limits, clean};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Small, so that the decoder is quick and the limits are met often.
    let limits = Limits { bytes: 1 << 16, width: 200, height: 200, frames: 50, pixels: 500_000, ..Limits::default() };
    let Ok(first) = clean(bytes, &limits) else { return };
    assert!(first.bytes.len() <= (bytes.len() + 1).min(limits.bytes));
    assert!(first.info.width <= limits.width && first.info.height <= limits.height);
    assert!(first.info.frames <= limits.frames && first.info.duration <= limits.duration);
    assert_eq!(clean(&first.bytes, &limits).as_ref(), Ok(&first));
    if let Ok(before) = decode(bytes) {
        assert_eq!(before.len(), first.info.frames as usize);
        assert_eq!(decode(&first.bytes).expect("what was readable still is"), before);
    }
});

/// All that makes up each frame, as text: the decoder's frames cannot be compared.
///
/// LZW data as it is: of a frame with too few pixels the decoder goes on into whatever follows, a tail included.
fn decode(bytes: &[u8]) -> Result<Vec<String>, DecodingError> {
    let mut options = DecodeOptions::new();
    options.allow_unknown_blocks(true);
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(bytes)?;
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame()? {
        frames.push(format!("{frame:?}"));
    }
    Ok(frames)
}
