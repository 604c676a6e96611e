//! What holds for every picture that is received.

use std::time::Duration;

use gifchat_gif::samples::witness;
use gifchat_gif::{Frames, Limits, receive};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::build::Build;
use crate::playing::reference;
use crate::properties::{model, nearly_a_gif};
use crate::sources::{self, Picture};

fn limits() -> Limits {
    Limits { cpu: Duration::from_secs(60), ..Limits::default() }
}

fn canvases(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut frames = Frames::open(bytes, &limits()).unwrap();
    let mut all = Vec::new();
    while let Some(frame) = frames.next().unwrap() {
        all.push(frame.rgba.to_vec());
    }
    all
}

/// What must hold for any bytes at all.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(first) = receive(bytes, &limits()) {
        prop_assert_eq!(canvases(&first.gif).len(), first.info.frames as usize);
        let again = receive(&first.gif, &limits()).unwrap();
        prop_assert_eq!((again.gif, again.info), (first.gif, first.info));
    }
    Ok(())
}

/// Few colours, some of them see-through, in frames of one size.
fn animation() -> impl Strategy<Value = Picture> {
    (1..20_u32, 1..20_u32, 1..5_usize, vec(any::<[u8; 3]>(), 4)).prop_flat_map(|(width, height, frames, colors)| {
        let pixels = vec(0..6_usize, (width * height) as usize);
        vec(pixels, frames).prop_map(move |frames| {
            let color = |&index: &usize| colors.get(index).map_or([0; 4], |&[r, g, b]| [r, g, b, 255]);
            let frames = frames.iter().map(|frame| frame.iter().flat_map(color).collect()).collect();
            Picture { width, height, frames }
        })
    })
}

/// LZW data of codes of chance that can all be, and how many pixels they are. `reach`: how many codes beyond the colours are
/// used, most of the time; with few of them strings stay short, and the table becomes full.
fn any_codes(depth: u8, reach: usize, chances: &[u16]) -> (Vec<u8>, usize) {
    let clear = 1_usize << depth;
    let (mut next, mut width) = (clear + 2, usize::from(depth) + 1);
    let mut lengths = [1].repeat(next);
    let mut before: Option<usize> = None;
    let (mut bits, mut pixels) = (Vec::new(), 0);
    let mut push = |code: usize, width: usize| bits.extend((0..width).map(|bit| (code >> bit & 1) as u8));
    for &chance in chances {
        let all = next + usize::from(next < 4096);
        let most = match before {
            None => clear,
            Some(_) if chance % 8 == 0 => all,
            Some(_) => all.min(clear + 2 + reach),
        };
        // Clear codes are rare: the table is to become full, too.
        if chance > 65_530 {
            push(clear, width);
            (next, width, before) = (clear + 2, usize::from(depth) + 1, None);
            lengths.truncate(next);
            continue;
        }
        let code = match usize::from(chance / 8) % most {
            code if code == clear || code == clear + 1 => 0,
            code => code,
        };
        push(code, width);
        let length = if code == next { before.map_or(0, |before| before + 1) } else { lengths[code] };
        if let Some(before) = before
            && next < 4096
        {
            lengths.push(before + 1);
            next += 1;
            width += usize::from(next == 1 << width && width < 12);
        }
        pixels += length;
        before = Some(length);
        if pixels > 60_000 {
            break;
        }
    }
    push(clear + 1, width);
    let data = bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).collect();
    (data, pixels)
}

/// That nothing hides in this data, and that it is what an independent decoder says.
fn check_codes(depth: u8, data: &[u8], pixels: usize) -> Result<(), TestCaseError> {
    let width = pixels as u16;
    let gif = Build::version(b"GIF89a", width, 1, Some(depth))
        .descriptor([0, 0, width, 1], None, 0)
        .bytes(&[depth])
        .data(data)
        .trailer()
        .0;
    let limits = Limits { width: u16::MAX.into(), ..limits() };
    let received = receive(&gif, &limits).unwrap();
    prop_assert!(received.gif == gif, "nothing hides in it");
    let mut frames = Frames::open(&gif, &limits).unwrap();
    prop_assert!(frames.next().unwrap().unwrap().rgba == witness::gif(&gif).unwrap().frames[0].rgba);
    Ok(())
}

/// Some encoders empty a full table before they say that they are done.
#[test]
fn the_last_code_may_be_followed_by_a_clear_code_of_full_width() {
    // The first 1791 codes widen the table to 12 bits; two more, the clear code and the end code leave 4 bits of a byte.
    let codes = [[0].repeat(1793), vec![u16::MAX]].concat();
    let (data, pixels) = any_codes(8, 0, &codes);
    assert_eq!(pixels, 1793);
    check_codes(8, &data, pixels).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_gif_shows_the_same_before_and_after(mut model in model()) {
        model.please_the_decoder();
        model.please_the_browsers();
        let dirty = model.dirty();
        let received = receive(&dirty, &limits()).unwrap();
        let clean = gifchat_gif::clean(&dirty, &limits()).unwrap().bytes;
        let expected: Vec<_> = reference(&clean).into_iter().map(|(rgba, _)| rgba).collect();
        prop_assert_eq!(canvases(&received.gif), expected);
        check(&dirty)?;
    }

    #[test]
    fn damaged_gifs_are_answered(bytes in nearly_a_gif()) {
        check(&bytes)?;
    }

    #[test]
    fn damaged_pictures_are_answered(
        picture in animation(), kind in 0..4, changes in vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = match kind {
            0 => sources::apng(&picture, 40),
            1 => sources::png(&picture, true),
            2 => sources::webp(&picture),
            _ => sources::jpeg(&picture, Some(5)),
        };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes)?;
    }

    #[test]
    fn few_colours_come_through_exactly(picture in animation()) {
        let received = receive(&sources::apng(&picture, 40), &limits()).unwrap();
        let mut expected = picture.frames;
        expected.dedup();
        prop_assert_eq!(canvases(&received.gif), expected);
    }

    #[test]
    fn any_pixels_decode_whatever_their_blocks(
        depth in 2..=8_u8, width in 1..90_u16, pixels in vec(any::<u8>(), 90 * 60), runs in any::<bool>(), block in 1..=255_usize,
    ) {
        // Long strings come of runs, full tables of chance.
        let pixels: Vec<u8> = (0..usize::from(width) * 60)
            .map(|at| pixels[if runs { at / 97 } else { at }] & ((1_u16 << depth) - 1) as u8)
            .collect();
        let data = weezl::encode::Encoder::new(weezl::BitOrder::Lsb, depth).encode(&pixels).unwrap();
        let rect = [0, 0, width, 60];
        let mut gif = Build::version(b"GIF89a", width, 60, Some(depth)).descriptor(rect, None, 0).bytes(&[depth]);
        for data in data.chunks(block) {
            gif = gif.bytes(&[data.len() as u8]).bytes(data);
        }
        let gif = gif.bytes(&[0]).trailer().0;
        let received = receive(&gif, &limits()).unwrap();
        prop_assert_eq!(&received.gif, &gif);
        let expected: Vec<_> = reference(&gif).into_iter().map(|(rgba, _)| rgba).collect();
        prop_assert_eq!(canvases(&gif), expected);
    }

    #[test]
    fn any_codes_are_the_pixels_that_the_specification_says(
        depth in 2..=8_u8, reach in prop_oneof![0..40_usize, 0..4096_usize], chances in vec(any::<u16>(), 1..9000),
    ) {
        let (data, pixels) = any_codes(depth, reach, &chances);
        prop_assume!(pixels > 0);
        check_codes(depth, &data, pixels)?;
    }
}
