//! A corpus: animations like those that people send, drawn on the spot, always the same, and files that use what few
//! programs write.

mod dither;
mod drawn;
mod encode;
mod film;
mod font;
mod numbers;
mod odd;
mod palette;
mod picture;
mod screen;
mod texture;
mod write;

use std::fmt;

use dither::Dither;
use encode::{FLAT, Frames, RECORDER, SERVICE, STICKER, Style, VIDEO, WHOLE};
use picture::Picture;

/// What a GIF of the corpus is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What a camera sees, in 256 colours with dithering.
    Film,
    /// Drawings, stickers, letters.
    Drawn,
    /// Recordings of a screen.
    Screen,
    /// Unusual uses of the format.
    Odd,
}

/// One GIF of the corpus.
pub struct Specimen {
    /// Unique; also a name for a file.
    pub name: &'static str,
    pub kind: Kind,
    made: Made,
}

enum Made {
    Drawn { size: (u16, u16), frames: u16, delay: u16, style: Style, scene: Scene },
    Written(fn() -> Vec<u8>),
}

/// Draws a moment of a loop: where in it, from 0 to 1, and the number of the frame.
type Scene = fn(&mut Picture, f32, u32);

impl Specimen {
    /// The file. It is clean already, and within the default limits.
    pub fn to_gif(&self) -> Vec<u8> {
        match self.made {
            Made::Written(write) => write(),
            Made::Drawn { size: (width, height), frames, delay, style, scene } => {
                encode::encode((width, height), frames, delay, style, |frame| {
                    let mut picture = Picture::new(width, height);
                    scene(&mut picture, f32::from(frame) / f32::from(frames), frame.into());
                    picture.pixels()
                })
            }
        }
    }
}

impl fmt::Debug for Specimen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Specimen").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

const fn drawn(
    name: &'static str,
    kind: Kind,
    size: (u16, u16),
    (frames, delay): (u16, u16),
    style: Style,
    scene: Scene,
) -> Specimen {
    Specimen { name, kind, made: Made::Drawn { size, frames, delay, style, scene } }
}

const fn written(name: &'static str, write: fn() -> Vec<u8>) -> Specimen {
    Specimen { name, kind: Kind::Odd, made: Made::Written(write) }
}

const LOCAL: Style = Style { local: true, ..WHOLE };
const FEW: Style = Style { colors: 31, ..SERVICE };
const GRADIENT: Style = Style { dither: Dither::None, ..VIDEO };
const STILL: Style = Style { frames: Frames::Whole, interlaced: true, ..SERVICE };
const UNSHRUNK: Style = Style { frames: Frames::Whole, ..FLAT };

/// All of them.
pub static CORPUS: [Specimen; 58] = [
    drawn("talk", Kind::Film, (498, 280), (24, 8), SERVICE, film::talk),
    drawn("talk-small", Kind::Film, (220, 124), (30, 10), VIDEO, film::talk),
    drawn("hills", Kind::Film, (480, 270), (20, 8), VIDEO, film::hills),
    drawn("hills-local-tables", Kind::Film, (320, 180), (16, 10), LOCAL, film::hills),
    drawn("water", Kind::Film, (400, 300), (20, 7), SERVICE, film::water),
    drawn("fire", Kind::Film, (240, 320), (24, 5), VIDEO, film::fire),
    drawn("night", Kind::Film, (400, 226), (24, 8), SERVICE, film::night),
    drawn("field", Kind::Film, (480, 270), (24, 6), VIDEO, film::field),
    drawn("fur", Kind::Film, (360, 270), (18, 9), SERVICE, film::fur),
    drawn("zoom", Kind::Film, (320, 240), (24, 5), VIDEO, film::zoom),
    drawn("fade", Kind::Film, (320, 180), (24, 7), WHOLE, film::fade),
    drawn("rain", Kind::Film, (320, 240), (20, 5), VIDEO, film::rain),
    drawn("snow", Kind::Film, (360, 202), (24, 6), SERVICE, film::snow),
    drawn("dance", Kind::Film, (270, 480), (24, 6), SERVICE, film::dance),
    drawn("dance-few-colors", Kind::Film, (220, 220), (24, 6), FEW, film::dance),
    drawn("silent-film", Kind::Film, (320, 240), (24, 6), WHOLE, film::silent),
    drawn("video-tape", Kind::Film, (320, 240), (20, 7), VIDEO, film::tape),
    drawn("shaky", Kind::Film, (320, 240), (12, 10), SERVICE, film::shaky),
    drawn("reaction", Kind::Film, (498, 278), (20, 8), SERVICE, film::reaction),
    drawn("subtitles", Kind::Film, (400, 226), (24, 12), VIDEO, film::subtitles),
    drawn("photograph", Kind::Film, (640, 480), (1, 0), STILL, film::hills),
    drawn("ball", Kind::Drawn, (300, 300), (24, 4), FLAT, drawn::ball),
    drawn("ball-unshrunk", Kind::Drawn, (300, 300), (24, 4), UNSHRUNK, drawn::ball),
    drawn("walk", Kind::Drawn, (400, 300), (32, 6), FLAT, drawn::walk),
    drawn("anime", Kind::Drawn, (480, 270), (24, 8), SERVICE, drawn::anime),
    drawn("anime-undithered", Kind::Drawn, (480, 270), (24, 8), GRADIENT, drawn::anime),
    drawn("spinner", Kind::Drawn, (96, 96), (24, 4), STICKER, drawn::spinner),
    drawn("sprite", Kind::Drawn, (192, 192), (8, 12), STICKER, drawn::sprite),
    drawn("sticker", Kind::Drawn, (320, 320), (24, 5), STICKER, drawn::sticker),
    drawn("emoji", Kind::Drawn, (64, 64), (12, 8), STICKER, drawn::sticker),
    drawn("rainbow", Kind::Drawn, (320, 200), (30, 4), SERVICE, drawn::rainbow),
    drawn("rainbow-undithered", Kind::Drawn, (320, 200), (30, 4), GRADIENT, drawn::rainbow),
    drawn("glow", Kind::Drawn, (320, 240), (24, 5), VIDEO, drawn::glow),
    drawn("marquee", Kind::Drawn, (728, 90), (40, 4), FLAT, drawn::marquee),
    drawn("countdown", Kind::Drawn, (240, 240), (50, 10), FLAT, drawn::countdown),
    drawn("chart", Kind::Drawn, (480, 300), (30, 5), FLAT, drawn::chart),
    drawn("terminal", Kind::Screen, (480, 300), (60, 8), RECORDER, screen::terminal),
    drawn("code", Kind::Screen, (480, 320), (30, 10), RECORDER, screen::code),
    drawn("windows", Kind::Screen, (640, 400), (24, 6), RECORDER, screen::windows),
    drawn("form", Kind::Screen, (400, 240), (40, 10), FLAT, screen::form),
    drawn("page", Kind::Screen, (480, 360), (24, 6), RECORDER, screen::page),
    drawn("table", Kind::Screen, (420, 240), (40, 12), FLAT, screen::table),
    drawn("chat", Kind::Screen, (270, 480), (36, 15), RECORDER, screen::chat),
    drawn("wide", Kind::Odd, (1400, 30), (16, 5), FLAT, drawn::marquee),
    drawn("tall", Kind::Odd, (40, 900), (12, 8), GRADIENT, drawn::glow),
    written("disposal-previous", odd::previous),
    written("disposal-background", odd::background),
    written("every-disposal", odd::every_disposal),
    written("small-first-frame", odd::small_first),
    written("odd-places", odd::odd_places),
    written("over-the-edge", odd::over_the_edge),
    written("local-tables", odd::local_tables),
    written("two-colors", odd::two_colors),
    written("interlaced", odd::interlaced),
    written("one-pixel", odd::one_pixel),
    written("five-hundred", odd::five_hundred),
    written("slides", odd::slides),
    written("noise", odd::noise),
];
