//! Makes a GIF of drawn pictures, the way programs do.

use super::dither::{Dither, dither};
use super::palette::Palette;
use super::write::{Disposal, Frame, Writer};
use crate::Loops;

/// How a program writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Entries of a colour table, without the transparent one; at most 255.
    pub colors: usize,
    pub dither: Dither,
    /// A colour table for each frame, or one of some of the frames for all.
    pub local: bool,
    pub frames: Frames,
    pub interlaced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frames {
    /// Each is the whole canvas.
    Whole,
    /// Only the rectangle that has changed.
    Rectangles,
    /// Only the rectangle that has changed, and in it what has not is transparent.
    Changes,
    /// The rectangle with something in it, cleared before the next: how stickers are made.
    Cleared,
}

/// A video converter with a palette for all frames.
pub(super) const VIDEO: Style =
    Style { colors: 255, dither: Dither::Pattern, local: false, frames: Frames::Changes, interlaced: false };
/// A web service that makes good-looking GIFs: Floyd and Steinberg, only changes.
pub(super) const SERVICE: Style = Style { dither: Dither::Spread, ..VIDEO };
/// A program of old: everything in every frame.
pub(super) const WHOLE: Style = Style { frames: Frames::Whole, ..SERVICE };
/// A recorder of screens: the part that has changed, with a table of its own.
pub(super) const RECORDER: Style =
    Style { colors: 255, dither: Dither::None, local: true, frames: Frames::Rectangles, interlaced: false };
/// Drawn in few colours.
pub(super) const FLAT: Style =
    Style { colors: 63, dither: Dither::None, local: false, frames: Frames::Changes, interlaced: false };
/// A sticker.
pub(super) const STICKER: Style = Style { frames: Frames::Cleared, ..FLAT };

/// A picture's pixels; `None` is transparent.
pub(super) type Pixels = Vec<Option<[u8; 3]>>;

/// `pixels` of frame 0, 1, ...; all of them the same size.
pub(super) fn encode(
    (width, height): (u16, u16),
    frames: u16,
    delay: u16,
    style: Style,
    pixels: impl Fn(u16) -> Pixels,
) -> Vec<u8> {
    let palette_of = |frames: &[Pixels]| Palette::of(frames.iter().flatten().copied().flatten(), style.colors);
    // Some frames stand for all.
    let mut palette = if style.local {
        None
    } else {
        let step = usize::from(frames).div_ceil(4).max(1);
        Some(palette_of(&(0..frames).step_by(step).map(&pixels).collect::<Vec<_>>()))
    };
    let table = palette.as_ref().map(|palette| palette.colors.clone());
    let mut writer = Writer::new(width, height, table.as_deref(), Loops::Forever);
    let mut before: Option<Vec<Option<[u8; 3]>>> = None;
    for frame in 0..frames {
        let picture = pixels(frame);
        let mut own = style.local.then(|| palette_of(std::slice::from_ref(&picture)));
        let palette = own.as_mut().or(palette.as_mut()).expect("one of the two is there");
        let clear = palette.colors.len() as u8;
        let entries = dither(&picture, usize::from(width), palette, style.dither, clear);
        let shown: Vec<_> =
            entries.iter().map(|&entry| (entry != clear).then(|| palette.colors[usize::from(entry)])).collect();
        let part = part(&shown, before.as_deref(), style.frames, width, height);
        let leaves_out = style.frames == Frames::Changes && before.is_some();
        let cut: Vec<u8> = places(part, width)
            .map(|at| {
                let same = leaves_out && before.as_ref().is_some_and(|before| before[at] == shown[at]);
                if same { clear } else { entries[at] }
            })
            .collect();
        writer.push(&Frame {
            rect: part,
            entries: &cut,
            delay,
            disposal: if style.frames == Frames::Cleared { Disposal::Background } else { Disposal::Keep },
            clear: cut.contains(&clear).then_some(clear),
            colors: style.local.then_some(&palette.colors),
            interlaced: style.interlaced,
        });
        before = Some(shown);
    }
    writer.finish()
}

/// The rectangle that a frame covers; one pixel when it needs none.
fn part(shown: &Pixels, before: Option<&[Option<[u8; 3]>]>, frames: Frames, width: u16, height: u16) -> [u16; 4] {
    let covers = |at: usize| match (frames, before) {
        (Frames::Whole, _) => true,
        (Frames::Cleared, _) => shown[at].is_some(),
        (Frames::Rectangles | Frames::Changes, None) => true,
        (Frames::Rectangles | Frames::Changes, Some(before)) => shown[at] != before[at],
    };
    let across = usize::from(width);
    let mut bounds: Option<[u16; 4]> = None;
    for at in (0..across * usize::from(height)).filter(|&at| covers(at)) {
        let (x, y) = ((at % across) as u16, (at / across) as u16);
        let [left, top, right, bottom] = bounds.unwrap_or([x, y, x, y]);
        bounds = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
    }
    let [left, top, right, bottom] = bounds.unwrap_or_default();
    [left, top, right + 1 - left, bottom + 1 - top]
}

/// Where the pixels of a rectangle are on the canvas.
fn places([left, top, across, down]: [u16; 4], width: u16) -> impl Iterator<Item = usize> {
    let [left, top, across, down, width] = [left, top, across, down, width].map(usize::from);
    (top..top + down).flat_map(move |y| (left..left + across).map(move |x| y * width + x))
}
