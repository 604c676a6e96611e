//! A canvas to draw on.

use super::font;
use super::numbers::{Color, chance, mix, smooth};

/// Colours from 0 to 255, and whether there is anything at all.
#[derive(Clone)]
pub(super) struct Picture {
    pub width: usize,
    pub height: usize,
    colors: Vec<Color>,
    clear: Vec<bool>,
}

impl Picture {
    /// With nothing on it: transparent.
    pub fn new(width: u16, height: u16) -> Self {
        let (width, height) = (usize::from(width), usize::from(height));
        Self { width, height, colors: vec![[0.0; 3]; width * height], clear: vec![true; width * height] }
    }

    /// The pixels; `None` is transparent.
    pub fn pixels(&self) -> Vec<Option<[u8; 3]>> {
        let bytes = |color: &Color| color.map(|channel| channel.clamp(0.0, 255.0).round() as u8);
        self.colors.iter().zip(&self.clear).map(|(color, &clear)| (!clear).then(|| bytes(color))).collect()
    }

    /// Gives every pixel the colour of its place: both coordinates in heights of the picture, from the top left.
    pub fn shade(&mut self, color: impl Fn(f32, f32) -> Color) {
        let unit = self.height as f32;
        for y in 0..self.height {
            for x in 0..self.width {
                self.colors[y * self.width + x] = color(x as f32 / unit, y as f32 / unit);
            }
        }
        self.clear.fill(false);
    }

    /// Changes every colour that is there.
    pub fn adjust(&mut self, change: impl Fn(usize, usize, Color) -> Color) {
        for (at, color) in self.colors.iter_mut().enumerate().filter(|(at, _)| !self.clear[*at]) {
            *color = change(at % self.width, at / self.width, *color);
        }
    }

    /// Noise as of film or a sensor in the dark: `strength` up and down, new with every `seed`.
    pub fn grain(&mut self, strength: f32, seed: u32) {
        self.adjust(|x, y, color| {
            let [x, y] = [x, y].map(|side| side as i32);
            // Two dice are closer to a bell than one.
            let noise = chance(x, y, seed) + chance(x, y, seed ^ 0x5bd1_e995) - 1.0;
            color.map(|channel| channel + noise * strength)
        });
    }

    pub fn fill(&mut self, color: Color) {
        self.shade(|_, _| color);
    }

    /// A rectangle of whole pixels, cut off where the canvas ends.
    pub fn rect(&mut self, left: i32, top: i32, width: i32, height: i32, color: Color) {
        for y in top.max(0)..(top + height).min(self.height as i32) {
            for x in left.max(0)..(left + width).min(self.width as i32) {
                self.set(x as usize, y as usize, color);
            }
        }
    }

    /// An ellipse with soft edges one pixel wide; in pixels.
    pub fn ellipse(&mut self, middle: (f32, f32), radii: (f32, f32), color: Color) {
        let small = radii.0.min(radii.1);
        self.each_near(middle, (radii.0 + 1.0, radii.1 + 1.0), |picture, x, y| {
            let (across, down) = ((x as f32 - middle.0) / radii.0, (y as f32 - middle.1) / radii.1);
            let inside = (1.0 - (across * across + down * down).sqrt()) * small + 0.5;
            picture.blend(x, y, color, inside);
        });
    }

    /// A line with round ends.
    pub fn line(&mut self, from: (f32, f32), to: (f32, f32), thick: f32, color: Color) {
        let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
        let (across, down) = (to.0 - from.0, to.1 - from.1);
        let length = (across * across + down * down).max(0.001);
        let reach = (across.abs() / 2.0 + thick + 1.0, down.abs() / 2.0 + thick + 1.0);
        self.each_near(middle, reach, |picture, x, y| {
            let (x_from, y_from) = (x as f32 - from.0, y as f32 - from.1);
            let along = ((x_from * across + y_from * down) / length).clamp(0.0, 1.0);
            let (x_off, y_off) = (x_from - across * along, y_from - down * along);
            picture.blend(x, y, color, thick / 2.0 - (x_off * x_off + y_off * y_off).sqrt() + 0.5);
        });
    }

    /// A line of text, its letters seven `dot`s high; with soft edges when a dot is no whole pixel.
    pub fn text(&mut self, left: f32, top: f32, dot: f32, text: &str, color: Color) {
        for (place, letter) in text.chars().enumerate() {
            let rows = font::rows(letter);
            let start = left + place as f32 * 6.0 * dot;
            let middle = (start + 2.5 * dot, top + 3.5 * dot);
            self.each_near(middle, (3.0 * dot + 1.0, 4.0 * dot + 1.0), |picture, x, y| {
                let mut covered = 0.0;
                for sample in 0..9 {
                    let column = ((x as f32 + (sample % 3) as f32 / 3.0 - start) / dot).floor();
                    let row = ((y as f32 + (sample / 3) as f32 / 3.0 - top) / dot).floor();
                    if (0.0..5.0).contains(&column) && (0.0..7.0).contains(&row) {
                        covered += f32::from(rows[row as usize] >> (4 - column as u8) & 1) / 9.0;
                    }
                }
                picture.blend(x, y, color, covered);
            });
        }
    }

    /// Text with an outline, as captions have it.
    pub fn caption(&mut self, text: &str, bottom: f32, dot: f32) {
        let left = (self.width as f32 - text.chars().count() as f32 * 6.0 * dot) / 2.0;
        let top = self.height as f32 - bottom - 7.0 * dot;
        for (x, y) in
            [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7)]
        {
            self.text(left + x * dot * 0.8, top + y * dot * 0.8, dot, text, [0.0; 3]);
        }
        self.text(left, top, dot, text, [255.0; 3]);
    }

    /// Fades to `other` of the same size.
    pub fn fade(&mut self, other: &Self, part: f32) {
        for (color, &other) in self.colors.iter_mut().zip(&other.colors) {
            *color = mix(*color, other, smooth(0.0, 1.0, part));
        }
    }

    pub fn set(&mut self, x: usize, y: usize, color: Color) {
        let at = y * self.width + x;
        self.colors[at] = color;
        self.clear[at] = false;
    }

    fn each_near(&mut self, middle: (f32, f32), reach: (f32, f32), mut draw: impl FnMut(&mut Self, usize, usize)) {
        let span = |middle: f32, reach: f32, most: usize| {
            (middle - reach).clamp(0.0, most as f32) as usize..(middle + reach + 1.0).clamp(0.0, most as f32) as usize
        };
        for y in span(middle.1, reach.1, self.height) {
            for x in span(middle.0, reach.0, self.width) {
                draw(self, x, y);
            }
        }
    }

    /// What is transparent takes the colour whole when half of it is covered: a GIF has no half.
    fn blend(&mut self, x: usize, y: usize, color: Color, covered: f32) {
        let at = y * self.width + x;
        if self.clear[at] {
            if covered >= 0.5 {
                self.set(x, y, color);
            }
        } else {
            self.colors[at] = mix(self.colors[at], color, covered.clamp(0.0, 1.0));
        }
    }
}
