//! Whether a picture flashes as WCAG 2.3.1 warns of: the general and the red flash.
//!
//! A flash is a pair of opposing changes of a tenth of the full relative luminance or more, where the darker side is below
//! 0.8; or one to and from a saturated red. More than three within a second, over a quarter of the picture, are too
//! many. How large the picture will be on whose screen is not known, so the area is a share of the picture.
//! Luminance is the mean of a few pixels of a cell: film grain is no flash.

use std::time::Duration;

use crate::Loops;
use crate::sample::Grid;

const SECOND: Duration = Duration::from_secs(1);
/// Four flashes are more than three; each is there and back again.
const CHANGES: usize = 8;
/// Least change, and the darker side, in 255ths of the full luminance.
const LEAST: u8 = 26;
const DARK: u8 = 204;
/// Least change of red - green - blue (20 of 320, as the definition has it).
const LEAST_RED: u8 = 16;
/// What is seen through transparent pixels: nobody knows. And how red it is.
const SIGNALS: usize = 3;
const RED: usize = 2;

/// By cell: luminance over black, over white, and redness.
type Levels = [u8; SIGNALS];

/// Collects what every frame looks like from afar.
#[derive(Debug)]
pub(crate) struct Watch {
    linear: [f32; 256],
    levels: Vec<Levels>,
    delays: Vec<Duration>,
}

impl Watch {
    pub fn new() -> Self {
        // sRGB to linear light, as the definition of relative luminance has it.
        let linear = std::array::from_fn(|value| {
            let value = value as f32 / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        Self { linear, levels: Vec::new(), delays: Vec::new() }
    }

    pub fn add(&mut self, grid: &Grid, rgba: &[u8], delay: Duration) {
        self.delays.push(delay);
        self.levels.extend(grid.look(rgba).map(|cell| {
            let mut sums = [0.0; SIGNALS];
            let mut count = 0.0;
            for [red, green, blue, alpha] in cell {
                let [r, g, b] = [red, green, blue].map(|channel| self.linear[usize::from(channel)]);
                let alpha = f32::from(alpha) / 255.0;
                let luminance = (0.2126 * r + 0.7152 * g + 0.0722 * b) * alpha;
                // Saturated: four fifths of all light are red.
                let redness = if r >= 0.8 * (r + g + b) { (r - g - b).max(0.0) } else { 0.0 };
                sums = [sums[0] + luminance, sums[1] + luminance + 1.0 - alpha, sums[RED] + redness * alpha];
                count += 1.0;
            }
            sums.map(|sum| (sum / count * 255.0).round() as u8)
        }));
    }

    /// Plays it all, and again from the beginning when it loops, long enough to see a second across the seam.
    pub fn flashes(&self, grid: &Grid, loops: Loops) -> bool {
        let frames = self.delays.len();
        if frames < 2 {
            return false;
        }
        let cells = grid.cells();
        let mut eyes = vec![[Eye::default(); SIGNALS]; cells];
        let once: Duration = self.delays.iter().sum();
        let end = if loops == Loops::Once { once } else { once + 2 * SECOND };
        let mut now = Duration::ZERO;
        for frame in (0..frames).cycle() {
            if now >= end {
                return false;
            }
            let levels = &self.levels[frame * cells..][..cells];
            let mut counts = [0; SIGNALS];
            for (eyes, levels) in eyes.iter_mut().zip(levels) {
                for ((eye, &level), (signal, count)) in eyes.iter_mut().zip(levels).zip(counts.iter_mut().enumerate()) {
                    eye.see(level, signal == RED, now);
                    *count += usize::from(eye.is_flashed(now));
                }
            }
            if counts.iter().any(|count| count * 4 >= cells) {
                return true;
            }
            now += self.delays[frame];
        }
        false
    }
}

/// Follows one signal of one cell.
#[derive(Clone, Copy, Default)]
struct Eye {
    /// The last turning point, as far as is known: brightness goes up or down from there.
    extreme: Option<u8>,
    rising: Option<bool>,
    /// When the last changes were; the oldest is overwritten.
    changes: [Option<Duration>; CHANGES],
    next: usize,
}

impl Eye {
    fn see(&mut self, level: u8, red: bool, now: Duration) {
        let Some(extreme) = self.extreme else {
            self.extreme = Some(level);
            return;
        };
        let (least, dark) = if red { (LEAST_RED, u8::MAX) } else { (LEAST, DARK) };
        let up = level > extreme;
        if self.rising == Some(up) {
            // On and on in the same direction: the turning point moves along.
            self.extreme = Some(level);
        } else if level.abs_diff(extreme) >= least && level.min(extreme) < dark {
            self.extreme = Some(level);
            self.rising = Some(up);
            self.changes[self.next] = Some(now);
            self.next = (self.next + 1) % CHANGES;
        }
    }

    /// Whether the last changes all were within a second.
    fn is_flashed(&self, now: Duration) -> bool {
        self.changes[self.next].is_some_and(|oldest| now - oldest < SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u32 = 40;
    const HEIGHT: u32 = 30;

    /// The answer to frames of so many milliseconds; the pixels by frame, column and row.
    fn flashes(frames: u32, delay: u64, loops: Loops, pixel: impl Fn(u32, u32, u32) -> [u8; 4]) -> bool {
        let grid = Grid::new(WIDTH, HEIGHT, b"");
        let mut watch = Watch::new();
        for frame in 0..frames {
            let rgba: Vec<u8> = (0..HEIGHT)
                .flat_map(|y| (0..WIDTH).map(move |x| (x, y)))
                .flat_map(|(x, y)| pixel(frame, x, y))
                .collect();
            watch.add(&grid, &rgba, Duration::from_millis(delay));
        }
        watch.flashes(&grid, loops)
    }

    fn gray(value: u8) -> [u8; 4] {
        [value, value, value, 255]
    }

    fn blink(frame: u32) -> [u8; 4] {
        gray(if frame.is_multiple_of(2) { 0 } else { 255 })
    }

    #[test]
    fn black_and_white_by_how_fast() {
        for (delay, expected) in
            [(20, true), (50, true), (100, true), (120, true), (167, false), (250, false), (500, false)]
        {
            assert_eq!(flashes(40, delay, Loops::Once, |frame, _, _| blink(frame)), expected, "{delay}");
        }
    }

    #[test]
    fn three_flashes_are_allowed_and_four_are_not() {
        let first = |flashes: u32| {
            move |frame: u32, _: u32, _: u32| if frame < 2 * flashes + 1 { blink(frame) } else { gray(0) }
        };
        assert!(!flashes(60, 60, Loops::Once, first(3)));
        assert!(flashes(60, 60, Loops::Once, first(4)));
    }

    #[test]
    fn the_end_joins_the_beginning() {
        // Two flashes in a loop of half a second: once they are two, for ever they are four a second.
        let pixel = |frame: u32, _: u32, _: u32| blink(frame);
        assert!(!flashes(4, 100, Loops::Once, pixel));
        assert!(flashes(4, 100, Loops::Forever, pixel));
        assert!(flashes(2, 50, Loops::Forever, pixel));
        assert!(!flashes(2, 500, Loops::Forever, pixel));
    }

    #[test]
    fn a_quarter_of_the_picture() {
        let part = |columns: u32| move |frame: u32, x: u32, _: u32| if x < columns { blink(frame) } else { gray(90) };
        assert!(!flashes(40, 100, Loops::Once, part(WIDTH / 5)));
        assert!(flashes(40, 100, Loops::Once, part(WIDTH / 3)));
    }

    #[test]
    fn small_or_bright_changes_are_none() {
        let between = |one: u8, other: u8| {
            move |frame: u32, _: u32, _: u32| gray(if frame.is_multiple_of(2) { one } else { other })
        };
        assert!(!flashes(40, 100, Loops::Once, between(100, 110)));
        assert!(flashes(40, 100, Loops::Once, between(90, 140)));
        // 0.8 of the luminance and brighter.
        assert!(!flashes(40, 100, Loops::Once, between(232, 255)));
    }

    #[test]
    fn fading_there_and_back_is_a_flash_too() {
        // Four steps up, four down, 15 ms each: 8 flashes a second; and slowly, 1 a second.
        let fade = |frame: u32, _: u32, _: u32| gray(60 * (4 - (frame % 8).abs_diff(4)) as u8);
        assert!(flashes(80, 15, Loops::Once, fade));
        assert!(!flashes(80, 125, Loops::Once, fade));
    }

    #[test]
    fn red_flashes_at_little_luminance() {
        let pixel =
            |frame: u32, _: u32, _: u32| if frame.is_multiple_of(2) { [130, 0, 0, 255] } else { [20, 20, 20, 255] };
        assert!(flashes(40, 100, Loops::Once, pixel));
        let brown =
            |frame: u32, _: u32, _: u32| if frame.is_multiple_of(2) { [130, 90, 60, 255] } else { [130, 90, 110, 255] };
        assert!(!flashes(40, 100, Loops::Once, brown));
    }

    #[test]
    fn transparent_and_back_is_a_flash_on_some_page() {
        for color in [0, 255] {
            let pixel = move |frame: u32, _: u32, _: u32| if frame.is_multiple_of(2) { gray(color) } else { [0; 4] };
            assert!(flashes(40, 100, Loops::Once, pixel), "{color}");
        }
    }

    #[test]
    fn grain_and_movement_are_none() {
        let grain = |frame: u32, x: u32, y: u32| {
            let noise = (x * 7919 + y * 104_729 + frame * 15_485_863).wrapping_mul(2_654_435_761) >> 24;
            gray(100 + (noise % 30) as u8)
        };
        assert!(!flashes(60, 40, Loops::Once, grain));
        // A bright ball of a tenth of the width runs across.
        let ball = |frame: u32, x: u32, _: u32| gray(if x.abs_diff(frame % WIDTH) < 2 { 255 } else { 30 });
        assert!(!flashes(80, 40, Loops::Forever, ball));
    }
}
