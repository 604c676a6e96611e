//! What people draw: flat colours, outlines, gradients, letters.

use super::numbers::{Color, chance, hex, mix, smooth, wave};
use super::picture::Picture;

const INK: Color = hex(0x1c1a20);

/// A ball that bounces, in flat colours.
pub(super) fn ball(picture: &mut Picture, time: f32, _frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.fill(hex(0xffd84a));
    picture.rect(0, (height * 0.8) as i32, picture.width as i32, picture.height as i32, hex(0x4a9c6a));
    let up = 1.0 - (time * 2.0 - 1.0).powi(2);
    let (x, y) = (width * (0.2 + 0.6 * (0.5 + 0.5 * wave(time))), height * (0.74 - 0.55 * up));
    picture.ellipse((x, height * 0.84), (height * 0.12 * (1.2 - up * 0.6), height * 0.03), hex(0x357a50));
    picture.ellipse((x, y), (height * 0.13, height * 0.13), INK);
    picture.ellipse((x, y), (height * 0.115, height * 0.115), hex(0xe84838));
    picture.ellipse((x - height * 0.04, y - height * 0.05), (height * 0.03, height * 0.025), hex(0xffc8c0));
}

/// Somebody who walks past a street that scrolls.
pub(super) fn walk(picture: &mut Picture, time: f32, _frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.fill(hex(0x9cd8f0));
    for house in -1..6 {
        let left = (house as f32 - time * 2.0) * width * 0.25;
        let tall = height * (0.3 + 0.25 * chance((house + 8) % 2, 1, 3));
        let paint = [hex(0xe88868), hex(0x88a8d8)][(house + 8) as usize % 2];
        let top = (height * 0.8 - tall) as i32;
        picture.rect(left as i32, top, (width * 0.22) as i32, tall as i32, INK);
        picture.rect(left as i32 + 2, top + 2, (width * 0.22) as i32 - 4, tall as i32 - 4, paint);
        for window in 0..4 {
            let (x, y) = (left as i32 + 10 + window % 2 * 26, top + 12 + window / 2 * 26);
            picture.rect(x, y, 14, 16, hex(0xfff4b0));
        }
    }
    picture.rect(0, (height * 0.8) as i32, picture.width as i32, picture.height as i32, hex(0x686870));
    let (x, y) = (width * 0.5, height * (0.5 + 0.01 * wave(time * 4.0)));
    for side in [0.0, 0.5] {
        let swing = wave(time * 2.0 + side) * height * 0.1;
        picture.line((x, y + height * 0.15), (x + swing, y + height * 0.36), 9.0, INK);
        picture.line((x, y + height * 0.15), (x + swing, y + height * 0.36), 5.0, hex(0x304880));
        picture.line((x, y), (x - swing * 0.8, y + height * 0.14), 7.0, INK);
    }
    picture.ellipse((x, y + height * 0.05), (height * 0.08, height * 0.13), INK);
    picture.ellipse((x, y + height * 0.05), (height * 0.068, height * 0.118), hex(0xd83858));
    picture.ellipse((x, y - height * 0.14), (height * 0.09, height * 0.09), INK);
    picture.ellipse((x, y - height * 0.14), (height * 0.078, height * 0.078), hex(0xf8d0b0));
    picture.ellipse((x + height * 0.03, y - height * 0.15), (3.0, 4.0), INK);
}

/// As animated series look: painted background with gradients, flat figure, a slow pan.
pub(super) fn anime(picture: &mut Picture, time: f32, _frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    let pan = 0.1 * (0.5 + 0.5 * wave(time));
    picture.shade(|x, y| {
        let sky = mix(hex(0x282c68), hex(0xf89868), smooth(0.0, 0.75, y));
        let sun = ((x - 0.9 + pan * 0.3).powi(2) + (y - 0.55).powi(2)).sqrt();
        let sky = mix(hex(0xfff0c0), sky, smooth(0.1, 0.35, sun));
        let ridge = 0.7 + 0.05 * wave(x * 0.7 + pan) + 0.02 * wave(x * 2.3 + pan * 2.0);
        if y > ridge { mix(hex(0x402858), hex(0x201430), (y - ridge) * 3.0) } else { sky }
    });
    let x = width * 0.35;
    let hair = wave(time * 2.0) * 6.0;
    picture.ellipse((x, height * 0.95), (height * 0.22, height * 0.3), hex(0x2c3c78));
    picture.ellipse((x, height * 0.5), (height * 0.16, height * 0.19), hex(0xfbe0cc));
    picture.ellipse((x, height * 0.4), (height * 0.18, height * 0.13), hex(0x502838));
    for lock in 0..5 {
        let start = (x - height * 0.15 + lock as f32 * height * 0.07, height * 0.4);
        picture.line(start, (start.0 + hair, height * (0.52 + 0.03 * (lock % 2) as f32)), 9.0, hex(0x502838));
    }
    for side in [-1.0, 1.0] {
        let eye = (x + side * height * 0.07, height * 0.55);
        let open = if time > 0.9 { 1.5 } else { height * 0.035 };
        picture.ellipse(eye, (height * 0.025, open), hex(0x381828));
        picture.ellipse((eye.0 + 2.0, eye.1 - 3.0), (2.5, open * 0.3), hex(0xffffff));
    }
}

/// A ring that fills and turns, on nothing.
pub(super) fn spinner(picture: &mut Picture, time: f32, _frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    for dot in 0..12 {
        let turn = dot as f32 / 12.0;
        let bright = (turn - time).rem_euclid(1.0);
        let place = (width / 2.0 + wave(turn) * width * 0.38, height / 2.0 - wave(turn + 0.25) * height * 0.38);
        picture.ellipse(place, (width * 0.06, width * 0.06), mix(hex(0xd0d4dc), hex(0x2060e0), bright));
    }
}

/// A cat of eight-bit times, large pixels, on nothing.
pub(super) fn sprite(picture: &mut Picture, time: f32, _frame: u32) {
    const ROWS: [[&str; 10]; 2] = [
        [
            "O....O..", "OOOOOO..", "OKOOKO..", "OOWWOO.O", ".OWWO..O", "OOOOOOOO", "OWOOWOO.", "OOOOOOO.", ".O.O.O.O",
            ".W.W.W.W",
        ],
        [
            "O....O..", "OOOOOO.O", "OKOOKO.O", "OOWWOO.O", ".OWWO.OO", "OOOOOOO.", "OWOOWOO.", "OOOOOOO.", "O.OO..OO",
            "W.WW..WW",
        ],
    ];
    let step = (time * 8.0) as usize % 2;
    let dot = picture.height as i32 / 12;
    for (y, row) in ROWS[step].iter().enumerate() {
        for (x, letter) in row.chars().enumerate() {
            let color = match letter {
                'O' => hex(0xe88830),
                'W' => hex(0xfff0dc),
                'K' => hex(0x281810),
                _ => continue,
            };
            let up = if step == 0 { 0 } else { dot };
            picture.rect((x as i32 + 2) * dot, (y as i32 + 1) * dot - up + dot, dot, dot, color);
        }
    }
}

/// A face that waves, on nothing, with a white edge as stickers have it.
pub(super) fn sticker(picture: &mut Picture, time: f32, _frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    let tilt = wave(time) * width * 0.05;
    let middle = (width * 0.5 + tilt, height * 0.5);
    let hand = (width * 0.83 + tilt, height * (0.35 + 0.08 * wave(time * 2.0)));
    for (grow, skin) in [(6.0, hex(0xffffff)), (0.0, hex(0xffcc38))] {
        picture.ellipse(middle, (width * 0.3 + grow, height * 0.3 + grow), skin);
        picture.line((width * 0.72 + tilt, height * 0.6), hand, width * 0.08 + grow * 2.0, skin);
    }
    for side in [-1.0, 1.0] {
        picture.ellipse((middle.0 + side * width * 0.1, middle.1 - height * 0.06), (width * 0.03, height * 0.05), INK);
        picture.ellipse(
            (middle.0 + side * width * 0.18, middle.1 + height * 0.05),
            (width * 0.04, height * 0.03),
            hex(0xff8878),
        );
    }
    picture.ellipse(
        (middle.0, middle.1 + height * 0.1),
        (width * 0.09, height * (0.04 + 0.02 * wave(time * 2.0))),
        hex(0x902830),
    );
}

/// All colours, moving: what 256 of them are least good at.
pub(super) fn rainbow(picture: &mut Picture, time: f32, _frame: u32) {
    picture.shade(|x, y| {
        let turn = x * 0.6 + y * 0.3 - time;
        [0.0, 0.333, 0.667].map(|shift| 127.5 + 127.5 * wave(turn + shift))
    });
}

/// A soft light that wanders over a dark gradient.
pub(super) fn glow(picture: &mut Picture, time: f32, _frame: u32) {
    picture.shade(|x, y| {
        let (across, down) = (x - 0.65 - 0.3 * wave(time), y - 0.5 - 0.2 * wave(time + 0.25));
        let near = 1.0 / (1.0 + 9.0 * (across * across + down * down));
        mix(mix(hex(0x101030), hex(0x301850), y), hex(0xf060c0), near)
    });
}

/// Letters that run past.
pub(super) fn marquee(picture: &mut Picture, time: f32, _frame: u32) {
    let height = picture.height as f32;
    picture.fill(hex(0x141414));
    let dot = height / 10.0;
    let text = "NEW GIFS EVERY DAY! - ";
    let long = text.len() as f32 * 6.0 * dot;
    for copy in 0..(picture.width as f32 / long) as i32 + 3 {
        picture.text(copy as f32 * long - time * long, dot * 1.5, dot, text, hex(0xffb020));
    }
}

/// A number that counts down.
pub(super) fn countdown(picture: &mut Picture, time: f32, _frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.fill(hex(0xf4f0e6));
    let left = time * 5.0;
    let middle = (width / 2.0, height / 2.0);
    picture.ellipse(middle, (height * 0.42, height * 0.42), INK);
    picture.ellipse(middle, (height * 0.4, height * 0.4), hex(0xf4f0e6));
    let hand = left - left.floor();
    picture.line(
        middle,
        (middle.0 + wave(hand) * height * 0.39, middle.1 - wave(hand + 0.25) * height * 0.39),
        3.0,
        hex(0xd89020),
    );
    let digit = ["5", "4", "3", "2", "1"][(left as usize).min(4)];
    picture.text(middle.0 - height * 0.15, middle.1 - height * 0.21, height * 0.06, digit, INK);
}

/// A chart whose bars grow.
pub(super) fn chart(picture: &mut Picture, time: f32, _frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.fill(hex(0xffffff));
    for line in 1..6 {
        let y = (height * (0.1 + 0.14 * line as f32)) as i32;
        picture.rect(40, y, picture.width as i32 - 50, 1, hex(0xdddddd));
        picture.text(6.0, y as f32 - 5.0, 1.4, &format!("{}", 600 - line * 100), hex(0x777777));
    }
    for bar in 0..8 {
        let full = height * (0.2 + 0.45 * chance(bar, 0, 61));
        let tall = full * smooth(0.05 * bar as f32, 0.45 + 0.05 * bar as f32, time);
        let left = 48.0 + bar as f32 * (width - 60.0) / 8.0;
        picture.rect(left as i32, (height * 0.8 - tall) as i32, (width / 12.0) as i32, tall as i32, hex(0x3878d8));
        picture.text(
            left,
            height * 0.84,
            1.4,
            ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG"][bar as usize],
            hex(0x444444),
        );
    }
    picture.text(48.0, 6.0, 2.0, "MESSAGES PER DAY", INK);
}
