//! What is no picture at all, and pictures of kinds that are not taken.

use gifchat_gif::samples::Sample;

use crate::{Hostile, hostile};

pub fn all() -> Vec<Hostile> {
    let gif = Sample::new(16, 16, 2).to_gif();
    let behind = |front: &[u8]| [front, &gif].concat();
    let refused = |name: &str, bytes: Vec<u8>| hostile(name, bytes, "gif-not-a-picture");
    vec![
        refused("nothing", Vec::new()),
        refused("zeros", vec![0; 5 << 20]),
        refused("a page with a GIF behind it", behind(b"<!doctype html><script>alert(1)</script><!--")),
        refused("a script with a GIF behind it", behind(b"alert(1)/*")),
        refused("an archive with a GIF behind it", behind(b"PK\x03\x04\x14\0\0\0\0\0")),
        refused("a document with a GIF behind it", behind(b"%PDF-1.7\n")),
        refused("a byte order mark before a GIF", behind(b"\xef\xbb\xbf")),
        refused("a drawing with a script", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        refused("a program", b"\x7fELF\x02\x01\x01\0".repeat(1000)),
        refused("a gzip bomb", b"\x1f\x8b\x08\0\0\0\0\0\x02\x03".repeat(1000)),
        refused("an AVIF", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf".to_vec()),
        refused("a TIFF", b"II*\0\x08\0\0\0\xff\xff".to_vec()),
        refused("a sound in the same container as WebP", b"RIFF\x24\0\0\0WAVEfmt ".to_vec()),
    ]
}
