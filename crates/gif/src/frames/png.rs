//! The frames of a PNG, animated or not: row by row, straight onto the canvas.

use std::io::Cursor;
use std::time::Duration;

use png::{BlendOp, ColorType, Decoder, DisposeOp, FrameControl, Reader, Transformations};

use super::canvas::{Canvas, Disposal, Rect};
use super::chunks::{Png, fraction, walk};
use crate::work::Work;
use crate::{Error, Info, Limits};

/// What the decoder may keep beside us: a few rows and its window.
const MEMORY: usize = 8 << 20;
/// First column, first row, step across, step down: the seven passes of Adam7, and the one of everything else.
const PASSES: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
const ONE_PASS: [[u32; 4]; 1] = [[0, 0, 1, 1]];

pub(super) struct PngFrames<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    canvas: Canvas,
    hidden: bool,
    interlaced: bool,
    /// Frames so far, and in all.
    count: u32,
    frames: u32,
}

impl<'a> PngFrames<'a> {
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<(Info, Self), Error> {
        let Png { info, hidden, interlaced } = walk(bytes, limits)?;
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MEMORY });
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16 | Transformations::ALPHA);
        let reader = decoder.read_info().map_err(unreadable)?;
        let canvas = Canvas::new(info.width, info.height);
        Ok((info, Self { reader, canvas, hidden, interlaced, count: 0, frames: info.frames }))
    }

    pub fn rgba(&self) -> &[u8] {
        self.canvas.rgba()
    }

    pub fn into_rgba(self) -> Vec<u8> {
        self.canvas.into_rgba()
    }

    pub fn next(&mut self, work: &Work) -> Result<Option<Duration>, Error> {
        if self.count == self.frames {
            return Ok(None);
        }
        if self.hidden || self.count > 0 {
            self.hidden = false;
            self.reader.next_frame_info().map_err(unreadable)?;
        }
        self.count += 1;
        let info = self.reader.info();
        let control = info.frame_control.unwrap_or(FrameControl {
            width: info.width,
            height: info.height,
            ..FrameControl::default()
        });
        let FrameControl { width, height, x_offset: left, y_offset: top, .. } = control;
        let disposal = match control.dispose_op {
            DisposeOp::None => Disposal::Keep,
            DisposeOp::Background => Disposal::Clear,
            DisposeOp::Previous => Disposal::Restore,
        };
        let rect = Rect { left, top, width, height };
        // The walk has seen that the frame is on the canvas.
        let place = self.canvas.turn(rect, disposal).filter(|place| *place == rect).ok_or(Error::Unreadable)?;
        self.draw(place, control.blend_op == BlendOp::Over, work)?;
        Ok(Some(fraction(control.delay_num, control.delay_den)))
    }

    fn draw(&mut self, place: Rect, over: bool, work: &Work) -> Result<(), Error> {
        let gray = match self.reader.output_color_type().0 {
            ColorType::GrayscaleAlpha => true,
            ColorType::Rgba => false,
            _ => return Err(Error::Unreadable),
        };
        let passes = if self.interlaced { &PASSES[..] } else { &ONE_PASS };
        for &[left, top, across, down] in passes {
            if left >= place.width {
                continue;
            }
            for row in (top..place.height).step_by(down as usize) {
                work.check()?;
                let pixels = self.reader.next_row().map_err(unreadable)?.ok_or(Error::Unreadable)?;
                let drawn = self.canvas.row(place, row).as_chunks_mut::<4>().0[left as usize..].iter_mut();
                let drawn = drawn.step_by(across as usize);
                if gray {
                    let pixels = pixels.data().as_chunks::<2>().0;
                    drawn
                        .zip(pixels)
                        .for_each(|(on, &[gray, alpha])| *on = blend(*on, [gray, gray, gray, alpha], over));
                } else {
                    drawn.zip(pixels.data().as_chunks::<4>().0).for_each(|(on, &pixel)| *on = blend(*on, pixel, over));
                }
            }
        }
        Ok(())
    }
}

/// Straight alpha, drawn over straight alpha when asked for.
pub(super) fn blend(on: [u8; 4], pixel: [u8; 4], over: bool) -> [u8; 4] {
    if !over || pixel[3] == 255 || on[3] == 0 {
        return pixel;
    }
    let alpha = u32::from(pixel[3]);
    let under = u32::from(on[3]) * (255 - alpha) / 255;
    let sum = alpha + under;
    if sum == 0 {
        return [0; 4];
    }
    let mix = |at: usize| ((u32::from(pixel[at]) * alpha + u32::from(on[at]) * under + sum / 2) / sum) as u8;
    [mix(0), mix(1), mix(2), sum as u8]
}

fn unreadable(_: png::DecodingError) -> Error {
    Error::Unreadable
}
