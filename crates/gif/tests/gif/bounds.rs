//! Every limit, at its edge.

use std::time::Duration;

use gifchat_gif::{Bound, Error, Limits, clean};

use crate::build::Build;

fn with(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

#[test]
fn bytes() {
    let gif = Build::new(4, 4).frame([0, 0, 4, 4]).trailer().0;
    let most = gif.len();
    assert!(clean(&gif, &with(|limits| limits.bytes = most)).is_ok());
    let error = clean(&gif, &with(|limits| limits.bytes = most - 1)).unwrap_err();
    assert_eq!(error, Error::TooLarge { most: most - 1 });
    assert_eq!(error.bound(), Some(Bound::Bytes(most - 1)));
    // What comes out obeys the limit as well, with the trailer that was missing.
    let error = clean(&gif[..most - 1], &with(|limits| limits.bytes = most - 1)).unwrap_err();
    assert_eq!(error, Error::TooLarge { most: most - 1 });
}

#[test]
fn what_is_dropped_counts_as_bytes_too() {
    let gif = Build::new(4, 4).frame([0, 0, 4, 4]).trailer().bytes(&[0; 1000]).0;
    assert!(matches!(clean(&gif, &with(|limits| limits.bytes = 1000)), Err(Error::TooLarge { .. })));
}

#[test]
fn canvas() {
    let limits = with(|limits| (limits.width, limits.height) = (30, 20));
    let size = |gif: Build| clean(&gif.0, &limits).map(|clean| (clean.info.width, clean.info.height));
    let error = Err(Error::CanvasTooLarge { width: 30, height: 20 });
    assert_eq!(size(Build::new(30, 20).frame([0, 0, 4, 4]).trailer()), Ok((30, 20)));
    assert_eq!(size(Build::new(31, 20).frame([0, 0, 4, 4]).trailer()), error);
    assert_eq!(size(Build::new(30, 21).frame([0, 0, 4, 4]).trailer()), error);
    // The first frame makes the screen grow, later ones may only stick out: none may reach too far.
    assert_eq!(size(Build::new(1, 1).frame([26, 16, 4, 4]).trailer()), Ok((30, 20)));
    assert_eq!(size(Build::new(1, 1).frame([27, 16, 4, 4]).trailer()), error);
    assert_eq!(size(Build::new(1, 1).frame([26, 17, 4, 4]).trailer()), error);
    assert_eq!(size(Build::new(9, 9).frame([0, 0, 9, 9]).frame([26, 16, 4, 4]).trailer()), Ok((9, 9)));
    assert_eq!(size(Build::new(9, 9).frame([0, 0, 9, 9]).frame([27, 16, 4, 4]).trailer()), error);
}

#[test]
fn a_side_never_outgrows_the_format() {
    let all = Limits { bytes: usize::MAX, width: u32::MAX, height: u32::MAX, pixels: u64::MAX, ..Limits::default() };
    let edge = Build::new(1, 1).tiny_frame([1, 1, 65_534, 65_534]).trailer();
    assert_eq!(clean(&edge.0, &all).unwrap().info.width, 65_535);
    let beyond = Build::new(1, 1).tiny_frame([2, 1, 65_534, 65_534]).trailer();
    assert_eq!(clean(&beyond.0, &all), Err(Error::CanvasTooLarge { width: 65_535, height: 65_535 }));
}

#[test]
fn frames() {
    let gif = |frames| (0..frames).fold(Build::new(1, 1), |gif, _| gif.frame([0, 0, 1, 1])).trailer().0;
    let limits = with(|limits| limits.frames = 3);
    assert_eq!(clean(&gif(3), &limits).unwrap().info.frames, 3);
    let error = clean(&gif(4), &limits).unwrap_err();
    assert_eq!((error, error.bound()), (Error::TooManyFrames { most: 3 }, Some(Bound::Frames(3))));
}

#[test]
fn canvas_times_frames() {
    let gif = Build::new(10, 10).tiny_frame([0, 0, 1, 1]).tiny_frame([0, 0, 1, 1]).trailer().0;
    assert!(clean(&gif, &with(|limits| limits.pixels = 200)).is_ok());
    let error = clean(&gif, &with(|limits| limits.pixels = 199)).unwrap_err();
    assert_eq!((error, error.bound()), (Error::TooManyPixels { most: 199 }, Some(Bound::Pixels(199))));
    // A later frame that is larger than the canvas counts with its own size.
    let gif = Build::new(10, 10).tiny_frame([0, 0, 1, 1]).tiny_frame([0, 0, 20, 10]).trailer().0;
    assert!(clean(&gif, &with(|limits| limits.pixels = 300)).is_ok());
    assert!(clean(&gif, &with(|limits| limits.pixels = 299)).is_err());
}

#[test]
fn duration() {
    let gif = Build::new(1, 1).control(150).frame([0, 0, 1, 1]).control(0).frame([0, 0, 1, 1]).trailer().0;
    let most = Duration::from_millis(1600);
    assert_eq!(clean(&gif, &with(|limits| limits.duration = most)).unwrap().info.duration, most);
    let most = Duration::from_millis(1599);
    let error = clean(&gif, &with(|limits| limits.duration = most)).unwrap_err();
    assert_eq!((error, error.bound()), (Error::TooLong { most }, Some(Bound::Duration(most))));
}
