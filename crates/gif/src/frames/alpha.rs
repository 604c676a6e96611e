//! The alpha of a lossy WebP (RFC 9649, section 2.7.1.2).

use super::webp::{ALPHA, lossless};
use crate::Error;
use crate::work::Work;

/// One byte a pixel.
pub(super) struct Alpha(Vec<u8>);

impl Alpha {
    /// Decodes the content of `ALPH` for a picture of this size.
    ///
    /// Packed, it is the green of lossless data without a head. The decoder would do it, with as much memory more as the
    /// colours take.
    pub fn decode(data: &[u8], (width, height): (u32, u32), work: &Work) -> Result<Self, Error> {
        let (&head, data) = data.split_first().ok_or(Error::Unreadable)?;
        let (packed, filter, processed) = (head & 3, head >> 2 & 3, head >> 4 & 3);
        let pixels = width as usize * height as usize;
        let mut alpha = match packed {
            _ if processed > 1 => return Err(Error::Unreadable),
            0 => data.get(..pixels).ok_or(Error::Unreadable)?.to_vec(),
            1 => {
                let sizes = (width - 1) | (height - 1) << 14 | u32::from(ALPHA) << 24;
                let [a, b, c, d] = sizes.to_le_bytes();
                let (rgba, _) = lossless(&[&[0x2f, a, b, c, d], data].concat(), (width, height), work)?;
                rgba.as_chunks::<4>().0.iter().map(|pixel| pixel[1]).collect()
            }
            _ => return Err(Error::Unreadable),
        };
        restore(&mut alpha, width as usize, filter);
        Ok(Self(alpha))
    }

    /// Of a pixel by its number, row after row.
    pub fn at(&self, number: usize) -> u8 {
        self.0[number]
    }
}

/// Each byte is how far it is from what was to be expected, by what is left of it and above.
fn restore(alpha: &mut [u8], width: usize, filter: u8) {
    if filter == 0 {
        return;
    }
    for at in 1..alpha.len() {
        let left = || alpha[at - 1];
        let above = || alpha[at - width];
        let expected = match filter {
            _ if at < width => left(),
            _ if at % width == 0 => above(),
            1 => left(),
            2 => above(),
            _ => (i16::from(left()) + i16::from(above()) - i16::from(alpha[at - width - 1])).clamp(0, 255) as u8,
        };
        alpha[at] = alpha[at].wrapping_add(expected);
    }
}
