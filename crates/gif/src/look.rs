//! How a picture looks at a glance: its colour, and the frame to show while it does not play.

use crate::sample::Grid;

/// Below this share of visible pixels a frame shows nothing yet.
const LEAST_VISIBLE: f32 = 0.05;
/// A frame is one colour when so many of its visible pixels are as good as the same.
const ALL: f32 = 0.98;
/// As good as the same: so far apart in all three channels together, at most.
const SAME: u32 = 24;
/// Colours are counted by the upper bits of their channels.
const BITS: u32 = 4;
/// Nothing can be seen: the middle of all.
const GRAY: [u8; 3] = [0x80; 3];

/// Whether there is something to see: not nearly nothing, not nearly one colour.
pub(crate) fn is_meaningful(grid: &Grid, rgba: &[u8]) -> bool {
    let visible: Vec<[u8; 4]> = grid.pixels(rgba).filter(is_visible).collect();
    if (visible.len() as f32) < grid.pixels(rgba).count() as f32 * LEAST_VISIBLE {
        return false;
    }
    // Where pixels are transparent there is a shape.
    let hidden = grid.pixels(rgba).any(|pixel| !is_visible(&pixel));
    // One pixel of a plain frame is as good as any other, unless it is of the rest: so ask more than one.
    let plain = |at: usize| {
        let probe = visible[at * (visible.len() - 1) / 4];
        let same = visible.iter().filter(|pixel| distance(**pixel, probe) <= SAME).count();
        same as f32 >= visible.len() as f32 * ALL
    };
    hidden || !(0..5).any(plain)
}

/// The colour that covers most: the mean of the fullest bucket of similar colours.
pub(crate) fn dominant(grid: &Grid, rgba: &[u8]) -> [u8; 3] {
    let mut buckets = vec![(0_u32, [0_u32; 3]); 1 << (3 * BITS)];
    for pixel in grid.pixels(rgba).filter(is_visible) {
        let bucket = pixel[..3].iter().fold(0, |bucket, channel| bucket << BITS | usize::from(channel >> (8 - BITS)));
        let (count, sums) = &mut buckets[bucket];
        *count += 1;
        sums.iter_mut().zip(pixel).for_each(|(sum, channel)| *sum += u32::from(channel));
    }
    match buckets.iter().max_by_key(|(count, _)| count) {
        Some(&(count, sums)) if count > 0 => sums.map(|sum| (sum / count) as u8),
        _ => GRAY,
    }
}

fn is_visible(pixel: &[u8; 4]) -> bool {
    pixel[3] >= 128
}

fn distance(one: [u8; 4], other: [u8; 4]) -> u32 {
    one.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(other))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(pixel: impl Fn(u32, u32) -> [u8; 4]) -> (Grid, Vec<u8>) {
        let rgba = (0..40).flat_map(|y| (0..60).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        (Grid::new(60, 40, b""), rgba)
    }

    #[test]
    fn plain_and_empty_frames_mean_nothing() {
        let plain = picture(|x, y| [7, 7, (x + y) as u8 % 3, 255]);
        let speck = picture(|x, y| if x == 30 && y == 20 { [255; 4] } else { [0, 0, 0, 255] });
        let empty = picture(|_, _| [9, 9, 9, 0]);
        let nearly_empty = picture(|x, y| if x + y < 5 { [255; 4] } else { [0; 4] });
        for (grid, rgba) in [plain, speck, empty, nearly_empty] {
            assert!(!is_meaningful(&grid, &rgba));
        }
        let half = picture(|x, _| if x < 30 { [255; 4] } else { [0, 0, 0, 255] });
        let corner = picture(|x, y| if x < 20 && y < 10 { [255; 4] } else { [0, 0, 0, 255] });
        let shape = picture(|x, y| if x < 20 && y < 20 { [5, 5, 5, 255] } else { [0; 4] });
        for (grid, rgba) in [half, corner, shape] {
            assert!(is_meaningful(&grid, &rgba));
        }
    }

    #[test]
    fn the_dominant_colour_is_the_one_that_covers_most() {
        let (grid, rgba) = picture(|x, y| match (x, y) {
            (0..20, _) => [250, 0, 0, 255],
            (20..50, _) => [10, 100 + (y % 4) as u8, 200, 255],
            _ => [0, 255, 0, 0],
        });
        assert_eq!(dominant(&grid, &rgba), [10, 101, 200]);
        let (grid, rgba) = picture(|_, _| [1, 2, 3, 100]);
        assert_eq!(dominant(&grid, &rgba), GRAY);
    }
}
