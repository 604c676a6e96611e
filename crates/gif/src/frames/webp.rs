//! The frames of a WebP, animated or not. Each is decoded alone, as if it were a file, and drawn here.

use std::io::Cursor;
use std::time::Duration;

use image_webp::WebPDecoder;

use super::canvas::{Canvas, Disposal, Rect};
use super::png::blend;
use super::riff::{Data, Part, walk};
use super::vp8l;
use crate::work::Work;
use crate::{Error, Info, Limits};

pub(super) struct WebPFrames<'a> {
    parts: std::vec::IntoIter<Part<'a>>,
    canvas: Canvas,
    /// The pixels of one frame.
    pixels: Vec<u8>,
}

impl<'a> WebPFrames<'a> {
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<(Info, Self), Error> {
        let (info, parts) = walk(bytes, limits)?;
        let canvas = Canvas::new(info.width, info.height);
        Ok((info, Self { parts: parts.into_iter(), canvas, pixels: Vec::new() }))
    }

    pub fn rgba(&self) -> &[u8] {
        self.canvas.rgba()
    }

    pub fn into_rgba(self) -> Vec<u8> {
        self.canvas.into_rgba()
    }

    pub fn next(&mut self, work: &Work) -> Result<Option<Duration>, Error> {
        let Some(part) = self.parts.next() else { return Ok(None) };
        work.check()?;
        let size = (part.place.width, part.place.height);
        match (part.data, part.alpha) {
            (Data::Lossless(data), _) => vp8l::check(data, true, size)?,
            // The lowest bits of the first byte say how alpha is packed.
            (_, Some([head, data @ ..])) if head & 3 == 1 => vp8l::check(data, false, size)?,
            _ => {}
        }
        let file = file(&part);
        let mut decoder = WebPDecoder::new(Cursor::new(&file[..])).map_err(|_| Error::Unreadable)?;
        self.pixels.resize(decoder.output_buffer_size().ok_or(Error::Unreadable)?, 0);
        let alpha = decoder.has_alpha();
        decoder.read_image(&mut self.pixels).map_err(|_| Error::Unreadable)?;
        work.check()?;

        let disposal = if part.cleared { Disposal::Clear } else { Disposal::Keep };
        let place = self.canvas.turn(part.place, disposal).filter(|place| *place == part.place);
        let place = place.ok_or(Error::Unreadable)?;
        if alpha {
            self.draw::<4>(place, |on, pixel| blend(on, pixel, part.over))
        } else {
            self.draw::<3>(place, |_, [r, g, b]| [r, g, b, 255])
        }
        Ok(Some(part.delay))
    }

    fn draw<const CHANNELS: usize>(&mut self, place: Rect, draw: impl Fn([u8; 4], [u8; CHANNELS]) -> [u8; 4]) {
        let rows = self.pixels.as_chunks::<CHANNELS>().0.chunks_exact(place.width as usize);
        for (row, pixels) in (0..place.height).zip(rows) {
            let drawn = self.canvas.row(place, row).as_chunks_mut::<4>().0;
            drawn.iter_mut().zip(pixels).for_each(|(on, &pixel)| *on = draw(*on, pixel));
        }
    }
}

/// A file with one picture.
fn file(part: &Part<'_>) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    match (part.data, part.alpha) {
        (Data::Lossy(data), Some(alpha)) => {
            let [width, height] = [part.place.width, part.place.height].map(|side| (side - 1).to_le_bytes());
            let mut head = vec![0x10, 0, 0, 0];
            head.extend_from_slice(&width[..3]);
            head.extend_from_slice(&height[..3]);
            push(&mut file, b"VP8X", &head);
            push(&mut file, b"ALPH", alpha);
            push(&mut file, b"VP8 ", data);
        }
        (Data::Lossy(data), None) => push(&mut file, b"VP8 ", data),
        (Data::Lossless(data), _) => push(&mut file, b"VP8L", data),
    }
    let size = (file.len() - 8) as u32;
    file[4..8].copy_from_slice(&size.to_le_bytes());
    file
}

fn push(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    file.extend_from_slice(name);
    file.extend_from_slice(&(data.len() as u32).to_le_bytes());
    file.extend_from_slice(data);
    if data.len() % 2 == 1 {
        file.push(0);
    }
}
