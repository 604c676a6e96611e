//! A cloudy texture that repeats: what is uneven in everything a camera sees.

use super::numbers::chance;

const SIDE: usize = 256;

/// Values from 0 to 1, with coarse and fine detail.
pub(super) struct Texture(Vec<f32>);

impl Texture {
    /// `octaves` layers, each twice as fine as the one before and with `rough` of its strength.
    pub fn new(seed: u32, octaves: u32, rough: f32) -> Self {
        let mut values = vec![0.0; SIDE * SIDE];
        let (mut strength, mut total) = (1.0, 0.0);
        for octave in 0..octaves {
            let cells = 8_i32 << octave;
            let step = SIDE as f32 / cells as f32;
            for (at, value) in values.iter_mut().enumerate() {
                let (x, y) = ((at % SIDE) as f32 / step, (at / SIDE) as f32 / step);
                *value += strength * lattice(x, y, cells, seed + octave);
            }
            total += strength;
            strength *= rough;
        }
        values.iter_mut().for_each(|value| *value /= total);
        Self(values)
    }

    /// The value at a place; the texture repeats every 1.0.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x * SIDE as f32, y * SIDE as f32);
        let (left, top) = (x.floor(), y.floor());
        let (across, down) = (x - left, y - top);
        let (left, top) = (left as i32, top as i32);
        let value = |x: i32, y: i32| {
            let [x, y] = [x, y].map(|side| side.rem_euclid(SIDE as i32) as usize);
            self.0[y * SIDE + x]
        };
        let upper = value(left, top) * (1.0 - across) + value(left + 1, top) * across;
        let lower = value(left, top + 1) * (1.0 - across) + value(left + 1, top + 1) * across;
        upper * (1.0 - down) + lower * down
    }
}

fn lattice(x: f32, y: f32, cells: i32, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let ease = |part: f32| part * part * (3.0 - 2.0 * part);
    let (across, down) = (ease(x - left), ease(y - top));
    let value = |right: i32, below: i32| chance((left as i32 + right) % cells, (top as i32 + below) % cells, seed);
    let upper = value(0, 0) * (1.0 - across) + value(1, 0) * across;
    let lower = value(0, 1) * (1.0 - across) + value(1, 1) * across;
    upper * (1.0 - down) + lower * down
}
