//! Walks the chunks of a PNG (specification, third edition) without decoding them.

use std::time::Duration;

use super::count::{Count, delay};
use crate::{Error, Info, Limits};

/// What there is to decode.
pub(super) struct Png {
    pub info: Info,
    /// The picture in `IDAT` is only for those who cannot animate.
    pub hidden: bool,
    pub interlaced: bool,
}

/// Holds the chunks to `limits`: sizes, order, and that an animation has the frames that it says.
pub(super) fn walk(bytes: &[u8], limits: &Limits) -> Result<Png, Error> {
    let mut rest = &bytes[8..];
    let header = match chunk(&mut rest)? {
        (b"IHDR", header) => header,
        _ => return Err(Error::Unreadable),
    };
    let &[a, b, c, d, e, f, g, h, _depth, _color, _compression, _filter, interlace] = header else {
        return Err(Error::Unreadable);
    };
    let [width, height] = [[a, b, c, d], [e, f, g, h]].map(u32::from_be_bytes);
    let mut count = Count::new(width, height, limits)?;

    // Frames and plays, as announced.
    let mut animation = None;
    let mut data = false;
    let mut hidden = true;
    // A frame control waits for its data.
    let mut waiting = false;
    loop {
        match chunk(&mut rest)? {
            (b"acTL", &[a, b, c, d, e, f, g, h]) if animation.is_none() && !data => {
                animation = Some([[a, b, c, d], [e, f, g, h]].map(u32::from_be_bytes));
            }
            (b"fcTL", control) if animation.is_some() && !waiting => {
                count.add(check(control, width, height)?)?;
                hidden &= data;
                waiting = true;
            }
            (b"acTL" | b"fcTL", _) => return Err(Error::Unreadable),
            (b"IDAT", _) => {
                data = true;
                waiting = false;
            }
            (b"fdAT", _) if data => waiting = false,
            (b"IEND", _) => break,
            _ => {}
        }
    }
    if !data {
        return Err(Error::Empty);
    }
    let info = match animation {
        None => {
            count.add(Duration::ZERO)?;
            hidden = false;
            count.finish(1)?
        }
        Some([frames, plays]) => {
            let info = count.finish(plays)?;
            if waiting || frames != info.frames {
                return Err(Error::Unreadable);
            }
            info
        }
    };
    Ok(Png { info, hidden, interlaced: interlace != 0 })
}

/// How long a frame shows. It must be on the canvas.
fn check(control: &[u8], width: u32, height: u32) -> Result<Duration, Error> {
    let numbers = control.get(4..20).ok_or(Error::Unreadable)?.as_chunks::<4>().0;
    let &[w, h, x, y] = numbers else { return Err(Error::Unreadable) };
    let [w, h, x, y] = [w, h, x, y].map(u32::from_be_bytes);
    let fits = |from: u32, size: u32, most| size > 0 && from.checked_add(size).is_some_and(|end| end <= most);
    if !fits(x, w, width) || !fits(y, h, height) {
        return Err(Error::Unreadable);
    }
    let &[a, b, c, d, ..] = &control[20..] else { return Err(Error::Unreadable) };
    Ok(fraction(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}

/// A delay in seconds; without a denominator it is in hundredths.
pub(super) fn fraction(over: u16, under: u16) -> Duration {
    let under = if under == 0 { 100 } else { under };
    delay(u64::from(over) * 1000 / u64::from(under))
}

/// The next chunk: type and data.
fn chunk<'a>(rest: &mut &'a [u8]) -> Result<(&'a [u8; 4], &'a [u8]), Error> {
    let (length, behind) = rest.split_first_chunk::<4>().ok_or(Error::Truncated)?;
    let (name, behind) = behind.split_first_chunk::<4>().ok_or(Error::Truncated)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Error::Truncated)?;
    let (data, behind) = behind.split_at_checked(length).ok_or(Error::Truncated)?;
    let (_checksum, behind) = behind.split_first_chunk::<4>().ok_or(Error::Truncated)?;
    *rest = behind;
    Ok((name, data))
}
