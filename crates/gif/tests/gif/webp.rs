//! What a rendition is, apart from how it looks.

use std::cell::Cell;
use std::time::Duration;

use gifchat_gif::samples::Sample;
use gifchat_gif::samples::ssim::ssim;
use gifchat_gif::samples::witness;
use gifchat_gif::{Error, Limits, Loops, POSTER_SIDE, animate, poster};

fn limits() -> Limits {
    Limits { cpu: Duration::from_secs(600), animation_cpu: Duration::from_secs(600), ..Limits::default() }
}

fn webp(gif: &[u8]) -> Vec<u8> {
    animate(gif, &limits(), usize::MAX, &|| true).unwrap().unwrap()
}

#[test]
fn it_plays_as_often_as_the_gif() {
    for (loops, times) in [
        (Loops::Forever, 0),
        (Loops::Once, 1),
        (Loops::Again(4.try_into().unwrap()), 5),
        (Loops::Again(u16::MAX.try_into().unwrap()), u16::MAX),
    ] {
        let gif = Sample { loops, ..Sample::new(32, 32, 3) }.to_gif();
        assert_eq!(witness::webp(&webp(&gif)).unwrap().times, times, "{loops:?}");
    }
}

#[test]
fn it_takes_its_time() {
    for (delay, milliseconds) in [(0, 100), (1, 100), (2, 20), (300, 3000)] {
        let gif = Sample { delay, ..Sample::new(32, 32, 3) }.to_gif();
        let play = witness::webp(&webp(&gif)).unwrap();
        assert!(play.frames.iter().all(|frame| frame.milliseconds == milliseconds), "{delay}");
        assert_eq!(play.frames.len(), 3);
    }
}

#[test]
fn frames_that_show_the_same_are_one_and_last_longer() {
    // 16 colours go round in 64 frames: every four frames are the same.
    let gif = Sample::new(40, 40, 64).to_gif();
    let play = witness::webp(&webp(&gif)).unwrap();
    assert_eq!(play.frames.iter().map(|frame| frame.milliseconds).collect::<Vec<_>>(), [200; 16]);
    // And a GIF of nothing but the same picture is a still.
    let still = Sample { loops: Loops::Forever, ..Sample::new(40, 40, 1) }.to_gif();
    assert_eq!(witness::webp(&webp(&still)).unwrap().frames.len(), 1);
    assert!(!webp(&still).windows(4).any(|name| name == b"ANMF"));
}

#[test]
fn none_when_it_would_not_be_smaller() {
    let gif = Sample::new(64, 64, 8).to_gif();
    let length = webp(&gif).len();
    assert_eq!(animate(&gif, &limits(), length, &|| true), Ok(None));
    assert_eq!(animate(&gif, &limits(), length + 1, &|| true).unwrap().unwrap().len(), length);
    assert_eq!(animate(&gif, &limits(), 0, &|| true), Ok(None));
}

#[test]
fn it_stops_between_frames() {
    let gif = Sample::new(64, 64, 8).to_gif();
    for stop_at in 0..8 {
        let asked = Cell::new(0);
        let go_on = || {
            asked.set(asked.get() + 1);
            asked.get() <= stop_at
        };
        assert_eq!(animate(&gif, &limits(), usize::MAX, &go_on), Err(Error::Cancelled));
        assert_eq!(asked.get(), stop_at + 1);
    }
}

#[test]
fn limits_hold_for_renditions_too() {
    let gif = Sample::new(64, 64, 8).to_gif();
    let narrow = Limits { width: 63, ..limits() };
    assert!(matches!(animate(&gif, &narrow, usize::MAX, &|| true), Err(Error::CanvasTooLarge { .. })));
    let hasty = Limits { animation_cpu: Duration::ZERO, ..limits() };
    assert_eq!(animate(&gif, &hasty, usize::MAX, &|| true), Err(Error::TooMuchWork { most: Duration::ZERO }));
    assert_eq!(animate(b"GIF89a", &limits(), usize::MAX, &|| true), Err(Error::Truncated));
    assert_eq!(animate(b"<svg>", &limits(), usize::MAX, &|| true), Err(Error::NotAPicture));
}

#[test]
fn a_poster_shows_the_picture() {
    let play = witness::gif(&Sample::new(200, 120, 2).to_gif()).unwrap();
    let poster = witness::webp(&poster(&play.frames[0].rgba, 200, 120).unwrap()).unwrap();
    assert_eq!((poster.width, poster.height, poster.frames.len()), (200, 120, 1));
    assert!(ssim(&poster.frames[0].rgba, &play.frames[0].rgba, 200) > 0.99);
}

#[test]
fn a_poster_of_a_large_picture_is_smaller_and_has_its_proportions() {
    let red = [200, 30, 30, 255].repeat(2000 * 500);
    let play = witness::webp(&poster(&red, 2000, 500).unwrap()).unwrap();
    assert_eq!((play.width, play.height), (POSTER_SIDE, 160));
    assert!(play.frames[0].rgba.as_chunks::<4>().0.iter().all(|pixel| pixel[0].abs_diff(200) < 4 && pixel[3] == 255));
}

#[test]
fn a_poster_keeps_what_is_transparent() {
    let mut rgba = [0, 0, 0, 0].repeat(32 * 32);
    rgba[..4 * 32 * 16].copy_from_slice(&[10, 200, 90, 255].repeat(32 * 16));
    let play = witness::webp(&poster(&rgba, 32, 32).unwrap()).unwrap();
    assert_eq!(play.frames[0].rgba[3], 255);
    assert_eq!(play.frames[0].rgba[4 * 32 * 32 - 1], 0);
}
