//! Numbers that look like chance and waves that look like sines, the same on every machine: only operations that IEEE
//! 754 defines to the last bit.

/// Mixes three numbers into one that has nothing to do with its neighbours'.
pub(super) fn hash(x: i32, y: i32, seed: u32) -> u32 {
    let mut mixed =
        (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77) ^ seed.wrapping_mul(0xc2b2_ae3d);
    mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d);
    mixed = (mixed ^ (mixed >> 12)).wrapping_mul(0x297a_2d39);
    mixed ^ (mixed >> 15)
}

/// From 0 to 1.
pub(super) fn chance(x: i32, y: i32, seed: u32) -> f32 {
    (hash(x, y, seed) >> 8) as f32 / (1 << 24) as f32
}

/// One wave from 0 to 1 that swings from -1 to 1, and so on.
pub(super) fn wave(turns: f32) -> f32 {
    let turn = turns - turns.floor();
    let half = if turn < 0.5 { turn * 2.0 } else { turn * 2.0 - 1.0 };
    let arch = 4.0 * half * (1.0 - half);
    // The parabola, bent to where a sine is.
    let arch = arch * (0.775 + 0.225 * arch);
    if turn < 0.5 { arch } else { -arch }
}

/// 0 below `from`, 1 above `to`, smooth between them.
pub(super) fn smooth(from: f32, to: f32, value: f32) -> f32 {
    let part = ((value - from) / (to - from)).clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

pub(super) type Color = [f32; 3];

pub(super) fn mix(from: Color, to: Color, part: f32) -> Color {
    std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * part)
}

pub(super) fn scaled(color: Color, by: f32) -> Color {
    color.map(|channel| channel * by)
}

/// From 0xrrggbb.
pub(super) const fn hex(rgb: u32) -> Color {
    [(rgb >> 16) as f32, (rgb >> 8 & 255) as f32, (rgb & 255) as f32]
}
