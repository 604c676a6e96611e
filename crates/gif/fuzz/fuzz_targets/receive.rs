//! Whatever comes in, of any format: no panic, no more memory and time than promised, the limits hold, and what was made
//! is received again as it is.

#![no_main]

use std::alloc::System;
use std::time::Duration;

use cap::Cap;
use gifchat_gif::samples::witness;
use gifchat_gif::{Frames, Limits, Source, receive};
use libfuzzer_sys::fuzz_target;

/// An allocation beyond its limit fails, and the process with it.
#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, usize::MAX);

/// For a canvas of 256 x 256. The tables of a lossless WebP may want most of it.
const MOST_MEMORY: usize = 24 << 20;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        bytes: 1 << 16,
        width: 256,
        height: 256,
        frames: 50,
        pixels: 1_000_000,
        duration: Duration::from_secs(60),
        cpu: Duration::from_secs(1),
        ..Limits::default()
    };
    MEMORY.set_limit(MEMORY.allocated() + MOST_MEMORY).expect("a limit above what is allocated");
    let received = receive(bytes, &limits);
    MEMORY.set_limit(usize::MAX).expect("no limit");
    let Ok(first) = received else { return };

    assert!(first.gif.len() <= limits.bytes && !first.look.poster.is_empty());
    assert!(first.info.width <= limits.width && first.info.height <= limits.height);
    assert!(first.info.frames <= limits.frames && first.info.duration <= limits.duration);
    let again = receive(&first.gif, &limits).expect("what was received can be received");
    assert_eq!(again.source, Source::Gif);
    assert_eq!((&again.gif, again.info), (&first.gif, first.info));
    if first.source == Source::Gif {
        let (mut before, mut after) = (open(bytes, &limits), open(&first.gif, &limits));
        while let Some(frame) = before.next().expect("it was decoded once") {
            let kept = after.next().expect("it was decoded once").expect("as many frames");
            assert!(frame.rgba == kept.rgba && frame.delay == kept.delay);
        }
    }
    // Somebody else sees the same in it. Without a colour table it sees nothing.
    if let Ok(play) = witness::gif(&first.gif) {
        let mut frames = open(&first.gif, &limits);
        for shown in play.frames {
            assert!(frames.next().expect("it was decoded once").expect("as many frames").rgba == shown.rgba);
        }
    }
});

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Frames<'a> {
    Frames::open(bytes, limits).expect("it was opened once")
}
