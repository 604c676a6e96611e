//! Looks ahead in lossless WebP data (RFC 9649, section 3) for how much memory its codes want.
//!
//! A file may bring 65,536 groups of five prefix codes, and a decoder builds tables of them before it sees a pixel: 4 MB
//! of data can ask for more than a gigabyte. Everything in front of the tables is read here, and nothing kept.
//! What the decoder reads in another way than this is refused: else it would see groups that nobody counted.

use crate::Error;
use crate::work::Work;

/// Bytes for all tables of a picture. Encoders in use want a tenth of it.
const MOST: usize = 12 << 20;
/// Groups of codes. libwebp writes at most 2,600; until 2014 it was what fits into 16 MiB of its histograms, 3,449.
const MOST_GROUPS: u32 = 4096;
/// Bytes of a group beside its tables: five handles, in a list that grows by being copied to one of twice its size.
const GROUP: usize = 5 * 56 * 3;
/// Bytes of a code beside its tables: what the allocator adds to each of two vectors, and to the smallest of them.
const CODE: usize = 96;
/// The clock is asked every so many bytes. The codes in them may stand for large alphabets: a few milliseconds.
const ASKED: usize = 4096;
/// In the order in which the lengths of code length codes are written.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const LONGEST: usize = 15;
/// Literals of green and lengths; the colour cache comes on top. Red, blue and alpha; distances.
const GREEN: usize = 256 + 24;
const CHANNEL: usize = 256;
const DISTANCE: usize = 40;

/// Refuses data with more than [`MOST_GROUPS`] or larger tables than [`MOST`], and what cannot be read up to there.
///
/// `data` is that of a `VP8L` chunk, which starts with five bytes of what is known already.
pub(super) fn check(data: &[u8], (mut width, height): (u32, u32), work: &Work) -> Result<(), Error> {
    let mut bits = Bits { data, waiting: 0, count: 0, work };
    bits.take(40)?;
    // Each kind of transform comes once at most.
    let mut seen = [false; 4];
    while bits.take(1)? == 1 {
        let kind = bits.take(2)?;
        if std::mem::replace(&mut seen[kind], true) {
            return Err(Error::Unreadable);
        }
        match kind {
            2 => {}
            3 => {
                let colors = bits.take(8)? as u32 + 1;
                inner(&mut bits, colors, 1)?;
                // Small indices share a pixel.
                let shared = match colors {
                    0..=2 => 3,
                    3..=4 => 2,
                    5..=16 => 1,
                    _ => 0,
                };
                width = width.div_ceil(1 << shared);
            }
            _ => {
                let block = bits.take(3)? + 2;
                inner(&mut bits, width.div_ceil(1 << block), height.div_ceil(1 << block))?;
            }
        }
    }
    let cache = cache(&mut bits)?;
    let groups = match bits.take(1)? {
        0 => 1,
        _ => {
            let block = bits.take(3)? + 2;
            inner(&mut bits, width.div_ceil(1 << block), height.div_ceil(1 << block))? + 1
        }
    };
    if groups > MOST_GROUPS {
        return Err(Error::Unreadable);
    }
    let mut memory = groups as usize * GROUP;
    for _ in 0..groups {
        for symbols in [GREEN + cache, CHANNEL, CHANNEL, CHANNEL, DISTANCE] {
            memory += Code::read(&mut bits, symbols)?.memory();
        }
        if memory > MOST {
            return Err(Error::Unreadable);
        }
    }
    Ok(())
}

/// Reads a picture that the picture needs and finds the highest number that its red and green make together.
///
/// Copies and cached colours only repeat what came before, so literals are enough.
fn inner(bits: &mut Bits<'_>, width: u32, height: u32) -> Result<u32, Error> {
    let cache = cache(bits)?;
    let sizes = [GREEN + cache, CHANNEL, CHANNEL, CHANNEL, DISTANCE];
    let mut codes = Vec::with_capacity(sizes.len());
    for symbols in sizes {
        codes.push(Code::read(bits, symbols)?);
    }
    let [green, red, blue, alpha, distance] = &codes[..] else { return Err(Error::Unreadable) };
    let mut highest = 0;
    let mut left = u64::from(width) * u64::from(height);
    while left > 0 {
        match green.symbol(bits)? {
            literal @ ..256 => {
                let red = red.symbol(bits)?;
                blue.symbol(bits)?;
                alpha.symbol(bits)?;
                highest = highest.max((red << 8 | literal) as u32);
                left -= 1;
            }
            length @ 256..GREEN => {
                let length = number(bits, length - 256)?;
                let far = distance.symbol(bits)?;
                number(bits, far)?;
                left = left.saturating_sub(length);
            }
            _cached => left -= 1,
        }
    }
    Ok(highest)
}

/// Colours in the cache.
fn cache(bits: &mut Bits<'_>) -> Result<usize, Error> {
    if bits.take(1)? == 0 {
        return Ok(0);
    }
    match bits.take(4)? {
        size @ 1..=11 => Ok(1 << size),
        _ => Err(Error::Unreadable),
    }
}

/// A length or distance: a prefix and further bits.
fn number(bits: &mut Bits<'_>, prefix: usize) -> Result<u64, Error> {
    if prefix < 4 {
        return Ok(prefix as u64 + 1);
    }
    let extra = (prefix - 2) >> 1;
    Ok(((2 + (prefix as u64 & 1)) << extra) + bits.take(extra)? as u64 + 1)
}

/// A canonical prefix code.
struct Code {
    /// By length: how many codes are so long.
    counts: [usize; LONGEST + 1],
    /// By code.
    symbols: Vec<u16>,
}

impl Code {
    fn read(bits: &mut Bits<'_>, symbols: usize) -> Result<Self, Error> {
        if bits.take(1)? == 0 {
            return Self::of(&lengths(bits, symbols)?);
        }
        let two = bits.take(1)? == 1;
        let wide = bits.take(1)? == 1;
        let mut lengths = [0; CHANNEL];
        lengths[bits.take(if wide { 8 } else { 1 })?] = 1;
        // The same symbol twice takes no bits for libwebp, and one for each pixel for `image-webp`. Nobody writes it.
        if two && std::mem::replace(&mut lengths[bits.take(8)?], 1) == 1 {
            return Err(Error::Unreadable);
        }
        Self::of(&lengths)
    }

    fn of(lengths: &[u8]) -> Result<Self, Error> {
        let mut counts = [0; LONGEST + 1];
        lengths.iter().for_each(|&length| counts[usize::from(length)] += 1);
        counts[0] = 0;
        // A single symbol takes no bits; of more, the codes must fill the tree.
        let filled: usize = counts.iter().enumerate().map(|(length, count)| count << LONGEST >> length).sum();
        let all: usize = counts.iter().sum();
        if all == 0 || all > 1 && filled != 1 << LONGEST {
            return Err(Error::Unreadable);
        }
        // By length, where its next symbol goes.
        let mut next = [0; LONGEST + 1];
        for length in 1..LONGEST {
            next[length + 1] = next[length] + counts[length];
        }
        let mut symbols = vec![0; all];
        for (symbol, &length) in (0..).zip(lengths).filter(|(_, length)| **length > 0) {
            let next = &mut next[usize::from(length)];
            symbols[*next] = symbol;
            *next += 1;
        }
        Ok(Self { counts, symbols })
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<usize, Error> {
        if let [only] = self.symbols[..] {
            return Ok(only.into());
        }
        let (mut code, mut first, mut before) = (0, 0, 0);
        for count in &self.counts[1..] {
            code = code << 1 | bits.take(1)?;
            first <<= 1;
            if code - first < *count {
                return Ok(self.symbols[before + code - first].into());
            }
            first += count;
            before += count;
        }
        Err(Error::Unreadable)
    }

    /// What the decoder takes for it: four bytes for every string of up to ten bits, and two nodes of a tree, in a vector
    /// that may have grown to twice its size, for every longer one.
    fn memory(&self) -> usize {
        if self.symbols.len() == 1 {
            return 0;
        }
        let longest = self.counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        let long: usize = self.counts[11..].iter().sum();
        CODE + (4 << longest.min(10)) + long * 2 * 16 * 2
    }
}

/// The code lengths of so many symbols, themselves coded.
fn lengths(bits: &mut Bits<'_>, symbols: usize) -> Result<Vec<u8>, Error> {
    let mut short = [0; ORDER.len()];
    let count = bits.take(4)? + 4;
    for &at in ORDER.get(..count).ok_or(Error::Unreadable)? {
        short[at] = bits.take(3)? as u8;
    }
    let code = Code::of(&short)?;
    let mut most = symbols;
    if bits.take(1)? == 1 {
        let width = 2 + 2 * bits.take(3)?;
        most = bits.take(width)? + 2;
    }
    let mut lengths = vec![0; symbols];
    let mut at = 0;
    let mut last = 8;
    while at < symbols && most > 0 {
        most -= 1;
        let (length, times) = match code.symbol(bits)? {
            16 => (last, bits.take(2)? + 3),
            17 => (0, bits.take(3)? + 3),
            18 => (0, bits.take(7)? + 11),
            length => {
                if length > 0 {
                    last = length as u8;
                }
                (length as u8, 1)
            }
        };
        lengths.get_mut(at..at + times).ok_or(Error::Unreadable)?.fill(length);
        at += times;
    }
    Ok(lengths)
}

/// Reads bits, lowest first.
struct Bits<'a> {
    data: &'a [u8],
    waiting: u64,
    count: usize,
    work: &'a Work,
}

impl Bits<'_> {
    /// At most 40.
    fn take(&mut self, count: usize) -> Result<usize, Error> {
        while self.count < count {
            let (&byte, behind) = self.data.split_first().ok_or(Error::Unreadable)?;
            self.data = behind;
            if behind.len().is_multiple_of(ASKED) {
                self.work.check()?;
            }
            self.waiting |= u64::from(byte) << self.count;
            self.count += 8;
        }
        let taken = self.waiting & ((1 << count) - 1);
        self.waiting >>= count;
        self.count -= count;
        Ok(taken as usize)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Every tile of 16 x 16 has colours of its own, so that codes of its own are worth it.
    #[test]
    fn what_libwebp_writes_is_read() {
        const SIDE: u32 = 256;
        let pixel = |x: u32, y: u32| {
            let tile = (x / 16 * 7919 + y / 16 * 104_729).wrapping_mul(2_654_435_761);
            let noise = (x * 31 + y * 977).wrapping_mul(2_246_822_519) >> 16;
            let spread = 1 << (tile % 7);
            let channel = |shift: u32| ((tile >> shift) + (noise >> (shift / 4)) % spread) as u8;
            [channel(8), channel(14), channel(20), 255]
        };
        let rgba: Vec<u8> = (0..SIDE).flat_map(|y| (0..SIDE).flat_map(move |x| pixel(x, y))).collect();
        for (quality, method) in [(0.0, 0), (75.0, 4)] {
            let config = webpx::EncoderConfig::new().lossless(true).quality(quality).method(method);
            let file = config.encode_rgba(&rgba, SIDE, SIDE, webpx::Unstoppable).unwrap();
            assert_eq!(&file[12..16], b"VP8L");
            let work = Work::new(Duration::from_secs(600));
            assert_eq!(check(&file[20..], (SIDE, SIDE), &work), Ok(()), "{quality}, {method}");
        }
    }

    #[test]
    fn a_symbol_that_is_there_twice_is_refused() {
        let work = Work::new(Duration::from_secs(600));
        // Two symbols of eight bits each: 0 and 0, or 0 and 2.
        for (second, expected) in [(0, Err(Error::Unreadable)), (2, Ok(2))] {
            let data = [0b111, second << 3, 0];
            let mut bits = Bits { data: &data, waiting: 0, count: 0, work: &work };
            assert_eq!(Code::read(&mut bits, CHANNEL).map(|code| code.symbols.len()), expected);
        }
    }
}
