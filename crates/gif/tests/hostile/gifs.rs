//! GIFs.

use gifchat_gif::samples::Sample;

use crate::build::Build;
use crate::{Hostile, hostile};

const SIDE: u16 = 2048;

pub fn all() -> Vec<Hostile> {
    let mut all = bombs();
    all.extend(truncated());
    all.extend(broken());
    all.extend(lies());
    all
}

fn bombs() -> Vec<Hostile> {
    let large = [0, 0, SIDE, SIDE];
    let many_large = (0..1000).fold(Build::new(SIDE, SIDE), |gif, _| gif.tiny_frame(large));
    let many_tiny = (0..100_000).fold(Build::new(1, 1), |gif, _| gif.tiny_frame([0, 0, 1, 1]));
    // As many large frames as are allowed. 96 are too many.
    let runs = runs(2, usize::from(SIDE) * usize::from(SIDE));
    let expanding =
        (0..95).fold(Build::new(SIDE, SIDE), |gif, _| gif.descriptor(large, None, 0).bytes(&[2]).data(&runs));
    // Large frames that are taken back again and again: the dearest way to compose. The last has too few pixels.
    let restored = (0..94)
        .fold(Build::new(SIDE, SIDE), |gif, _| {
            gif.control_with(2, 3 << 2 | 1, 1).descriptor(large, None, 0x40).bytes(&[2]).data(&runs)
        })
        .tiny_frame(large);
    // As many pixels of chance as go into 5 MiB.
    let grain = lzw(8, &noise(usize::from(SIDE) * 1700));
    let grain = Build::version(b"GIF89a", SIDE, 1700, Some(8))
        .descriptor([0, 0, SIDE, 1700], None, 0)
        .bytes(&[8])
        .data(&grain)
        .tiny_frame([0, 0, SIDE, 1700]);
    let flood = (0..1000).fold(Build::new(SIDE, 100), |gif, _| gif.control(0).tiny_frame([0, 0, SIDE, 100]));
    let slow = (0..900).fold(Build::new(4, 4), |gif, _| gif.control(u16::MAX).frame([0, 0, 4, 4]));
    let mut blocks = Build::new(1, 1).descriptor([0, 0, 1, 1], None, 0).bytes(&[2]).0;
    blocks.resize(5 << 20, 1);
    let mut comments = Build::new(2, 2).0;
    while comments.len() < (5 << 20) - 100 {
        comments.extend_from_slice(b"!\xfe\x01x\0");
    }
    let stairs = (0..200_u8).fold(Build::new(4, 4), |gif, _| gif.application(b"NETSCAPE2.0", &[1; 255]));
    vec![
        hostile(
            "gif: a screen of 65,535 x 65,535",
            Build::new(65_535, 65_535).tiny_frame([0, 0, 1, 1]).trailer().0,
            "gif-canvas-too-large",
        ),
        hostile(
            "gif: a frame of 65,535 x 65,535",
            Build::new(1, 1).tiny_frame([0, 0, 65_535, 65_535]).trailer().0,
            "gif-canvas-too-large",
        ),
        hostile(
            "gif: a frame that begins where the canvas may end",
            Build::new(4, 4).frame([0, 0, 4, 4]).tiny_frame([2048, 2048, 1, 1]).trailer().0,
            "gif-canvas-too-large",
        ),
        hostile("gif: 1,000 frames of 2048 x 2048", many_large.trailer().0, "gif-too-many-pixels"),
        hostile("gif: 100,000 frames of a pixel", many_tiny.trailer().0, "gif-too-many-frames"),
        hostile(
            "gif: 95 frames of 2048 x 2048 in 400 kB, the last cut short",
            expanding.tiny_frame([0, 0, SIDE, SIDE]).trailer().0,
            "gif-too-many-pixels",
        ),
        hostile(
            "gif: 94 frames of 2048 x 2048, taken back each time",
            restored.trailer().0,
            "gif-bad-pixels|gif-too-much-work",
        ),
        hostile("gif: 5 MB of grain, and a broken frame", grain.trailer().0, "gif-bad-pixels"),
        hostile("gif: 1,000 frames without delay, too few pixels", flood.trailer().0, "gif-bad-pixels"),
        hostile("gif: frames of eleven minutes", slow.trailer().0, "gif-too-long"),
        hostile("gif: sub-blocks without end", blocks, "gif-truncated"),
        hostile("gif: 5 MiB of comments", comments, "gif-truncated"),
        hostile("gif: 200 loop counts and no frame", stairs.trailer().0, "gif-empty"),
        hostile(
            "gif: one byte too many",
            {
                let mut gif = Sample::new(9, 9, 2).to_gif();
                gif.resize((5 << 20) + 1, 0);
                gif
            },
            "gif-too-large",
        ),
    ]
}

fn truncated() -> Vec<Hostile> {
    let gif = Build::new(40, 40).loops(0).control(5).descriptor([0, 0, 40, 40], Some(4), 0).0;
    let sample = Sample::new(64, 64, 3).to_gif();
    let cuts = [
        ("header", 8),
        ("screen", 12),
        ("colour table", 20),
        ("loop count", 38),
        ("control", 48),
        ("descriptor", 55),
        ("local colour table", 80),
    ];
    let mut all: Vec<_> = cuts
        .into_iter()
        .map(|(at, cut)| hostile(format!("gif: cut in the {at}"), gif[..cut].to_vec(), "gif-truncated"))
        .collect();
    all.push(hostile("gif: cut in the pixels", sample[..sample.len() / 2].to_vec(), "gif-truncated"));
    all.push(hostile(
        "gif: cut before the end of the last frame",
        sample[..sample.len() - 2].to_vec(),
        "gif-truncated",
    ));
    all.push(hostile("gif: no frame, no end", Build::new(4, 4).loops(0).0, "gif-truncated"));
    all
}

fn broken() -> Vec<Hostile> {
    let frame = |depth: u8, data: &[u8]| {
        Build::new(40, 40).descriptor([0, 0, 40, 40], None, 0).bytes(&[depth]).data(data).trailer().0
    };
    let noise: Vec<u8> = noise(4000);
    vec![
        hostile("gif: pixels of chance", frame(2, &noise), "gif-bad-pixels"),
        hostile("gif: a first code that cannot be", frame(2, &[0b0011_1100]), "gif-bad-pixels"),
        hostile("gif: a code from the future", frame(2, &[0b1100_0100, 0b1]), "gif-bad-pixels"),
        hostile("gif: the end comes first", frame(2, &[0b0010_1100]), "gif-bad-pixels"),
        hostile(
            "gif: clear codes only",
            frame(2, &[0b0010_0100, 0b0100_1001, 0b1001_0010].repeat(100_000)),
            "gif-bad-pixels",
        ),
        hostile(
            "gif: 5 MB of clear codes",
            frame(2, &[0b0010_0100, 0b0100_1001, 0b1001_0010].repeat(1_700_000)),
            "gif-bad-pixels|gif-too-much-work",
        ),
        hostile("gif: too few pixels", frame(2, &[0x44]), "gif-bad-pixels"),
        hostile("gif: codes of one bit", frame(0, &[0; 400]), "gif-bad-pixels"),
        hostile("gif: codes of two bits", frame(1, &[0; 400]), "gif-bad-pixels"),
        hostile("gif: codes of ten bits", frame(9, &[0; 400]), "gif-broken"),
        hostile("gif: codes of 256 bits", frame(255, &[0; 400]), "gif-broken"),
        hostile("gif: no data", frame(2, &[]), "gif-empty"),
        hostile(
            "gif: no colours at all",
            Build::version(b"GIF89a", 8, 8, None).frame([0, 0, 8, 8]).trailer().0,
            "gif-bad-pixels",
        ),
        hostile(
            "gif: colours beyond the table",
            Build::version(b"GIF89a", 8, 8, Some(1)).frame([0, 0, 8, 8]).trailer().0,
            "gif-bad-pixels",
        ),
        hostile(
            "gif: good, good, broken",
            [&Sample::new(40, 40, 2).to_gif()[..], &[]]
                .concat()
                .strip_suffix(b";")
                .unwrap()
                .iter()
                .copied()
                .chain(Build(Vec::new()).tiny_frame([0, 0, 40, 40]).trailer().0)
                .collect(),
            "gif-bad-pixels",
        ),
    ]
}

fn lies() -> Vec<Hostile> {
    let whole = Build::new(4, 4).frame([0, 0, 4, 4]);
    vec![
        hostile("gif: a frame without width", Build::new(4, 4).tiny_frame([0, 0, 0, 4]).trailer().0, "gif-empty"),
        hostile("gif: a canvas of nothing", Build::new(0, 0).trailer().0, "gif-empty"),
        hostile(
            "gif: a page between its frames",
            whole.clone().bytes(b"<html><script>alert(1)</script>").frame([0, 0, 4, 4]).trailer().0,
            "gif-broken",
        ),
        hostile(
            "gif: a control with a block too many",
            Build::new(4, 4).bytes(b"!\xf9\x04\0\0\0\0\x04\0\0\0\0\0").frame([0, 0, 4, 4]).trailer().0,
            "gif-broken",
        ),
        hostile(
            "gif: a script whose width begins a comment",
            Build::version(b"GIF89a", u16::from_le_bytes(*b"/*"), 1, None)
                .comment(b"*/=1;alert(1);/*")
                .tiny_frame([0, 0, 1, 1])
                .trailer()
                .bytes(b"*/")
                .0,
            "gif-canvas-too-large",
        ),
        hostile(
            "gif: blocks in blocks",
            Build::new(4, 4).extension(0xff, &[0x21; 5000]).extension(0x2c, &[0x2c; 5000]).trailer().0,
            "gif-empty",
        ),
    ]
}

/// Bytes of chance, always the same.
pub fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let byte = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(byte).take(count).collect()
}

/// LZW data of `pixels` times the first colour: each code is one pixel longer than the one before.
fn runs(depth: u8, pixels: usize) -> Vec<u8> {
    lzw(depth, &vec![0; pixels])
}

pub fn lzw(depth: u8, pixels: &[u8]) -> Vec<u8> {
    weezl::encode::Encoder::new(weezl::BitOrder::Lsb, depth).encode(pixels).unwrap()
}
