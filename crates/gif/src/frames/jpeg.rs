//! The one frame of a JPEG, turned as its EXIF data says.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::count::Count;
use super::exif::Turn;
use crate::{Error, Info, Limits};

/// A scan of a progressive file can be a few bytes and still visit every block. Encoders write about ten.
const MOST_SCANS: usize = 64;
const END: [u8; 2] = [0xff, 0xd9];

pub(super) struct Jpeg<'a> {
    bytes: &'a [u8],
    turn: Turn,
    /// Before it is turned.
    size: (usize, usize),
}

impl<'a> Jpeg<'a> {
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<(Info, Self), Error> {
        if !bytes.windows(2).any(|pair| pair == END) {
            return Err(Error::Truncated);
        }
        let mut decoder = decoder(bytes);
        decoder.decode_headers().map_err(|_| Error::Unreadable)?;
        let (width, height) = decoder.dimensions().ok_or(Error::Unreadable)?;
        let turn = decoder.exif().map_or(Turn::default(), |exif| Turn::of_exif(exif));
        let side = |side| u32::try_from(side).map_err(|_| Error::Unreadable);
        let (across, down) = turn.size(side(width)?, side(height)?);
        let mut count = Count::new(across, down, limits)?;
        count.add(std::time::Duration::ZERO)?;
        Ok((count.finish(1)?, Self { bytes, turn, size: (width, height) }))
    }

    /// Cannot be stopped on the way: its size and its scans are bounded.
    pub fn decode(&self) -> Result<Vec<u8>, Error> {
        let mut decoder = decoder(self.bytes);
        let rgba = decoder.decode().map_err(|_| Error::Unreadable)?;
        drop(decoder);
        if rgba.len() != self.size.0 * self.size.1 * 4 {
            return Err(Error::Unreadable);
        }
        Ok(self.turn.apply(rgba, self.size.0, self.size.1))
    }
}

fn decoder(bytes: &[u8]) -> JpegDecoder<ZCursor<&[u8]>> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::RGBA)
        .jpeg_set_max_scans(MOST_SCANS)
        // We have limits of our own.
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(false);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options)
}
