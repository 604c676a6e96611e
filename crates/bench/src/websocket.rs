//! The little of RFC 6455 that a lean client needs: masked text frames out, unmasked frames in; and the frames of
//! the raw servers.

use anyhow::bail;

/// Larger frames than a server under test sends.
const MOST: u64 = 16 * 1024 * 1024;

/// Appends a final text frame (section 5.2). The mask is four zeros, which leaves the text as it is: allowed by the
/// letter, and it spares the generator the work. The server still unmasks.
pub fn write_text(out: &mut Vec<u8>, text: &[u8]) {
    write_header(out, 0x81, 0x80, text.len());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(text);
}

/// Appends a masked close frame with status 1000 (section 5.5.1).
pub fn write_close(out: &mut Vec<u8>) {
    write_header(out, 0x88, 0x80, 2);
    out.extend_from_slice(&[0, 0, 0, 0, 0x03, 0xe8]);
}

/// Appends a final text frame as a server sends it, without a mask.
pub fn write_server_text(out: &mut Vec<u8>, text: &[u8]) {
    write_server_header(out, text.len());
    out.extend_from_slice(text);
}

/// Appends the header of a server's text frame, for who writes the text itself.
pub fn write_server_header(out: &mut Vec<u8>, length: usize) {
    write_header(out, 0x81, 0, length);
}

fn write_header(out: &mut Vec<u8>, first: u8, masked: u8, length: usize) {
    out.push(first);
    match length {
        short @ 0..126 => out.push(masked | short as u8),
        middle @ 126..=0xffff => {
            out.push(masked | 126);
            out.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            out.push(masked | 127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub opcode: u8,
    pub payload: &'a [u8],
    /// Bytes of header and payload.
    pub length: usize,
}

impl Frame<'_> {
    pub const TEXT: u8 = 1;
    pub const CLOSE: u8 = 8;
    pub const PING: u8 = 9;
}

/// The first whole frame of `bytes`; `None`: more must arrive.
///
/// # Errors
/// On what no server of ours sends: fragments, masks, extensions, giants.
pub fn read(bytes: &[u8]) -> anyhow::Result<Option<Frame<'_>>> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    if first & 0xf0 != 0x80 || second & 0x80 != 0 {
        bail!("a frame that is fragmented, masked or extended ({first:#04x} {second:#04x})");
    }
    let (length, header) = match second & 0x7f {
        126 => match rest {
            [a, b, ..] => (u64::from(u16::from_be_bytes([*a, *b])), 4),
            _ => return Ok(None),
        },
        127 => match rest.first_chunk() {
            Some(length) => (u64::from_be_bytes(*length), 10),
            None => return Ok(None),
        },
        short => (u64::from(short), 2),
    };
    if length > MOST {
        bail!("a frame of {length} bytes");
    }
    let end = header + length as usize;
    let frame = |payload| Frame { opcode: first & 0x0f, payload, length: end };
    Ok(bytes.get(header..end).map(frame))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_all_lengths_are_read_also_in_parts() {
        for (length, header) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let mut written = Vec::new();
            write_server_text(&mut written, &vec![b'x'; length]);
            for part in (0..written.len()).step_by(written.len() / 3 + 1) {
                assert_eq!(read(&written[..part]).unwrap(), None);
            }
            written.push(0x81);
            let frame = read(&written).unwrap().unwrap();
            assert_eq!((frame.opcode, frame.payload.len(), frame.length), (Frame::TEXT, length, header + length));
        }
    }

    #[test]
    fn what_is_not_expected_is_an_error() {
        for wrong in [[0x01, 0], [0xc1, 0], [0x81, 0x80]] {
            assert!(read(&wrong).is_err());
        }
        assert!(read(&[0x82, 127, 0xff, 0, 0, 0, 0, 0, 0, 0]).is_err());
    }
}
