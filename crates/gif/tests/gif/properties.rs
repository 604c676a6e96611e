//! What holds for every input.

use gifchat_gif::samples::Sample;
use gifchat_gif::{Error, Info, Limits, Loops, clean};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::build::Build;
use crate::decoded::decode;
use crate::playing::{play, reference};

/// A GIF as somebody might make it.
#[derive(Clone, Debug)]
pub struct Model {
    version: [u8; 6],
    size: (u16, u16),
    colors: Option<u8>,
    parts: Vec<Part>,
    trailer: bool,
    tail: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Part {
    Picture(Picture),
    Comment(Vec<u8>),
    Application([u8; 11], Vec<u8>),
    PlainText(Vec<u8>),
    Unknown(u8, Vec<u8>),
    Loop(u16),
}

/// A frame, with dirt between it and its control.
#[derive(Clone, Debug)]
struct Picture {
    control: Option<(u16, u8, u8)>,
    between: Vec<u8>,
    rect: [u16; 4],
    colors: Option<u8>,
    interlaced: bool,
    depth: u8,
    seed: u8,
}

impl Picture {
    fn push(&self, gif: Build, dirty: bool) -> Build {
        let mut gif = match self.control {
            Some((delay, flags, transparent)) => gif.control_with(delay, flags, transparent),
            None => gif,
        };
        if dirty && !self.between.is_empty() {
            gif = gif.comment(&self.between);
        }
        let interlaced = if self.interlaced { 0x40 } else { 0 };
        gif.frame_with(self.rect, self.colors, interlaced, self.depth, self.seed)
    }
}

impl Model {
    fn pictures(&self) -> impl Iterator<Item = &Picture> {
        self.parts.iter().filter_map(|part| match part {
            Part::Picture(picture) => Some(picture),
            _ => None,
        })
    }

    /// The decoder that we compare with insists on a trailer and a colour table.
    pub fn please_the_decoder(&mut self) {
        self.trailer = true;
        self.colors.get_or_insert(2);
    }

    /// Browsers do not agree on colours beyond the table.
    pub fn please_the_browsers(&mut self) {
        let global = self.colors;
        for part in &mut self.parts {
            if let Part::Picture(picture) = part {
                let table = picture.colors.or(global).unwrap_or(2);
                // A table of two colours has codes like one of four.
                if table < 2 {
                    picture.colors = Some(2);
                }
                picture.depth = picture.depth.min(table.max(2));
            }
        }
    }

    /// The file as it is sent.
    pub fn dirty(&self) -> Vec<u8> {
        let mut gif = Build::version(&self.version, self.size.0, self.size.1, self.colors);
        for part in &self.parts {
            gif = match part {
                Part::Picture(picture) => picture.push(gif, true),
                Part::Comment(text) => gif.comment(text),
                Part::Application(name, data) => gif.application(name, data),
                Part::PlainText(text) => gif.plain_text(text),
                Part::Unknown(label, data) => gif.extension(*label, data),
                Part::Loop(count) => gif.loops(*count),
            };
        }
        if self.trailer { gif.trailer().bytes(&self.tail).0 } else { gif.0 }
    }

    /// The file as it should come back.
    fn clean(&self) -> Vec<u8> {
        let [left, top, width, height] = self.pictures().next().unwrap().rect;
        let mut gif =
            Build::version(b"GIF89a", self.size.0.max(left + width), self.size.1.max(top + height), self.colors);
        let count = self.parts.iter().rev().find_map(|part| match part {
            Part::Loop(count) => Some(*count),
            _ => None,
        });
        if let Some(count) = count {
            gif = gif.loops(count);
        }
        self.pictures().fold(gif, |gif, picture| picture.push(gif, false)).trailer().0
    }
}

fn dirt() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..600)
}

fn picture() -> impl Strategy<Value = Picture> {
    let control = option::of((any::<u16>().prop_map(|delay| delay % 500), 0..16_u8, any::<u8>()));
    let rect = [0..20_u16, 0..20_u16, 1..20_u16, 1..20_u16];
    let shape = (rect, option::of(1..=8_u8), any::<bool>(), 2..=8_u8, any::<u8>());
    (control, dirt(), shape).prop_map(|(control, between, (rect, colors, interlaced, depth, seed))| Picture {
        control,
        between,
        rect,
        colors,
        interlaced,
        depth,
        seed,
    })
}

fn part() -> impl Strategy<Value = Part> {
    // Extensions of these labels mean something, to us or to the decoder that we compare with.
    let unknown = any::<u8>().prop_filter("a known label", |label| ![0x01, 0xf9, 0xfe, 0xff].contains(label));
    prop_oneof![
        4 => picture().prop_map(Part::Picture),
        1 => dirt().prop_map(Part::Comment),
        1 => (any::<[u8; 11]>(), dirt()).prop_map(|(name, data)| Part::Application(name, data)),
        1 => dirt().prop_map(Part::PlainText),
        1 => (unknown, dirt()).prop_map(|(label, data)| Part::Unknown(label, data)),
        1 => any::<u16>().prop_map(Part::Loop),
    ]
}

pub fn model() -> impl Strategy<Value = Model> {
    let version = prop_oneof![Just(*b"GIF87a"), Just(*b"GIF89a")];
    let size = (0..40_u16, 0..40_u16);
    let parts = (picture(), vec(part(), 0..8), any::<proptest::sample::Index>()).prop_map(|(one, mut parts, at)| {
        // At least one picture, anywhere.
        let at = at.index(parts.len() + 1);
        parts.insert(at, Part::Picture(one));
        parts
    });
    (version, size, option::of(1..=8_u8), parts, any::<bool>(), dirt())
        .prop_map(|(version, size, colors, parts, trailer, tail)| Model { version, size, colors, parts, trailer, tail })
}

/// Bytes that get past the first checks more often than chance allows.
pub fn nearly_a_gif() -> impl Strategy<Value = Vec<u8>> {
    (model(), vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8)).prop_map(|(model, changes)| {
        let mut bytes = model.dirty();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

/// What must hold for any bytes at all.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let limits = Limits::default();
    if let Ok(first) = clean(bytes, &limits) {
        let Info { width, height, frames, duration, .. } = first.info;
        prop_assert!(first.bytes.len() <= bytes.len() + 1);
        prop_assert!((1..=limits.width).contains(&width) && (1..=limits.height).contains(&height));
        prop_assert!((1..=limits.frames).contains(&frames) && duration <= limits.duration);
        prop_assert_eq!(clean(&first.bytes, &limits), Ok(first));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in vec(any::<u8>(), 0..2000)) {
        check(&bytes)?;
        check(&[b"GIF89a", &bytes[..]].concat())?;
        check(&[&Build::new(4, 4).0, &bytes[..]].concat())?;
        check(&[&Build::new(4, 4).frame([0, 0, 2, 2]).0, &bytes[..]].concat())?;
    }

    #[test]
    fn damaged_gifs_are_answered(bytes in nearly_a_gif()) {
        check(&bytes)?;
    }

    #[test]
    fn only_pictures_come_back(model in model()) {
        let dirty = model.dirty();
        let clean = clean(&dirty, &Limits::default()).unwrap();
        prop_assert_eq!(&clean.bytes, &model.clean());
        prop_assert_eq!(clean.info.frames as usize, model.pictures().count());
        check(&dirty)?;
    }

    #[test]
    fn the_decoder_sees_the_same_before_and_after(mut model in model()) {
        model.please_the_decoder();
        let dirty = model.dirty();
        let clean = clean(&dirty, &Limits::default()).unwrap();
        let before = decode(&dirty).unwrap();
        prop_assert_eq!(before.frames.len(), model.pictures().count());
        prop_assert_eq!(decode(&clean.bytes).unwrap(), before);
        let table = |picture: &Picture| picture.colors.or(model.colors).unwrap();
        if model.pictures().all(|picture| picture.depth <= table(picture)) {
            prop_assert_eq!(play(&clean.bytes).unwrap(), reference(&clean.bytes));
        }
    }

    #[test]
    fn a_cut_gif_is_refused_or_whole_up_to_there(mut model in model(), at in any::<proptest::sample::Index>()) {
        model.please_the_decoder();
        model.tail.clear();
        let whole = model.dirty();
        let cut = &whole[..at.index(whole.len())];
        match clean(cut, &Limits::default()) {
            Ok(clean) => {
                let (cut, whole) = (decode(&clean.bytes).unwrap(), decode(&whole).unwrap());
                prop_assert!(!cut.frames.is_empty() && whole.frames.starts_with(&cut.frames));
            }
            Err(error) => prop_assert!(matches!(error, Error::NotAGif | Error::Truncated), "{error:?}"),
        }
    }

    #[test]
    fn samples_hold_for_every_size(
        width in 1..200_u16, height in 1..200_u16, frames in 1..6_u16, seed: u32, count: Option<u16>,
    ) {
        let loops = match count {
            None => Loops::Once,
            Some(count) => count.try_into().map_or(Loops::Forever, Loops::Again),
        };
        let gif = Sample { loops, seed, ..Sample::new(width, height, frames) }.to_gif();
        let clean = clean(&gif, &Limits::default()).unwrap();
        prop_assert_eq!(&clean.bytes, &gif);
        prop_assert_eq!(clean.info.loops, loops);
        let decoded = decode(&gif).unwrap();
        let pixels = usize::from(width) * usize::from(height);
        prop_assert!(decoded.frames.iter().all(|frame| frame.pixels.len() == pixels));
    }
}

#[test]
fn every_cut_of_an_animation() {
    let whole = Sample::new(12, 9, 3).to_gif();
    // Where a cut leaves whole frames: behind each one, and behind the control in front of the next.
    let answers: Vec<_> = (0..whole.len()).map(|at| clean(&whole[..at], &Limits::default())).collect();
    let frames: Vec<_> = answers.iter().flatten().map(|clean| clean.info.frames).collect();
    assert_eq!(frames, [1, 1, 2, 2, 3]);
    assert_eq!(answers[..6], vec![Err(Error::NotAGif); 6]);
    assert!(answers[6..].iter().flat_map(|answer| answer.as_ref().err()).all(|error| *error == Error::Truncated));
}
