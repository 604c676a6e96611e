//! The variant of LZW that GIF has (specification, appendix F).

use super::push_data;

/// Codes have at most 12 bits.
const MOST_CODES: usize = 4096;

/// Appends LZW data: the minimum code size, sub-blocks, terminator. Every pixel is below 2^`depth`.
pub(super) fn push(gif: &mut Vec<u8>, depth: u8, mut pixels: impl Iterator<Item = u8>) {
    let clear = 1 << depth;
    let end = clear + 1;
    let mut bits = Bits::default();
    let mut table = Table::new(depth);
    bits.push(clear, table.width);
    if let Some(first) = pixels.next() {
        let mut prefix = u16::from(first);
        for pixel in pixels {
            match table.find(prefix, pixel) {
                Some(longer) => prefix = longer,
                None => {
                    bits.push(prefix, table.width);
                    if !table.insert(prefix, pixel) {
                        bits.push(clear, table.width);
                        table = Table::new(depth);
                    }
                    prefix = u16::from(pixel);
                }
            }
        }
        bits.push(prefix, table.width);
        // The reader adds an entry here too, and may read the end one bit wider for it.
        table.insert(prefix, 0);
    }
    bits.push(end, table.width);

    gif.push(depth);
    push_data(gif, &bits.finish());
    gif.push(0);
}

/// Reads LZW data without sub-blocks, as the specification tells it, with a table of strings: the pixels in front of the end
/// code, or of the end of the data. `None` when there is a code that cannot be.
///
/// It shares nothing with the decoder of the product.
pub(super) fn read(depth: u8, data: &[u8]) -> Option<Vec<u8>> {
    let clear = 1_usize << depth;
    // Behind the colours there is no string for two codes.
    let colors = || (0..clear + 2).map(|code| vec![code as u8; usize::from(code < clear)]).collect::<Vec<_>>();
    let (mut strings, mut width) = (colors(), usize::from(depth) + 1);
    let mut before: Option<Vec<u8>> = None;
    let mut pixels = Vec::new();
    let mut at = 0;
    while at + width <= data.len() * 8 {
        let code =
            (0..width).map(|bit| usize::from(data[(at + bit) / 8] >> ((at + bit) % 8) & 1) << bit).sum::<usize>();
        at += width;
        if code == clear {
            (strings, width, before) = (colors(), usize::from(depth) + 1, None);
            continue;
        }
        if code == clear + 1 {
            break;
        }
        let string = match (strings.get(code), &before) {
            (Some(string), _) => string.clone(),
            (None, Some(last)) if code == strings.len() => [&last[..], &last[..1]].concat(),
            (None, _) => return None,
        };
        if let Some(mut longer) = before.take()
            && strings.len() < MOST_CODES
        {
            longer.push(string[0]);
            strings.push(longer);
            if strings.len() == 1 << width && strings.len() < MOST_CODES {
                width += 1;
            }
        }
        pixels.extend_from_slice(&string);
        before = Some(string);
    }
    Some(pixels)
}

/// The codes of the sequences seen since the last clear code.
struct Table {
    depth: u8,
    /// By code and next pixel: the code of both together; 0 for none, which is never the code of two.
    longer: Vec<u16>,
    next: usize,
    /// Bits of the next code to be written.
    width: u8,
}

impl Table {
    fn new(depth: u8) -> Self {
        Self { depth, longer: vec![0; MOST_CODES << depth], next: (1 << depth) + 2, width: depth + 1 }
    }

    fn find(&self, prefix: u16, pixel: u8) -> Option<u16> {
        Some(self.longer[self.place(prefix, pixel)]).filter(|&code| code != 0)
    }

    /// Whether there was room.
    fn insert(&mut self, prefix: u16, pixel: u8) -> bool {
        if self.next == MOST_CODES {
            return false;
        }
        let place = self.place(prefix, pixel);
        self.longer[place] = self.next as u16;
        if self.next == 1 << self.width {
            self.width += 1;
        }
        self.next += 1;
        true
    }

    fn place(&self, prefix: u16, pixel: u8) -> usize {
        usize::from(prefix) << self.depth | usize::from(pixel)
    }
}

/// Packs codes, lowest bit first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    waiting: u32,
    count: u8,
}

impl Bits {
    fn push(&mut self, code: u16, width: u8) {
        self.waiting |= u32::from(code) << self.count;
        self.count += width;
        while self.count >= 8 {
            self.bytes.push(self.waiting as u8);
            self.waiting >>= 8;
            self.count -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.waiting as u8);
        }
        self.bytes
    }
}
