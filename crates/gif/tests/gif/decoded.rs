//! What the reference decoder, the `gif` crate, makes of a file.

use gif::{ColorOutput, DecodeOptions, Decoder, Repeat};
use gifchat_gif::samples::Sample;
use gifchat_gif::{Limits, Loops, clean};

/// Everything that shows.
#[derive(Debug, PartialEq)]
pub struct Decoded {
    pub global_palette: Option<Vec<u8>>,
    pub frames: Vec<Frame>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub rect: [u16; 4],
    pub delay: u16,
    pub dispose: gif::DisposalMethod,
    pub transparent: Option<u8>,
    pub needs_user_input: bool,
    pub interlaced: bool,
    pub palette: Option<Vec<u8>>,
    pub pixels: Vec<u8>,
}

fn decoder(bytes: &[u8]) -> Result<Decoder<&[u8]>, gif::DecodingError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.allow_unknown_blocks(true);
    options.read_info(bytes)
}

pub fn decode(bytes: &[u8]) -> Result<Decoded, gif::DecodingError> {
    let mut decoder = decoder(bytes)?;
    let global_palette = decoder.global_palette().map(<[u8]>::to_vec);
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame()? {
        frames.push(Frame {
            rect: [frame.left, frame.top, frame.width, frame.height],
            delay: frame.delay,
            dispose: frame.dispose,
            transparent: frame.transparent,
            needs_user_input: frame.needs_user_input,
            interlaced: frame.interlaced,
            palette: frame.palette.clone(),
            pixels: frame.buffer.to_vec(),
        });
    }
    Ok(Decoded { global_palette, frames })
}

#[test]
fn samples_are_real_gifs_and_already_clean() {
    for (width, height, frames) in [(1, 1, 1), (2, 3, 2), (64, 48, 12), (320, 240, 3), (500, 7, 1)] {
        let sample = Sample::new(width, height, frames);
        let gif = sample.to_gif();
        let decoded = decode(&gif).unwrap();
        assert_eq!(decoded.frames.len(), usize::from(frames));
        for frame in &decoded.frames {
            assert_eq!(frame.rect, [0, 0, width, height]);
            assert_eq!(frame.delay, 5);
            assert_eq!(frame.pixels.len(), usize::from(width) * usize::from(height));
        }
        let clean = clean(&gif, &Limits::default()).unwrap();
        assert_eq!(clean.bytes, gif);
        assert_eq!(clean.info.loops, Loops::Forever);
    }
}

#[test]
fn samples_move_and_differ_by_seed() {
    let sample = Sample::new(80, 60, 4);
    let frames = decode(&sample.to_gif()).unwrap().frames;
    assert!(frames.windows(2).all(|pair| pair[0].pixels != pair[1].pixels));
    assert_eq!(sample.to_gif(), sample.to_gif());
    assert_ne!(sample.to_gif(), sample.with_seed(1).to_gif());
    assert_ne!(sample.with_seed(0x0100_0000).to_gif(), sample.with_seed(1).to_gif());
}

#[test]
fn a_dirty_sample_shows_the_same_and_comes_back_clean() {
    let secret = b"taken at 37.5665 N, 126.9780 E".repeat(20);
    let sample = Sample::new(30, 20, 3);
    let dirty = sample.to_dirty_gif(&secret);
    assert!(dirty.ends_with(&secret));
    assert_eq!(decode(&dirty).unwrap(), decode(&sample.to_gif()).unwrap());
    assert_eq!(clean(&dirty, &Limits::default()).unwrap().bytes, sample.to_gif());
}

#[test]
fn loops_reach_the_decoder() {
    let loops = |loops| {
        let gif = Sample { loops, ..Sample::new(4, 4, 2) }.to_gif();
        let mut decoder = decoder(&gif).unwrap();
        while decoder.next_frame_info().unwrap().is_some() {}
        (decoder.repeat(), clean(&gif, &Limits::default()).unwrap().info.loops)
    };
    assert_eq!(loops(Loops::Forever), (Repeat::Infinite, Loops::Forever));
    let again = Loops::Again(3.try_into().unwrap());
    assert_eq!(loops(again), (Repeat::Finite(3), again));
    assert_eq!(loops(Loops::Once).1, Loops::Once);
}

#[test]
fn the_decoder_would_have_kept_what_cleaning_drops() {
    // Guards the other tests: the dirt is really there before.
    let dirty = Sample::new(4, 4, 1).to_dirty_gif(b"secret");
    assert!(dirty.windows(6).filter(|bytes| bytes == b"secret").count() == 4);
}
