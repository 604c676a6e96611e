//! What `receive` makes of pictures.

use std::time::Duration;

use gifchat_gif::samples::{Sample, witness};
use gifchat_gif::{Error, Frames, Limits, Loops, Received, Source, clean};

use crate::build::Build;
use crate::playing::{play, reference};
use crate::sources::{self, Picture};

/// A machine may be slow, and a build without optimization: time is measured elsewhere.
fn limits() -> Limits {
    Limits { cpu: Duration::from_secs(60), ..Limits::default() }
}

fn receive(bytes: &[u8]) -> Result<Received, Error> {
    gifchat_gif::receive(bytes, &limits())
}

fn canvases(bytes: &[u8]) -> Vec<(Vec<u8>, Duration)> {
    let mut frames = Frames::open(bytes, &limits()).unwrap();
    let mut all = Vec::new();
    while let Some(frame) = frames.next().unwrap() {
        all.push((frame.rgba.to_vec(), frame.delay));
    }
    all
}

/// LZW data of a frame of `pixels` pixels of the first of four colours, in one sub-block.
fn lzw(pixels: usize) -> Vec<u8> {
    weezl::encode::Encoder::new(weezl::BitOrder::Lsb, 2).encode(&vec![0; pixels]).unwrap()
}

fn frame(data: &[u8]) -> Vec<u8> {
    Build::new(6, 6).descriptor([0, 0, 6, 6], None, 0).bytes(&[2]).data(data).trailer().0
}

#[test]
fn a_gif_stays_what_it_is() {
    for (width, height, frames) in [(1, 1, 1), (64, 48, 12), (320, 240, 3)] {
        let sample = Sample::new(width, height, frames);
        let received = receive(&sample.to_dirty_gif(b"secret")).unwrap();
        assert_eq!(received.gif, sample.to_gif());
        assert_eq!(received.source, Source::Gif);
        assert_eq!(received.info, clean(&sample.to_gif(), &limits()).unwrap().info);
        assert_eq!(play(&received.gif).unwrap(), reference(&sample.to_gif()));
    }
}

#[test]
fn what_hides_behind_the_pixels_goes() {
    let data = lzw(36);
    let plain = frame(&data);
    for tail in [&b"<script>alert(1)</script>"[..], b"PK\x03\x04", &[0; 1000], b"x", &[0]] {
        let hiding = frame(&[&data, tail].concat());
        let received = receive(&hiding).unwrap();
        assert_eq!(received.gif, plain);
        // The container alone does not show it.
        assert_eq!(clean(&hiding, &limits()).unwrap().bytes, hiding);
    }
}

#[test]
fn data_without_an_end_gets_one() {
    let whole = lzw(36);
    // 36 pixels in runs of 1, 2, .. 8: eight codes, and a clear code before them. The end code comes last.
    let open = &whole[..whole.len() - 1];
    let received = receive(&frame(open)).unwrap();
    assert_eq!(play(&received.gif).unwrap(), play(&frame(&whole)).unwrap());
    assert_eq!(receive(&received.gif).unwrap(), received);
    // More pixels than the frame has: what is too much goes.
    let received = receive(&frame(&lzw(500))).unwrap();
    assert_eq!(play(&received.gif).unwrap(), play(&frame(&whole)).unwrap());
    assert_eq!(receive(&received.gif).unwrap(), received);
}

#[test]
fn what_hides_between_the_last_pixel_and_the_end_goes() {
    // Codes of three bits, because they never grow: 4 clears, 5 ends, the others are pixels.
    let data = |between: &[u8]| {
        let pixels = [4, 0, 0].repeat(18);
        let bits =
            [&pixels, between, &[5]].concat().into_iter().flat_map(|code| (0..3).map(move |bit| code >> bit & 1));
        let bits: Vec<u8> = bits.collect();
        frame(&bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).collect::<Vec<_>>())
    };
    assert_eq!(receive(&data(&[])).unwrap().gif, data(&[]), "nothing hides");
    let broken = [4, 7];
    for between in [&[4; 400][..], &[4; 8], &[5; 8], &[5, 4, 0, 1, 2, 3], &[4, 0, 1, 4, 2, 3, 4], &broken] {
        assert_eq!(receive(&data(between)).unwrap().gif, frame(&lzw(36)), "{between:?}");
    }
}

#[test]
fn odd_sub_blocks_stay_when_nothing_hides_in_them() {
    let data = lzw(36);
    let mut gif = Build::new(6, 6).descriptor([0, 0, 6, 6], None, 0).bytes(&[2]);
    for byte in &data {
        gif = gif.bytes(&[1, *byte]);
    }
    let gif = gif.bytes(&[0]).trailer().0;
    assert_eq!(receive(&gif).unwrap().gif, gif);
}

#[test]
fn few_colours_come_through_any_lossless_format() {
    let picture = Picture::new(40, 30, |x, y, _| match (x / 5 + y / 5) % 3 {
        0 => [200, 30, (x * 3) as u8, 255],
        1 => [0, (y * 5) as u8, 90, 255],
        _ => [0; 4],
    });
    for bytes in [sources::png(&picture, false), sources::png(&picture, true), sources::webp(&picture)] {
        let received = receive(&bytes).unwrap();
        assert_eq!(received.info.frames, 1);
        assert_eq!(received.info.duration, Duration::ZERO);
        assert_eq!(canvases(&received.gif)[0].0, picture.frames[0]);
        assert_eq!(canvases(&bytes)[0].0, picture.frames[0]);
    }
}

#[test]
fn many_colours_come_out_near() {
    let picture = Picture::new(120, 90, |x, y, _| [(x * 2) as u8, (y * 2) as u8, (x + y) as u8, 255]);
    for bytes in [sources::png(&picture, false), sources::webp(&picture), sources::jpeg(&picture, None)] {
        let received = receive(&bytes).unwrap();
        let shown = &canvases(&received.gif)[0].0;
        let apart: u64 = shown.iter().zip(&picture.frames[0]).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
        assert!(apart / (shown.len() as u64) < 8, "{}", apart / shown.len() as u64);
    }
}

#[test]
fn an_animated_png_moves_as_a_gif() {
    // Opaque: only what changes is drawn. With holes: every frame is whole. A hole that opens: both.
    let ball = |x: u32, y: u32, frame: u32| x.abs_diff(5 + 4 * frame) < 4 && y.abs_diff(10) < 4;
    let opaque =
        Picture::animated(40, 30, 6, |x, y, frame| if ball(x, y, frame) { [250, 0, 0, 255] } else { [0, 90, 0, 255] });
    let holes = Picture::animated(40, 30, 6, |x, y, frame| if ball(x, y, frame) { [250, 0, 0, 255] } else { [0; 4] });
    let opening = Picture::animated(40, 30, 6, |x, y, frame| match (frame, ball(x, y, frame)) {
        (0..3, true) => [250, 0, 0, 255],
        (0..3, false) => [0, 90, 0, 255],
        (_, true) => [0, 0, 250, 255],
        (_, false) => [0; 4],
    });
    for picture in [opaque, holes, opening] {
        let received = receive(&sources::apng(&picture, 70)).unwrap();
        assert_eq!((received.info.frames, received.info.loops), (6, Loops::Forever));
        assert_eq!(received.info.duration, Duration::from_millis(6 * 70));
        let shown: Vec<_> = canvases(&received.gif).into_iter().map(|(rgba, _)| rgba).collect();
        assert_eq!(shown, picture.frames);
    }
}

#[test]
fn frames_that_show_the_same_become_one() {
    let picture = Picture::animated(20, 20, 6, |x, _, frame| [if frame < 4 { 10 } else { 200 }, x as u8, 0, 255]);
    let received = receive(&sources::apng(&picture, 50)).unwrap();
    assert_eq!(received.info.frames, 2);
    assert_eq!(received.info.duration, Duration::from_millis(300));
}

#[test]
fn short_delays_are_what_browsers_make_of_them() {
    let picture = Picture::animated(9, 9, 3, |_, _, frame| [90 * frame as u8, 0, 0, 255]);
    for (milliseconds, played) in [(0, 100), (10, 100), (16, 20), (33, 30), (40, 40)] {
        let received = receive(&sources::apng(&picture, milliseconds)).unwrap();
        assert_eq!(received.info.duration, Duration::from_millis(3 * played), "{milliseconds}");
    }
}

#[test]
fn a_photo_stands_upright() {
    // Red on the left; the camera lay on its side.
    let picture = Picture::new(64, 32, |x, _, _| if x < 32 { [250, 0, 0, 255] } else { [0, 0, 250, 255] });
    let received = receive(&sources::jpeg(&picture, Some(6))).unwrap();
    assert_eq!((received.info.width, received.info.height), (32, 64));
    let shown = canvases(&received.gif).remove(0).0;
    let (top, bottom) = (&shown[..4], &shown[shown.len() - 4..]);
    assert!(top[0] > 200 && top[2] < 50 && bottom[0] < 50 && bottom[2] > 200, "{top:?} {bottom:?}");
}

#[test]
fn the_colour_and_the_poster_are_of_the_first_frame_with_something_on_it() {
    // Black, then a blue picture.
    let picture = Picture::animated(40, 40, 4, |x, y, frame| match (frame, x < 12 && y < 30) {
        (0, _) => [0, 0, 0, 255],
        (_, true) => [255, 255, 255, 255],
        (_, false) => [10, 20, 200, 255],
    });
    let look = receive(&sources::apng(&picture, 500)).unwrap().look;
    assert_eq!(look.color, [10, 20, 200]);
    let poster = canvases(&look.poster).remove(0).0;
    let corner = &poster[poster.len() - 4..];
    assert!(corner[2] > 150 && corner[0] < 60, "{corner:?}");
    assert!(!look.flashes);
}

#[test]
fn flashing_is_told() {
    let blink = |milliseconds| {
        let picture =
            Picture::animated(40, 40, 2, |_, _, frame| [255 * frame as u8, 255 * frame as u8, 255 * frame as u8, 255]);
        receive(&sources::apng(&picture, milliseconds)).unwrap().look.flashes
    };
    assert!(blink(50));
    assert!(!blink(500));
}

#[test]
fn lossy_webps_keep_their_alpha() {
    let picture = Picture::new(37, 23, |x, y, _| [(x * 6) as u8, (y * 9) as u8, 80, (x * 7 + y * 5) as u8]);
    for packed in [false, true] {
        let config = webpx::EncoderConfig::new().quality(80.0).alpha_compression(packed);
        let mut file = config.encode_rgba(&picture.frames[0], 37, 23, webpx::Unstoppable).unwrap();
        assert_eq!(&file[30..34], b"ALPH");
        // As if the encoder had chosen each of the filters.
        for filter in 0..4 {
            file[38] = file[38] & !0b1100 | filter << 2;
            let expected = &witness::webp(&file).unwrap().frames[0].rgba;
            assert!(canvases(&file)[0].0 == *expected, "{packed}, {filter}");
        }
    }
}

#[test]
fn flashing_is_not_hidden_behind_a_few_pixels() {
    // Four evenly spread pixels in each of 32 x 32 cells are another thing than all the others.
    let few = |x: u32, y: u32| [5, 15].contains(&(x % 20)) && [3, 11].contains(&(y % 15));
    let blink = |few_blink: bool| {
        let picture = Picture::animated(640, 480, 2, |x, y, frame| match few(x, y) == few_blink {
            true => [255 * frame as u8, 255 * frame as u8, 255 * frame as u8, 255],
            false => [128, 128, 128, 255],
        });
        receive(&sources::apng(&picture, 50)).unwrap().look.flashes
    };
    assert!(blink(false));
    assert!(!blink(true));
}

#[test]
fn what_is_too_large_as_a_gif_is_refused() {
    // So smooth that a JPEG is small, and a GIF has to spread its colours.
    let picture = Picture::new(300, 300, |x, y, _| [(x * 4 / 5) as u8, (y * 4 / 5) as u8, ((x + y) / 3) as u8, 255]);
    let bytes = sources::jpeg(&picture, None);
    let most = bytes.len() + 1000;
    let limits = Limits { bytes: most, ..limits() };
    assert_eq!(gifchat_gif::receive(&bytes, &limits), Err(Error::TooLarge { most }));
}

#[test]
fn limits_hold_for_every_source() {
    let picture = Picture::animated(40, 30, 4, |x, y, frame| [x as u8, y as u8, frame as u8, 255]);
    let all = [
        sources::apng(&picture, 50),
        sources::png(&picture, false),
        sources::webp(&picture),
        sources::jpeg(&picture, None),
    ];
    for bytes in &all {
        let error = |limits: Limits| gifchat_gif::receive(bytes, &limits).unwrap_err();
        assert_eq!(error(Limits { width: 39, ..limits() }), Error::CanvasTooLarge { width: 39, height: 2048 });
        assert_eq!(error(Limits { height: 29, ..limits() }), Error::CanvasTooLarge { width: 2048, height: 29 });
        assert_eq!(error(Limits { pixels: 1199, ..limits() }), Error::TooManyPixels { most: 1199 });
        assert_eq!(error(Limits { bytes: bytes.len() - 1, ..limits() }), Error::TooLarge { most: bytes.len() - 1 });
        assert_eq!(error(Limits { cpu: Duration::ZERO, ..limits() }), Error::TooMuchWork { most: Duration::ZERO });
    }
    let error = |limits: Limits| gifchat_gif::receive(&all[0], &limits).unwrap_err();
    assert_eq!(error(Limits { frames: 3, ..limits() }), Error::TooManyFrames { most: 3 });
    let most = Duration::from_millis(199);
    assert_eq!(error(Limits { duration: most, ..limits() }), Error::TooLong { most });
}

#[test]
fn every_cut_of_every_source_is_refused_or_whole() {
    let picture = Picture::animated(12, 9, 2, |x, y, frame| [x as u8 * 20, y as u8 * 20, frame as u8 * 200, 255]);
    for bytes in [sources::apng(&picture, 50), sources::webp(&picture), sources::jpeg(&picture, None)] {
        for cut in 0..bytes.len() {
            let answer = receive(&bytes[..cut]);
            // An end marker of a JPEG may be part of what is in front of it.
            assert!(answer.is_err() || Source::of(&bytes) == Some(Source::Jpeg), "{cut} of {}", bytes.len());
        }
    }
}
