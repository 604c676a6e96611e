//! The container of an animated WebP (the format's "WebP Container Specification"): RIFF chunks around pictures that
//! the encoder made.

use crate::Loops;

/// Chunk name and length.
const CHUNK_HEAD: usize = 8;
/// The name of the file and its length, and the name of what is in it.
const FILE_HEAD: usize = 12;
/// Where VP8X keeps its flags: it is the first chunk.
const FLAGS: usize = FILE_HEAD + CHUNK_HEAD;
const FLAG_ANIMATION: u8 = 0x02;
const FLAG_ALPHA: u8 = 0x10;
/// From the beginning of an ANMF chunk to its duration.
const DURATION: usize = CHUNK_HEAD + 12;
/// Durations have 24 bits.
const MOST_MILLISECONDS: u32 = (1 << 24) - 1;
/// What the widest and tallest picture inside can be (14 bits).
pub(super) const MOST_SIDE: u32 = (1 << 14) - 1;

/// Part of the canvas, in pixels. `left` and `top` are even: the format counts them in twos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rect {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// An animation that is being written.
pub(super) struct Animation {
    bytes: Vec<u8>,
    /// Where the ANMF chunk of the frame that was pushed last begins.
    last: usize,
}

impl Animation {
    pub fn new(width: u32, height: u32, loops: Loops) -> Self {
        let mut bytes = b"RIFF\0\0\0\0WEBP".to_vec();
        push_head(&mut bytes, b"VP8X", 10);
        bytes.extend_from_slice(&[FLAG_ANIMATION, 0, 0, 0]);
        push_u24(&mut bytes, width - 1);
        push_u24(&mut bytes, height - 1);
        push_head(&mut bytes, b"ANIM", 6);
        // The background that no browser shows: transparent.
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&times(loops).to_le_bytes());
        Self { bytes, last: 0 }
    }

    /// Adds a frame that is shown for no time yet. `still` is a whole WebP file with one picture of the size of `rect`.
    /// What it has of transparency shows the frame before when it is to `blend`; otherwise it replaces.
    pub fn push(&mut self, rect: Rect, still: &[u8], blend: bool) {
        let start = self.bytes.len();
        push_head(&mut self.bytes, b"ANMF", 0);
        push_u24(&mut self.bytes, rect.left / 2);
        push_u24(&mut self.bytes, rect.top / 2);
        push_u24(&mut self.bytes, rect.width - 1);
        push_u24(&mut self.bytes, rect.height - 1);
        push_u24(&mut self.bytes, 0);
        self.bytes.push(if blend { 0 } else { 2 });
        for (name, chunk) in chunks(still).filter(|(name, _)| *name != b"VP8X") {
            if name == b"ALPH" || name == b"VP8L" && says_alpha(chunk) {
                self.bytes[FLAGS] |= FLAG_ALPHA;
            }
            self.bytes.extend_from_slice(chunk);
        }
        let length = (self.bytes.len() - start - CHUNK_HEAD) as u32;
        self.bytes[start + 4..start + CHUNK_HEAD].copy_from_slice(&length.to_le_bytes());
        self.last = start;
    }

    /// How long the frame that was pushed last is shown, in milliseconds.
    pub fn set_duration(&mut self, milliseconds: u32) {
        let at = self.last + DURATION;
        self.bytes[at..at + 3].copy_from_slice(&milliseconds.min(MOST_MILLISECONDS).to_le_bytes()[..3]);
    }

    /// How long the file is as it stands.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn finish(mut self) -> Vec<u8> {
        let length = (self.bytes.len() - CHUNK_HEAD) as u32;
        self.bytes[4..CHUNK_HEAD].copy_from_slice(&length.to_le_bytes());
        self.bytes
    }
}

/// How often it is shown, 0 without end. What browsers do with a GIF is one more than its count.
fn times(loops: Loops) -> u16 {
    loops.count().map_or(1, |again| if again == 0 { 0 } else { again.saturating_add(1) })
}

/// The chunks of a file: name, and bytes with head and padding. Ends quietly where a chunk is not whole.
fn chunks(file: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = file.get(FILE_HEAD..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (name, after) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*after.first_chunk::<4>()?) as usize;
        let (chunk, next) = rest.split_at_checked(CHUNK_HEAD + length.next_multiple_of(2))?;
        rest = next;
        Some((name, chunk))
    })
}

/// Whether a lossless picture says that it has transparency: a bit behind its signature and its sides.
fn says_alpha(chunk: &[u8]) -> bool {
    chunk.get(CHUNK_HEAD + 4).is_none_or(|bits| bits & 0x10 != 0)
}

fn push_head(bytes: &mut Vec<u8>, name: &[u8; 4], length: u32) {
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(&length.to_le_bytes());
}

fn push_u24(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes()[..3]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as the encoder makes them, with chunks of these names and lengths.
    fn still(parts: &[(&[u8; 4], u32)]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WEBP".to_vec();
        for &(name, length) in parts {
            push_head(&mut bytes, name, length);
            bytes.resize(bytes.len() + length.next_multiple_of(2) as usize, 7);
        }
        bytes
    }

    #[test]
    fn a_file_says_its_length_canvas_and_loops() {
        let file = Animation::new(300, 2, Loops::Forever).finish();
        assert_eq!(file.len(), 44);
        assert_eq!(file[4..8], 36_u32.to_le_bytes());
        assert_eq!(file[24..30], [43, 1, 0, 1, 0, 0]);
        assert_eq!(file[42..], [0, 0]);
        let times = |loops| Animation::new(1, 1, loops).finish()[42..].to_vec();
        assert_eq!(times(Loops::Once), [1, 0]);
        assert_eq!(times(Loops::Again(3.try_into().unwrap())), [4, 0]);
        assert_eq!(times(Loops::Again(u16::MAX.try_into().unwrap())), [255, 255]);
    }

    #[test]
    fn a_frame_has_place_size_time_and_the_pictures_chunks() {
        let mut animation = Animation::new(300, 200, Loops::Forever);
        let rect = Rect { left: 20, top: 600, width: 257, height: 1 };
        animation.push(rect, &still(&[(b"VP8X", 10), (b"ALPH", 3), (b"VP8 ", 6)]), true);
        animation.set_duration(70_000);
        let file = animation.finish();
        let frame = &file[44..];
        assert_eq!(frame[..4], *b"ANMF");
        assert_eq!(u32::from_le_bytes(frame[4..8].try_into().unwrap()) as usize, frame.len() - 8);
        assert_eq!(frame[8..24], [10, 0, 0, 44, 1, 0, 0, 1, 0, 0, 0, 0, 0x70, 0x11, 1, 0]);
        assert_eq!(frame[24..28], *b"ALPH");
        assert_eq!(frame[36..40], *b"VP8 ");
        assert_eq!(frame.len(), 24 + 12 + 14);
        assert_eq!(file[FLAGS], FLAG_ANIMATION | FLAG_ALPHA);
    }

    #[test]
    fn no_alpha_is_said_when_no_frame_has_any() {
        let mut animation = Animation::new(4, 4, Loops::Once);
        let rect = Rect { left: 0, top: 0, width: 4, height: 4 };
        animation.push(rect, &still(&[(b"VP8 ", 5)]), false);
        let file = animation.finish();
        assert_eq!(file[FLAGS], FLAG_ANIMATION);
        assert_eq!(file[44 + 23], 2, "it replaces");
    }

    #[test]
    fn half_a_chunk_is_no_chunk() {
        let file = still(&[(b"VP8 ", 5)]);
        assert_eq!(chunks(&file).count(), 1);
        for length in 0..file.len() {
            assert_eq!(chunks(&file[..length]).count(), 0);
        }
    }
}
