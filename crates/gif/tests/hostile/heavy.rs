//! The most that is allowed: not hostile, but as dear as a file can be that a person might send. Time and memory hold for
//! these as well; which of them are received depends on the machine.

use jpeg_encoder::ColorType;

use crate::build::Build;
use crate::codes::{Bits, scattered, small_codes};
use crate::gifs::{lzw, noise};
use crate::webps::{frames, large_frames, still};
use crate::{Hostile, hostile};

const SIDE: u16 = 2048;
/// Bytes of a file, but for what is around its data.
const MOST: usize = (5 << 20) - 200;
const PIXELS: usize = SIDE as usize * SIDE as usize;

pub fn all() -> Vec<Hostile> {
    let answers = "accepted|gif-too-much-work|gif-too-large";
    let heavy = |name: &str, bytes: Vec<u8>| hostile(format!("heavy {name}"), bytes, answers);
    let large = [0, 0, SIDE, SIDE];
    // Each row is the one above, moved a little every sixteen rows.
    let smooth = |channels: usize| -> Vec<u8> {
        let row: Vec<u8> =
            (0..usize::from(SIDE) * channels * 2).map(|at| (at / channels / 8 * (1 + at % channels)) as u8).collect();
        (0..usize::from(SIDE))
            .flat_map(|y| &row[y / 16 * channels..][..usize::from(SIDE) * channels])
            .copied()
            .collect()
    };
    let flat = lzw(2, &vec![0; PIXELS]);
    let restored = (0..94).fold(Build::new(SIDE, SIDE), |gif, _| {
        gif.control_with(2, 3 << 2 | 1, 1).descriptor(large, None, 0x40).bytes(&[2]).data(&flat)
    });
    // Each has to be encoded anew.
    let too_many = lzw(2, &vec![0; PIXELS + 5000]);
    let mended = (0..94).fold(Build::new(SIDE, SIDE), |gif, _| {
        gif.control(2).descriptor(large, None, 0).bytes(&[2]).data(&too_many[..too_many.len() - 1])
    });
    // The canvas, what it was before, a frame of pixels, and its data, both as they are and mended.
    let mut speckle = noise(usize::from(SIDE) * 1700);
    speckle.resize(PIXELS, 0);
    let mended_and_restored =
        [vec![0; PIXELS], speckle].iter().fold(Build::version(b"GIF89a", SIDE, SIDE, Some(8)), |gif, pixels| {
            let data = [&lzw(8, pixels)[..], b"hidden"].concat();
            gif.control_with(2, 3 << 2, 0).descriptor(large, None, 0).bytes(&[8]).data(&data)
        });
    let grain = lzw(8, &noise(usize::from(SIDE) * 1700));
    let hiding = [&grain[..], b"hidden"].concat();
    let hiding = Build::version(b"GIF89a", SIDE, 1700, Some(8))
        .descriptor([0, 0, SIDE, 1700], None, 0)
        .bytes(&[8])
        .data(&hiding);
    let grain =
        Build::version(b"GIF89a", SIDE, 1700, Some(8)).descriptor([0, 0, SIDE, 1700], None, 0).bytes(&[8]).data(&grain);
    let half = scattered(MOST / 2, 3, 1);
    let lossy = lossy(&smooth(4));
    vec![
        heavy("gif: 94 frames, taken back each time", restored.trailer().0),
        heavy("gif: one frame of grain", grain.trailer().0),
        heavy("gif: one frame of grain, and something behind it", hiding.trailer().0),
        heavy("gif: 94 frames of too many pixels", mended.trailer().0),
        heavy("gif: two frames, one of grain, mended and taken back", mended_and_restored.trailer().0),
        heavy("webp: lossless", lossless(&smooth(4))),
        heavy("webp: 4,096 groups of codes", still(&scattered(MOST, 4, 0))),
        heavy("webp: 2,048 groups of codes, one of five large", still(&scattered(MOST, 3, 1))),
        heavy("webp: 512 groups of large codes", still(&scattered(MOST, 1, 5))),
        heavy("webp: 4,096 groups of codes of large alphabets", still(&small_codes(2048, 4096, Bits::two_of_many))),
        heavy("webp: two frames of 2,048 groups of codes", large_frames(&[&half, &half])),
        heavy("webp: two lossy frames with alpha", large_frames(&[&lossy, &lossy])),
        heavy(
            "webp: 900 frames, 300 groups of codes of large alphabets each",
            frames(900, &small_codes(64, 300, Bits::two_of_many)),
        ),
        heavy("apng: three smooth frames, taken back each time", png(&smooth(4), 3)),
        heavy("jpeg: progressive", jpeg(&smooth(3), ColorType::Rgb, true)),
        heavy("jpeg: four inks", jpeg(&smooth(4), ColorType::Cmyk, false)),
    ]
}

fn jpeg(pixels: &[u8], kind: ColorType, progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
    encoder.set_progressive(progressive);
    encoder.encode(pixels, SIDE, SIDE, kind).unwrap();
    bytes
}

/// The chunks of one, colours and alpha.
fn lossy(pixels: &[u8]) -> Vec<u8> {
    let config = webpx::EncoderConfig::new().quality(75.0).method(0);
    let file = config.encode_rgba(pixels, SIDE.into(), SIDE.into(), webpx::Unstoppable).unwrap();
    assert!(&file[12..16] == b"VP8X" && &file[30..34] == b"ALPH");
    file[30..].to_vec()
}

fn lossless(pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut bytes);
    encoder.encode(pixels, SIDE.into(), SIDE.into(), image_webp::ColorType::Rgba8).unwrap();
    bytes
}

fn png(pixels: &[u8], frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE.into(), SIDE.into());
    encoder.set_color(png::ColorType::Rgba);
    if frames > 1 {
        encoder.set_animated(frames, 0).unwrap();
        encoder.set_dispose_op(png::DisposeOp::Previous).unwrap();
        encoder.set_blend_op(png::BlendOp::Over).unwrap();
    }
    let mut writer = encoder.write_header().unwrap();
    (0..frames).for_each(|_| writer.write_image_data(pixels).unwrap());
    writer.finish().unwrap();
    bytes
}
