//! Files that use what few programs write.

use super::numbers::{hash, wave};
use super::write::{Disposal, Frame, Writer};
use crate::Loops;

const COLORS: [[u8; 3]; 8] = [
    [0x22, 0x22, 0x2a],
    [0xf4, 0xf0, 0xe6],
    [0xd8, 0x38, 0x30],
    [0x30, 0x80, 0xd8],
    [0x48, 0xa8, 0x58],
    [0xf0, 0xb0, 0x28],
    [0x90, 0x50, 0xb8],
    [0, 0, 0],
];
/// The entry that is transparent where a frame says so.
const CLEAR: u8 = 7;
const LOOP: Loops = Loops::Forever;

fn plain(rect: [u16; 4], entries: &[u8]) -> Frame<'_> {
    Frame { rect, entries, delay: 8, disposal: Disposal::Keep, clear: None, colors: None, interlaced: false }
}

/// Entries for a rectangle, by place in it.
fn entries([_, _, width, height]: [u16; 4], entry: impl Fn(u16, u16) -> u8) -> Vec<u8> {
    (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| entry(x, y)).collect()
}

/// A disc with stripes, clear around.
fn disc(side: u16, frame: u16) -> Vec<u8> {
    entries([0, 0, side, side], |x, y| {
        let half = i32::from(side) / 2;
        let (across, down) = (i32::from(x) - half, i32::from(y) - half);
        let inside = across * across + down * down <= half * half;
        if inside { 1 + ((x + y + frame * 3) / 6 % 6) as u8 } else { CLEAR }
    })
}

fn checks(rect: [u16; 4]) -> Vec<u8> {
    entries(rect, |x, y| ((x / 16 + y / 16) % 2) as u8)
}

/// Where a thing is that goes round.
fn round(frame: u16, frames: u16, width: u16, height: u16) -> [u16; 2] {
    let turn = f32::from(frame) / f32::from(frames);
    let place = |span: u16, swing: f32| (f32::from(span) * (0.5 + 0.5 * swing)) as u16;
    [place(width, wave(turn)), place(height, wave(turn + 0.25))]
}

/// A disc moves over checks, with every frame disposed of in the way `disposal` says.
fn moving(frames: u16, disposal: impl Fn(u16) -> Disposal) -> Vec<u8> {
    let (width, height) = (240, 180);
    let mut gif = Writer::new(width, height, Some(&COLORS), LOOP);
    let whole = [0, 0, width, height];
    gif.push(&plain(whole, &checks(whole)));
    for frame in 0..frames {
        let [left, top] = round(frame, frames, width - 48, height - 48);
        let picture = disc(48, frame);
        gif.push(&Frame { disposal: disposal(frame), clear: Some(CLEAR), ..plain([left, top, 48, 48], &picture) });
    }
    gif.finish()
}

pub(super) fn previous() -> Vec<u8> {
    moving(24, |_| Disposal::Previous)
}

pub(super) fn background() -> Vec<u8> {
    moving(24, |_| Disposal::Background)
}

pub(super) fn every_disposal() -> Vec<u8> {
    let all = [Disposal::Unsaid, Disposal::Previous, Disposal::Background, Disposal::Keep];
    moving(32, |frame| all[usize::from(frame) % 4])
}

/// The first frame is only a part; the rest of the canvas is never painted.
pub(super) fn small_first() -> Vec<u8> {
    let mut gif = Writer::new(200, 150, Some(&COLORS), LOOP);
    for frame in 0..10 {
        let rect = [51 + frame * 3, 33, 61, 47];
        gif.push(&Frame { clear: Some(CLEAR), ..plain(rect, &checks(rect)) });
    }
    gif.finish()
}

/// Frames at odd places, of odd sizes, one after the other over the whole canvas.
pub(super) fn odd_places() -> Vec<u8> {
    let mut gif = Writer::new(301, 203, Some(&COLORS), LOOP);
    let whole = [0, 0, 301, 203];
    gif.push(&plain(whole, &checks(whole)));
    for frame in 0..40_u16 {
        let random = |what: i32, most: u16| hash(i32::from(frame), what, 97) as u16 % most;
        let rect = [random(0, 250) | 1, random(1, 160) | 1, random(2, 50) + 1, random(3, 42) + 1];
        gif.push(&plain(rect, &entries(rect, |x, y| ((x / 4 + y / 4 + frame) % 7) as u8)));
    }
    gif.finish()
}

/// Frames that stick out of the canvas: what is outside is never seen.
pub(super) fn over_the_edge() -> Vec<u8> {
    let mut gif = Writer::new(160, 120, Some(&COLORS), LOOP);
    let whole = [0, 0, 160, 120];
    gif.push(&plain(whole, &checks(whole)));
    for frame in 0..16 {
        let rect = [100 + frame * 4, 80, 64, 64];
        let picture = disc(64, frame);
        gif.push(&Frame { clear: Some(CLEAR), disposal: Disposal::Previous, ..plain(rect, &picture) });
    }
    gif.finish()
}

/// Every frame has other colours.
pub(super) fn local_tables() -> Vec<u8> {
    let mut gif = Writer::new(256, 160, None, LOOP);
    for frame in 0..20_u16 {
        let colors: Vec<[u8; 3]> =
            (0..=255).map(|entry| [entry, 255 - entry, (f32::from(frame) * 12.0) as u8]).collect();
        let rect = [0, 0, 256, 160];
        let picture = entries(rect, |x, y| ((x + y / 2 + frame * 5) % 256) as u8);
        gif.push(&Frame { colors: Some(&colors), ..plain(rect, &picture) });
    }
    gif.finish()
}

/// Two colours, the fewest.
pub(super) fn two_colors() -> Vec<u8> {
    let mut gif = Writer::new(220, 160, Some(&COLORS[..2]), LOOP);
    for frame in 0..18_u16 {
        let rect = [0, 0, 220, 160];
        gif.push(&plain(rect, &entries(rect, |x, y| ((x ^ y).wrapping_add(frame * 4) / 16 % 2) as u8)));
    }
    gif.finish()
}

pub(super) fn one_pixel() -> Vec<u8> {
    let mut gif = Writer::new(1, 1, Some(&COLORS), Loops::Once);
    gif.push(&plain([0, 0, 1, 1], &[2]));
    gif.finish()
}

/// 500 frames in which a spot wanders.
pub(super) fn five_hundred() -> Vec<u8> {
    let mut gif = Writer::new(180, 120, Some(&COLORS), LOOP);
    let whole = [0, 0, 180, 120];
    gif.push(&plain(whole, &checks(whole)));
    for frame in 1..500 {
        let [left, top] = round(frame * 7 % 500, 500, 160, 100);
        let picture = vec![(frame % 7) as u8; 20 * 20];
        gif.push(&Frame { delay: 2, ..plain([left, top, 20, 20], &picture) });
    }
    gif.finish()
}

/// Most frames repeat the one before, as slides do; delays of every kind; it plays three times.
pub(super) fn slides() -> Vec<u8> {
    let mut gif = Writer::new(320, 200, Some(&COLORS), Loops::Again(std::num::NonZeroU16::MIN.saturating_add(1)));
    for frame in 0..30_u16 {
        let rect = [0, 0, 320, 200];
        let slide = frame / 6;
        let picture = entries(rect, |x, y| ((x / (20 + slide * 7) + y / 30 + slide) % 7) as u8);
        gif.push(&Frame { delay: [0, 1, 2, 7, 50, 100][usize::from(frame) % 6], ..plain(rect, &picture) });
    }
    gif.finish()
}

/// Nothing but chance: what nobody can make small, and no lossy picture is like.
pub(super) fn noise() -> Vec<u8> {
    let mut gif = Writer::new(160, 120, Some(&COLORS), LOOP);
    for frame in 0..8_u16 {
        let rect = [0, 0, 160, 120];
        let picture = entries(rect, |x, y| (hash(i32::from(x), i32::from(y), frame.into()) % 7) as u8);
        gif.push(&plain(rect, &picture));
    }
    gif.finish()
}

/// Rows in four passes.
pub(super) fn interlaced() -> Vec<u8> {
    let mut gif = Writer::new(203, 151, Some(&COLORS), LOOP);
    for frame in 0..12_u16 {
        let rect = [0, 0, 203, 151];
        let picture = entries(rect, |x, y| ((x * 3 + y * 5 + frame * 9) / 40 % 7) as u8);
        gif.push(&Frame { interlaced: true, ..plain(rect, &picture) });
    }
    gif.finish()
}
