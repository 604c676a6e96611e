//! The frames of a GIF.

use std::time::Duration;

use super::canvas::{Canvas, Disposal, Rect};
use crate::info::played;
use crate::lzw::Lzw;
use crate::reader::{Block, Control, Frame, Reader};
use crate::work::Work;
use crate::{Error, Info};

pub(super) struct GifFrames<'a> {
    reader: Reader<'a>,
    /// The global colour table.
    table: &'a [u8],
    lzw: Lzw,
    canvas: Canvas,
    /// Frames so far.
    count: u32,
}

/// By index: the pixel to draw.
type Palette = [[u8; 4]; 256];

impl<'a> GifFrames<'a> {
    /// `info` is what a walk over the same bytes has found: all sizes are within limits.
    pub fn open(bytes: &'a [u8], info: &Info) -> Result<Self, Error> {
        let (screen, reader) = Reader::open(bytes)?;
        let canvas = Canvas::new(info.width, info.height);
        Ok(Self { reader, table: screen.table, lzw: Lzw::new(), canvas, count: 0 })
    }

    pub fn rgba(&self) -> &[u8] {
        self.canvas.rgba()
    }

    pub fn into_rgba(self) -> Vec<u8> {
        self.canvas.into_rgba()
    }

    /// LZW data of the last frame, when it must be other than what came.
    pub fn mended(&self) -> Option<Vec<u8>> {
        self.lzw.mended()
    }

    /// Draws the next frame and says how long it shows.
    pub fn next(&mut self, work: &Work) -> Result<Option<Duration>, Error> {
        let mut control = None;
        while let Some(block) = self.reader.next()? {
            match block {
                Block::Control(next) => control = Some(next),
                Block::Frame(frame) => {
                    work.check()?;
                    self.count += 1;
                    self.draw(&frame, control, work)?;
                    return Ok(Some(played(control.map_or(0, |control| control.delay))));
                }
                Block::Loop(_) | Block::Other => {}
            }
        }
        Ok(None)
    }

    fn draw(&mut self, frame: &Frame<'_>, control: Option<Control<'_>>, work: &Work) -> Result<(), Error> {
        let pixels = usize::from(frame.width) * usize::from(frame.height);
        let bad = Error::BadPixels { frame: self.count };
        if !self.lzw.decode(frame.depth, frame.data, pixels, work)? {
            return Err(bad);
        }
        let [left, top, width, height] = [frame.left, frame.top, frame.width, frame.height].map(u32::from);
        let disposal = match control.map_or(0, |control| control.disposal) {
            2 => Disposal::Clear,
            // 4 is a slip of old encoders, and browsers know it.
            3 | 4 => Disposal::Restore,
            _ => Disposal::Keep,
        };
        let table = if frame.table.is_empty() { self.table } else { frame.table };
        let transparent = control.and_then(|control| control.transparent);
        // Chromium draws these black, Firefox starts over at the first colour.
        let colorless = |&index: &u8| usize::from(index) >= table.len() / 3 && Some(index) != transparent;
        if table.len() / 3 < 1 << frame.depth && self.lzw.pixels().iter().any(colorless) {
            return Err(bad);
        }
        let Some(place) = self.canvas.turn(Rect { left, top, width, height }, disposal) else { return Ok(()) };
        let palette = palette(table);
        let rows = self.lzw.pixels().chunks_exact(width as usize);
        for (number, row) in order(height, frame.interlaced).zip(rows) {
            if number >= place.height {
                continue;
            }
            let drawn = self.canvas.row(place, number).as_chunks_mut::<4>().0.iter_mut().zip(row);
            match transparent {
                None => drawn.for_each(|(pixel, &index)| *pixel = palette[usize::from(index)]),
                Some(not) => {
                    for (pixel, &index) in drawn {
                        if index != not {
                            *pixel = palette[usize::from(index)];
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

fn palette(table: &[u8]) -> Palette {
    let mut palette = [[0, 0, 0, 255]; 256];
    for (color, &[red, green, blue]) in palette.iter_mut().zip(table.as_chunks::<3>().0) {
        *color = [red, green, blue, 255];
    }
    palette
}

/// The rows in the order in which they come; those of an interlaced frame come in four passes (appendix E).
fn order(height: u32, interlaced: bool) -> impl Iterator<Item = u32> {
    let passes: &[(u32, usize)] = if interlaced { &[(0, 8), (4, 8), (2, 4), (1, 2)] } else { &[(0, 1)] };
    passes.iter().flat_map(move |&(first, step)| (first..height).step_by(step))
}
