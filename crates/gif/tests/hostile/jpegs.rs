//! JPEGs.

use jpeg_encoder::{ColorType, Encoder};

use crate::{Hostile, hostile};

const END: [u8; 2] = [0xff, 0xd9];

fn jpeg(width: u16, height: u16, progressive: bool) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 80);
    encoder.set_progressive(progressive);
    let pixels = crate::gifs::noise(usize::from(width) * usize::from(height));
    encoder.encode(&pixels, width, height, ColorType::Luma).unwrap();
    jpeg
}

/// Where a segment with this marker begins.
fn find(jpeg: &[u8], marker: u8) -> usize {
    jpeg.windows(2).position(|pair| pair == [0xff, marker]).unwrap()
}

pub fn all() -> Vec<Hostile> {
    let good = jpeg(64, 64, false);
    let with_size = |width: u16, height: u16| {
        let mut jpeg = good.clone();
        let at = find(&jpeg, 0xc0) + 5;
        jpeg[at..at + 2].copy_from_slice(&height.to_be_bytes());
        jpeg[at + 2..at + 4].copy_from_slice(&width.to_be_bytes());
        jpeg
    };
    let marked = |marker: u8| {
        let mut jpeg = good.clone();
        let at = find(&jpeg, 0xc0) + 1;
        jpeg[at] = marker;
        jpeg
    };
    let changed = |marker: u8, offset: usize, byte: u8| {
        let mut jpeg = good.clone();
        let at = find(&jpeg, marker) + offset;
        jpeg[at] = byte;
        jpeg
    };
    let tables = find(&good, 0xc4);
    vec![
        hostile("jpeg: 65,500 x 65,500", with_size(65_500, 65_500), "gif-canvas-too-large"),
        hostile("jpeg: nothing wide", with_size(0, 64), "gif-unreadable"),
        hostile("jpeg: a height that comes later", with_size(64, 0), "gif-unreadable"),
        hostile("jpeg: 5,000 scans of 2048 x 2048", scans(5000), "gif-unreadable"),
        hostile("jpeg: cut in the pixels", good[..good.len() / 2].to_vec(), "gif-truncated"),
        hostile("jpeg: cut in the header, and an end", [&good[..tables + 9], &END].concat(), "gif-unreadable"),
        hostile("jpeg: no pixels", [&good[..find(&good, 0xda)], &END].concat(), "gif-unreadable"),
        hostile("jpeg: a beginning and an end", vec![0xff, 0xd8, 0xff, 0xd9], "gif-unreadable"),
        hostile("jpeg: arithmetic coding", marked(0xc9), "gif-unreadable"),
        hostile("jpeg: lossless", marked(0xc3), "gif-unreadable"),
        hostile("jpeg: twelve bits", changed(0xc0, 4, 12), "gif-unreadable"),
        hostile("jpeg: no component", changed(0xc0, 9, 0), "gif-unreadable"),
        hostile("jpeg: 200 components", changed(0xc0, 9, 200), "gif-unreadable"),
        hostile("jpeg: a component sampled fifteen times", changed(0xc0, 11, 0xff), "gif-unreadable"),
        hostile("jpeg: codes that cannot be", changed(0xc4, 5, 255), "gif-unreadable"),
        hostile(
            "jpeg: segments of nothing",
            [&[0xff, 0xd8, 0xff, 0xe0], &[0, 0].repeat(1_000_000)[..], &END].concat(),
            "gif-unreadable",
        ),
    ]
}

/// A progressive file whose last scan comes again and again: few bytes, and every time all blocks.
fn scans(count: usize) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, 50);
    encoder.set_progressive(true);
    encoder.encode(&vec![90; 2048 * 2048], 2048, 2048, ColorType::Luma).unwrap();
    let at = jpeg.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let end = jpeg.len() - END.len();
    let scan = jpeg[at..end].to_vec();
    jpeg.truncate(end);
    for _ in 0..count {
        if jpeg.len() + scan.len() + END.len() <= 5 << 20 {
            jpeg.extend_from_slice(&scan);
        }
    }
    jpeg.extend(END);
    jpeg
}
