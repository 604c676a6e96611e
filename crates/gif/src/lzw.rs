//! LZW as GIF has it, by `weezl`, in steps: the clock is asked between them.
//!
//! `weezl` reads ahead and does not say where the pixels end. But it is fed: data in which nothing hides is not finished
//! before its last byte is there.

use weezl::decode::Decoder;
use weezl::encode::Encoder;
use weezl::{BitOrder, LzwStatus};

use crate::Error;
use crate::work::Work;

/// Bytes in, and pixels out, from one look at the clock to the next: well below a millisecond.
const STEP: usize = 1 << 16;
/// Decodes frame after frame with the same memory.
pub(crate) struct Lzw {
    decoder: Decoder,
    /// The minimum code size that the decoder is for.
    depth: u8,
    /// The data of the last frame, its sub-blocks joined.
    data: Vec<u8>,
    /// The pixels of the last frame, and one more.
    pixels: Vec<u8>,
    tight: bool,
}

/// Why the decoder stopped.
#[derive(PartialEq, Eq)]
enum Stop {
    /// It has had all that it was to have, and wants more.
    Hungry,
    /// There was an end code.
    Ended,
    /// There was a code that cannot be, or there are too many pixels.
    Broken,
}

impl Lzw {
    pub fn new() -> Self {
        let depth = 8;
        Self { decoder: decoder(depth), depth, data: Vec::new(), pixels: Vec::new(), tight: false }
    }

    /// Decodes `pixels` pixels of the sub-blocks `blocks`, of which at least one has bytes. They are then in
    /// [`Self::pixels`]. False when there are fewer, or a code that cannot be in front of the last one.
    ///
    /// `depth` is the minimum code size.
    pub fn decode(&mut self, depth: u8, blocks: &[u8], pixels: usize, work: &Work) -> Result<bool, Error> {
        if !(2..=8).contains(&depth) {
            // The specification has none below 2, and browsers do not agree on how wide their codes are.
            return Ok(false);
        }
        if self.depth == depth {
            self.decoder.reset();
        } else {
            (self.decoder, self.depth) = (decoder(depth), depth);
        }
        self.data.clear();
        sub_blocks(blocks).for_each(|block| self.data.extend_from_slice(block));
        self.pixels.resize(pixels + 1, 0);
        let mut feeding =
            Feeding { decoder: &mut self.decoder, data: &self.data, at: 0, pixels: &mut self.pixels, count: 0, work };
        let length = feeding.data.len();
        // The last pixel is not there before the tail, and the end code not before the last byte.
        self.tight = feeding.up_to(length.saturating_sub(tail(depth)))? == Stop::Hungry
            && feeding.count < pixels
            && feeding.up_to(length.saturating_sub(1))? == Stop::Hungry
            && feeding.up_to(length)? == Stop::Ended
            && feeding.count == pixels;
        let whole = feeding.count >= pixels;
        self.pixels.truncate(pixels);
        Ok(whole)
    }

    /// The pixels that were decoded last.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The last frame encoded anew, when something hid behind its pixels, or no end code was there.
    pub fn mended(&self) -> Option<Vec<u8>> {
        (!self.tight).then(|| {
            let mut data = Vec::new();
            encode(&mut data, self.depth, &self.pixels);
            data
        })
    }
}

/// Appends LZW data, not in sub-blocks. `depth` is the minimum code size, 2 to 8; every pixel is below 2^`depth`.
pub(crate) fn encode(data: &mut Vec<u8>, depth: u8, pixels: &[u8]) {
    let result = Encoder::new(BitOrder::Lsb, depth).into_vec(data).encode_all(pixels);
    debug_assert!(result.status.is_ok(), "a pixel has more than {depth} bits");
}

/// So many bytes at the end hold a bit of the last pixel's code: behind it are a clear code of at most 12 bits, an end code of
/// `depth` + 1, and 7 bits to the end of the byte.
fn tail(depth: u8) -> usize {
    (12 + usize::from(depth) + 1).div_ceil(8) + 1
}

fn decoder(depth: u8) -> Decoder {
    Decoder::new(BitOrder::Lsb, depth)
}

/// A frame being decoded.
struct Feeding<'a> {
    decoder: &'a mut Decoder,
    data: &'a [u8],
    /// How much of the data the decoder has had.
    at: usize,
    /// With room for one too many.
    pixels: &'a mut [u8],
    count: usize,
    work: &'a Work,
}

impl Feeding<'_> {
    /// Gives the decoder all data in front of `end`.
    fn up_to(&mut self, end: usize) -> Result<Stop, Error> {
        let mut done = 0;
        while self.count < self.pixels.len() {
            let data = &self.data[self.at..end.min(self.at + STEP)];
            let room = self.pixels.len().min(self.count + STEP);
            let result = self.decoder.decode_bytes(data, &mut self.pixels[self.count..room]);
            self.at += result.consumed_in;
            self.count += result.consumed_out;
            match result.status {
                Ok(LzwStatus::Ok) => {}
                Ok(LzwStatus::NoProgress) => return Ok(Stop::Hungry),
                Ok(LzwStatus::Done) => return Ok(Stop::Ended),
                Err(_) => return Ok(Stop::Broken),
            }
            // A clear code alone takes and gives nothing.
            done += result.consumed_in + result.consumed_out + 1;
            if done >= STEP {
                self.work.check()?;
                done = 0;
            }
        }
        Ok(Stop::Broken)
    }
}

/// Those with bytes.
fn sub_blocks(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&length, behind) = data.split_first()?;
        let (block, behind) = behind.split_at_checked(length.into())?;
        data = behind;
        (length > 0).then_some(block)
    })
}
