//! Walks the blocks of a GIF. It borrows everything and allocates nothing.
//!
//! Section numbers are those of the GIF89a specification (CompuServe, 1990).

use crate::Error;

pub(crate) const EXTENSION: u8 = 0x21;
pub(crate) const FRAME: u8 = 0x2c;
pub(crate) const TRAILER: u8 = 0x3b;
pub(crate) const CONTROL: u8 = 0xf9;
pub(crate) const APPLICATION: u8 = 0xff;

/// Both names stand for the same extension; the second one is rare.
pub(crate) const NETSCAPE: &[u8; 11] = b"NETSCAPE2.0";
const ANIMEXTS: &[u8; 11] = b"ANIMEXTS1.0";

/// The logical screen (section 18).
#[derive(Clone, Copy)]
pub(crate) struct Screen<'a> {
    pub width: u16,
    pub height: u16,
    /// The global colour table (section 19); empty when there is none.
    pub table: &'a [u8],
    /// Everything after the size: flags, background, aspect ratio and the global colour table (section 19).
    pub rest: &'a [u8],
}

/// One block, as far as anybody here needs it.
pub(crate) enum Block<'a> {
    Frame(Frame<'a>),
    Control(Control<'a>),
    /// The loop count, as written.
    Loop(u16),
    /// An extension that a picture can do without.
    Other,
}

/// A picture: descriptor, local colour table and LZW data (sections 20 to 22).
pub(crate) struct Frame<'a> {
    pub left: u16,
    pub top: u16,
    pub width: u16,
    pub height: u16,
    pub interlaced: bool,
    /// The local colour table; empty when the frame uses the one of the screen.
    pub table: &'a [u8],
    /// The LZW minimum code size, at most 8.
    pub depth: u8,
    /// LZW data: sub-blocks and their terminator. At least one of them has bytes.
    pub data: &'a [u8],
    /// The whole block, from its first byte to its terminator.
    pub bytes: &'a [u8],
}

/// A graphic control (section 23). It belongs to the next frame; of several, the last one counts.
#[derive(Clone, Copy)]
pub(crate) struct Control<'a> {
    /// Hundredths of a second.
    pub delay: u16,
    /// What becomes of the frame before the next is drawn: bits 2 to 4 of the flags.
    pub disposal: u8,
    /// The index of pixels that are not drawn.
    pub transparent: Option<u8>,
    /// The whole block, from its first byte to its terminator.
    pub bytes: &'a [u8],
}

/// Reads block after block, up to the trailer or the end of the bytes.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    closed: bool,
}

impl<'a> Reader<'a> {
    /// Reads the header and the logical screen.
    pub fn open(bytes: &'a [u8]) -> Result<(Screen<'a>, Self), Error> {
        // The versions are those that exist; what a file uses of 89a while it says 87a is accepted everywhere.
        if !bytes.starts_with(b"GIF87a") && !bytes.starts_with(b"GIF89a") {
            return Err(Error::NotAGif);
        }
        let mut reader = Self { bytes, at: 6, closed: false };
        let width = reader.u16()?;
        let height = reader.u16()?;
        let start = reader.at;
        let flags = reader.u8()?;
        reader.take(2)?;
        let table = reader.color_table(flags)?;
        let screen = Screen { width, height, table, rest: reader.since(start) };
        Ok((screen, reader))
    }

    /// The next block; `None` at the trailer, or when the bytes end where a block would begin.
    ///
    /// # Errors
    /// [`Error::Truncated`] and [`Error::Broken`].
    pub fn next(&mut self) -> Result<Option<Block<'a>>, Error> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        let start = self.at;
        match self.u8()? {
            FRAME => self.frame(start).map(Some),
            EXTENSION => match self.u8()? {
                CONTROL => self.control(start).map(Some),
                APPLICATION => self.application().map(Some),
                _ => self.skip_data().map(|()| Some(Block::Other)),
            },
            TRAILER => {
                self.closed = true;
                Ok(None)
            }
            _ => Err(Error::Broken { at: start }),
        }
    }

    /// Where the next block begins.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Whether the trailer was read.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn frame(&mut self, start: usize) -> Result<Block<'a>, Error> {
        let [left, top, width, height] = [self.u16()?, self.u16()?, self.u16()?, self.u16()?];
        let flags = self.u8()?;
        let table = self.color_table(flags)?;
        // The LZW minimum code size. The specification starts at 2; browsers take what encoders of two colours write.
        let depth = self.u8()?;
        if depth > 8 {
            return Err(Error::Broken { at: start });
        }
        let data = self.at;
        if self.sub_block()?.is_none() {
            return Err(Error::Empty);
        }
        self.skip_data()?;
        let (data, bytes) = (self.since(data), self.since(start));
        let interlaced = flags & 0x40 != 0;
        Ok(Block::Frame(Frame { left, top, width, height, interlaced, table, depth, data, bytes }))
    }

    fn control(&mut self, start: usize) -> Result<Block<'a>, Error> {
        // Chromium takes exactly this shape: one sub-block of four bytes.
        let Some(&[flags, low, high, transparent]) = self.sub_block()? else {
            return Err(Error::Broken { at: start });
        };
        if self.u8()? != 0 {
            return Err(Error::Broken { at: start });
        }
        Ok(Block::Control(Control {
            delay: u16::from_le_bytes([low, high]),
            disposal: flags >> 2 & 7,
            transparent: (flags & 1 != 0).then_some(transparent),
            bytes: self.since(start),
        }))
    }

    /// An application extension (section 26) is its name and then data. The loop count is the first data.
    fn application(&mut self) -> Result<Block<'a>, Error> {
        let Some(name) = self.sub_block()? else {
            return Ok(Block::Other);
        };
        let Some(data) = self.sub_block()? else {
            return Ok(Block::Other);
        };
        self.skip_data()?;
        match data {
            &[1, low, high] if name == NETSCAPE || name == ANIMEXTS => Ok(Block::Loop(u16::from_le_bytes([low, high]))),
            _ => Ok(Block::Other),
        }
    }

    /// A colour table when the flags say that there is one: 2 to 256 entries of three bytes.
    fn color_table(&mut self, flags: u8) -> Result<&'a [u8], Error> {
        if flags & 0x80 == 0 {
            return Ok(&[]);
        }
        self.take(3 << ((flags & 7) + 1))
    }

    /// Skips data sub-blocks (section 15) up to and with their terminator (section 16).
    fn skip_data(&mut self) -> Result<(), Error> {
        while self.sub_block()?.is_some() {}
        Ok(())
    }

    /// One data sub-block; `None` is the terminator.
    fn sub_block(&mut self) -> Result<Option<&'a [u8]>, Error> {
        match self.u8()? {
            0 => Ok(None),
            length => self.take(usize::from(length)).map(Some),
        }
    }

    fn u8(&mut self) -> Result<u8, Error> {
        Ok(self.take(1)?[0])
    }

    fn u16(&mut self) -> Result<u16, Error> {
        let bytes = self.take(2)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    /// The only place that moves forward: it never passes the end.
    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..length).ok_or(Error::Truncated)?;
        self.at += length;
        Ok(taken)
    }

    fn since(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.at]
    }
}
