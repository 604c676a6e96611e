//! Lossless WebP data with prefix codes that are dear to read or to keep.

use crate::gifs::noise;

/// In the order in which the lengths of code length codes are written.
const ORDER: [u32; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Writes bits, lowest first.
#[derive(Default)]
pub struct Bits(Vec<u8>, usize);

impl Bits {
    fn push(&mut self, count: usize, value: u32) {
        for bit in 0..count {
            if self.1.is_multiple_of(8) {
                self.0.push(0);
            }
            *self.0.last_mut().unwrap() |= ((value >> bit & 1) as u8) << (self.1 % 8);
            self.1 += 1;
        }
    }

    /// Size, alpha, version.
    fn head(width: u32, height: u32) -> Self {
        let mut bits = Self::default();
        bits.push(8, 0x2f);
        bits.push(14, width - 1);
        bits.push(14, height - 1);
        bits.push(4, 0);
        bits
    }

    /// A picture up to the codes of the one that says which block is of which group: no transforms, blocks of
    /// 4 x 4 << `block` pixels.
    fn grouped(side: u32, cache: u32, block: u32) -> Self {
        let mut bits = Self::head(side, side);
        bits.push(1, 0);
        match cache {
            0 => bits.push(1, 0),
            _ => bits.push(5, cache << 1 | 1),
        }
        bits.push(1, 1);
        bits.push(3, block);
        bits.push(1, 0);
        bits
    }

    /// A code of one symbol, 0: its pixels take no bits.
    fn nothing(&mut self) {
        self.push(4, 0b0001);
    }

    /// A code of one symbol.
    fn only(&mut self, symbol: u32) {
        self.push(3, 0b101);
        self.push(8, symbol);
    }

    /// A code of two symbols, 0 and another, a bit each.
    fn pair(&mut self, other: u32) {
        self.push(4, 0b0011);
        self.push(8, other);
    }

    /// The shortest way to write two symbols.
    pub fn two(&mut self) {
        self.pair(1);
    }

    /// The same as lengths of the whole alphabet.
    pub fn two_of_many(&mut self) {
        self.flat(1);
    }

    /// As many symbols as have codes of `depth` bits, at most 8.
    fn flat(&mut self, depth: u32) {
        let last = ORDER.iter().position(|&length| length == depth).unwrap();
        self.push(1, 0);
        self.push(4, last as u32 - 3);
        (0..=last).for_each(|at| self.push(3, u32::from(at == last)));
        self.push(1, 1);
        self.push(3, 3);
        self.push(8, (1 << depth) - 2);
    }

    /// Eleven symbols with codes of 1 to 10 bits: the largest table.
    fn steep(&mut self) {
        // Lengths 1 to 10 as codes of 3 and 4 bits.
        let code = |length: u32| if length <= 6 { (3, length - 1) } else { (4, 0b1100 + length - 7) };
        self.push(1, 0);
        self.push(4, 10);
        for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
            self.push(3, length);
        }
        // Eleven symbols.
        self.push(1, 1);
        self.push(3, 1);
        self.push(4, 9);
        for length in (1..=10).chain([10]) {
            let (width, code) = code(length);
            // Codes come with their highest bit first.
            self.push(width, code.reverse_bits() >> (32 - width));
        }
    }

    fn noise(&mut self, count: usize) {
        noise(count).iter().for_each(|&byte| self.push(8, byte.into()));
    }
}

/// A black picture: no transforms, no cache, one group of codes without bits.
pub fn lossless(width: u32, height: u32) -> Vec<u8> {
    let mut bits = Bits::head(width, height);
    bits.push(3, 0);
    (0..5).for_each(|_| bits.nothing());
    bits.0
}

/// 2048 x 2048, with 65,536 groups of codes, each with tables of the largest size; then nothing.
pub fn large_tables() -> Vec<u8> {
    let mut bits = Bits::grouped(2048, 0, 0);
    // Green and red are 0 or 255, and both 255 in the last block.
    (0..2).for_each(|_| bits.pair(255));
    (0..3).for_each(|_| bits.nothing());
    (1..512 * 512).for_each(|_| bits.push(2, 0));
    bits.push(2, 0b11);
    (0..65_536 * 5).for_each(|_| bits.steep());
    bits.0
}

/// All pixels are of the last of so many groups, whose codes take no bits; the others have codes that are as small as can be.
pub fn small_codes(side: u32, groups: u32, code: impl Fn(&mut Bits)) -> Vec<u8> {
    let mut bits = Bits::grouped(side, 11, 7);
    bits.only((groups - 1) & 255);
    bits.only((groups - 1) >> 8);
    (0..3).for_each(|_| bits.nothing());
    (0..(groups - 1) * 5).for_each(|_| code(&mut bits));
    (0..4).for_each(|_| bits.only(200));
    bits.nothing();
    (0..8).for_each(|_| bits.push(8, 0));
    bits.0
}

/// 2048 x 2048. Who takes a symbol that is there twice for one without bits sees one group; who takes it for one of a bit
/// sees 65,281 with large tables.
pub fn hidden() -> Vec<u8> {
    const BLOCKS: usize = 512 * 512;
    let mut bits = Bits::grouped(2048, 0, 0);
    bits.pair(0);
    bits.pair(255);
    (0..3).for_each(|_| bits.nothing());
    // Red takes all of these, or every second.
    (0..BLOCKS).for_each(|_| bits.push(1, 0));
    (0..5).for_each(|_| bits.nothing());
    (20..BLOCKS - 2).for_each(|_| bits.push(1, 0));
    bits.push(2, 0b10);
    (0..65_281 * 5).for_each(|_| bits.steep());
    bits.0
}

/// 2048 x 2048 of chance in so many bytes at most, each 4 x 4 pixels of another one of 256 << `more` groups; of each
/// group the last so many codes have the largest tables, and the others two symbols.
pub fn scattered(bytes: usize, more: u32, steep: usize) -> Vec<u8> {
    let mut bits = Bits::grouped(2048, 0, 0);
    bits.flat(8);
    bits.flat(more);
    (0..3).for_each(|_| bits.nothing());
    bits.noise(512 * 512 * (8 + more as usize) / 8);
    for _ in 0..256 << more {
        (steep..5).for_each(|_| bits.two());
        (0..steep).for_each(|_| bits.steep());
    }
    bits.noise(bytes - bits.0.len());
    bits.0
}
