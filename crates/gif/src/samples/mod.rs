//! GIFs drawn on the spot, for tests and benches (feature `samples`): real animations of any size, always the same for
//! the same [`Sample`], and already clean.
//!
//! ```
//! use gifchat_gif::{Limits, clean, samples::Sample};
//!
//! let sample = Sample::new(48, 32, 5);
//! let gif = sample.to_gif();
//! assert_eq!(clean(&gif, &Limits::default())?.bytes, gif);
//!
//! // The same pictures as strangers send them.
//! let upload = sample.to_dirty_gif(b"GPS 37.5665, 126.9780");
//! assert_eq!(clean(&upload, &Limits::default())?.bytes, gif);
//! # Ok::<(), gifchat_gif::Error>(())
//! ```

pub mod corpus;
mod lzw;
pub mod ssim;
pub mod witness;

use crate::Loops;
use crate::reader::{APPLICATION, CONTROL, EXTENSION, FRAME, NETSCAPE, TRAILER};

/// Colours in the one colour table, and bits of one pixel.
const COLORS: u32 = 16;
const DEPTH: u8 = 4;
/// The flags of a screen or a frame with a colour table of 16 entries.
const TABLE: u8 = 0x80 | (DEPTH - 1);
/// Pixels from one ripple to the next.
const PERIOD: u32 = 64;

/// Ripples that run out from the middle; a seamless loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Canvas width in pixels; every frame fills the canvas.
    pub width: u16,
    /// Canvas height in pixels.
    pub height: u16,
    pub frames: u16,
    /// Of every frame, in hundredths of a second.
    pub delay: u16,
    pub loops: Loops,
    /// Chooses the colours. Two seeds make two files with different bytes.
    pub seed: u32,
}

impl Sample {
    /// An animation at 20 frames a second that repeats for ever.
    ///
    /// One with a zero somewhere can be drawn as well: it makes a GIF that is refused.
    pub const fn new(width: u16, height: u16, frames: u16) -> Self {
        Self { width, height, frames, delay: 5, loops: Loops::Forever, seed: 0 }
    }

    /// The same pictures in other colours.
    pub const fn with_seed(self, seed: u32) -> Self {
        Self { seed, ..self }
    }

    /// The file, exactly as cleaning leaves it.
    pub fn to_gif(&self) -> Vec<u8> {
        let mut gif = self.head();
        for frame in 0..self.frames {
            self.push_frame(&mut gif, frame);
        }
        gif.push(TRAILER);
        gif
    }

    /// The same pictures with `secret` in every place that cleaning empties: a comment in front, an application
    /// extension and plain text between all frames, and bytes after the trailer.
    pub fn to_dirty_gif(&self, secret: &[u8]) -> Vec<u8> {
        let mut gif = self.head();
        push_extension(&mut gif, 0xfe, &[], secret);
        for frame in 0..self.frames {
            push_extension(&mut gif, APPLICATION, b"XMP DataXMP", secret);
            push_extension(&mut gif, 0x01, &[0; 12], secret);
            self.push_frame(&mut gif, frame);
        }
        gif.push(TRAILER);
        gif.extend_from_slice(secret);
        gif
    }

    fn head(&self) -> Vec<u8> {
        let mut gif = b"GIF89a".to_vec();
        push_u16s(&mut gif, &[self.width, self.height]);
        // 8 bits a channel, the table; background 0; square pixels.
        gif.extend_from_slice(&[0x70 | TABLE, 0, 0]);
        gif.extend((0..COLORS).flat_map(|index| self.color(index)));
        if let Some(count) = self.loops.count() {
            let [low, high] = count.to_le_bytes();
            push_extension(&mut gif, APPLICATION, NETSCAPE, &[1, low, high]);
        }
        gif
    }

    fn push_frame(&self, gif: &mut Vec<u8>, frame: u16) {
        let [low, high] = self.delay.to_le_bytes();
        push_extension(gif, CONTROL, &[0, low, high, 0], &[]);
        gif.push(FRAME);
        push_u16s(gif, &[0, 0, self.width, self.height]);
        gif.push(0);
        let pixels = (0..u32::from(self.height))
            .flat_map(|y| (0..u32::from(self.width)).map(move |x| (x, y)))
            .map(|(x, y)| self.pixel(x, y, frame));
        lzw::push(gif, DEPTH, pixels);
    }

    fn pixel(&self, x: u32, y: u32, frame: u16) -> u8 {
        // Halves of 16-bit sides: their squares have room.
        let across = x.abs_diff(u32::from(self.width) / 2);
        let down = y.abs_diff(u32::from(self.height) / 2);
        let ripple = (across * across + down * down).isqrt() * COLORS / PERIOD;
        let phase = COLORS * u32::from(frame) / u32::from(self.frames);
        ((ripple + COLORS - phase) % COLORS) as u8
    }

    /// From one colour to another and back, so that the table has no seam.
    fn color(&self, index: u32) -> [u8; 3] {
        let [r, g, b, a] = self.seed.wrapping_mul(0x9e37_79b9).to_le_bytes();
        let (from, to) = ([0x1b ^ r, 0x1f ^ g, 0x3b ^ b], [0xff ^ a, 0x7a ^ r, 0x59 ^ g]);
        let there = index.min(COLORS - index);
        std::array::from_fn(|channel| {
            let mixed = u32::from(from[channel]) * (COLORS / 2 - there) + u32::from(to[channel]) * there;
            (mixed / (COLORS / 2)) as u8
        })
    }
}

/// An extension: one sub-block `head` (left out when empty), then `data` in as many sub-blocks as it takes.
fn push_extension(gif: &mut Vec<u8>, label: u8, head: &[u8], data: &[u8]) {
    gif.extend_from_slice(&[EXTENSION, label]);
    push_data(gif, head);
    push_data(gif, data);
    gif.push(0);
}

/// Sub-blocks without their terminator.
fn push_data(gif: &mut Vec<u8>, data: &[u8]) {
    for block in data.chunks(255) {
        gif.push(block.len() as u8);
        gif.extend_from_slice(block);
    }
}

fn push_u16s(gif: &mut Vec<u8>, numbers: &[u16]) {
    gif.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}
