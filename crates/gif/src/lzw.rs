//! Decodes the variant of LZW that GIF has (specification, appendix F).
//!
//! Strings are not kept: each was written to the output before, so an entry is a place in the output and a length.

use crate::Error;
use crate::work::Work;

/// Codes have at most 12 bits.
const MOST_CODES: usize = 4096;
const MOST_WIDTH: u32 = 12;
/// Short strings are copied as so many bytes at once; the output has room for that behind its end.
const CHUNK: usize = 16;
/// Codes from one look at the clock to the next: well below a millisecond, even of the longest strings.
const CODES_PER_CHECK: u32 = 1 << 14;

/// Decodes frame after frame with the same memory.
#[derive(Debug)]
pub(crate) struct Lzw {
    /// By code: where its string was written, and how long it is.
    entries: Box<[(u32, u16); MOST_CODES]>,
    /// The pixels of the last frame, and [`CHUNK`] bytes behind them.
    output: Vec<u8>,
}

/// Why there are no pixels.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A code that cannot be, or fewer pixels than the frame has.
    Broken,
    Work(Error),
}

/// Where the pixels end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Bits of LZW data (sub-blocks joined) up to the code of the last pixel, with it.
    pub bits: usize,
    /// How wide the next code is.
    pub width: u32,
    /// Whether that code is there and says that the data ends.
    pub closed: bool,
}

impl Lzw {
    pub fn new() -> Self {
        Self { entries: Box::new([(0, 0); MOST_CODES]), output: Vec::new() }
    }

    /// Decodes `pixels` pixels of the sub-blocks `data`; what is behind them is not looked at.
    ///
    /// `depth` is the minimum code size. The pixels are then in [`Self::pixels`].
    pub fn decode(&mut self, depth: u8, data: &[u8], pixels: usize, work: &Work) -> Result<End, Failure> {
        if !(2..=8).contains(&depth) {
            // The specification has none below 2, and browsers do not agree on how wide their codes are.
            return Err(Failure::Broken);
        }
        self.output.clear();
        self.output.resize(pixels + CHUNK, 0);
        let entries = &mut *self.entries;
        let output = &mut self.output[..];
        let clear = 1_usize << depth;
        let mut bits = Bits::new(data);
        let mut width = u32::from(depth) + 1;
        let mut next = clear + 2;
        // The string of the code before: where it is in the output, and its length. None behind a clear code.
        let mut before = None;
        let mut at = 0;
        let mut patience = CODES_PER_CHECK;
        while at < pixels {
            let code = bits.take(width).ok_or(Failure::Broken)?;
            if code == clear {
                width = u32::from(depth) + 1;
                next = clear + 2;
                before = None;
            } else {
                let length = if code < clear {
                    output[at] = code as u8;
                    1
                } else if let Some((from, length)) = before
                    && code == next
                {
                    // The string that is just being defined: the one before, and its own first pixel.
                    copy(output, from, at, length, pixels);
                    output[(at + length).min(pixels)] = output[at];
                    length + 1
                } else if code > clear + 1 && code < next {
                    let (from, length) = entries[code];
                    copy(output, from as usize, at, length.into(), pixels);
                    length.into()
                } else {
                    return Err(Failure::Broken);
                };
                if let Some((from, length)) = before
                    && next < MOST_CODES
                {
                    // Its last pixel is the first one of the string that was just written behind it.
                    entries[next] = (from as u32, length as u16 + 1);
                    next += 1;
                    if next == 1 << width && width < MOST_WIDTH {
                        width += 1;
                    }
                }
                before = Some((at, length));
                at += length;
            }
            patience -= 1;
            if patience == 0 {
                patience = CODES_PER_CHECK;
                work.check().map_err(Failure::Work)?;
            }
        }
        let end = bits.position();
        // Clear codes may stand between the last pixel and the end.
        let closed = bits.take(width) == Some(clear + 1);
        Ok(End { bits: end, width, closed })
    }

    /// The pixels that were decoded last.
    pub fn pixels(&self) -> &[u8] {
        &self.output[..self.output.len().saturating_sub(CHUNK)]
    }
}

/// Copies a string of the output forward; what would go beyond `end` is lost.
#[inline(always)]
fn copy(output: &mut [u8], from: usize, at: usize, length: usize, end: usize) {
    if length <= CHUNK
        && let Some(&chunk) = output[from..].first_chunk::<CHUNK>()
        && let Some(room) = output[at..].first_chunk_mut::<CHUNK>()
    {
        // What is too much is written over by what comes next.
        *room = chunk;
    } else {
        let length = length.min(end - at);
        output.copy_within(from..from + length, at);
    }
}

/// Reads codes, lowest bit first, out of sub-blocks.
struct Bits<'a> {
    /// What is left of the sub-block.
    block: &'a [u8],
    /// The sub-blocks behind it.
    rest: &'a [u8],
    waiting: u64,
    count: u32,
    /// Bytes that went into `waiting`.
    taken: usize,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self { block: &[], rest: data, waiting: 0, count: 0, taken: 0 }
    }

    #[inline(always)]
    fn take(&mut self, width: u32) -> Option<usize> {
        if self.count < width {
            self.fill();
            if self.count < width {
                return None;
            }
        }
        let code = self.waiting & ((1 << width) - 1);
        self.waiting >>= width;
        self.count -= width;
        Some(code as usize)
    }

    /// As many bytes as there are and fit.
    fn fill(&mut self) {
        if let Some(&eight) = self.block.first_chunk::<8>() {
            let bytes = (63 - self.count) / 8;
            self.waiting |= (u64::from_le_bytes(eight) & ((1 << (bytes * 8)) - 1)) << self.count;
            self.count += bytes * 8;
            self.taken += bytes as usize;
            self.block = &self.block[bytes as usize..];
            return;
        }
        while self.count < 56 {
            if let Some((&byte, behind)) = self.block.split_first() {
                self.block = behind;
                self.waiting |= u64::from(byte) << self.count;
                self.count += 8;
                self.taken += 1;
            } else if let Some((&length, behind)) = self.rest.split_first()
                && length > 0
                && let Some((block, behind)) = behind.split_at_checked(length.into())
            {
                (self.block, self.rest) = (block, behind);
            } else {
                break;
            }
        }
    }

    /// Bits that were taken.
    fn position(&self) -> usize {
        self.taken * 8 - self.count as usize
    }
}
