//! Whether a picture is drawn or seen by a camera.

use super::change::{Change, cut, leave_out_pixels, leave_out_squares};
use super::picture::Coding;
use crate::Error;

/// Below this flatness nothing but lossy makes sense.
const FLAT: f32 = 0.4;
/// A choice is looked at again after so many pictures.
const KEPT: u32 = 12;
/// How much larger than lossy a lossless picture may be: it has no fringes around letters and lines.
const CLEAN_IS_WORTH: f32 = 1.2;

/// Chooses how the pictures of one animation are encoded.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// What was best when both were tried, and for how many pictures that still counts.
    last: Option<(Coding, u32)>,
    part: Vec<u8>,
}

impl Choice {
    /// Encodes what is to change `before` into `after`, canvases of `width` pixels a row.
    pub fn encode(&mut self, before: &[u8], after: &[u8], width: u32, change: Change) -> Result<Vec<u8>, Error> {
        let rect = change.rect;
        cut(after, width, rect, &mut self.part);
        let flat = flatness(&self.part, rect.width);
        if flat < FLAT {
            return self.encode_as(Coding::Lossy, before, after, width, change);
        }
        if let Some((coding, left)) = &mut self.last
            && *left > 0
        {
            *left -= 1;
            let coding = *coding;
            return self.encode_as(coding, before, after, width, change);
        }
        let lossy = self.encode_as(Coding::Lossy, before, after, width, change)?;
        let lossless = self.encode_as(Coding::Lossless, before, after, width, change)?;
        let coding = better(&lossy, &lossless);
        self.last = Some((coding, KEPT));
        Ok(if coding == Coding::Lossy { lossy } else { lossless })
    }

    fn encode_as(
        &mut self,
        coding: Coding,
        before: &[u8],
        after: &[u8],
        width: u32,
        change: Change,
    ) -> Result<Vec<u8>, Error> {
        let rect = change.rect;
        cut(after, width, rect, &mut self.part);
        if change.can_leave_out {
            match coding {
                Coding::Lossy => {
                    leave_out_squares(&mut self.part, before, width, rect);
                }
                Coding::Lossless => leave_out_pixels(&mut self.part, before, width, rect),
            }
        }
        coding.encode(&self.part, rect.width, rect.height)
    }
}

/// Encodes one picture as what suits it.
pub(super) fn smaller(rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, Error> {
    Choice::default().encode(&[], rgba, width, Change::whole(width, height))
}

fn better(lossy: &[u8], lossless: &[u8]) -> Coding {
    if lossless.len() as f32 <= lossy.len() as f32 * CLEAN_IS_WORTH { Coding::Lossless } else { Coding::Lossy }
}

/// The share of pixels that are as their left neighbour: near 1 for text and drawings, near 0 for noise and dithering.
fn flatness(rgba: &[u8], width: u32) -> f32 {
    let (mut same, mut count) = (0_u32, 0_u32);
    for row in rgba.chunks_exact(width as usize * 4) {
        let pixels = row.as_chunks::<4>().0;
        same += pixels.windows(2).filter(|pair| pair[0] == pair[1]).count() as u32;
        count += pixels.len() as u32 - 1;
    }
    if count == 0 { 1.0 } else { same as f32 / count as f32 }
}
