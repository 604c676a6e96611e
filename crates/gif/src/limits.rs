//! How much of a GIF is too much.

use std::time::Duration;

/// Upper bounds, all inclusive, all checked before anything is allocated. [`Default`] is the product's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes.
    pub bytes: usize,
    /// Pixels from the left edge of the canvas to the right edge of the canvas and of every frame.
    pub width: u32,
    /// Pixels from the top edge of the canvas to the bottom edge of the canvas and of every frame.
    pub height: u32,
    /// Number of frames.
    pub frames: u32,
    /// Canvas x frames: the pixels a viewer composes for one loop. A frame larger than the canvas counts with its own
    /// size.
    pub pixels: u64,
    /// One loop, delays as browsers play them.
    pub duration: Duration,
    /// Processor time of the thread that decodes. [`clean`](crate::clean) needs next to none and does not look at it.
    pub cpu: Duration,
    /// Processor time of the thread that makes a rendition, decoding and all; only [`animate`](crate::animate) looks at
    /// it.
    pub animation_cpu: Duration,
}

impl Default for Limits {
    /// - 5 MiB: the upload limit of the contract.
    /// - 2048 x 2048: wider than any chat column at twice the density; one frame is at most 16 MiB decoded.
    /// - 1,000 frames: 40 s at 25 frames a second, 100 s at the 10 that browsers give to GIFs without delays.
    /// - 400 million pixels: 1,000 frames of 640 x 480 pass, 1,000 frames of the largest canvas (4,194 million) do
    ///   not. It bounds what one message costs in processor time on every member's device.
    /// - 120 s: holds the 100 s above. A longer "animation" is a video in the wrong format.
    /// - 800 ms of processor time: several times what a file of 5 MiB takes that a person would send, and with what
    ///   cannot be stopped on the way (one JPEG, the end of a frame of a WebP, the poster) less than a second.
    /// - 20 s of processor time for a rendition, ten times what most take: others wait for theirs.
    fn default() -> Self {
        Self {
            bytes: 5 * 1024 * 1024,
            width: 2048,
            height: 2048,
            frames: 1_000,
            pixels: 400_000_000,
            duration: Duration::from_secs(120),
            cpu: Duration::from_millis(800),
            animation_cpu: Duration::from_secs(20),
        }
    }
}
