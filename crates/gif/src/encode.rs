//! Makes a GIF of canvases: what of each to draw is decided here; `gif` and `weezl` write it.

use std::time::Duration;

use gif::{DisposalMethod, Frame, Repeat};

use crate::quantize::Colors;
use crate::work::Work;
use crate::{Error, Info, Limits, Loops, lzw};

/// Canvases with more pixels are written whole: what was there before is not kept to compare with.
const MOST_COMPARED: usize = 2_200_000;
/// Browsers slow down what is shorter, in hundredths of a second.
const LEAST_DELAY: u64 = 2;
/// From here on a pixel is there, in 255ths.
const VISIBLE: u8 = 128;
/// Why writing cannot fail.
const WRITES: &str = "memory takes it, and no table has more than 256 colours";

/// A GIF in the making.
pub(crate) struct Encoder {
    width: u32,
    height: u32,
    most: usize,
    gif: gif::Encoder<Vec<u8>>,
    /// A still is worth the time to spread the error of a colour over its neighbours; in an animation it flickers.
    still: bool,
    last: Option<Last>,
}

/// The last frame so far. It is not written yet: the next one decides how long it shows, and what becomes of it.
struct Last {
    frame: Frame<'static>,
    /// What shows; empty when the canvas is too large to keep it.
    rgba: Vec<u8>,
}

/// Left, top, right, bottom.
type Bounds = [u32; 4];

impl Encoder {
    pub fn new(info: &Info, limits: &Limits) -> Self {
        let mut gif = gif::Encoder::new(Vec::new(), side(info.width), side(info.height), &[]).expect(WRITES);
        gif.set_repeat(match info.loops {
            Loops::Once => Repeat::Finite(0),
            Loops::Again(times) => Repeat::Finite(times.get()),
            Loops::Forever => Repeat::Infinite,
        })
        .expect(WRITES);
        Self { width: info.width, height: info.height, most: limits.bytes, gif, still: info.frames == 1, last: None }
    }

    /// One more canvas, of the size that was said.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::TooMuchWork`].
    pub fn add(&mut self, rgba: &[u8], delay: Duration, work: &Work) -> Result<(), Error> {
        let canvas = rgba.as_chunks::<4>().0;
        let hundredths = (u64::try_from(delay.as_millis()).unwrap_or(u64::MAX).saturating_add(5) / 10).max(LEAST_DELAY);
        let delay = u16::try_from(hundredths).unwrap_or(u16::MAX);
        let whole = [0, 0, self.width, self.height];
        let mut cleared = canvas.iter().any(|pixel| pixel[3] < VISIBLE) && !self.still;
        let frame = match self.last.take() {
            None => self.frame(canvas, &[], whole, work)?,
            Some(mut last) if !last.rgba.is_empty() => {
                let before = last.rgba.as_chunks::<4>().0;
                let Some(changed) = changes(before, canvas, self.width) else {
                    last.frame.delay = last.frame.delay.saturating_add(delay);
                    self.last = Some(last);
                    return Ok(());
                };
                let erases = before.iter().zip(canvas).any(|(before, now)| shows(*before) && !shows(*now));
                // Behind one frame that is cleared come only such: nothing else knows what is on the canvas.
                cleared = last.frame.dispose == DisposalMethod::Background || erases;
                if erases && last.frame.dispose != DisposalMethod::Background {
                    // Second thoughts: only a frame that covers all of the canvas can take all of it away again.
                    let delay = last.frame.delay;
                    last.frame = self.frame(before, &[], whole, work)?;
                    last.frame.delay = delay;
                    last.frame.dispose = DisposalMethod::Background;
                }
                let (known, bounds) = if cleared { (&[][..], whole) } else { (before, changed) };
                let frame = self.frame(canvas, known, bounds, work)?;
                self.write(&last.frame);
                frame
            }
            Some(mut last) => {
                // It covers the canvas, so it can be told to clear all of it, now that the next one needs that.
                cleared |= last.frame.dispose == DisposalMethod::Background;
                if cleared {
                    last.frame.dispose = DisposalMethod::Background;
                }
                self.write(&last.frame);
                drop(last);
                self.frame(canvas, &[], whole, work)?
            }
        };
        let dispose = if cleared { DisposalMethod::Background } else { DisposalMethod::Keep };
        let keeps = canvas.len() <= MOST_COMPARED && !self.still;
        let bytes = self.gif.get_ref().len() + frame.buffer.len();
        let rgba = if keeps { rgba.to_vec() } else { Vec::new() };
        self.last = Some(Last { frame: Frame { delay, dispose, ..frame }, rgba });
        if bytes < self.most { Ok(()) } else { Err(Error::TooLarge { most: self.most }) }
    }

    pub fn finish(mut self) -> Vec<u8> {
        if let Some(last) = self.last.take() {
            self.write(&last.frame);
        }
        self.gif.into_inner().expect(WRITES)
    }

    fn write(&mut self, frame: &Frame<'_>) {
        self.gif.write_lzw_pre_encoded_frame(frame).expect(WRITES);
    }

    /// Draws one frame. What is the same in `before` need not be drawn.
    fn frame(
        &self,
        canvas: &[[u8; 4]],
        before: &[[u8; 4]],
        bounds: Bounds,
        work: &Work,
    ) -> Result<Frame<'static>, Error> {
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
        let colors = Colors::of(places.clone().filter(drawn).map(color), if some_hidden { 255 } else { 256 });
        work.check()?;
        let transparent = colors.table.len() as u8;
        let mut indices = Vec::with_capacity(area);
        if self.still && !colors.is_exact() {
            let row = |y: usize| y * width..(y + 1) * width;
            dither(&mut indices, (0..self.height as usize).map(|y| &canvas[row(y)]), &colors, transparent, work)?;
        } else {
            indices.extend(places.map(|at| if drawn(&at) { colors.index(color(at)) } else { transparent }));
        }
        work.check()?;
        let mut palette = colors.table.concat();
        palette.resize(palette.len() + if some_hidden { 3 } else { 0 }, 0);
        let depth = (palette.len() / 3).max(4).next_power_of_two().ilog2() as u8;
        let mut buffer = vec![depth];
        lzw::encode(&mut buffer, depth, &indices);
        work.check()?;
        Ok(Frame {
            left: side(left),
            top: side(top),
            width: side(right - left),
            height: side(bottom - top),
            transparent: some_hidden.then_some(transparent),
            palette: Some(palette),
            buffer: buffer.into(),
            ..Frame::default()
        })
    }
}

/// Spreads what a colour is off over the pixels to the right and below (Floyd and Steinberg, 1976), three quarters of it:
/// with all of it, specks appear in dark places.
fn dither<'a>(
    indices: &mut Vec<u8>,
    rows: impl Iterator<Item = &'a [[u8; 4]]>,
    colors: &Colors,
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

/// Sides are within what the format can say: whoever read the picture has checked that.
fn side(pixels: u32) -> u16 {
    u16::try_from(pixels).unwrap_or(u16::MAX)
}
