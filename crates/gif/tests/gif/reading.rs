//! How files are read that differ from the specification, or use its freedom.

use std::time::Duration;

use gifchat_gif::{Clean, Error, Info, Limits, Loops, clean};

use crate::build::Build;

fn cleaned(build: Build) -> Clean {
    clean(&build.0, &Limits::default()).unwrap()
}

fn refused(build: Build) -> Error {
    clean(&build.0, &Limits::default()).unwrap_err()
}

#[test]
fn a_plain_animation_keeps_every_byte() {
    let gif = Build::new(8, 6).loops(0).control(7).frame([0, 0, 8, 6]).control(3).frame([1, 1, 2, 2]).trailer();
    let clean = cleaned(gif.clone());
    assert_eq!(clean.bytes, gif.0);
    let duration = Duration::from_millis(100);
    assert_eq!(clean.info, Info { width: 8, height: 6, frames: 2, duration, loops: Loops::Forever });
}

#[test]
fn metadata_goes_wherever_it_stands() {
    let dirty = Build::new(4, 4)
        .comment(b"made by")
        .application(b"XMP DataXMP", &[b'<'; 700])
        .extension(0xce, b"unknown")
        .control(5)
        .plain_text(b"between a control and its frame")
        .comment(b"")
        .frame([0, 0, 4, 4])
        .application(b"ICCRGBG1012", b"profile")
        .frame([0, 0, 4, 4])
        .comment(b"last")
        .control(9)
        .trailer()
        .bytes(b"PK\x03\x04");
    let plain = Build::new(4, 4).control(5).frame([0, 0, 4, 4]).frame([0, 0, 4, 4]).trailer();
    assert_eq!(cleaned(dirty).bytes, plain.0);
}

#[test]
fn an_extension_may_be_empty() {
    let dirty = Build::new(4, 4).bytes(b"!\xfe\0!\xff\0!\xff\x0bNETSCAPE2.0\0!\x01\0").frame([0, 0, 4, 4]).trailer();
    assert_eq!(cleaned(dirty).bytes, Build::new(4, 4).frame([0, 0, 4, 4]).trailer().0);
}

#[test]
fn one_loop_count_is_left_the_last_one_in_canonical_form() {
    let again = |times: u16| Loops::Again(times.try_into().unwrap());
    let canonical = Build::new(4, 4).loops(7).frame([0, 0, 4, 4]).trailer();
    let several =
        Build::new(4, 4).loops(0).application(b"ANIMEXTS1.0", &[1, 9, 0]).frame([0, 0, 4, 4]).loops(7).trailer();
    // A buffering sub-block (2) behind the count, as old encoders wrote it.
    let buffered =
        Build::new(4, 4).bytes(b"!\xff\x0bNETSCAPE2.0\x03\x01\x07\0\x05\x02\0\0\0\0\0").frame([0, 0, 4, 4]).trailer();
    let animexts = Build::new(4, 4).application(b"ANIMEXTS1.0", &[1, 7, 0]).frame([0, 0, 4, 4]).trailer();
    for gif in [several, buffered, animexts] {
        let clean = cleaned(gif);
        assert_eq!(clean.info.loops, again(7));
        assert_eq!(clean.bytes, canonical.0);
    }
}

#[test]
fn what_only_looks_like_a_loop_count_goes() {
    let plain = Build::new(4, 4).frame([0, 0, 4, 4]).trailer();
    for (name, data) in [
        (b"NETSCAPE2.0", &[2, 0, 0][..]),
        (b"NETSCAPE2.0", &[1, 0]),
        (b"NETSCAPE2.0", &[1, 0, 0, 0]),
        (b"NETSCAPE2.1", &[1, 0, 0]),
        (b"netscape2.0", &[1, 0, 0]),
    ] {
        let clean = cleaned(Build::new(4, 4).application(name, data).frame([0, 0, 4, 4]).trailer());
        assert_eq!((clean.info.loops, &clean.bytes), (Loops::Once, &plain.0), "{data:?}");
    }
}

#[test]
fn of_several_controls_the_last_one_counts() {
    let gif = Build::new(4, 4).control(50).control(3).frame([0, 0, 4, 4]).frame([0, 0, 4, 4]).trailer();
    let clean = cleaned(gif);
    assert_eq!(clean.bytes, Build::new(4, 4).control(3).frame([0, 0, 4, 4]).frame([0, 0, 4, 4]).trailer().0);
    // 30 ms and, for the frame without a control, 100 ms.
    assert_eq!(clean.info.duration, Duration::from_millis(130));
}

#[test]
fn delays_count_as_browsers_play_them() {
    let gif = [0, 1, 2, 10, 300]
        .into_iter()
        .fold(Build::new(4, 4), |gif, delay| gif.control(delay).frame([0, 0, 4, 4]))
        .trailer();
    assert_eq!(cleaned(gif).info.duration, Duration::from_millis(100 + 100 + 20 + 100 + 3000));
}

#[test]
fn one_frame_is_a_still_whatever_its_delay() {
    let still = cleaned(Build::new(4, 4).control(u16::MAX).frame([0, 0, 4, 4]).trailer());
    assert_eq!(still.info.duration, Duration::ZERO);
    let moving = Build::new(4, 4).control(u16::MAX).frame([0, 0, 4, 4]).frame([0, 0, 4, 4]).trailer();
    assert_eq!(refused(moving), Error::TooLong { most: Duration::from_secs(120) });
}

#[test]
fn a_missing_trailer_is_written() {
    let gif = Build::new(4, 4).control(5).frame([0, 0, 4, 4]);
    let clean = cleaned(gif.clone());
    assert_eq!(clean.bytes, gif.trailer().0);
}

#[test]
fn the_screen_grows_to_the_first_frame_and_no_further() {
    let cleaned_screen = |screen: (u16, u16), first| {
        let build = Build::new(screen.0, screen.1).frame(first).frame([0, 0, 40, 50]).trailer();
        let clean = cleaned(build.clone());
        let expected = Build::new(clean.info.width as u16, clean.info.height as u16);
        assert_eq!(clean.bytes, expected.frame(first).frame([0, 0, 40, 50]).trailer().0);
        (clean.info.width, clean.info.height)
    };
    assert_eq!(cleaned_screen((0, 0), [0, 0, 5, 4]), (5, 4));
    assert_eq!(cleaned_screen((3, 9), [2, 1, 5, 4]), (7, 9));
    assert_eq!(cleaned_screen((10, 10), [0, 0, 5, 4]), (10, 10));
}

#[test]
fn the_version_is_always_89a() {
    let old = Build::version(b"GIF87a", 9, 9, Some(2)).frame([1, 1, 4, 4]).trailer();
    let clean = cleaned(old);
    assert_eq!(clean.bytes, Build::new(9, 9).frame([1, 1, 4, 4]).trailer().0);
    assert_eq!((clean.info.width, clean.info.height), (9, 9));
}

#[test]
fn a_frame_without_a_side_is_refused() {
    for rect in [[0, 0, 0, 4], [0, 0, 4, 0], [0, 0, 0, 0]] {
        assert_eq!(refused(Build::new(4, 4).tiny_frame(rect).trailer()), Error::Empty);
        let second = Build::new(4, 4).frame([0, 0, 4, 4]).tiny_frame(rect).trailer();
        assert_eq!(refused(second), Error::Empty);
    }
}

#[test]
fn a_frame_without_data_is_refused() {
    let gif = Build::new(1, 1).descriptor([0, 0, 1, 1], None, 0).bytes(&[2]).data(b"").trailer();
    assert_eq!(refused(gif), Error::Empty);
}

#[test]
fn no_frame_at_all_is_refused() {
    assert_eq!(refused(Build::new(4, 4).loops(0).control(5).comment(b"nothing").trailer()), Error::Empty);
    assert_eq!(refused(Build::new(4, 4).loops(0)), Error::Truncated);
    // The last byte of this screen (its aspect ratio) looks like a trailer.
    assert_eq!(refused(Build(b"GIF89a\x01\0\x01\0\0\0;".to_vec())), Error::Truncated);
}

#[test]
fn lzw_code_sizes_up_to_8() {
    for depth in 0..=255_u8 {
        let gif = Build::new(4, 4).descriptor([0, 0, 4, 4], None, 0).bytes(&[depth]).data(&[0x44]).trailer();
        let at = Build::new(4, 4).0.len();
        match depth {
            0..=8 => assert_eq!(cleaned(gif.clone()).bytes, gif.0),
            _ => assert_eq!(refused(gif), Error::Broken { at }, "{depth}"),
        }
    }
}

#[test]
fn a_control_has_one_shape() {
    let at = Build::new(4, 4).0.len();
    for control in [&b"\0"[..], b"\x03\0\0\0\0", b"\x05\0\0\0\0\0\0", b"\x04\0\0\0\0\x01x\0"] {
        let gif = Build::new(4, 4).bytes(b"!\xf9").bytes(control).frame([0, 0, 4, 4]).trailer();
        assert_eq!(refused(gif), Error::Broken { at }, "{control:?}");
    }
}

#[test]
fn every_size_of_colour_table_is_stepped_over() {
    for bits in 1..=8 {
        let gif =
            Build::version(b"GIF89a", 4, 4, Some(bits)).frame_with([0, 0, 4, 4], Some(bits), 0x40, 2, 1).trailer();
        assert_eq!(cleaned(gif.clone()).bytes, gif.0, "{bits}");
    }
    let none = Build::version(b"GIF89a", 4, 4, None).frame([0, 0, 4, 4]).trailer();
    assert_eq!(cleaned(none.clone()).bytes, none.0);
}
