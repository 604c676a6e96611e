//! Takes pictures from strangers and gives back GIFs that are safe to keep and to show.
//!
//! [`receive`] is the whole way: the container is written anew, every frame is decoded under [`Limits`], other formats
//! ([`Source`]) become a GIF, and a [`Look`] says what shows while it does not play. [`Frames`] plays any source canvas
//! by canvas; [`animate`] and [`poster`] make WebP of it. Everything here takes processor time and nothing is async.
//!
//! ```
//! use gifchat_gif::{Error, Limits, Source, receive};
//!
//! // One red pixel, with a comment in front and a script behind.
//! let upload = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0\
//!     !\xfe\x05where\0\
//!     ,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;\
//!     <script>alert(1)</script>";
//! let picture = receive(upload, &Limits::default())?;
//! assert_eq!((picture.info.width, picture.info.height, picture.info.frames), (1, 1, 1));
//! assert_eq!((picture.source, picture.look.color), (Source::Gif, [0xff, 0, 0]));
//! assert!(picture.gif.ends_with(b"\x01\0;"));
//!
//! assert_eq!(receive(b"<html>", &Limits::default()), Err(Error::NotAPicture));
//! # Ok::<(), Error>(())
//! ```
//!
//! # The container of a GIF
//!
//! [`clean`] walks it (header, screen, colour tables, extensions, frames, sub-blocks, trailer), holds it to [`Limits`] and
//! writes it anew with only what a picture needs. It reads each byte at most twice, allocates once (the result, never
//! longer than the input plus one byte) and only after everything was checked.
//!
//! ```
//! use gifchat_gif::{Error, Limits, clean};
//!
//! // One red pixel, with a comment in front and a script behind.
//! let upload = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0\
//!     !\xfe\x05where\0\
//!     ,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;\
//!     <script>alert(1)</script>";
//! let gif = clean(upload, &Limits::default())?;
//! assert_eq!((gif.info.width, gif.info.height, gif.info.frames), (1, 1, 1));
//! assert!(gif.bytes.ends_with(b"\x01\0;"));
//! assert_eq!(gif.bytes.len(), 35);
//!
//! assert_eq!(clean(b"<html>", &Limits::default()), Err(Error::NotAGif));
//! # Ok::<(), Error>(())
//! ```
//!
//! # What stays and what goes
//!
//! Colour tables, graphic controls, frame descriptors and LZW data come out byte for byte as they went in. So does the
//! logical screen descriptor, except that its size is written as browsers show it (below). Comments, plain text,
//! unknown extensions, application extensions (XMP, ICC, ...) and all bytes after the trailer are gone. A loop count
//! stays: one, in its canonical form, in front. Cleaning what is clean changes nothing.
//!
//! [`clean`] does not decode pixels, so bytes that a decoder skips *inside* LZW data (behind its end code) stay.
//! [`receive`] cuts those away, too: data ends with its end code. Serve a GIF as `image/gif` with `nosniff`, like any
//! upload.
//!
//! # Where files and the specification differ
//!
//! The rule is: the result means the same in every browser, or it is refused. In short (the evidence is in
//! `docs/decisions/0003-gif-container.md`):
//!
//! - The trailer may be missing when the last block is whole; it is written. A file that ends inside a block is
//!   [`Error::Truncated`].
//! - A screen that does not cover the first frame (0 x 0 is common) grows to cover it. Later frames may stick out and
//!   are clipped by whoever shows them, but no frame reaches beyond the size that [`Limits`] allow.
//! - A frame without width, height or data is refused ([`Error::Empty`]): browsers do not agree on it.
//! - The result always says `GIF89a`.
//! - LZW minimum code sizes 0 to 8 pass [`clean`]; [`receive`] refuses 0 and 1, whose codes browsers read differently.
//! - Pixels: a code that cannot be, too few pixels, or a colour that the table does not have is
//!   [`Error::BadPixels`]. Too many pixels, or a missing end code, change nothing that shows: they are mended.
//! - Delays of 0 and 1 hundredths of a second count as 10, as browsers play them.
//! - Anything between blocks that is no block is refused ([`Error::Broken`]).

mod clean;
mod encode;
mod error;
mod flash;
mod frames;
mod info;
mod limits;
mod look;
mod lzw;
mod quantize;
mod reader;
mod receive;
mod sample;
#[cfg(feature = "samples")]
pub mod samples;
mod sources;
mod trim;
mod webp;
mod work;

pub use clean::{Clean, clean};
pub use error::{Bound, Error};
pub use frames::{Frame, Frames};
pub use info::{Info, Loops};
pub use limits::Limits;
pub use receive::{Look, Received, receive};
pub use sources::Source;
pub use webp::{POSTER_SIDE, animate, poster};
