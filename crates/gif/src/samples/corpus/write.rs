//! Writes GIFs of every kind that the format allows.

use super::super::{lzw, push_extension, push_u16s};
use crate::Loops;
use crate::reader::{APPLICATION, CONTROL, FRAME, NETSCAPE, TRAILER};

/// What happens to a frame when its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disposal {
    Unsaid = 0,
    Keep = 1,
    Background = 2,
    Previous = 3,
}

/// One frame as it is in the file.
#[derive(Clone)]
pub(super) struct Frame<'a> {
    /// Left, top, width, height.
    pub rect: [u16; 4],
    pub entries: &'a [u8],
    /// In hundredths of a second.
    pub delay: u16,
    pub disposal: Disposal,
    pub clear: Option<u8>,
    /// Its own colour table.
    pub colors: Option<&'a [[u8; 3]]>,
    pub interlaced: bool,
}

pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// `colors` is the table for all frames without their own; at most 256.
    pub fn new(width: u16, height: u16, colors: Option<&[[u8; 3]]>, loops: Loops) -> Self {
        let mut gif = b"GIF89a".to_vec();
        push_u16s(&mut gif, &[width, height]);
        gif.extend_from_slice(&[colors.map_or(0x70, |colors| 0xf0 | size(colors)), 0, 0]);
        push_table(&mut gif, colors);
        if let Some(count) = loops.count() {
            let [low, high] = count.to_le_bytes();
            push_extension(&mut gif, APPLICATION, NETSCAPE, &[1, low, high]);
        }
        Self(gif)
    }

    pub fn push(&mut self, frame: &Frame<'_>) {
        let gif = &mut self.0;
        let [low, high] = frame.delay.to_le_bytes();
        let flags = (frame.disposal as u8) << 2 | u8::from(frame.clear.is_some());
        push_extension(gif, CONTROL, &[flags, low, high, frame.clear.unwrap_or_default()], &[]);
        gif.push(FRAME);
        push_u16s(gif, &frame.rect);
        let interlaced = if frame.interlaced { 0x40 } else { 0 };
        gif.push(interlaced | frame.colors.map_or(0, |colors| 0x80 | size(colors)));
        push_table(gif, frame.colors);
        let highest = frame.entries.iter().max().copied().unwrap_or_default();
        let depth = (8 - highest.leading_zeros() as u8).max(2);
        let row = usize::from(frame.rect[2]);
        let rows: Vec<&[u8]> = frame.entries.chunks(row).collect();
        if frame.interlaced {
            // Every eighth row, those in the middle between, and so on.
            let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
            let order = passes.into_iter().flat_map(|(from, step)| (from..rows.len()).step_by(step));
            lzw::push(gif, depth, order.flat_map(|y| rows[y].iter().copied()));
        } else {
            lzw::push(gif, depth, frame.entries.iter().copied());
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.0.push(TRAILER);
        self.0
    }
}

/// A table has 2 to 256 entries, a power of two: the exponent less one.
fn size(colors: &[[u8; 3]]) -> u8 {
    (colors.len().max(2).next_power_of_two().ilog2() - 1) as u8
}

fn push_table(gif: &mut Vec<u8>, colors: Option<&[[u8; 3]]>) {
    if let Some(colors) = colors {
        let entries = 2_usize << size(colors);
        gif.extend(colors.iter().flatten());
        gif.resize(gif.len() + (entries - colors.len()) * 3, 0);
    }
}
