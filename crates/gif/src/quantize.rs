//! Finds at most 256 colours for the pixels of one frame: just those that there are, or, when they are more, those that
//! `quantette` finds by Wu's method.

use foldhash::{HashMap, HashMapExt};
use quantette::PaletteSize;
use quantette::color_map::IndexedColorMap;
use quantette::deps::palette::Srgb;
use quantette::wu::{BinnerU8x3, WuU8x3, WuU8x3ColorMap};

/// So many pixels stand for all of a frame, at most: they are copied, three bytes each.
const MOST_LOOKED_AT: usize = 1 << 20;
/// Colours are told apart by their upper five bits a channel.
const BINS: usize = 1 << 5;

/// A table of colours, and which one a pixel gets.
pub(crate) struct Colors {
    pub table: Vec<[u8; 3]>,
    map: Map,
}

enum Map {
    Exact(HashMap<[u8; 3], u8>),
    Near(Box<WuU8x3ColorMap<Srgb<u8>, BINS, BINS, BINS>>),
}

impl Colors {
    /// `most`: colours, 1 to 256. There need not be any pixel.
    pub fn of(pixels: impl Iterator<Item = [u8; 3]> + Clone, most: u16) -> Self {
        if let Some(exact) = Self::exact(pixels.clone(), most) {
            return exact;
        }
        // An odd step does not keep to a column.
        let step = pixels.clone().count().div_ceil(MOST_LOOKED_AT) | 1;
        let some: Vec<Srgb<u8>> = pixels.step_by(step).map(Srgb::from).collect();
        let most = PaletteSize::try_from(most).unwrap_or(PaletteSize::MAX);
        let found = WuU8x3::run_slice(&some, BinnerU8x3::new()).expect("there are pixels, and not 2^32");
        let map = found.color_map(most);
        Self { table: map.palette().iter().map(|&color| color.into()).collect(), map: Map::Near(Box::new(map)) }
    }

    /// None when there are more colours.
    fn exact(pixels: impl Iterator<Item = [u8; 3]>, most: u16) -> Option<Self> {
        let mut table = Vec::new();
        let mut places = HashMap::new();
        for pixel in pixels {
            // There are at most 256.
            places.entry(pixel).or_insert_with(|| {
                table.push(pixel);
                (table.len() - 1) as u8
            });
            if table.len() > most.into() {
                return None;
            }
        }
        Some(Self { table, map: Map::Exact(places) })
    }

    /// Whether every pixel gets just its colour.
    pub fn is_exact(&self) -> bool {
        matches!(self.map, Map::Exact(_))
    }

    /// The place in the table.
    pub fn index(&self, pixel: [u8; 3]) -> u8 {
        match &self.map {
            Map::Exact(places) => places.get(&pixel).copied().unwrap_or(0),
            Map::Near(map) => map.palette_index(&pixel.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_stay_exact() {
        let pixels = (0..256_u32).map(|at| [at as u8, (at * 7) as u8, (at / 3) as u8]);
        let colors = Colors::of(pixels.clone().cycle().take(1000), 256);
        assert!(colors.is_exact());
        for pixel in pixels {
            let index = colors.index(pixel);
            assert_eq!(colors.table[usize::from(index)], pixel);
        }
    }

    #[test]
    fn many_colours_are_near() {
        let pixels = (0..64_u32).flat_map(|x| (0..64_u32).map(move |y| [(x * 4) as u8, (y * 4) as u8, (x + y) as u8]));
        for most in [255, 256] {
            let colors = Colors::of(pixels.clone(), most);
            assert!(!colors.is_exact() && colors.table.len() == usize::from(most));
            let mut sum = 0;
            for pixel in pixels.clone() {
                let index = colors.index(pixel);
                let color = colors.table[usize::from(index)];
                let apart = (0..3).map(|at| u32::from(color[at].abs_diff(pixel[at]))).max().unwrap();
                assert!(apart <= 24, "{pixel:?} {color:?}");
                sum += apart;
            }
            assert!(sum / 4096 <= 8, "{}", sum / 4096);
        }
    }

    #[test]
    fn no_pixel_no_colour() {
        assert_eq!(Colors::of(std::iter::empty(), 256).table.len(), 0);
    }
}
