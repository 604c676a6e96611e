//! What of a picture is not as in the picture before.

use super::container::Rect;

/// Bytes of a pixel.
const PIXEL: usize = 4;
/// Side of the squares that are left out of a lossy picture when nothing in them has changed: half a macroblock of VP8.
const SQUARE: usize = 8;
/// One square in so many has to be unchanged before a mask that leaves them out costs less than painting them again.
const WORTH_A_MASK: usize = 4;

/// The part of a canvas that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub rect: Rect,
    /// Whether unchanged pixels can be left out of the part, by making them transparent. They cannot when a pixel that
    /// changed is itself not opaque: it has to replace what was there.
    pub can_leave_out: bool,
}

impl Change {
    /// All of a canvas.
    pub fn whole(width: u32, height: u32) -> Self {
        Self { rect: Rect { left: 0, top: 0, width, height }, can_leave_out: false }
    }

    /// What `after` has changed of `before`, two canvases of `width` pixels a row; `None` when they are the same.
    pub fn between(before: &[u8], after: &[u8], width: u32) -> Option<Self> {
        if before == after {
            return None;
        }
        let row = width as usize * PIXEL;
        let rows = || before.chunks_exact(row).zip(after.chunks_exact(row));
        let top = rows().position(|(before, after)| before != after)?;
        let bottom = rows().rposition(|(before, after)| before != after)?;
        let (mut left, mut right, mut can_leave_out) = (width as usize, 0, true);
        for (before, after) in rows().take(bottom + 1).filter(|(before, after)| before != after) {
            for (x, (before, after)) in pixels(before).zip(pixels(after)).enumerate() {
                if before != after {
                    left = left.min(x);
                    right = right.max(x);
                    can_leave_out &= after[3] == 255;
                }
            }
        }
        // The format has even offsets only.
        let (left, top) = (left & !1, top & !1);
        let [left, top, width, height] = [left, top, right + 1 - left, bottom + 1 - top].map(|side| side as u32);
        Some(Self { rect: Rect { left, top, width, height }, can_leave_out })
    }
}

/// Copies the part `rect` of a canvas of `width` pixels a row.
pub(super) fn cut(canvas: &[u8], width: u32, rect: Rect, part: &mut Vec<u8>) {
    part.clear();
    for row in rows(canvas, width, rect) {
        part.extend_from_slice(row);
    }
}

/// Makes every pixel of `part` transparent that is the same in `before`, the canvas it was cut from as it was before.
pub(super) fn leave_out_pixels(part: &mut [u8], before: &[u8], width: u32, rect: Rect) {
    let row = rect.width as usize * PIXEL;
    for (part, before) in part.chunks_exact_mut(row).zip(rows(before, width, rect)) {
        for (pixel, before) in part.chunks_exact_mut(PIXEL).zip(pixels(before)) {
            if pixel == before {
                pixel.fill(0);
            }
        }
    }
}

/// Makes every square of `part` transparent in which all is the same in `before`, if there are enough of them. A mask of
/// whole squares is small, and its edges lie where a lossy picture has them anyway.
pub(super) fn leave_out_squares(part: &mut [u8], before: &[u8], width: u32, rect: Rect) {
    let row = rect.width as usize * PIXEL;
    let across = row.div_ceil(SQUARE * PIXEL);
    let mut same = vec![true; across * (rect.height as usize).div_ceil(SQUARE)];
    for (y, (part, before)) in part.chunks_exact(row).zip(rows(before, width, rect)).enumerate() {
        let squares = part.chunks(SQUARE * PIXEL).zip(before.chunks(SQUARE * PIXEL));
        for (same, (part, before)) in same[y / SQUARE * across..].iter_mut().zip(squares) {
            *same &= part == before;
        }
    }
    if same.iter().filter(|same| **same).count() * WORTH_A_MASK < same.len() {
        return;
    }
    for (y, part) in part.chunks_exact_mut(row).enumerate() {
        for (same, part) in same[y / SQUARE * across..].iter().zip(part.chunks_mut(SQUARE * PIXEL)) {
            if *same {
                part.fill(0);
            }
        }
    }
}

/// The rows of the part `rect` of a canvas of `width` pixels a row.
pub(super) fn rows(canvas: &[u8], width: u32, rect: Rect) -> impl Iterator<Item = &[u8]> {
    let [left, top, across, down] = [rect.left, rect.top, rect.width, rect.height].map(|side| side as usize);
    let row = width as usize * PIXEL;
    canvas[top * row..][..down * row].chunks_exact(row).map(move |row| &row[left * PIXEL..][..across * PIXEL])
}

fn pixels(row: &[u8]) -> impl Iterator<Item = &[u8]> {
    row.chunks_exact(PIXEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const CLEAR: [u8; 4] = [0; 4];

    /// A red canvas with some pixels of another colour.
    fn canvas(width: usize, height: usize, painted: &[(usize, usize)], color: [u8; 4]) -> Vec<u8> {
        let mut canvas = RED.repeat(width * height);
        for &(x, y) in painted {
            canvas[(y * width + x) * 4..][..4].copy_from_slice(&color);
        }
        canvas
    }

    fn rect(left: u32, top: u32, width: u32, height: u32) -> Rect {
        Rect { left, top, width, height }
    }

    #[test]
    fn the_same_is_no_change() {
        assert_eq!(Change::between(&canvas(5, 4, &[], RED), &canvas(5, 4, &[], RED), 5), None);
    }

    #[test]
    fn a_change_is_the_smallest_part_with_even_offsets() {
        let before = canvas(9, 9, &[], RED);
        for (painted, expected) in [
            (vec![(0, 0)], rect(0, 0, 1, 1)),
            (vec![(8, 8)], rect(8, 8, 1, 1)),
            (vec![(3, 5)], rect(2, 4, 2, 2)),
            (vec![(4, 2), (7, 6)], rect(4, 2, 4, 5)),
            (vec![(0, 8), (8, 0)], rect(0, 0, 9, 9)),
        ] {
            let change = Change::between(&before, &canvas(9, 9, &painted, BLUE), 9).unwrap();
            assert_eq!((change.rect, change.can_leave_out), (expected, true), "{painted:?}");
        }
    }

    #[test]
    fn what_becomes_transparent_has_to_replace() {
        let before = canvas(6, 6, &[], RED);
        let change = Change::between(&before, &canvas(6, 6, &[(2, 2)], CLEAR), 6).unwrap();
        assert!(!change.can_leave_out);
        let back = Change::between(&canvas(6, 6, &[(2, 2)], CLEAR), &before, 6).unwrap();
        assert!(back.can_leave_out);
    }

    #[test]
    fn unchanged_pixels_are_left_out() {
        let before = canvas(6, 6, &[], RED);
        let after = canvas(6, 6, &[(2, 2), (3, 3)], BLUE);
        let part = rect(2, 2, 2, 2);
        let mut cut_out = Vec::new();
        cut(&after, 6, part, &mut cut_out);
        assert_eq!(cut_out, [BLUE, RED, RED, BLUE].concat());
        leave_out_pixels(&mut cut_out, &before, 6, part);
        assert_eq!(cut_out, [BLUE, CLEAR, CLEAR, BLUE].concat());
    }

    #[test]
    fn unchanged_squares_are_left_out_when_there_are_many() {
        let whole = rect(0, 0, 20, 18);
        let before = canvas(20, 18, &[], RED);
        let mut few = canvas(20, 18, &[(1, 1), (19, 17)], BLUE);
        leave_out_squares(&mut few, &before, 20, whole);
        let pixel = |x: usize, y: usize| few[(y * 20 + x) * 4..][..4].to_vec();
        assert_eq!((pixel(1, 1), pixel(7, 7)), (BLUE.to_vec(), RED.to_vec()));
        assert_eq!((pixel(19, 17), pixel(16, 16)), (BLUE.to_vec(), RED.to_vec()));
        assert_eq!((pixel(8, 0), pixel(15, 17)), (CLEAR.to_vec(), CLEAR.to_vec()));

        let mut all = canvas(20, 18, &[], BLUE);
        all.fill(9);
        leave_out_squares(&mut all, &before, 20, whole);
        assert!(all.iter().all(|&byte| byte == 9));
    }
}
