//! Makes a GIF of canvases.

use std::time::Duration;

use weezl::BitOrder;

use crate::quantize::Colors;
use crate::reader::{APPLICATION, CONTROL, EXTENSION, FRAME, NETSCAPE, TRAILER};
use crate::work::Work;
use crate::{Error, Info, Limits};

/// Canvases with more pixels are written whole: what was there before is not kept to compare with.
const MOST_COMPARED: usize = 2_200_000;
/// Browsers slow down what is shorter, in hundredths of a second.
const LEAST_DELAY: u64 = 2;
/// From here on a pixel is there, in 255ths.
const VISIBLE: u8 = 128;
const KEEP: u8 = 1;
const CLEAR: u8 = 2;

/// A GIF in the making.
pub(crate) struct Encoder {
    width: u32,
    height: u32,
    most: usize,
    gif: Vec<u8>,
    /// A still is worth the time to spread the error of a colour over its neighbours; in an animation it flickers.
    still: bool,
    last: Option<Last>,
}

/// The frame that was written last, for second thoughts.
struct Last {
    /// Where its blocks begin.
    start: usize,
    delay: u64,
    /// Whether the canvas is empty again after it.
    cleared: bool,
    /// What shows; empty when the canvas is too large to keep it.
    rgba: Vec<u8>,
}

/// Left, top, right, bottom.
type Bounds = [u32; 4];

impl Encoder {
    pub fn new(info: &Info, limits: &Limits) -> Self {
        let mut gif = b"GIF89a".to_vec();
        push_u16s(&mut gif, &[info.width, info.height]);
        // No colours for all frames; background 0; square pixels.
        gif.extend_from_slice(&[0x70, 0, 0]);
        if let Some(count) = info.loops.count() {
            let [low, high] = count.to_le_bytes();
            gif.extend_from_slice(&[EXTENSION, APPLICATION, 11]);
            gif.extend_from_slice(NETSCAPE);
            gif.extend_from_slice(&[3, 1, low, high, 0]);
        }
        Self { width: info.width, height: info.height, most: limits.bytes, gif, still: info.frames == 1, last: None }
    }

    /// One more canvas, of the size that was said.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::TooMuchWork`].
    pub fn add(&mut self, rgba: &[u8], delay: Duration, work: &Work) -> Result<(), Error> {
        let canvas = rgba.as_chunks::<4>().0;
        let delay = (u64::try_from(delay.as_millis()).unwrap_or(u64::MAX).saturating_add(5) / 10).max(LEAST_DELAY);
        let whole = [0, 0, self.width, self.height];
        let keeps = canvas.len() <= MOST_COMPARED;
        let see_through = canvas.iter().any(|pixel| pixel[3] < VISIBLE);
        let last = self.last.take();
        let mut start = self.gif.len();
        let mut cleared = see_through && !self.still;
        match last {
            None => self.frame(canvas, &[], whole, delay, cleared, work)?,
            Some(last) if !last.rgba.is_empty() => {
                let before = last.rgba.as_chunks::<4>().0;
                let Some(changed) = changes(before, canvas, self.width) else {
                    self.wait(last, delay);
                    return Ok(());
                };
                let erases = before.iter().zip(canvas).any(|(before, now)| shows(*before) && !shows(*now));
                if last.cleared {
                    // Behind one frame that is cleared come only such: nothing else knows what is on the canvas.
                    cleared = true;
                    self.frame(canvas, &[], whole, delay, true, work)?;
                } else if erases {
                    // Second thoughts: only a frame that covers all of the canvas can take all of it away again.
                    self.gif.truncate(last.start);
                    self.frame(before, &[], whole, last.delay, true, work)?;
                    start = self.gif.len();
                    cleared = true;
                    self.frame(canvas, &[], whole, delay, true, work)?;
                } else {
                    cleared = false;
                    self.frame(canvas, before, changed, delay, false, work)?;
                }
            }
            Some(last) => {
                // It covered the canvas, so it can be told to clear all of it, now that the next one needs that.
                cleared |= last.cleared;
                if cleared {
                    self.gif[last.start + 3] = self.gif[last.start + 3] & !0x1c | CLEAR << 2;
                }
                self.frame(canvas, &[], whole, delay, cleared, work)?;
            }
        }
        let rgba = if keeps && !self.still { rgba.to_vec() } else { Vec::new() };
        self.last = Some(Last { start, delay, cleared, rgba });
        if self.gif.len() < self.most { Ok(()) } else { Err(Error::TooLarge { most: self.most }) }
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.gif.push(TRAILER);
        self.gif
    }

    /// Nothing has changed: the last frame just stays longer.
    fn wait(&mut self, mut last: Last, delay: u64) {
        last.delay += delay;
        let [low, high] = u16::try_from(last.delay).unwrap_or(u16::MAX).to_le_bytes();
        self.gif[last.start + 4..last.start + 6].copy_from_slice(&[low, high]);
        self.last = Some(last);
    }

    /// Writes one frame. What is the same in `before` need not be drawn.
    fn frame(
        &mut self,
        canvas: &[[u8; 4]],
        before: &[[u8; 4]],
        bounds: Bounds,
        delay: u64,
        cleared: bool,
        work: &Work,
    ) -> Result<(), Error> {
        let [left, top, right, bottom] = bounds;
        let width = self.width as usize;
        let places =
            (top as usize..bottom as usize).flat_map(|y| y * width + left as usize..y * width + right as usize);
        let area = (right - left) as usize * (bottom - top) as usize;
        let same = |at: usize| before.get(at).is_some_and(|before| normal(*before) == normal(canvas[at]));
        // Holes in what is drawn cost something, too: only many are worth it.
        let lets = !before.is_empty() && places.clone().filter(|&at| same(at)).count() > area / 8;
        let drawn = |at: &usize| shows(canvas[*at]) && !(lets && same(*at));
        let some_hidden = !places.clone().all(|at| drawn(&at));
        work.check()?;
        let color = |at: usize| [canvas[at][0], canvas[at][1], canvas[at][2]];
        let mut colors = Colors::of(places.clone().filter(drawn).map(color), if some_hidden { 255 } else { 256 });
        work.check()?;
        let transparent = colors.table.len() as u8;
        let mut indices = Vec::with_capacity(area);
        if self.still && !colors.is_exact() {
            let row = |y: usize| y * width..(y + 1) * width;
            dither(&mut indices, (0..self.height as usize).map(|y| &canvas[row(y)]), &mut colors, transparent, work)?;
        } else {
            indices.extend(places.map(|at| if drawn(&at) { colors.index(color(at)) } else { transparent }));
        }
        work.check()?;
        let entries = colors.table.len() + usize::from(some_hidden);
        let depth = usize::BITS - (entries.max(2) - 1).leading_zeros();
        self.push(bounds, &colors.table, depth as u8, some_hidden.then_some(transparent), delay, cleared);
        self.gif.push(depth.max(2) as u8);
        let mut data = Vec::with_capacity(area / 4);
        let result =
            weezl::encode::Encoder::new(BitOrder::Lsb, depth.max(2) as u8).into_vec(&mut data).encode_all(&indices);
        debug_assert!(result.status.is_ok(), "every index is below 2^depth");
        work.check()?;
        for block in data.chunks(255) {
            self.gif.push(block.len() as u8);
            self.gif.extend_from_slice(block);
        }
        self.gif.push(0);
        Ok(())
    }

    /// The blocks in front of the pixels.
    fn push(
        &mut self,
        [left, top, right, bottom]: Bounds,
        table: &[[u8; 3]],
        depth: u8,
        transparent: Option<u8>,
        delay: u64,
        cleared: bool,
    ) {
        let [low, high] = u16::try_from(delay).unwrap_or(u16::MAX).to_le_bytes();
        let disposal = if cleared { CLEAR } else { KEEP };
        let flags = disposal << 2 | u8::from(transparent.is_some());
        self.gif.extend_from_slice(&[EXTENSION, CONTROL, 4, flags, low, high, transparent.unwrap_or(0), 0]);
        self.gif.push(FRAME);
        push_u16s(&mut self.gif, &[left, top, right - left, bottom - top]);
        self.gif.push(0x80 | (depth - 1));
        self.gif.extend(table.iter().flatten());
        self.gif.resize(self.gif.len() + 3 * ((1 << depth) - table.len()), 0);
    }
}

/// Spreads what a colour is off over the pixels to the right and below (Floyd and Steinberg, 1976), three quarters of it:
/// with all of it, specks appear in dark places.
fn dither<'a>(
    indices: &mut Vec<u8>,
    rows: impl Iterator<Item = &'a [[u8; 4]]>,
    colors: &mut Colors,
    transparent: u8,
    work: &Work,
) -> Result<(), Error> {
    let mut below: Vec<[i16; 3]> = Vec::new();
    for row in rows {
        work.check()?;
        // One more on each side.
        below.resize(row.len() + 2, [0; 3]);
        let mut here = std::mem::replace(&mut below, vec![[0; 3]; row.len() + 2]);
        for (x, pixel) in row.iter().enumerate() {
            if !shows(*pixel) {
                indices.push(transparent);
                continue;
            }
            let wanted: [i16; 3] = std::array::from_fn(|at| i16::from(pixel[at]) + here[x + 1][at] / 16);
            let index = colors.index(wanted.map(|channel| channel.clamp(0, 255) as u8));
            indices.push(index);
            for at in 0..3 {
                let off = (wanted[at].clamp(0, 255) - i16::from(colors.table[usize::from(index)][at])) * 3 / 4;
                here[x + 2][at] += off * 7;
                below[x][at] += off * 3;
                below[x + 1][at] += off * 5;
                below[x + 2][at] += off;
            }
        }
    }
    Ok(())
}

/// The least rectangle that holds everything that differs.
fn changes(before: &[[u8; 4]], now: &[[u8; 4]], width: u32) -> Option<Bounds> {
    let width = width as usize;
    let mut bounds: Option<Bounds> = None;
    for (y, (before, now)) in (0..).zip(before.chunks_exact(width).zip(now.chunks_exact(width))) {
        let differs = |x: &usize| normal(before[*x]) != normal(now[*x]);
        let Some(first) = (0..width).find(differs) else { continue };
        let last = (first..width).rfind(differs).unwrap_or(first);
        let (first, last) = (first as u32, last as u32 + 1);
        bounds = Some(match bounds {
            None => [first, y, last, y + 1],
            Some([left, top, right, _]) => [left.min(first), top, right.max(last), y + 1],
        });
    }
    bounds
}

/// A pixel is there or it is not, and one that is not has no colour.
fn normal(pixel: [u8; 4]) -> [u8; 4] {
    if shows(pixel) { [pixel[0], pixel[1], pixel[2], 255] } else { [0; 4] }
}

fn shows(pixel: [u8; 4]) -> bool {
    pixel[3] >= VISIBLE
}

fn push_u16s(gif: &mut Vec<u8>, numbers: &[u32]) {
    // Sides are within what the format can say: whoever read the picture has checked that.
    gif.extend(numbers.iter().flat_map(|&number| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()));
}
