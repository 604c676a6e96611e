//! How the pictures of one animation are best encoded: as what a camera sees, or as what is drawn.

use super::change::{Change, cut, leave_out_pixels, leave_out_squares, rows};
use super::picture::{lossless, lossy};
use crate::Error;

/// Below this flatness only lossy makes sense: noise and dithering.
const FLAT: f32 = 0.4;
/// For so many pictures a choice is kept before all is tried again, or until the flatness is so far off.
const KEPT: u32 = 12;
const OTHER: f32 = 0.15;
/// How much larger than lossy a lossless picture may be: it has no fringes around letters and lines.
const CLEAN_IS_WORTH: f32 = 1.2;
/// By how much what was chosen before is preferred: a change of kind from frame to frame is seen.
const STEADY: f32 = 1.25;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    /// Nearly the same; squares that have not changed are left out when there are many.
    Lossy,
    /// Exactly the same, and all of it: good for what scrolls.
    Whole,
    /// Exactly the same, without the pixels that have not changed: good for what moves over something.
    Sparse,
}

/// Chooses how the pictures of one animation are encoded.
#[derive(Debug, Default)]
pub(super) struct Choice {
    kept: Option<Kept>,
    /// The part of the canvas that is to be encoded: kept for its memory.
    part: Vec<u8>,
}

/// What was chosen.
#[derive(Clone, Copy, Debug)]
struct Kept {
    coding: Coding,
    flat: f32,
    /// For so many pictures more.
    left: u32,
}

impl Choice {
    /// Encodes what is to change `before` into `after`, canvases of `width` pixels a row. `before` is not looked at when
    /// nothing can be left out.
    ///
    /// # Errors
    /// [`Error::NotEncoded`].
    pub fn encode(&mut self, before: &[u8], after: &[u8], width: u32, change: Change) -> Result<Vec<u8>, Error> {
        let flat = flatness(after, width, change);
        if let Some(kept) = &mut self.kept
            && kept.left > 0
            && (kept.flat - flat).abs() < OTHER
        {
            kept.left -= 1;
            return encode(kept.coding, before, after, width, change, &mut self.part);
        }
        let (coding, picture) = self.best(before, after, width, change, flat)?;
        self.kept = Some(Kept { coding, flat, left: KEPT });
        Ok(picture)
    }

    /// Tries what makes sense.
    fn best(
        &mut self,
        before: &[u8],
        after: &[u8],
        width: u32,
        change: Change,
        flat: f32,
    ) -> Result<(Coding, Vec<u8>), Error> {
        // How much more lossless counts than it did without a past.
        let steady = match self.kept {
            None => 1.0,
            Some(Kept { coding: Coding::Lossy, .. }) => 1.0 / STEADY,
            Some(_) => STEADY,
        };
        let mut encode = |coding| encode(coding, before, after, width, change, &mut self.part);
        let lossy = encode(Coding::Lossy)?;
        if flat * steady < FLAT {
            return Ok((Coding::Lossy, lossy));
        }
        let mut best = (Coding::Whole, encode(Coding::Whole)?);
        if change.can_leave_out {
            let sparse = encode(Coding::Sparse)?;
            if sparse.len() < best.1.len() {
                best = (Coding::Sparse, sparse);
            }
        }
        if lossy.len() as f32 * CLEAN_IS_WORTH * steady < best.1.len() as f32 {
            best = (Coding::Lossy, lossy);
        }
        Ok(best)
    }
}

/// Encodes one picture as what suits it.
///
/// # Errors
/// [`Error::NotEncoded`].
pub(super) fn still(rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
    Choice::default().encode(&[], rgba, width, Change::whole(width, height))
}

fn encode(
    coding: Coding,
    before: &[u8],
    after: &[u8],
    width: u32,
    change: Change,
    part: &mut Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let rect = change.rect;
    cut(after, width, rect, part);
    match coding {
        Coding::Lossy => {
            if change.can_leave_out {
                leave_out_squares(part, before, width, rect);
            }
            lossy(part, rect.width, rect.height)
        }
        Coding::Whole => lossless(part, rect.width, rect.height),
        Coding::Sparse => {
            if change.can_leave_out {
                leave_out_pixels(part, before, width, rect);
            }
            lossless(part, rect.width, rect.height)
        }
    }
}

/// The share of pixels that are as their left neighbour: near 1 for text and drawings, near 0 for noise and dithering.
fn flatness(canvas: &[u8], width: u32, change: Change) -> f32 {
    let (mut same, mut count) = (0, 0);
    for row in rows(canvas, width, change.rect) {
        let pixels = row.as_chunks::<4>().0;
        same += pixels.windows(2).filter(|pair| pair[0] == pair[1]).count();
        count += pixels.len() - 1;
    }
    if count == 0 { 1.0 } else { same as f32 / count as f32 }
}
