//! What waits for one connection: empty unless its socket is full or it is being polled.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Pieces for one vectored write; the kernel takes 1,024.
pub(crate) const SLICES: usize = 64;

/// Encoded packets that go out together. Others may share the bytes.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) bytes: Bytes,
    pub(crate) packets: u32,
    /// For a poll: whether it is a binary message, and not the text of a packet.
    pub(crate) is_binary: bool,
}

/// A bounded queue of them.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pieces: VecDeque<Piece>,
    bytes: usize,
    packets: usize,
}

impl Outbox {
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds a piece; false when it is over a bound, which ends the connection: nothing is ever left out.
    #[must_use]
    pub(crate) fn push(&mut self, piece: Piece, most_bytes: usize, most_packets: usize) -> bool {
        self.bytes += piece.bytes.len();
        self.packets += piece.packets as usize;
        let fits = self.bytes <= most_bytes && self.packets <= most_packets;
        self.pieces.push_back(piece);
        fits
    }

    /// The first pieces, for one vectored write.
    pub(crate) fn slices<'a>(&'a self, slices: &mut [IoSlice<'a>; SLICES]) -> usize {
        let count = self.pieces.len().min(SLICES);
        for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
            *slice = IoSlice::new(&piece.bytes);
        }
        count
    }

    /// Forgets what was written.
    pub(crate) fn advance(&mut self, mut written: usize) {
        self.bytes -= written;
        while let Some(Piece { bytes, packets, .. }) = self.pieces.front_mut() {
            if bytes.len() > written {
                bytes.advance(written);
                return;
            }
            written -= bytes.len();
            self.packets -= *packets as usize;
            self.pieces.pop_front();
        }
        // An idle connection holds no memory for what once waited.
        self.pieces = VecDeque::new();
    }

    /// Takes at most so many whole pieces, together no more than so many bytes unless the first alone is larger.
    pub(crate) fn take(&mut self, most_bytes: usize, most_pieces: usize) -> Vec<Piece> {
        let mut taken = Vec::new();
        let mut size = 0;
        while let Some(Piece { bytes, packets, .. }) = self.pieces.front() {
            if taken.len() == most_pieces || !taken.is_empty() && size + bytes.len() > most_bytes {
                return taken;
            }
            size += bytes.len();
            self.bytes -= bytes.len();
            self.packets -= *packets as usize;
            taken.extend(self.pieces.pop_front());
        }
        self.pieces = VecDeque::new();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(bytes: &'static str, packets: u32) -> Piece {
        Piece { bytes: Bytes::from_static(bytes.as_bytes()), packets, is_binary: false }
    }

    fn filled(pieces: &[&'static str]) -> Outbox {
        let mut outbox = Outbox::default();
        for bytes in pieces {
            assert!(outbox.push(piece(bytes, 1), 1000, 1000));
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
        assert!(outbox.push(piece("abc", 1), 5, 2));
        assert!(!outbox.push(piece("def", 1), 5, 2));
        let mut outbox = filled(&["a"]);
        assert!(!outbox.push(piece("b", 2), 1000, 2));
    }

    #[test]
    fn takes_whole_pieces_for_a_poll() {
        let mut outbox = filled(&["abc", "de", "f", "g", "h"]);
        let mut take = |most| outbox.take(most, 2).into_iter().map(|piece| piece.bytes).collect::<Vec<_>>();
        assert_eq!(take(5), ["abc", "de"]);
        assert_eq!(take(0), ["f"]);
        assert_eq!(take(100), ["g", "h"]);
        assert!(outbox.is_empty());
    }
}
