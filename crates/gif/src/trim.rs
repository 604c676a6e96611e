//! Puts other data in the place of what was in a frame and is no pixel.

use crate::Error;
use crate::reader::{Block, Reader};

/// Writes a clean GIF anew: frame number `n` (the first is 0) has the LZW data `mended[n]`, or its own.
pub(crate) fn trim(gif: Vec<u8>, mended: &[Option<Vec<u8>>]) -> Result<Vec<u8>, Error> {
    if mended.iter().all(Option::is_none) {
        return Ok(gif);
    }
    let (_, mut reader) = Reader::open(&gif)?;
    let mut out = Vec::with_capacity(gif.len());
    let mut copied = 0;
    let mut mended = mended.iter();
    while let Some(block) = reader.next()? {
        if let Block::Frame(frame) = block
            && let Some(Some(data)) = mended.next()
        {
            let after = reader.position();
            out.extend_from_slice(&gif[copied..after - frame.data.len()]);
            for block in data.chunks(255) {
                out.push(block.len() as u8);
                out.extend_from_slice(block);
            }
            out.push(0);
            copied = after;
        }
    }
    out.extend_from_slice(&gif[copied..]);
    Ok(out)
}
