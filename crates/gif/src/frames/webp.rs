//! The frames of a WebP, animated or not. The data of each is decoded alone, as if it were a file, and drawn here.

use std::time::Duration;

use image_webp::{DecodingError, WebPDecoder};

use super::alpha::Alpha;
use super::canvas::{Canvas, Disposal, Rect};
use super::pieces::Pieces;
use super::png::blend;
use super::riff::{Data, Part, walk};
use super::vp8l;
use crate::work::Work;
use crate::{Error, Info, Limits};

pub(super) struct WebPFrames<'a> {
    parts: std::vec::IntoIter<Part<'a>>,
    canvas: Canvas,
}

impl<'a> WebPFrames<'a> {
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<(Info, Self), Error> {
        let (info, parts) = walk(bytes, limits)?;
        let canvas = Canvas::new(info.width, info.height);
        Ok((info, Self { parts: parts.into_iter(), canvas }))
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
        // One after the other: as much memory as for one of them.
        let size = (part.place.width, part.place.height);
        let alpha = part.alpha.map(|alpha| Alpha::decode(alpha, size, work)).transpose()?;
        let (pixels, opaque) = match part.data {
            Data::Lossy(data) => (decode(b"VP8 ", [data, &[]], work)?, true),
            Data::Lossless(data) => lossless(data, size, work)?,
        };
        work.check()?;

        let disposal = if part.cleared { Disposal::Clear } else { Disposal::Keep };
        let place = self.canvas.turn(part.place, disposal).filter(|place| *place == part.place);
        let place = place.ok_or(Error::Unreadable)?;
        match (part.data, alpha) {
            (Data::Lossless(_), _) if opaque => self.draw::<4>(&pixels, place, |_, [r, g, b, _], _| [r, g, b, 255]),
            (Data::Lossless(_), _) => self.draw::<4>(&pixels, place, |on, pixel, _| blend(on, pixel, part.over)),
            (Data::Lossy(_), None) => self.draw::<3>(&pixels, place, |_, [r, g, b], _| [r, g, b, 255]),
            (Data::Lossy(_), Some(alpha)) => {
                self.draw::<3>(&pixels, place, |on, [r, g, b], at| blend(on, [r, g, b, alpha.at(at)], part.over));
            }
        }
        Ok(Some(part.delay))
    }

    /// `draw`: by what is there, what comes, and its number.
    fn draw<const CHANNELS: usize>(
        &mut self,
        pixels: &[u8],
        place: Rect,
        draw: impl Fn([u8; 4], [u8; CHANNELS], usize) -> [u8; 4],
    ) {
        let width = place.width as usize;
        let rows = pixels.as_chunks::<CHANNELS>().0.chunks_exact(width);
        for (row, pixels) in (0..place.height).zip(rows) {
            let drawn = self.canvas.row(place, row).as_chunks_mut::<4>().0;
            let numbers = row as usize * width..;
            for ((on, &pixel), number) in drawn.iter_mut().zip(pixels).zip(numbers) {
                *on = draw(*on, pixel, number);
            }
        }
    }
}

/// Decodes the data of `VP8L`: four bytes a pixel, and whether the last of them means nothing.
pub(super) fn lossless(data: &[u8], size: (u32, u32), work: &Work) -> Result<(Vec<u8>, bool), Error> {
    vp8l::check(data, size, work)?;
    let (head, rest) = data.split_first_chunk::<5>().ok_or(Error::Unreadable)?;
    // Asked for alpha, the decoder needs no second picture to leave it out of.
    let opaque = head[4] & ALPHA == 0;
    let [magic, a, b, c, d] = *head;
    Ok((decode(b"VP8L", [&[magic, a, b, c, d | ALPHA], rest], work)?, opaque))
}

/// In the last byte of the head of lossless data: there is alpha.
pub(super) const ALPHA: u8 = 0x10;

/// Has data decoded as a file with nothing else.
fn decode(name: &[u8; 4], data: [&[u8]; 2], work: &Work) -> Result<Vec<u8>, Error> {
    let length = data[0].len() + data[1].len();
    let mut head = *b"RIFF\0\0\0\0WEBP\0\0\0\0\0\0\0\0";
    head[4..8].copy_from_slice(&(12 + length.next_multiple_of(2) as u32).to_le_bytes());
    head[12..16].copy_from_slice(name);
    head[16..].copy_from_slice(&(length as u32).to_le_bytes());
    let file = Pieces::new([&head, data[0], data[1], &[0][..length % 2]], work);
    let read = || {
        let mut decoder = WebPDecoder::new(file)?;
        let mut pixels = vec![0; decoder.output_buffer_size().ok_or(DecodingError::ImageTooLarge)?];
        decoder.read_image(&mut pixels)?;
        Ok(pixels)
    };
    // It may have ended because of the time that it took.
    read().map_err(|_: DecodingError| work.check().err().unwrap_or(Error::Unreadable))
}
