//! Finds at most 256 colours for the pixels of one frame.
//!
//! Few colours are kept exactly. Many are counted by their upper five bits a channel; the space they fill is cut in two,
//! again and again, where its colours differ most, and what is left in each part becomes its mean (median cut).

/// Bits of a channel by which colours are counted.
const BITS: u32 = 5;
const BINS: usize = 1 << (3 * BITS);
/// Colours that are counted exactly; more than a table can hold are never needed.
const SLOTS: usize = 1024;

/// A table of colours, and which one a pixel gets.
#[derive(Debug)]
pub(crate) struct Colors {
    pub table: Vec<[u8; 3]>,
    /// By bin: the nearest colour, once somebody asked.
    nearest: Vec<Option<u8>>,
    exact: Option<Exact>,
}

impl Colors {
    /// `most`: colours, at most 256. There need not be any pixel.
    pub fn of(pixels: impl Iterator<Item = [u8; 3]> + Clone, most: usize) -> Self {
        let mut exact = Exact::new();
        if pixels.clone().all(|pixel| exact.add(pixel, most)) {
            return Self { table: exact.table.clone(), nearest: Vec::new(), exact: Some(exact) };
        }
        Self { table: cut(bins(pixels), most), nearest: vec![None; BINS], exact: None }
    }

    /// Whether every pixel gets just its colour.
    pub fn is_exact(&self) -> bool {
        self.exact.is_some()
    }

    /// The place in the table.
    pub fn index(&mut self, pixel: [u8; 3]) -> u8 {
        if let Some(exact) = &self.exact {
            return exact.find(pixel).unwrap_or(0);
        }
        let bin = bin(pixel);
        if let Some(index) = self.nearest[bin] {
            return index;
        }
        let middle = pixel.map(|channel| channel & !7 | 4);
        let apart = |color: &[u8; 3]| {
            let [r, g, b] = std::array::from_fn(|at| u32::from(color[at].abs_diff(middle[at])));
            // Eyes see green best and blue least.
            3 * r * r + 4 * g * g + 2 * b * b
        };
        let nearest = self.table.iter().enumerate().min_by_key(|(_, color)| apart(color));
        // There are at most 256.
        let nearest = nearest.map_or(0, |(index, _)| index as u8);
        self.nearest[bin] = Some(nearest);
        nearest
    }
}

/// A hash table that gives up when it is full enough.
#[derive(Debug)]
struct Exact {
    slots: Vec<Option<([u8; 3], u8)>>,
    table: Vec<[u8; 3]>,
}

impl Exact {
    fn new() -> Self {
        Self { slots: vec![None; SLOTS], table: Vec::new() }
    }

    /// Whether there was room for one more colour, if it is one.
    #[inline]
    fn add(&mut self, color: [u8; 3], most: usize) -> bool {
        let mut slot = hash(color);
        while let Some((there, _)) = self.slots[slot] {
            if there == color {
                return true;
            }
            slot = (slot + 1) % SLOTS;
        }
        if self.table.len() == most {
            return false;
        }
        self.slots[slot] = Some((color, self.table.len() as u8));
        self.table.push(color);
        true
    }

    fn find(&self, color: [u8; 3]) -> Option<u8> {
        let mut slot = hash(color);
        while let Some((there, index)) = self.slots[slot] {
            if there == color {
                return Some(index);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}

fn hash([r, g, b]: [u8; 3]) -> usize {
    (u32::from_le_bytes([r, g, b, 0]).wrapping_mul(0x9e37_79b1) >> 22) as usize % SLOTS
}

/// A colour that stands for all of its bin.
#[derive(Clone, Copy)]
struct Bin {
    count: u32,
    color: [u8; 3],
}

fn bin(pixel: [u8; 3]) -> usize {
    pixel.iter().fold(0, |bin, channel| bin << BITS | usize::from(channel >> (8 - BITS)))
}

fn bins(pixels: impl Iterator<Item = [u8; 3]>) -> Vec<Bin> {
    let mut all = vec![[0_u32; 4]; BINS];
    for pixel in pixels {
        let [count, sums @ ..] = &mut all[bin(pixel)];
        *count += 1;
        sums.iter_mut().zip(pixel).for_each(|(sum, channel)| *sum += u32::from(channel));
    }
    let filled = all.into_iter().filter(|[count, ..]| *count > 0);
    filled.map(|[count, sums @ ..]| Bin { count, color: sums.map(|sum| (sum / count) as u8) }).collect()
}

/// Bins next to each other in the list, and how much would be won by cutting them.
struct Part {
    bins: std::ops::Range<usize>,
    axis: usize,
    spread: f64,
}

fn cut(mut bins: Vec<Bin>, most: usize) -> Vec<[u8; 3]> {
    let mut parts = vec![measure(&bins, 0..bins.len())];
    while parts.len() < most {
        let Some((at, _)) = parts.iter().enumerate().max_by(|(_, a), (_, b)| a.spread.total_cmp(&b.spread)) else {
            break;
        };
        let Part { bins: range, axis, spread } = parts.swap_remove(at);
        if spread <= 0.0 {
            parts.push(Part { bins: range, axis, spread });
            break;
        }
        let middle = range.start + split(&mut bins[range.clone()], axis);
        parts.push(measure(&bins, range.start..middle));
        parts.push(measure(&bins, middle..range.end));
    }
    parts.iter().map(|part| mean(&bins[part.bins.clone()]).map(|channel| channel.round() as u8)).collect()
}

/// Sorts along `axis` and says where the mean is; neither side is empty.
fn split(bins: &mut [Bin], axis: usize) -> usize {
    let mean = mean(bins)[axis];
    bins.sort_unstable_by_key(|bin| bin.color[axis]);
    bins.partition_point(|bin| f64::from(bin.color[axis]) <= mean).clamp(1, bins.len() - 1)
}

fn mean(bins: &[Bin]) -> [f64; 3] {
    let count: f64 = bins.iter().map(|bin| f64::from(bin.count)).sum();
    std::array::from_fn(|axis| {
        bins.iter().map(|bin| f64::from(bin.color[axis]) * f64::from(bin.count)).sum::<f64>() / count
    })
}

fn measure(bins: &[Bin], range: std::ops::Range<usize>) -> Part {
    let bins = &bins[range.clone()];
    let mean = mean(bins);
    let spread = |axis: usize| {
        let apart = |bin: &Bin| (f64::from(bin.color[axis]) - mean[axis]).powi(2) * f64::from(bin.count);
        bins.iter().map(apart).sum::<f64>() * [3.0, 4.0, 2.0][axis]
    };
    let spreads = [0, 1, 2].map(spread);
    let axis = if spreads[1] >= spreads[0].max(spreads[2]) {
        1
    } else if spreads[0] >= spreads[2] {
        0
    } else {
        2
    };
    let spread = if bins.len() < 2 { 0.0 } else { spreads[axis] };
    Part { bins: range, axis, spread }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_stay_exact() {
        let pixels = (0..256_u32).map(|at| [at as u8, (at * 7) as u8, (at / 3) as u8]);
        let mut colors = Colors::of(pixels.clone().cycle().take(1000), 256);
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
            let mut colors = Colors::of(pixels.clone(), most);
            assert!(!colors.is_exact() && colors.table.len() == most);
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
