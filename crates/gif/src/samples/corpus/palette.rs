//! At most 256 colours for pictures that have more: median cut.

/// Colours are told apart by the highest five bits of each channel.
const BITS: u32 = 5;
const BINS: usize = 1 << (3 * BITS);

pub(super) struct Palette {
    pub colors: Vec<[u8; 3]>,
    /// By bin: the entry that is nearest, as far as it was asked for.
    nearest: Vec<Option<u8>>,
}

impl Palette {
    /// The `most` colours that stand for these pixels best.
    pub fn of(pixels: impl Iterator<Item = [u8; 3]>, most: usize) -> Self {
        let mut bins = vec![(0_u32, [0_u64; 3]); BINS];
        for pixel in pixels {
            let (count, sums) = &mut bins[bin(pixel)];
            *count += 1;
            sums.iter_mut().zip(pixel).for_each(|(sum, channel)| *sum += u64::from(channel));
        }
        let mean = |count: u32, sums: [u64; 3]| sums.map(|sum| (sum / u64::from(count)) as u8);
        let seen = bins.iter().filter(|(count, _)| *count > 0).map(|&(count, sums)| (count, mean(count, sums)));
        let mut boxes = vec![seen.collect::<Vec<_>>()];
        while boxes.len() < most {
            let Some((at, channel)) = widest(&boxes) else { break };
            let mut colors = boxes.swap_remove(at);
            colors.sort_by_key(|(_, color)| color[channel]);
            let total: u64 = colors.iter().map(|(count, _)| u64::from(*count)).sum();
            let mut before = 0;
            let half = colors.iter().position(|(count, _)| {
                before += u64::from(*count);
                before * 2 >= total
            });
            let rest = colors.split_off((half.unwrap_or(0) + 1).min(colors.len() - 1));
            boxes.extend([colors, rest]);
        }
        let colors = boxes.iter().filter(|colors| !colors.is_empty()).map(|colors| {
            let total: u64 = colors.iter().map(|(count, _)| u64::from(*count)).sum();
            std::array::from_fn(|channel| {
                let sum: u64 = colors.iter().map(|(count, color)| u64::from(*count) * u64::from(color[channel])).sum();
                (sum / total) as u8
            })
        });
        Self { colors: colors.collect(), nearest: vec![None; BINS] }
    }

    /// The entry nearest to a colour.
    pub fn nearest(&mut self, color: [u8; 3]) -> u8 {
        let bin = bin(color);
        *self.nearest[bin].get_or_insert_with(|| {
            let distance = |entry: &[u8; 3]| -> u32 {
                entry.iter().zip(color).map(|(&of, to)| u32::from(of.abs_diff(to)).pow(2)).sum()
            };
            let nearest = (0..self.colors.len()).min_by_key(|&at| distance(&self.colors[at]));
            nearest.unwrap_or_default() as u8
        })
    }
}

fn bin(color: [u8; 3]) -> usize {
    color.iter().fold(0, |bin, channel| bin << BITS | usize::from(channel >> (8 - BITS)))
}

/// The box with the most to lose, and the channel it is widest in.
fn widest(boxes: &[Vec<(u32, [u8; 3])>]) -> Option<(usize, usize)> {
    let spread = |colors: &[(u32, [u8; 3])], channel: usize| {
        let values = || colors.iter().map(|(_, color)| color[channel]);
        values().max().unwrap_or_default() - values().min().unwrap_or_default()
    };
    let candidates = boxes.iter().enumerate().filter(|(_, colors)| colors.len() > 1);
    let weighed = candidates.map(|(at, colors)| {
        let channel = (0..3).max_by_key(|&channel| spread(colors, channel)).unwrap_or_default();
        let count: u64 = colors.iter().map(|(count, _)| u64::from(*count)).sum();
        (u64::from(spread(colors, channel)).pow(2) * count, at, channel)
    });
    weighed.max().map(|(_, at, channel)| (at, channel))
}
