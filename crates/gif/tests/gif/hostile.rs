//! What people send to break things.

use gifchat_gif::samples::Sample;
use gifchat_gif::{Error, Limits, clean};

use crate::build::Build;

fn error(bytes: &[u8]) -> Error {
    clean(bytes, &Limits::default()).unwrap_err()
}

#[test]
fn what_is_not_a_gif_whatever_its_name() {
    for bytes in [
        &b""[..],
        b"G",
        b"GIF8",
        b"GIF88a\x01\0\x01\0\0\0\0",
        b"gif89a\x01\0\x01\0\0\0\0",
        b" GIF89a",
        b"\xef\xbb\xbfGIF89a",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"RIFF\x24\0\0\0WEBPVP8 ",
        b"\0\0\0\x1cftypavif",
        b"BM\x3a\0\0\0",
        b"PK\x03\x04",
        b"%PDF-1.7",
        b"\x7fELF",
    ] {
        assert_eq!(error(bytes), Error::NotAGif, "{}", bytes.escape_ascii());
    }
    // A large one is no GIF either, before it is too large.
    assert_eq!(error(&vec![0xff; Limits::default().bytes + 1]), Error::NotAGif);
}

#[test]
fn a_canvas_bomb_by_screen_or_by_frame() {
    let Limits { width, height, .. } = Limits::default();
    let refusal = Error::CanvasTooLarge { width, height };
    assert_eq!(error(&Build::new(65_535, 65_535).tiny_frame([0, 0, 1, 1]).trailer().0), refusal);
    assert_eq!(error(&Build::new(1, 1).tiny_frame([0, 0, 65_535, 65_535]).trailer().0), refusal);
    assert_eq!(error(&Build::new(1, 1).tiny_frame([65_535, 65_535, 65_535, 65_535]).trailer().0), refusal);
    let later = Build::new(1, 1).tiny_frame([0, 0, 1, 1]).tiny_frame([0, 0, 65_535, 65_535]).trailer();
    assert_eq!(error(&later.0), refusal);
    // The screen alone is enough: nothing behind it is read.
    assert_eq!(error(&Build::new(65_535, 65_535).0), refusal);
}

#[test]
fn a_bomb_of_large_frames() {
    let gif = (0..200).fold(Build::new(2048, 2048), |gif, _| gif.tiny_frame([0, 0, 2048, 2048])).trailer().0;
    assert!(gif.len() < 4000);
    assert_eq!(error(&gif), Error::TooManyPixels { most: Limits::default().pixels });
}

#[test]
fn a_million_tiny_frames() {
    let mut gif = Build::new(1, 1);
    let frame = Build(Vec::new()).descriptor([0, 0, 1, 1], None, 0).bytes(&[2]).data(&[0x44]).0;
    gif.0.extend(frame.iter().cycle().take(frame.len() * 1_000_000));
    let roomy = Limits { bytes: usize::MAX, ..Limits::default() };
    assert_eq!(clean(&gif.0, &roomy), Err(Error::TooManyFrames { most: 1000 }));
    assert_eq!(error(&gif.0), Error::TooLarge { most: 5 * 1024 * 1024 });
}

#[test]
fn sub_blocks_without_end() {
    for start in [&b"!\xfe"[..], b"!\xff\x0bNETSCAPE2.0", b",\0\0\0\0\x01\0\x01\0\0\x02"] {
        let mut gif = Build::new(1, 1).bytes(start).0;
        gif.resize(Limits::default().bytes, 1);
        assert_eq!(error(&gif), Error::Truncated);
    }
}

#[test]
fn a_flood_of_comments() {
    let mut gif = Build::new(2, 2).0;
    let size = Limits::default().bytes - 100;
    while gif.len() < size {
        gif.extend_from_slice(b"!\xfe\x01x\0");
    }
    let gif = Build(gif).frame([0, 0, 2, 2]).trailer().0;
    assert_eq!(clean(&gif, &Limits::default()).unwrap().bytes, Build::new(2, 2).frame([0, 0, 2, 2]).trailer().0);
}

#[test]
fn junk_between_blocks() {
    let at = Build::new(4, 4).frame([0, 0, 4, 4]).0.len();
    for junk in [&b"\0"[..], b"x", b"\xff\xff", b"<script>", b"GIF89a"] {
        let gif = Build::new(4, 4).frame([0, 0, 4, 4]).bytes(junk).frame([0, 0, 4, 4]).trailer();
        assert_eq!(error(&gif.0), Error::Broken { at }, "{}", junk.escape_ascii());
    }
    assert_eq!(error(&Build::new(4, 4).bytes(b"\0").frame([0, 0, 4, 4]).0), Error::Broken { at: 25 });
}

#[test]
fn a_polyglot_loses_its_other_half() {
    let sample = Sample::new(16, 16, 2);
    for tail in [
        &b"*/=1;alert(document.cookie)//"[..],
        b"PK\x03\x04\x14\0\0\0\0\0archive",
        b"<?php system($_GET['c']); ?>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
    ] {
        let dirty = [sample.to_gif(), tail.to_vec()].concat();
        assert_eq!(clean(&dirty, &Limits::default()).unwrap().bytes, sample.to_gif());
    }
    // The classic: the width is the start of a comment in JavaScript, a GIF comment holds the program.
    let script = Build::version(b"GIF89a", u16::from_le_bytes(*b"/*"), 1, None)
        .comment(b"*/=1;alert(1);/*")
        .tiny_frame([0, 0, 1, 1])
        .trailer()
        .bytes(b"*/");
    assert!(matches!(error(&script.0), Error::CanvasTooLarge { .. }));
    let roomy = Limits { width: 65_535, height: 65_535, ..Limits::default() };
    let clean = clean(&script.0, &roomy).unwrap();
    assert!(!clean.bytes.windows(5).any(|bytes| bytes == b"alert"));
    assert!(!clean.bytes.windows(2).any(|bytes| bytes == b"*/"));
}

#[test]
fn a_refusal_never_quotes_the_file() {
    let gif = Build::new(4, 4).frame([0, 0, 4, 4]).bytes(b"<script>").0;
    assert!(!error(&gif).to_string().contains("script"));
}
