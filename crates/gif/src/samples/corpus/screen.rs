//! What recorders of screens see.

use super::numbers::{Color, chance, hash, hex, smooth};
use super::picture::Picture;

const PAPER: Color = hex(0xfafafa);
const WORDS: [&str; 12] =
    ["CHAT", "ROOM", "SEND", "A GIF", "HELLO", "TO ALL", "FROM", "HERE", "NOW", "AND", "THEN", "AGAIN"];

/// A line of words that means nothing; the same for the same number.
fn words(line: u32, most: usize) -> String {
    let mut text = String::new();
    let mut word = 0;
    while text.len() < most {
        text.push_str(WORDS[hash(line as i32, word, 71) as usize % WORDS.len()]);
        text.push(' ');
        word += 1;
    }
    text.truncate(most);
    text
}

/// Somebody types in a terminal.
pub(super) fn terminal(picture: &mut Picture, time: f32, frame: u32) {
    picture.fill(hex(0x1e1e24));
    picture.rect(0, 0, picture.width as i32, 18, hex(0x3a3a42));
    for (button, tint) in [0xff5f56, 0xffbd2e, 0x27c93f].into_iter().enumerate() {
        picture.ellipse((12.0 + 16.0 * button as f32, 9.0), (5.0, 5.0), hex(tint));
    }
    let typed = (time * 260.0) as usize;
    let mut left = typed;
    let mut caret = (10.0, 28.0);
    for line in 0..14 {
        let long = 14 + hash(line, 0, 73) as usize % 26;
        let shown = left.min(long);
        let tint = if line % 4 == 0 { hex(0x7cd992) } else { hex(0xd8d8de) };
        let start = if line % 4 == 0 { "$ " } else { "" };
        let text = format!("{start}{}", &words(line as u32, long)[..shown]);
        let top = 28.0 + line as f32 * 14.0;
        picture.text(10.0, top, 1.3, &text, tint);
        caret = (10.0 + text.len() as f32 * 7.8, top);
        left -= shown;
        if left == 0 {
            break;
        }
    }
    if frame % 10 < 5 {
        picture.rect(caret.0 as i32, caret.1 as i32, 7, 10, hex(0xe0e0e0));
    }
}

/// Code that scrolls.
pub(super) fn code(picture: &mut Picture, time: f32, _frame: u32) {
    picture.fill(hex(0x282c34));
    picture.rect(0, 0, 34, picture.height as i32, hex(0x21252b));
    let scroll = time * 30.0 * 13.0;
    let first = (scroll / 13.0) as u32;
    for row in 0..(picture.height as u32 / 13 + 2) {
        let line = first + row;
        let top = row as f32 * 13.0 - (scroll - first as f32 * 13.0).floor();
        picture.text(4.0, top, 1.2, &format!("{:3}", line + 1), hex(0x636d83));
        let indent = (hash(line as i32, 1, 79) % 4) as f32;
        let mut left = 42.0 + indent * 16.0;
        for token in 0..1 + hash(line as i32, 2, 79) % 4 {
            let mix = hash(line as i32, 3 + token as i32, 79);
            let text = ["LET", "FN", "IF {", "RETURN", "ROOM.SEND(", "GIF);", "= 42;", "}", "MATCH"][mix as usize % 9];
            let tint =
                [hex(0xc678dd), hex(0x61afef), hex(0x98c379), hex(0xe5c07b), hex(0xabb2bf)][mix as usize / 9 % 5];
            picture.text(left, top, 1.2, text, tint);
            left += (text.len() + 1) as f32 * 7.2;
        }
    }
}

/// A window is dragged over others.
pub(super) fn windows(picture: &mut Picture, time: f32, _frame: u32) {
    let (width, height) = (picture.width as f32, picture.height as f32);
    picture.shade(|x, y| [40.0 + 30.0 * y, 90.0 + 50.0 * x, 140.0 + 40.0 * y].map(f32::floor));
    window(picture, 20.0, 24.0, width * 0.5, height * 0.6, 5);
    window(picture, width * 0.4, height * 0.3, width * 0.5, height * 0.55, 9);
    let along = smooth(0.1, 0.8, time);
    let (left, top) = (30.0 + along * width * 0.35, 60.0 + along * height * 0.2);
    window(picture, left.floor(), top.floor(), width * 0.45, height * 0.5, 2);
    pointer(picture, left + 60.0, top + 8.0);
}

/// A pointer goes through a form: little changes at a time.
pub(super) fn form(picture: &mut Picture, time: f32, _frame: u32) {
    picture.fill(PAPER);
    for field in 0..5 {
        let top = 20 + field * 40;
        picture.text(20.0, top as f32, 1.5, WORDS[field as usize * 2], hex(0x333333));
        let active = (time * 5.0) as i32 == field;
        let edge = if active { hex(0x2870e8) } else { hex(0xb8b8b8) };
        picture.rect(20, top + 14, 220, 20, edge);
        picture.rect(21, top + 15, 218, 18, hex(0xffffff));
        let typed = ((time * 5.0 - field as f32).clamp(0.0, 1.0) * 16.0) as usize;
        picture.text(26.0, top as f32 + 19.0, 1.4, &words(field as u32, 16)[..typed], hex(0x111111));
    }
    pointer(picture, 60.0 + 90.0 * time, 30.0 + 200.0 * time);
}

/// A page with pictures is scrolled.
pub(super) fn page(picture: &mut Picture, time: f32, _frame: u32) {
    let scroll = (smooth(0.0, 1.0, time) * 500.0) as i32;
    picture.fill(hex(0xffffff));
    for block in 0..14 {
        let top = block * 64 - scroll;
        if block % 3 == 1 {
            for y in (top + 4).max(0)..(top + 60).min(picture.height as i32) {
                for x in 20..160 {
                    let tone = ((x * 3 + (y - top) * 5) % 200) as f32;
                    picture.set(
                        x as usize,
                        y as usize,
                        [60.0 + tone * 0.6, 90.0 + block as f32 * 8.0, 200.0 - tone * 0.5],
                    );
                }
            }
        }
        let left = if block % 3 == 1 { 172.0 } else { 20.0 };
        for line in 0..4 {
            let long = (picture.width as f32 - left - 20.0) / 6.6;
            let tint = if line == 0 { hex(0x104080) } else { hex(0x404040) };
            picture.text(
                left,
                (top + 6 + line * 14) as f32,
                1.1,
                &words((block * 4 + line) as u32, long as usize),
                tint,
            );
        }
    }
    picture.rect(0, 0, picture.width as i32, 22, hex(0x202a38));
    picture.text(10.0, 7.0, 1.4, "GIF CHAT", hex(0xffffff));
}

/// Cells are filled in, one after the other.
pub(super) fn table(picture: &mut Picture, time: f32, _frame: u32) {
    picture.fill(hex(0xffffff));
    let filled = (time * 60.0) as i32;
    for row in 0..picture.height as i32 / 20 {
        for column in 0..picture.width as i32 / 70 {
            let (left, top) = (column * 70, row * 20);
            picture.rect(left, top, 70, 1, hex(0xd4d4d4));
            picture.rect(left, top, 1, 20, hex(0xd4d4d4));
            let cell = row * 6 + column;
            if cell < filled {
                picture.text(
                    left as f32 + 6.0,
                    top as f32 + 6.0,
                    1.2,
                    &format!("{}", hash(cell, 0, 83) % 9000),
                    hex(0x222222),
                );
            }
            if cell == filled {
                picture.rect(left, top, 70, 20, hex(0x1a7340));
                picture.rect(left + 2, top + 2, 66, 16, hex(0xffffff));
            }
        }
    }
}

/// A chat in which lines appear.
pub(super) fn chat(picture: &mut Picture, time: f32, _frame: u32) {
    picture.fill(hex(0xf2efe8));
    let count = (time * 9.0) as i32 + 1;
    for line in 0..count {
        let top = picture.height as i32 - 34 - (count - 1 - line) * 34;
        let long = 6 + (chance(line, 0, 89) * 18.0) as usize;
        let mine = line % 3 == 1;
        let across = long as i32 * 8 + 16;
        let left = if mine { picture.width as i32 - across - 12 } else { 12 };
        picture.rect(left, top, across, 26, if mine { hex(0xffc94a) } else { hex(0xffffff) });
        picture.text(left as f32 + 8.0, top as f32 + 8.0, 1.3, &words(line as u32, long), hex(0x222026));
    }
}

fn window(picture: &mut Picture, left: f32, top: f32, width: f32, height: f32, seed: u32) {
    let [x, y, across, down] = [left, top, width, height].map(|side| side as i32);
    picture.rect(x - 1, y - 1, across + 2, down + 2, hex(0x606060));
    picture.rect(x, y, across, down, PAPER);
    picture.rect(x, y, across, 18, hex(0xdcdcdc));
    picture.text(left + 8.0, top + 5.0, 1.2, &words(seed, 12), hex(0x333333));
    for line in 0..(down - 30) / 14 {
        let long = ((width - 20.0) / 6.6) as usize;
        picture.text(
            left + 8.0,
            top + 26.0 + line as f32 * 14.0,
            1.1,
            &words(seed * 50 + line as u32, long),
            hex(0x444444),
        );
    }
}

fn pointer(picture: &mut Picture, x: f32, y: f32) {
    picture.line((x, y), (x, y + 14.0), 3.0, hex(0x000000));
    picture.line((x, y), (x + 10.0, y + 10.0), 3.0, hex(0x000000));
    picture.line((x, y + 14.0), (x + 10.0, y + 10.0), 3.0, hex(0x000000));
    picture.line((x + 1.0, y + 3.0), (x + 1.0, y + 11.0), 2.0, hex(0xffffff));
}
