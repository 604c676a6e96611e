//! Cuts away what is in the data of a frame and is no pixel.

use crate::Error;
use crate::lzw::End;
use crate::reader::{Block, Frame, Reader};

/// Whether nothing is behind the code that ends the data.
pub(crate) fn is_tight(data: &[u8], end: &End) -> bool {
    end.closed && joined(data) == needed(end)
}

/// Writes a clean GIF anew: the data of frame number `n` (the first is 0) ends where `ends[n]` says, with an end code.
pub(crate) fn trim(gif: &[u8], ends: &[End]) -> Result<Vec<u8>, Error> {
    let (_, mut reader) = Reader::open(gif)?;
    let mut out = Vec::with_capacity(gif.len() + 4 * ends.len());
    let mut copied = 0;
    let mut ends = ends.iter();
    while let Some(block) = reader.next()? {
        if let Block::Frame(frame) = block
            && let Some(end) = ends.next()
            && !is_tight(frame.data, end)
        {
            let after = reader.position();
            out.extend_from_slice(&gif[copied..after - frame.data.len()]);
            push(&mut out, &frame, end);
            copied = after;
        }
    }
    out.extend_from_slice(&gif[copied..]);
    Ok(out)
}

fn push(out: &mut Vec<u8>, frame: &Frame<'_>, end: &End) {
    let mut data: Vec<u8> = blocks(frame.data).flatten().copied().take(needed(end)).collect();
    data.resize(needed(end), 0);
    if !end.closed {
        let code = (1_u32 << frame.depth) + 1;
        for bit in 0..end.width {
            let at = end.bits + bit as usize;
            let mask = 1 << (at % 8);
            data[at / 8] = data[at / 8] & !mask | if code >> bit & 1 == 1 { mask } else { 0 };
        }
        // No more than the code is in the last byte.
        let used = (end.bits + end.width as usize) % 8;
        if used > 0
            && let Some(last) = data.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }
    for block in data.chunks(255) {
        out.push(block.len() as u8);
        out.extend_from_slice(block);
    }
    out.push(0);
}

/// Bytes up to and with the end code.
fn needed(end: &End) -> usize {
    (end.bits + end.width as usize).div_ceil(8)
}

fn joined(data: &[u8]) -> usize {
    blocks(data).map(<[u8]>::len).sum()
}

fn blocks(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&length, behind) = data.split_first()?;
        let (block, behind) = behind.split_at_checked(length.into())?;
        data = behind;
        (length > 0).then_some(block)
    })
}
