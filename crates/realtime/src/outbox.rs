//! What waits for one connection: empty unless its socket is full or it is being polled.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Pieces for one vectored write; the kernel takes 1,024.
pub(crate) const SLICES: usize = 64;

/// A bounded queue of encoded packets. A piece may be a run of several packets that others share.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pieces: VecDeque<(Bytes, u32)>,
    bytes: usize,
    packets: usize,
}

impl Outbox {
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds a piece; false when it is over a bound, which ends the connection: nothing is ever left out.
    #[must_use]
    pub(crate) fn push(&mut self, piece: Bytes, packets: u32, most_bytes: usize, most_packets: usize) -> bool {
        self.bytes += piece.len();
        self.packets += packets as usize;
        let fits = self.bytes <= most_bytes && self.packets <= most_packets;
        self.pieces.push_back((piece, packets));
        fits
    }

    /// The first pieces, for one vectored write.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; SLICES]) -> usize {
        let count = self.pieces.len().min(SLICES);
        for (slice, (piece, _)) in slices.iter_mut().zip(&self.pieces) {
            *slice = IoSlice::new(piece);
        }
        count
    }

    /// Forgets what was written.
    pub(crate) fn advance(&mut self, mut written: usize) {
        self.bytes -= written;
        while let Some((piece, packets)) = self.pieces.front_mut() {
            if piece.len() > written {
                piece.advance(written);
                return;
            }
            written -= piece.len();
            self.packets -= *packets as usize;
            self.pieces.pop_front();
        }
        // An idle connection holds no memory for what once waited.
        self.pieces = VecDeque::new();
    }

    /// Takes whole pieces up to `most` bytes, at least one.
    pub(crate) fn take(&mut self, most: usize) -> Vec<Bytes> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some((piece, packets)) = self.pieces.front() {
            if !taken.is_empty() && bytes + piece.len() > most {
                return taken;
            }
            bytes += piece.len();
            self.bytes -= piece.len();
            self.packets -= *packets as usize;
            taken.extend(self.pieces.pop_front().map(|(piece, _)| piece));
        }
        self.pieces = VecDeque::new();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(pieces: &[&'static str]) -> Outbox {
        let mut outbox = Outbox::default();
        for piece in pieces {
            assert!(outbox.push(Bytes::from_static(piece.as_bytes()), 1, 1000, 1000));
        }
        outbox
    }

    #[test]
    fn goes_on_in_the_middle_of_a_piece() {
        let mut outbox = filled(&["abc", "de", "f"]);
        outbox.advance(4);
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = outbox.slices(&mut slices);
        let waiting: Vec<&[u8]> = slices[..count].iter().map(|slice| &**slice).collect();
        assert_eq!(waiting, [b"e", b"f"]);
        outbox.advance(2);
        assert!(outbox.is_empty());
        assert_eq!((outbox.bytes, outbox.packets), (0, 0));
    }

    #[test]
    fn says_when_a_bound_is_crossed() {
        let mut outbox = Outbox::default();
        assert!(outbox.push(Bytes::from_static(b"abc"), 1, 5, 2));
        assert!(!outbox.push(Bytes::from_static(b"def"), 1, 5, 2));
        let mut outbox = filled(&["a"]);
        assert!(!outbox.push(Bytes::from_static(b"b"), 2, 1000, 2));
    }

    #[test]
    fn takes_whole_pieces_for_a_poll() {
        let mut outbox = filled(&["abc", "de", "f"]);
        assert_eq!(outbox.take(5), ["abc", "de"]);
        assert_eq!(outbox.take(0), ["f"]);
        assert!(outbox.is_empty());
    }
}
