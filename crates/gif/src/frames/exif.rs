//! How a camera was held (EXIF 2.32, tag 0x0112).

const ORIENTATION: u16 = 0x0112;

/// What to do with the pixels of a file: first the mirror (left and right change places), then quarter turns clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turn {
    mirrored: bool,
    quarters: u8,
}

impl Turn {
    /// Out of EXIF data, from its byte order on. What cannot be read turns nothing.
    pub fn of_exif(exif: &[u8]) -> Self {
        let (mirrored, quarters) = match orientation(exif) {
            Some(2) => (true, 0),
            Some(3) => (false, 2),
            Some(4) => (true, 2),
            Some(5) => (true, 3),
            Some(6) => (false, 1),
            Some(7) => (true, 1),
            Some(8) => (false, 3),
            _ => (false, 0),
        };
        Self { mirrored, quarters }
    }

    /// Width and height afterwards.
    pub fn size(self, width: u32, height: u32) -> (u32, u32) {
        if self.quarters % 2 == 1 { (height, width) } else { (width, height) }
    }

    /// The pixels afterwards. Without a quarter turn this needs no further memory.
    pub fn apply(self, mut rgba: Vec<u8>, width: usize, height: usize) -> Vec<u8> {
        let pixels = rgba.as_chunks_mut::<4>().0;
        if self.mirrored {
            pixels.chunks_exact_mut(width).for_each(<[_]>::reverse);
        }
        match self.quarters {
            0 => rgba,
            2 => {
                pixels.reverse();
                rgba
            }
            quarters => {
                let mut turned = Vec::with_capacity(rgba.len());
                let pixels = rgba.as_chunks::<4>().0;
                for x in 0..width {
                    for y in 0..height {
                        let (x, y) = if quarters == 1 { (x, height - 1 - y) } else { (width - 1 - x, y) };
                        turned.extend_from_slice(&pixels[y * width + x]);
                    }
                }
                turned
            }
        }
    }
}

fn orientation(exif: &[u8]) -> Option<u16> {
    let big = match exif.first_chunk::<2>()? {
        b"MM" => true,
        b"II" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = *exif.get(at..)?.first_chunk::<2>()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let bytes = *exif.get(4..)?.first_chunk::<4>()?;
    let table = if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    let table = usize::try_from(table).ok()?;
    let entries = usize::from(u16_at(table)?);
    (0..entries)
        .map_while(|entry| table.checked_add(2 + entry * 12))
        .map_while(|at| Some((at, u16_at(at)?)))
        .find(|&(_, tag)| tag == ORIENTATION)
        .and_then(|(at, _)| u16_at(at + 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exif(big: bool, orientation: u16) -> Vec<u8> {
        let two = |number: u16| if big { number.to_be_bytes() } else { number.to_le_bytes() };
        let four = |number: u32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
        let mut bytes = if big { b"MM".to_vec() } else { b"II".to_vec() };
        bytes.extend(two(42));
        bytes.extend(four(8));
        bytes.extend(two(2));
        for (tag, value) in [(0x010f, 7), (ORIENTATION, orientation)] {
            bytes.extend(two(tag));
            bytes.extend(two(3));
            bytes.extend(four(1));
            bytes.extend(two(value));
            bytes.extend(two(0));
        }
        bytes
    }

    /// The letter F, three pixels wide and five high, as one number a pixel.
    const UPRIGHT: [&str; 5] = ["###", "#..", "##.", "#..", "#.."];

    fn turned(orientation: u16, big: bool, rows: &[&str]) -> Vec<String> {
        let (width, height) = (rows[0].len(), rows.len());
        let rgba = rows.concat().bytes().flat_map(|byte| [byte; 4]).collect();
        let turn = Turn::of_exif(&exif(big, orientation));
        let width_after = turn.size(width as u32, height as u32).0 as usize;
        let after = turn.apply(rgba, width, height);
        let letters: Vec<char> = after.chunks(4).map(|pixel| char::from(pixel[0])).collect();
        letters.chunks(width_after).map(|row| row.iter().collect()).collect()
    }

    #[test]
    fn every_orientation_ends_upright() {
        // As cameras store the F in each of the eight ways.
        let stored: [(u16, &[&str]); 8] = [
            (1, &["###", "#..", "##.", "#..", "#.."]),
            (2, &["###", "..#", ".##", "..#", "..#"]),
            (3, &["..#", "..#", ".##", "..#", "###"]),
            (4, &["#..", "#..", "##.", "#..", "###"]),
            (5, &["#####", "#.#..", "#...."]),
            (6, &["#....", "#.#..", "#####"]),
            (7, &["....#", "..#.#", "#####"]),
            (8, &["#####", "..#.#", "....#"]),
        ];
        for (orientation, rows) in stored {
            for big in [false, true] {
                assert_eq!(turned(orientation, big, rows), UPRIGHT, "{orientation}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_turns_nothing() {
        let whole = exif(false, 6);
        for cut in 0..whole.len() - 3 {
            assert_eq!(Turn::of_exif(&whole[..cut]), Turn::default(), "{cut}");
        }
        assert_eq!(Turn::of_exif(&exif(true, 9)), Turn::default());
        assert_eq!(Turn::of_exif(b"II*\0\xff\xff\xff\xff"), Turn::default());
    }
}
