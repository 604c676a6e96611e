//! What a camera sees, or nearly: soft light, texture, motion, grain.

use std::sync::LazyLock;

use super::numbers::{Color, chance, hex, mix, scaled, smooth, wave};
use super::picture::Picture;
use super::texture::Texture;

static CLOUDS: LazyLock<Texture> = LazyLock::new(|| Texture::new(11, 4, 0.5));
static ROUGH: LazyLock<Texture> = LazyLock::new(|| Texture::new(23, 5, 0.75));
static SOFT: LazyLock<Texture> = LazyLock::new(|| Texture::new(5, 2, 0.4));

/// Somebody who talks, in front of a room that is out of focus.
pub(super) fn talk(picture: &mut Picture, time: f32, frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.shade(|x, y| {
        let lamp = 1.0 - smooth(0.0, 0.9, ((x - 0.2).powi(2) + (y - 0.2).powi(2)).sqrt());
        let wall = mix(hex(0x3b3430), hex(0x7a6450), SOFT.at(x * 0.4, y * 0.4));
        mix(wall, hex(0xffd9a0), lamp * 0.6)
    });
    let middle = (width * (0.55 + 0.015 * wave(time)), height * (0.48 + 0.01 * wave(time * 2.0)));
    let skin = hex(0xc99678);
    picture.ellipse((middle.0, height * 1.12), (height * 0.5, height * 0.42), hex(0x354a66));
    picture.ellipse((middle.0, middle.1 - height * 0.06), (height * 0.25, height * 0.31), hex(0x2b1f1a));
    picture.ellipse(middle, (height * 0.2, height * 0.27), skin);
    for side in [-1.0, 1.0] {
        let eye = (middle.0 + side * height * 0.08, middle.1 - height * 0.05);
        let open = if (0.45..0.5).contains(&time) { 0.004 } else { 0.018 };
        picture.ellipse(eye, (height * 0.032, height * open), hex(0xf4eee8));
        picture.ellipse(eye, (height * 0.013, height * open), hex(0x241a14));
        let brow = (eye.0, eye.1 - height * (0.05 + 0.01 * wave(time * 3.0)));
        picture.line((brow.0 - 8.0, brow.1), (brow.0 + 8.0, brow.1 - 1.0), 2.5, hex(0x3a2a20));
    }
    let open = 0.012 + 0.028 * (0.5 + 0.5 * wave(time * 4.0));
    picture.ellipse((middle.0, middle.1 + height * 0.13), (height * 0.06, height * open), hex(0x7c3030));
    light(picture, 0.25);
    picture.grain(5.0, frame);
}

/// Hills under a sky, the camera turns.
pub(super) fn hills(picture: &mut Picture, time: f32, frame: u32) {
    let turn = 0.25 * (0.5 + 0.5 * wave(time));
    picture.shade(|x, y| {
        let cloud = smooth(0.45, 0.7, CLOUDS.at(x * 0.3 + turn * 0.4, y * 0.5));
        let mut color = mix(mix(hex(0x4f8ad0), hex(0xc8dcf0), y * 1.4), hex(0xf6f4f0), cloud);
        for (layer, (base, near, tint)) in
            [(0.55, 0.5, 0x6f859a_u32), (0.68, 0.9, 0x4d6b50), (0.82, 1.6, 0x2f4828)].into_iter().enumerate()
        {
            let place = x * 0.3 * near + turn * near;
            let ridge = base - 0.22 * (ROUGH.at(place, layer as f32 * 0.37) - 0.4);
            if y > ridge {
                let grass = ROUGH.at(place * 6.0, y * 6.0 * near);
                color = scaled(hex(tint), 0.6 + 0.7 * grass);
            }
        }
        color
    });
    picture.grain(4.0, frame);
}

/// Light on water.
pub(super) fn water(picture: &mut Picture, time: f32, frame: u32) {
    let (across, down) = (0.1 * wave(time), 0.1 * wave(time + 0.25));
    picture.shade(|x, y| {
        let far = 1.0 / (0.25 + y);
        let bend = CLOUDS.at(x * far * 0.4 + across, y * far + down);
        let ripple = CLOUDS.at(x * far * 0.7 - across + bend * 0.3, far * 0.9 + bend * 0.2 - down);
        let glint = smooth(0.62, 0.75, ripple);
        mix(mix(hex(0x0d3a50), hex(0x3c8aa0), ripple), hex(0xfff6dc), glint * 0.9)
    });
    picture.grain(3.0, frame);
}

pub(super) fn fire(picture: &mut Picture, time: f32, frame: u32) {
    let height = picture.height as f32;
    picture.shade(|x, y| {
        let swirl = CLOUDS.at(x * 0.5, y * 0.5 + time);
        let flame = ROUGH.at(x * 0.6 + swirl * 0.12, y * 0.35 + time * 2.0);
        let heat = flame * 1.3 + y * 1.2 - 0.95;
        let color = mix(hex(0x080404), hex(0xd83a08), smooth(0.0, 0.45, heat));
        mix(mix(color, hex(0xffb428), smooth(0.35, 0.7, heat)), hex(0xfff8d0), smooth(0.7, 1.1, heat))
    });
    for spark in 0..14 {
        let life = (time * 2.0 + chance(spark, 0, 1)) % 1.0;
        let x = chance(spark, 1, 1) * picture.width as f32 + 8.0 * wave(life * 2.0);
        picture.ellipse((x, height * (1.0 - life)), (1.2, 1.2), hex(0xffc860));
    }
    picture.grain(3.0, frame);
}

/// Lights of a street at night, out of focus; the sensor sees little, and much noise.
pub(super) fn night(picture: &mut Picture, time: f32, frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.shade(|x, y| mix(hex(0x060810), hex(0x1c1a24), SOFT.at(x * 0.5, y * 0.8) * y));
    for lamp in 0..26 {
        let depth = 0.3 + chance(lamp, 0, 7);
        let x = (chance(lamp, 1, 7) + time * 0.2 * depth.round()) % 1.0 * (width + 60.0) - 30.0;
        let y = height * (0.25 + 0.6 * chance(lamp, 2, 7));
        let tint = [hex(0xffc070), hex(0xff5848), hex(0x70b8ff), hex(0xa8ffb0)][lamp as usize % 4];
        let radius = 5.0 + 12.0 * depth;
        picture.ellipse((x, y), (radius, radius), scaled(tint, 0.35));
        picture.ellipse((x, y), (radius * 0.8, radius * 0.8), scaled(tint, 0.5 + 0.05 * wave(time * 6.0)));
    }
    picture.grain(14.0, frame);
}

/// A game on grass seen from high up, the camera follows.
pub(super) fn field(picture: &mut Picture, time: f32, frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    let pan = 0.3 * wave(time);
    picture.shade(|x, y| {
        let stripe = if ((x + pan + 4.0) * 5.0) as i32 % 2 == 0 { 1.0 } else { 0.88 };
        let line = ((x + pan - 0.7).abs() < 0.006 || (y - 0.2).abs() < 0.005) && y > 0.19;
        let grass = scaled(hex(0x3f8a3c), stripe * (0.85 + 0.3 * ROUGH.at((x + pan) * 2.0, y * 2.0)));
        let crowd = chance(((x + pan) * 90.0) as i32, (y * 90.0) as i32, 3);
        if y < 0.16 {
            mix(hex(0x303038), [hex(0xc05040), hex(0xd8d0c8), hex(0x4060a8)][(crowd * 2.99) as usize], crowd)
        } else if line {
            hex(0xe8f0e8)
        } else {
            grass
        }
    });
    for player in 0..16 {
        let speed = chance(player, 3, 9) - 0.5;
        let x = (chance(player, 0, 9) + 0.15 * wave(time + chance(player, 4, 9)) * speed) * width * 1.3 - pan * height;
        let y = height * (0.28 + 0.65 * chance(player, 1, 9) + 0.04 * wave(time * 2.0 + speed));
        let shirt = if player % 2 == 0 { hex(0xd82830) } else { hex(0xf4f4f8) };
        let step = 3.0 * wave(time * 8.0 + speed);
        picture.ellipse((x + 4.0, y + 12.0), (7.0, 2.5), hex(0x2a5c2a));
        picture.line((x, y + 4.0), (x + step, y + 12.0), 2.5, hex(0x202020));
        picture.line((x, y + 4.0), (x - step, y + 12.0), 2.5, hex(0x202020));
        picture.ellipse((x, y), (3.5, 6.0), shirt);
        picture.ellipse((x, y - 8.0), (2.6, 2.8), hex(0xb08060));
    }
    picture.grain(4.0, frame);
}

/// Fur, and something that breathes.
pub(super) fn fur(picture: &mut Picture, time: f32, frame: u32) {
    let breath = 0.02 * wave(time);
    picture.shade(|x, y| {
        let (x, y) = (x - 0.6, y - 0.55);
        let round = (x * x * 0.8 + y * y).sqrt() * (1.0 - breath);
        let hair = ROUGH.at(x * 1.6 + y * 0.6 + breath, y * 0.5 - x * 0.3);
        let stripe = smooth(0.35, 0.65, CLOUDS.at(x * 1.2, round * 2.0 + breath));
        let coat = scaled(mix(hex(0xd89858), hex(0x704828), stripe), 0.55 + 0.9 * hair);
        let blanket = scaled(hex(0x8898b8), 0.8 + 0.4 * ROUGH.at(x * 3.0, y * 3.0));
        mix(coat, blanket, smooth(0.42, 0.46, round + (hair - 0.5) * 0.08))
    });
    light(picture, 0.3);
    picture.grain(5.0, frame);
}

/// Towards something, ever on.
pub(super) fn zoom(picture: &mut Picture, time: f32, frame: u32) {
    picture.shade(|x, y| {
        let (x, y) = (x - 0.67, y - 0.5);
        let near = 1.0 / (1.0 + time);
        let far = CLOUDS.at(x * near + 0.5, y * near + 0.5);
        let fine = ROUGH.at(x * near * 2.0 + 0.5, y * near * 2.0);
        let ring = (x * x + y * y).sqrt();
        mix(mix(hex(0x402050), hex(0xf0a070), far), hex(0x203868), fine * 0.5 + smooth(0.5, 0.9, ring) * 0.4)
    });
    picture.grain(3.0, frame);
}

/// One scene becomes another, and comes back.
pub(super) fn fade(picture: &mut Picture, time: f32, frame: u32) {
    let mut other = Picture::new(picture.width as u16, picture.height as u16);
    hills(picture, 0.2, frame);
    water(&mut other, 0.6, frame);
    picture.fade(&other, 0.5 + 0.7 * wave(time));
}

pub(super) fn rain(picture: &mut Picture, time: f32, frame: u32) {
    hills(picture, 0.0, frame);
    let height = picture.height as f32;
    picture.adjust(|_, _, color| mix(color, hex(0x505860), 0.55));
    for drop in 0..120 {
        let fall = (chance(drop, 0, 31) + time * (2.0 + (drop % 3) as f32)) % 1.0;
        let x = chance(drop, 1, 31) * picture.width as f32 * 1.1 - fall * 16.0;
        let y = fall * (height + 20.0) - 20.0;
        picture.line((x, y), (x - 2.5, y + 14.0), 0.9, hex(0x9ca8b4));
    }
}

pub(super) fn snow(picture: &mut Picture, time: f32, frame: u32) {
    night(picture, 0.3, frame);
    let height = picture.height as f32;
    for flake in 0..90 {
        let depth = 1.0 + (flake % 3) as f32;
        let fall = (chance(flake, 0, 37) + time * depth) % 1.0;
        let x = chance(flake, 1, 37) * picture.width as f32 + 9.0 * wave(fall * 2.0 + chance(flake, 2, 37));
        picture.ellipse((x, fall * (height + 8.0) - 4.0), (depth * 0.8, depth * 0.8), hex(0xf0f4ff));
    }
}

/// Somebody who dances against the light.
pub(super) fn dance(picture: &mut Picture, time: f32, frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.shade(|x, y| {
        let beam = 0.5 + 0.5 * wave(x * 1.3 + time + y * 0.4);
        mix(mix(hex(0x380c50), hex(0xf05090), y), hex(0xffd890), beam * beam * (1.0 - y) * 0.8)
    });
    let black = hex(0x100814);
    let sway = width * 0.05 * wave(time);
    let hip = (width * 0.5 + sway, height * (0.6 + 0.03 * wave(time * 2.0)));
    let neck = (hip.0 - sway * 0.6, hip.1 - height * 0.26);
    picture.line(hip, neck, height * 0.1, black);
    picture.ellipse((neck.0, neck.1 - height * 0.08), (height * 0.055, height * 0.07), black);
    for side in [-1.0, 1.0] {
        let swing = wave(time * 2.0 + side * 0.2);
        let elbow = (neck.0 + side * height * 0.14, neck.1 + height * 0.08 * swing);
        let hand = (elbow.0 + side * height * 0.06 * swing, elbow.1 - height * 0.14);
        picture.line((neck.0, neck.1 + height * 0.03), elbow, height * 0.04, black);
        picture.line(elbow, hand, height * 0.033, black);
        let knee = (hip.0 + side * height * 0.07, hip.1 + height * (0.17 + 0.02 * swing));
        picture.line(hip, knee, height * 0.06, black);
        picture.line(knee, (width * 0.5 + side * height * 0.1, height * 0.97), height * 0.05, black);
    }
    picture.grain(6.0, frame);
}

/// A film of the twenties: grey, with flicker, scratches and coarse grain.
pub(super) fn silent(picture: &mut Picture, time: f32, frame: u32) {
    dance(picture, time, frame);
    let flicker = 0.9 + 0.2 * chance(frame as i32, 0, 41);
    picture.adjust(|_, _, [red, green, blue]| [(red * 0.3 + green * 0.6 + blue * 0.1) * flicker; 3]);
    for scratch in 0..2 {
        let x = chance(frame as i32 / 3, scratch, 43) * picture.width as f32;
        picture.line((x, 0.0), (x + 2.0, picture.height as f32), 0.8, hex(0xd0d0d0));
    }
    picture.grain(18.0, frame);
    picture.adjust(|_, _, [grey, ..]| [grey; 3]);
}

/// A worn video tape.
pub(super) fn tape(picture: &mut Picture, time: f32, frame: u32) {
    talk(picture, time, frame);
    let band = time * picture.height as f32;
    picture.adjust(|x, y, color| {
        let line = if y % 2 == 0 { 1.0 } else { 0.9 };
        let torn = (y as f32 - band).abs() < 6.0;
        let noise = if torn { 60.0 * (chance(x as i32 / 3, y as i32, frame) - 0.3) } else { 0.0 };
        [color[0] * line * 1.06 + noise, color[1] * line + noise, color[2] * line * 1.1 + noise]
    });
}

/// A hand that holds the camera, badly.
pub(super) fn shaky(picture: &mut Picture, _time: f32, frame: u32) {
    let (x_off, y_off) = (chance(frame as i32, 0, 51) * 0.02, chance(frame as i32, 1, 51) * 0.02);
    picture.shade(|x, y| {
        let (x, y) = (x + x_off, y + y_off);
        let brick_row = (y * 14.0) as i32;
        let shift = if brick_row % 2 == 0 { 0.0 } else { 0.5 };
        let (along, up) = (x * 6.0 + shift, y * 14.0);
        let joint = (along - along.floor()) < 0.06 || (up - up.floor()) < 0.12;
        let tone = chance((along.floor()) as i32, brick_row, 53);
        let brick = mix(hex(0x8a4030), hex(0xb86848), tone);
        scaled(if joint { hex(0xb0a898) } else { brick }, 0.7 + 0.6 * ROUGH.at(x * 1.5, y * 1.5))
    });
    picture.grain(5.0, frame);
}

/// Somebody reacts, with words below.
pub(super) fn reaction(picture: &mut Picture, time: f32, frame: u32) {
    talk(picture, time, frame);
    picture.caption("WAIT, WHAT?", 12.0, 3.0);
}

/// Words that change over a view.
pub(super) fn subtitles(picture: &mut Picture, time: f32, frame: u32) {
    hills(picture, time, frame);
    let line = ["NOBODY:", "ABSOLUTELY NOBODY:", "ME AT 3 A.M."][(time * 2.99) as usize];
    picture.caption(line, 10.0, 2.4);
}

/// Darker towards the edges, as lenses do.
fn light(picture: &mut Picture, loss: f32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.adjust(|x, y, color: Color| {
        let (x, y) = (x as f32 / width - 0.5, y as f32 / height - 0.5);
        scaled(color, 1.0 - loss * 2.0 * (x * x + y * y))
    });
}
