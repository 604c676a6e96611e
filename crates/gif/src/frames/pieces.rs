//! A file in pieces, for a decoder that asks no clock: whoever reads on does it for us.

use std::io::{BufRead, ErrorKind, Read, Result, Seek, SeekFrom};

use crate::work::Work;

/// Bytes between two looks at the clock.
const WINDOW: usize = 16 << 10;

/// Reads one piece after another, as if they were one. Nothing is copied.
pub(super) struct Pieces<'a, const COUNT: usize> {
    pieces: [&'a [u8]; COUNT],
    /// What may be read before the clock is asked again.
    window: &'a [u8],
    /// Where that ends, in bytes from the start.
    end: u64,
    work: &'a Work,
}

impl<'a, const COUNT: usize> Pieces<'a, COUNT> {
    pub fn new(pieces: [&'a [u8]; COUNT], work: &'a Work) -> Self {
        Self { pieces, window: &[], end: 0, work }
    }

    /// The bytes from there on, as many as are in one piece and one window; none behind the end.
    fn window_at(&self, from: u64) -> &'a [u8] {
        let mut from = usize::try_from(from).unwrap_or(usize::MAX);
        for piece in self.pieces {
            match piece.get(from..) {
                Some(rest @ [_, ..]) => return &rest[..rest.len().min(WINDOW)],
                _ => from -= piece.len(),
            }
        }
        &[]
    }
}

impl<const COUNT: usize> BufRead for Pieces<'_, COUNT> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.window.is_empty() {
            self.work.check().map_err(std::io::Error::other)?;
            self.window = self.window_at(self.end);
            self.end += self.window.len() as u64;
        }
        Ok(self.window)
    }

    fn consume(&mut self, count: usize) {
        self.window = &self.window[count..];
    }
}

impl<const COUNT: usize> Read for Pieces<'_, COUNT> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<const COUNT: usize> Seek for Pieces<'_, COUNT> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let all = self.pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
        let (base, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.end - self.window.len() as u64, by),
            SeekFrom::End(by) => (all, by),
        };
        self.end = base.checked_add_signed(by).ok_or(ErrorKind::InvalidInput)?;
        self.window = &[];
        Ok(self.end)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_reads_as_one_whole() {
        let long: Vec<u8> = (0..3 * WINDOW + 5).map(|at| (at % 251) as u8).collect();
        let pieces = [&b"ab"[..], b"", &long, b"z"];
        let whole = pieces.concat();
        let work = Work::new(Duration::from_secs(60));
        let mut read = Pieces::new(pieces, &work);
        let mut cursor = Cursor::new(&whole);
        let mut all = Vec::new();
        read.read_to_end(&mut all).unwrap();
        assert!(all == whole, "{} bytes", all.len());
        let end = whole.len() as u64;
        for to in [
            SeekFrom::Start(0),
            SeekFrom::Start(1),
            SeekFrom::Start(2),
            SeekFrom::Current(WINDOW as i64),
            SeekFrom::Current(-7),
            SeekFrom::End(-1),
            SeekFrom::Start(end - 2),
        ] {
            assert_eq!(read.seek(to).unwrap(), cursor.seek(to).unwrap(), "{to:?}");
            let (mut here, mut there) = ([0; 3], [0; 3]);
            let many = read.read_exact(&mut here).is_ok();
            assert_eq!(many, cursor.read_exact(&mut there).is_ok(), "{to:?}");
            assert_eq!(read.stream_position().unwrap(), cursor.stream_position().unwrap(), "{to:?}");
            assert!(!many || here == there, "{to:?}");
        }
        assert!(read.seek(SeekFrom::End(-(end as i64) - 1)).is_err());
    }

    #[test]
    fn it_ends_when_it_has_taken_too_long() {
        let work = Work::new(Duration::ZERO);
        let mut read = Pieces::new([&[1; 100]], &work);
        assert!(read.read_to_end(&mut Vec::new()).is_err());
    }
}
