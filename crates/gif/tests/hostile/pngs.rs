//! PNGs, animated or not.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::{Hostile, hostile};

/// Depth, colour type, compression, filter, interlace: gray, RGBA, and RGBA of 16 bits.
const GRAY: [u8; 5] = [8, 0, 0, 0, 0];
const RGBA: [u8; 5] = [8, 6, 0, 0, 0];
const DEEP: [u8; 5] = [16, 6, 0, 0, 0];

pub fn all() -> Vec<Hostile> {
    let mut all = stills();
    all.extend(animations());
    all
}

/// A PNG in the making; checksums are right.
#[derive(Clone)]
struct Build(Vec<u8>);

impl Build {
    fn new(width: u32, height: u32, kind: [u8; 5]) -> Self {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &kind].concat();
        Self(b"\x89PNG\r\n\x1a\n".to_vec()).chunk(b"IHDR", &header)
    }

    fn chunk(mut self, name: &[u8; 4], data: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(name);
        crc.update(data);
        self.0.extend((data.len() as u32).to_be_bytes());
        self.0.extend(name);
        self.0.extend(data);
        self.0.extend(crc.sum().to_be_bytes());
        self
    }

    fn animation(self, frames: u32) -> Self {
        self.chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat())
    }

    /// `rect`: left, top, width, height.
    fn control(self, number: u32, [left, top, width, height]: [u32; 4], delay: [u16; 2]) -> Self {
        let mut data: Vec<u8> = [number, width, height, left, top].into_iter().flat_map(u32::to_be_bytes).collect();
        data.extend(delay.into_iter().flat_map(u16::to_be_bytes));
        self.chunk(b"fcTL", &[&data[..], &[0, 0]].concat())
    }

    fn frame(self, number: u32, data: &[u8]) -> Self {
        self.chunk(b"fdAT", &[&number.to_be_bytes(), data].concat())
    }

    fn pixels(self, data: &[u8]) -> Self {
        self.chunk(b"IDAT", data)
    }

    fn end(self) -> Vec<u8> {
        self.chunk(b"IEND", &[]).0
    }
}

/// So many zeros, compressed.
fn zeros(count: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..count / 65_536 {
        encoder.write_all(&[0; 65_536]).unwrap();
    }
    encoder.write_all(&vec![0; count % 65_536]).unwrap();
    encoder.finish().unwrap()
}

fn stills() -> Vec<Hostile> {
    let bomb = zeros(128 << 20);
    let text = [b"comment\0\0", &bomb[..]].concat();
    let profile = [b"profile\0\0", &bomb[..]].concat();
    let small = |kind| Build::new(8, 8, kind);
    let good = zeros(8 * 9);
    let mut wrong = small(GRAY).pixels(&good).end();
    // Of the header.
    wrong[30] ^= 1;
    let deep = 2048 * (2048 * 8 + 1);
    vec![
        hostile("png: 65,535 x 65,535", Build::new(65_535, 65_535, GRAY).pixels(&bomb).end(), "gif-canvas-too-large"),
        hostile(
            "png: 4 billion pixels wide",
            Build::new(u32::MAX, 1, GRAY).pixels(&bomb).end(),
            "gif-canvas-too-large",
        ),
        hostile("png: nothing wide", Build::new(0, 9, GRAY).pixels(&good).end(), "gif-empty"),
        hostile("png: no pixels", small(GRAY).end(), "gif-empty"),
        hostile("png: 128 MB of text", small(GRAY).chunk(b"zTXt", &text).pixels(&zeros(30)).end(), "gif-unreadable"),
        hostile(
            "png: 128 MB of profile",
            small(GRAY).chunk(b"iCCP", &profile).pixels(&zeros(30)).end(),
            "gif-unreadable",
        ),
        hostile(
            "png: 128 MB of international text",
            small(GRAY).chunk(b"iTXt", &[b"k\0\x01\0\0\0", &bomb[..]].concat()).pixels(&zeros(30)).end(),
            "gif-unreadable",
        ),
        hostile(
            "png: 33 MB of pixels in 33 kB, and one too few",
            Build::new(2048, 2048, DEEP).pixels(&zeros(deep - 8)).end(),
            "gif-unreadable",
        ),
        hostile(
            "png: interlaced, and a row too few",
            Build::new(2048, 2048, [16, 6, 0, 0, 1]).pixels(&zeros(deep - 99)).end(),
            "gif-unreadable",
        ),
        hostile("png: a wrong checksum", wrong, "gif-unreadable"),
        hostile("png: chance for pixels", small(GRAY).pixels(&crate::gifs::noise(5000)).end(), "gif-unreadable"),
        hostile("png: a depth that is none", small([3, 0, 0, 0, 0]).pixels(&good).end(), "gif-unreadable"),
        hostile("png: a colour type that is none", small([8, 5, 0, 0, 0]).pixels(&good).end(), "gif-unreadable"),
        hostile("png: a palette that is missing", small([8, 3, 0, 0, 0]).pixels(&good).end(), "gif-unreadable"),
        hostile("png: no header", Build(b"\x89PNG\r\n\x1a\n".to_vec()).pixels(&good).end(), "gif-unreadable"),
        hostile("png: cut in the pixels", small(GRAY).pixels(&bomb).0[..5000].to_vec(), "gif-truncated"),
        hostile("png: a chunk longer than the file", small(GRAY).bytes(b"\xff\xff\xff\xffIDAT").0, "gif-truncated"),
        hostile("png: a signature alone", b"\x89PNG\r\n\x1a\n".to_vec(), "gif-truncated"),
        hostile(
            "png: 400,000 empty chunks",
            (0..400_000).fold(small(GRAY), |png, _| png.bytes(b"\0\0\0\0IDAT\x35\xaf\x06\x1e")).end(),
            "gif-unreadable",
        ),
    ]
}

impl Build {
    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

fn animations() -> Vec<Hostile> {
    let whole = [0, 0, 8, 8];
    let good = zeros(8 * 9);
    let tick = [1, 10];
    let one = |frames| Build::new(8, 8, GRAY).animation(frames).control(0, whole, tick).pixels(&good);
    let second = |rect| one(2).control(1, rect, tick).frame(2, &good).end();
    let many = |frames: u32, side: u32, tick, data: &[u8]| {
        let first = Build::new(side, side, RGBA).animation(frames).control(0, [0, 0, side, side], tick).pixels(data);
        let next = |png: Build, at: u32| png.control(2 * at - 1, [0, 0, side, side], tick).frame(2 * at, data);
        (1..frames).fold(first, next).end()
    };
    let large = zeros(2048 * (2048 * 4 + 1));
    vec![
        hostile("apng: five frames announced, one there", one(5).end(), "gif-unreadable"),
        hostile(
            "apng: one announced, two there",
            one(1).control(1, whole, tick).frame(2, &good).end(),
            "gif-unreadable",
        ),
        hostile("apng: no frame announced", Build::new(8, 8, GRAY).animation(0).pixels(&good).end(), "gif-empty"),
        hostile("apng: 4 billion frames announced", one(u32::MAX).end(), "gif-unreadable"),
        hostile("apng: a frame outside of the canvas", second([4, 4, 8, 8]), "gif-unreadable"),
        hostile("apng: a frame far outside of the canvas", second([u32::MAX, 0, 8, 8]), "gif-unreadable"),
        hostile("apng: a frame without width", second([0, 0, 0, 8]), "gif-unreadable"),
        hostile(
            "apng: a frame with too few pixels",
            one(2).control(1, whole, tick).frame(2, &zeros(9)).end(),
            "gif-unreadable",
        ),
        hostile(
            "apng: numbers in the wrong order",
            one(2).control(7, whole, tick).frame(3, &good).end(),
            "gif-unreadable",
        ),
        hostile(
            "apng: frames of no animation",
            Build::new(8, 8, GRAY).control(0, [0, 0, 4, 4], tick).pixels(&good).end(),
            "gif-unreadable",
        ),
        hostile(
            "apng: two controls, one frame",
            one(2).control(1, whole, tick).control(2, whole, tick).frame(3, &good).end(),
            "gif-unreadable",
        ),
        hostile(
            "apng: a frame before all others",
            Build::new(8, 8, GRAY).animation(1).control(0, whole, tick).frame(1, &good).pixels(&good).end(),
            "gif-unreadable",
        ),
        hostile("apng: 20,000 frames", many(20_000, 8, tick, &good), "gif-too-many-frames"),
        hostile("apng: 900 frames of 2048 x 2048", many(900, 2048, tick, &good), "gif-too-many-pixels"),
        hostile("apng: 95 frames of 2048 x 2048 that are there", many(95, 2048, tick, &large), "gif-too-much-work"),
        hostile("apng: frames of a day", many(9, 8, [u16::MAX, 1], &zeros(8 * 33)), "gif-too-long"),
    ]
}
