//! Walks the chunks of a WebP (RFC 9649) without decoding them.

use std::time::Duration;

use super::canvas::Rect;
use super::count::{Count, delay};
use crate::{Error, Info, Limits};

/// One picture of the file, still in its chunks.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub place: Rect,
    pub delay: Duration,
    /// Its place is cleared before the next one is drawn.
    pub cleared: bool,
    /// It is drawn over what is there, not instead of it.
    pub over: bool,
    /// The content of `ALPH`; only with lossy data.
    pub alpha: Option<&'a [u8]>,
    pub data: Data<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Data<'a> {
    /// The content of `VP8 `.
    Lossy(&'a [u8]),
    /// The content of `VP8L`.
    Lossless(&'a [u8]),
}

/// Holds the chunks to `limits`; every picture has the size that its chunk says and is on the canvas.
pub(super) fn walk<'a>(bytes: &'a [u8], limits: &Limits) -> Result<(Info, Vec<Part<'a>>), Error> {
    let (size, body) = bytes[4..].split_first_chunk::<4>().ok_or(Error::Truncated)?;
    let size = usize::try_from(u32::from_le_bytes(*size)).map_err(|_| Error::Truncated)?;
    // What is behind it is no part of the file.
    let mut rest = body.get(4..size).ok_or(Error::Truncated)?;
    let before = rest;
    let (name, data) = chunk(&mut rest)?;
    if name != b"VP8X" {
        return still(before, None, limits);
    }
    let &[flags, _, _, _, a, b, c, d, e, f] = data else { return Err(Error::Unreadable) };
    let (width, height) = (u24(a, b, c) + 1, u24(d, e, f) + 1);
    if flags & 2 == 0 { still(rest, Some((width, height)), limits) } else { animated(rest, width, height, limits) }
}

fn still<'a>(rest: &'a [u8], canvas: Option<(u32, u32)>, limits: &Limits) -> Result<(Info, Vec<Part<'a>>), Error> {
    let (alpha, data) = picture(rest)?;
    let (width, height) = data.size()?;
    if canvas.is_some_and(|canvas| canvas != (width, height)) {
        return Err(Error::Unreadable);
    }
    let mut count = Count::new(width, height, limits)?;
    count.add(Duration::ZERO)?;
    let place = Rect { left: 0, top: 0, width, height };
    let part = Part { place, delay: delay(0), cleared: false, over: false, alpha, data };
    Ok((count.finish(1)?, vec![part]))
}

fn animated<'a>(mut rest: &'a [u8], width: u32, height: u32, limits: &Limits) -> Result<(Info, Vec<Part<'a>>), Error> {
    let mut count = Count::new(width, height, limits)?;
    let mut plays = None;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        match chunk(&mut rest)? {
            (b"ANIM", &[_, _, _, _, low, high]) => plays = Some(u16::from_le_bytes([low, high]).into()),
            (b"ANMF", data) => {
                let part = part(data, width, height)?;
                count.add(part.delay)?;
                parts.push(part);
            }
            _ => {}
        }
    }
    Ok((count.finish(plays.ok_or(Error::Unreadable)?)?, parts))
}

fn part(data: &[u8], canvas_width: u32, canvas_height: u32) -> Result<Part<'_>, Error> {
    let (head, rest) = data.split_first_chunk::<16>().ok_or(Error::Unreadable)?;
    let number = |at: usize| u24(head[at], head[at + 1], head[at + 2]);
    let place = Rect { left: number(0) * 2, top: number(3) * 2, width: number(6) + 1, height: number(9) + 1 };
    let (alpha, data) = picture(rest)?;
    let fits = place.left + place.width <= canvas_width && place.top + place.height <= canvas_height;
    if !fits || data.size()? != (place.width, place.height) {
        return Err(Error::Unreadable);
    }
    let (over, cleared) = (head[15] & 2 == 0, head[15] & 1 == 1);
    Ok(Part { place, delay: delay(number(12).into()), cleared, over, alpha, data })
}

/// The first picture of these chunks.
fn picture(mut rest: &[u8]) -> Result<(Option<&[u8]>, Data<'_>), Error> {
    let mut alpha = None;
    while !rest.is_empty() {
        match chunk(&mut rest)? {
            (b"ALPH", data) => alpha = Some(data),
            (b"VP8 ", data) => return Ok((alpha, Data::Lossy(data))),
            // It has an alpha of its own.
            (b"VP8L", data) => return Ok((None, Data::Lossless(data))),
            _ => {}
        }
    }
    Err(Error::Empty)
}

impl Data<'_> {
    /// What the data itself says.
    fn size(&self) -> Result<(u32, u32), Error> {
        match *self {
            // A key frame, and its start code (RFC 6386, section 9.1).
            Self::Lossy([tag, _, _, 0x9d, 0x01, 0x2a, a, b, c, d, ..]) if tag & 1 == 0 => {
                let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
                Ok((side(*a, *b), side(*c, *d)))
            }
            Self::Lossless([0x2f, a, b, c, d, ..]) => {
                let bits = u32::from_le_bytes([*a, *b, *c, *d]);
                Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
            }
            _ => Err(Error::Unreadable),
        }
    }
}

/// The next chunk: type and data. One of odd length has a byte behind it, which old encoders forget at the end.
fn chunk<'a>(rest: &mut &'a [u8]) -> Result<(&'a [u8; 4], &'a [u8]), Error> {
    let (name, behind) = rest.split_first_chunk::<4>().ok_or(Error::Truncated)?;
    let (length, behind) = behind.split_first_chunk::<4>().ok_or(Error::Truncated)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| Error::Truncated)?;
    let (data, behind) = behind.split_at_checked(length).ok_or(Error::Truncated)?;
    *rest = behind.get(length % 2..).unwrap_or_default();
    Ok((name, data))
}

fn u24(low: u8, middle: u8, high: u8) -> u32 {
    u32::from_le_bytes([low, middle, high, 0])
}
