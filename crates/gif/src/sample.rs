//! Looks at a few pixels of every part of a canvas instead of at all of them.

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
    pub fn new(width: u32, height: u32) -> Self {
        let (across, down) = (spots(width), spots(height));
        let cell = |rows: &[u32], columns: &[u32]| {
            let row = |&y: &u32| columns.iter().map(move |&x| y as usize * width as usize + x as usize);
            rows.iter().flat_map(row).collect()
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

/// By cell of one side: the pixels to look at, evenly spread.
fn spots(side: u32) -> Vec<Vec<u32>> {
    let cells = side.min(CELLS);
    (0..cells)
        .map(|cell| {
            let (from, to) = (cell * side / cells, (cell + 1) * side / cells);
            let most = (to - from).min(PIXELS);
            (0..most).map(|spot| from + (2 * spot + 1) * (to - from) / (2 * most)).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_is_covered_evenly() {
        for side in [1, 2, 31, 32, 33, 64, 100, 480, 2048, 65_535] {
            let spots = spots(side);
            assert_eq!(spots.len(), side.min(CELLS) as usize);
            let all: Vec<_> = spots.concat();
            assert!(all.is_sorted_by(|one, next| one < next) && all[all.len() - 1] < side, "{side}");
            assert!(all[0] <= side / CELLS && side - all[all.len() - 1] <= side / CELLS + 1, "{side}");
        }
    }
}
