//! WebPs, animated or not.

use gifchat_gif::poster;

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
    let canvas = |flags: u8, width: u32, height: u32| {
        [&[flags, 0, 0, 0], &(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat()
    };
    let frame = |left: u32, width: u32, delay: u32, data: &[u8]| {
        let numbers = [left / 2, 0, width - 1, 63, delay];
        let mut frame: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()[..3].to_vec()).collect();
        frame.push(0);
        chunk(&mut frame, b"VP8L", data);
        frame
    };
    let animation = |side: u32, frames: &[Vec<u8>]| {
        let canvas = canvas(2, side, side);
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"VP8X", &canvas), (b"ANIM", &[0; 6])];
        chunks.extend(frames.iter().map(|frame| (b"ANMF", &frame[..])));
        file(&chunks)
    };
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
        hostile("webp: 65,536 groups of code tables", file(&[(b"VP8L", &groups(65_536))]), "gif-unreadable"),
    ]
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

/// Writes bits, lowest first.
#[derive(Default)]
struct Bits(Vec<u8>, usize);

impl Bits {
    fn push(&mut self, count: usize, value: u32) {
        for bit in 0..count {
            if self.1.is_multiple_of(8) {
                self.0.push(0);
            }
            *self.0.last_mut().unwrap() |= ((value >> bit & 1) as u8) << (self.1 % 8);
            self.1 += 1;
        }
    }

    /// Size, alpha, version.
    fn head(width: u32, height: u32) -> Self {
        let mut bits = Self::default();
        bits.push(8, 0x2f);
        bits.push(14, width - 1);
        bits.push(14, height - 1);
        bits.push(4, 0);
        bits
    }

    /// A code of one symbol, 0: its pixels take no bits.
    fn nothing(&mut self) {
        self.push(4, 0b0001);
    }
}

/// A black picture: no transforms, no cache, one group of codes without bits.
pub fn lossless(width: u32, height: u32) -> Vec<u8> {
    let mut bits = Bits::head(width, height);
    bits.push(3, 0);
    (0..5).for_each(|_| bits.nothing());
    bits.0
}

/// 2048 x 2048, with so many groups of codes, each with tables of the largest size; then nothing.
fn groups(count: u32) -> Vec<u8> {
    let mut bits = Bits::head(2048, 2048);
    // No transforms, no cache, groups by blocks of 4 x 4.
    bits.push(2, 0);
    bits.push(1, 1);
    bits.push(3, 0);
    // The picture that says which block is of which group: green and red are 0 or 255.
    bits.push(1, 0);
    for _ in 0..2 {
        bits.push(4, 0b0011);
        bits.push(8, 255);
    }
    (0..3).for_each(|_| bits.nothing());
    (1..512 * 512).for_each(|_| bits.push(2, 0));
    bits.push(2, 0b11);
    let code = |length: u32| if length <= 6 { (3, length - 1) } else { (4, 0b1100 + length - 7) };
    for _ in 0..count * 5 {
        // Lengths 1 to 10 as codes of 3 and 4 bits, in the order of the specification.
        bits.push(1, 0);
        bits.push(4, 10);
        for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
            bits.push(3, length);
        }
        // Eleven symbols.
        bits.push(1, 1);
        bits.push(3, 1);
        bits.push(4, 9);
        for length in (1..=10).chain([10]) {
            let (width, code) = code(length);
            // Codes come with their highest bit first.
            bits.push(width, code.reverse_bits() >> (32 - width));
        }
    }
    bits.0
}
