//! Frames against a plain compositor over the reference decoder.

use std::time::Duration;

use gifchat_gif::samples::Sample;
use gifchat_gif::{Error, Frames, Limits};

use crate::build::Build;
use crate::decoded;

/// The canvases of a GIF whose frames are within its screen, and how long each shows.
pub fn reference(gif: &[u8]) -> Vec<(Vec<u8>, Duration)> {
    let decoded = decoded::decode(gif).unwrap();
    let side = |at: usize| usize::from(u16::from_le_bytes([gif[at], gif[at + 1]]));
    let (width, height) = (side(6), side(8));
    let mut canvas = vec![[0; 4]; width * height];
    let mut shown = Vec::new();
    for frame in decoded.frames {
        let before = canvas.clone();
        let [left, top, frame_width, frame_height] = frame.rect.map(usize::from);
        let table = frame.palette.as_ref().or(decoded.global_palette.as_ref()).unwrap();
        let places: Vec<_> = (0..frame_height)
            .flat_map(|y| (0..frame_width).map(move |x| (left + x, top + y)))
            .map(|(x, y)| (x < width && y < height).then_some(y * width + x))
            .collect();
        for (&place, &index) in places.iter().zip(&frame.pixels) {
            if let Some(place) = place
                && frame.transparent != Some(index)
            {
                let color = table.chunks(3).nth(index.into()).unwrap_or(&[0; 3]);
                canvas[place] = [color[0], color[1], color[2], 255];
            }
        }
        let delay = if frame.delay <= 1 { 10 } else { frame.delay };
        shown.push((canvas.concat(), Duration::from_millis(u64::from(delay) * 10)));
        match frame.dispose {
            gif::DisposalMethod::Background => places.iter().flatten().for_each(|&place| canvas[place] = [0; 4]),
            gif::DisposalMethod::Previous => canvas = before,
            gif::DisposalMethod::Any | gif::DisposalMethod::Keep => {}
        }
    }
    shown
}

pub fn play(gif: &[u8]) -> Result<Vec<(Vec<u8>, Duration)>, Error> {
    let limits = Limits { cpu: Duration::from_secs(60), ..Limits::default() };
    let mut frames = Frames::of_gif(gif, &limits)?;
    let mut shown = Vec::new();
    while let Some(frame) = frames.next()? {
        shown.push((frame.rgba.to_vec(), frame.delay));
    }
    Ok(shown)
}

#[test]
fn samples_play() {
    for (width, height, frames) in [(1, 1, 1), (2, 3, 2), (64, 48, 12), (320, 240, 3), (500, 7, 1)] {
        let gif = Sample::new(width, height, frames).to_gif();
        assert_eq!(play(&gif).unwrap(), reference(&gif));
    }
}

#[test]
fn every_way_to_dispose() {
    for (first, second) in (0..4).flat_map(|first| (0..4).map(move |second| (first, second))) {
        let gif = Build::new(9, 7)
            .control_with(0, 0, 0)
            .frame([0, 0, 9, 7])
            .control_with(2, first << 2, 0)
            .frame_with([2, 1, 5, 4], None, 0, 2, 3)
            .control_with(3, second << 2 | 1, 1)
            .frame_with([3, 2, 6, 5], Some(3), 0x40, 3, 1)
            .control_with(3, 1, 2)
            .frame_with([8, 6, 6, 6], None, 0, 2, 2)
            .trailer();
        assert_eq!(play(&gif.0).unwrap(), reference(&gif.0), "{first} {second}");
    }
}

#[test]
fn a_frame_outside_of_the_canvas_shows_nothing_and_takes_its_time() {
    let gif = Build::new(4, 4).frame([0, 0, 4, 4]).control_with(7, 2 << 2, 0).frame([9, 9, 3, 3]).trailer().0;
    let shown = play(&gif).unwrap();
    assert_eq!(shown[0].0, shown[1].0);
    assert_eq!(shown[1].1, Duration::from_millis(70));
}

#[test]
fn too_few_pixels_are_told_by_their_frame() {
    let gif = Build::new(4, 4).frame([0, 0, 4, 4]).tiny_frame([0, 0, 4, 4]).trailer().0;
    assert_eq!(play(&gif), Err(Error::BadPixels { frame: 2 }));
}
