//! What the house says of a picture that was looked through.

use gifchat_gif::Received;

use crate::domain::{Color, Gif, GifHash};

/// The facts of a GIF, whose hash is that of `received.gif`.
pub fn facts(hash: GifHash, received: &Received) -> Gif {
    let Received { gif, info, look, .. } = received;
    Gif {
        hash,
        width: info.width,
        height: info.height,
        frames: info.frames,
        duration_ms: u32::try_from(info.duration.as_millis()).unwrap_or(u32::MAX),
        bytes: gif.len() as u64,
        color: Color::from_rgb(look.color),
        flashes: look.flashes,
    }
}
