//! Looks at a few pixels of every part of a canvas instead of at all of them.
//!
//! Which ones nobody knows who draws the picture: they follow from a hash of the whole file. Else a picture could flash
//! everywhere but there.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::quality::FixedState;
use sha2::{Digest, Sha256};

/// Cells in a row and in a column, at most.
pub(crate) const CELLS: u32 = 32;
/// Pixels in a row and in a column of a cell, at most.
const PIXELS: u32 = 2;

/// Where to look: a grid of cells over the canvas, a few pixels in each.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    /// By cell: the pixels, as places in the canvas.
    cells: Vec<Vec<usize>>,
}

impl Grid {
    /// For the canvas of `file`: the same file is always looked at in the same places.
    pub fn new(width: u32, height: u32, file: &[u8]) -> Self {
        let digest = Sha256::digest(file);
        let chance = FixedState::with_seed(digest.iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte)));
        let (across, down) = (parts(width), parts(height));
        let place = |rows: &Range<u32>, columns: &Range<u32>| {
            let chance = chance.hash_one((rows.start, columns.start));
            let (x, y) = (within(columns, chance as u32), within(rows, (chance >> 32) as u32));
            y as usize * width as usize + x as usize
        };
        let cell = |rows: &[Range<u32>], columns: &[Range<u32>]| {
            rows.iter().flat_map(|rows| columns.iter().map(move |columns| place(rows, columns))).collect()
        };
        let cells = down.iter().flat_map(|rows| across.iter().map(move |columns| cell(rows, columns))).collect();
        Self { cells }
    }

    /// At least 1.
    pub fn cells(&self) -> usize {
        self.cells.len()
    }

    /// By cell: its pixels.
    pub fn look<'a>(&'a self, rgba: &'a [u8]) -> impl Iterator<Item = impl Iterator<Item = [u8; 4]> + 'a> + 'a {
        let pixels = rgba.as_chunks::<4>().0;
        self.cells.iter().map(move |cell| cell.iter().map(move |&at| pixels[at]))
    }

    /// All that is looked at.
    pub fn pixels<'a>(&'a self, rgba: &'a [u8]) -> impl Iterator<Item = [u8; 4]> + 'a {
        self.look(rgba).flatten()
    }
}

/// One of them.
fn within(range: &Range<u32>, chance: u32) -> u32 {
    range.start + ((u64::from(chance) * u64::from(range.end - range.start)) >> 32) as u32
}

/// By cell of one side: the parts in each of which one pixel is looked at.
fn parts(side: u32) -> Vec<Vec<Range<u32>>> {
    let cells = side.min(CELLS);
    (0..cells)
        .map(|cell| {
            let (from, to) = (cell * side / cells, (cell + 1) * side / cells);
            let most = (to - from).min(PIXELS);
            let edge = |part| from + part * (to - from) / most;
            (0..most).map(|part| edge(part)..edge(part + 1)).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_is_covered_evenly() {
        for side in [1, 2, 31, 32, 33, 64, 100, 480, 2048, 65_535] {
            let parts = parts(side);
            assert_eq!(parts.len(), side.min(CELLS) as usize);
            let all: Vec<_> = parts.concat();
            assert!((all[0].start, all[all.len() - 1].end) == (0, side) && !all.iter().any(Range::is_empty), "{side}");
            assert!(all.windows(2).all(|two| two[0].end == two[1].start), "{side}");
        }
        assert_eq!([0, u32::MAX / 2, u32::MAX].map(|chance| within(&(5..9), chance)), [5, 6, 8]);
    }

    #[test]
    fn another_file_is_looked_at_elsewhere() {
        let places = |file: &[u8]| Grid::new(640, 480, file).cells.concat();
        let [one, same, other] = [b"one", b"one", b"two"].map(|file| places(file));
        assert!(one == same);
        let met = one.iter().zip(&other).filter(|(one, other)| one == other).count();
        assert!(met * 20 < one.len(), "{met} of {}", one.len());
        let all: std::collections::HashSet<_> = one.iter().collect();
        assert_eq!(all.len(), one.len());
    }
}
