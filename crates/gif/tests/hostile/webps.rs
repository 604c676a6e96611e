//! WebPs, animated or not.

use gifchat_gif::poster;

use crate::codes::{self, Bits, lossless};
use crate::gifs::noise;
use crate::{Hostile, hostile};

pub fn all() -> Vec<Hostile> {
    let black = file(&[(b"VP8L", &lossless(64, 64))]);
    let lossy = poster(
        &noise(64 * 64 * 4).chunks(4).flat_map(|rgba| [rgba[0], rgba[1], rgba[2], 255]).collect::<Vec<_>>(),
        64,
        64,
    )
    .unwrap();
    let small = lossless(64, 64);
    let same = |count: usize, delay: u32| vec![frame(0, 64, delay, &small); count];
    let mut longer = black.clone();
    longer[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut half = lossy.clone();
    half.truncate(lossy.len() / 2);
    let size = (half.len() - 8) as u32;
    half[4..8].copy_from_slice(&size.to_le_bytes());
    vec![
        hostile(
            "webp: a canvas of 16 million pixels a side",
            file(&[(b"VP8X", &canvas(2, 1 << 24, 1 << 24)), (b"ANIM", &[0; 6])]),
            "gif-canvas-too-large",
        ),
        hostile("webp: 16,384 x 16,384", file(&[(b"VP8L", &lossless(16_384, 16_384))]), "gif-canvas-too-large"),
        hostile("webp: a header alone", b"RIFF\x04\0\0\0WEBP".to_vec(), "gif-truncated"),
        hostile("webp: longer than the file", longer, "gif-truncated"),
        hostile("webp: cut in the pixels", lossy[..lossy.len() / 2].to_vec(), "gif-truncated"),
        hostile("webp: cut in the pixels, and not told", half, "gif-truncated"),
        hostile("webp: no picture", file(&[(b"VP8X", &canvas(0, 9, 9))]), "gif-empty"),
        hostile("webp: no frame", animation(64, &[]), "gif-empty"),
        hostile("webp: another size inside", file(&[(b"VP8X", &canvas(0, 9, 9)), (b"VP8L", &small)]), "gif-unreadable"),
        hostile("webp: a frame outside of the canvas", animation(64, &[frame(2, 64, 50, &small)]), "gif-unreadable"),
        hostile("webp: a frame of another size inside", animation(64, &[frame(0, 63, 50, &small)]), "gif-unreadable"),
        hostile("webp: 20,000 frames", animation(64, &same(20_000, 50)), "gif-too-many-frames"),
        hostile("webp: frames of four hours", animation(64, &same(9, 0xff_ffff)), "gif-too-long"),
        hostile("webp: 900 frames of 2048 x 2048", animation(2048, &same(900, 50)), "gif-too-many-pixels"),
        hostile("webp: no frame header", animation(64, &[vec![0; 15]]), "gif-unreadable"),
        hostile("webp: chance for pixels", file(&[(b"VP8L", &[&small[..5], &noise(9000)].concat())]), "gif-unreadable"),
        hostile(
            "webp: chance for lossy pixels",
            file(&[(b"VP8 ", &[b"\x10\0\0\x9d\x01\x2a\x40\0\x40\0", &noise(9000)[..]].concat())]),
            "gif-unreadable",
        ),
        hostile(
            "webp: an alpha of chance",
            file(&[
                (b"VP8X", &canvas(0x10, 64, 64)),
                (b"ALPH", &[&[1], &noise(900)[..]].concat()),
                (b"VP8 ", &lossy[20..]),
            ]),
            "gif-unreadable",
        ),
        hostile("webp: 65,536 groups of code tables", still(&codes::large_tables()), "gif-unreadable"),
        hostile(
            "webp: 65,536 groups of small codes, 16 x 16",
            still(&codes::small_codes(16, 65_536, Bits::two)),
            "gif-unreadable",
        ),
        hostile(
            "webp: 65,536 groups of small codes, 2048 x 2048",
            still(&codes::small_codes(2048, 65_536, Bits::two)),
            "gif-unreadable",
        ),
        hostile(
            "webp: 65,536 groups of small codes of large alphabets",
            still(&codes::small_codes(16, 65_536, Bits::two_of_many)),
            "gif-unreadable",
        ),
        hostile("webp: groups hidden behind a symbol that is there twice", still(&codes::hidden()), "gif-unreadable"),
    ]
}

/// A file of one lossless picture.
pub fn still(data: &[u8]) -> Vec<u8> {
    file(&[(b"VP8L", data)])
}

/// So many frames of the same small picture.
pub fn frames(count: usize, data: &[u8]) -> Vec<u8> {
    let frame = frame(0, 64, 50, data);
    animation(64, &vec![frame; count])
}

/// Frames of 2048 x 2048: lossless data, or the chunks of lossy data.
pub fn large_frames(frames: &[&[u8]]) -> Vec<u8> {
    let frames: Vec<_> = frames
        .iter()
        .map(|data| {
            let mut frame: Vec<u8> =
                [0, 0, 2047, 2047, 50_u32].iter().flat_map(|number| number.to_le_bytes()[..3].to_vec()).collect();
            frame.push(0);
            if data.starts_with(b"ALPH") {
                frame.extend_from_slice(data);
            } else {
                chunk(&mut frame, b"VP8L", data);
            }
            frame
        })
        .collect();
    animation(2048, &frames)
}

fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    [&[flags, 0, 0, 0], &(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat()
}

fn frame(left: u32, width: u32, delay: u32, data: &[u8]) -> Vec<u8> {
    let numbers = [left / 2, 0, width - 1, 63, delay];
    let mut frame: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()[..3].to_vec()).collect();
    frame.push(0);
    chunk(&mut frame, b"VP8L", data);
    frame
}

fn animation(side: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let canvas = canvas(2, side, side);
    let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"VP8X", &canvas), (b"ANIM", &[0; 6])];
    chunks.extend(frames.iter().map(|frame| (b"ANMF", &frame[..])));
    file(&chunks)
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    file.extend_from_slice(name);
    file.extend_from_slice(&(data.len() as u32).to_le_bytes());
    file.extend_from_slice(data);
    if data.len() % 2 == 1 {
        file.push(0);
    }
}

fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    chunks.iter().for_each(|(name, data)| chunk(&mut body, name, data));
    let mut file = Vec::new();
    chunk(&mut file, b"RIFF", &body);
    file
}
