//! Makes a picture smaller.

/// Pixels of the longer side of a picture of this size when it is to fit into a square of `most`; never enlarged, and no
/// side becomes nothing.
pub(super) fn fitted(width: u32, height: u32, most: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= most {
        return (width, height);
    }
    let side =
        |side: u32| ((u64::from(side) * u64::from(most) + u64::from(longer) / 2) / u64::from(longer)).max(1) as u32;
    (side(width), side(height))
}

/// Each pixel of the result is the average of the pixels that fall on it, transparent ones without their colour.
/// `rgba` has straight alpha; no side of `to` may be longer than that of `from`.
pub(super) fn shrink(rgba: &[u8], from: (u32, u32), to: (u32, u32)) -> Vec<u8> {
    let ([width, height], [across, down]) =
        ([from.0, from.1].map(|side| side as usize), [to.0, to.1].map(|side| side as usize));
    let mut out = Vec::with_capacity(across * down * 4);
    for y in 0..down {
        let rows = y * height / down..(y + 1) * height / down;
        for x in 0..across {
            let columns = x * width / across..(x + 1) * width / across;
            let mut sums = [0_u64; 4];
            for row in rows.clone() {
                for pixel in rgba[(row * width + columns.start) * 4..(row * width + columns.end) * 4].chunks_exact(4) {
                    let alpha = u64::from(pixel[3]);
                    for (sum, &color) in sums.iter_mut().zip(&pixel[..3]) {
                        *sum += u64::from(color) * alpha;
                    }
                    sums[3] += alpha;
                }
            }
            let count = (rows.len() * columns.len()) as u64;
            let color = |sum: u64| (sum + sums[3] / 2).checked_div(sums[3]).unwrap_or_default() as u8;
            out.extend(sums[..3].iter().map(|&sum| color(sum)));
            out.push(((sums[3] + count / 2) / count) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_fits_with_its_proportions() {
        assert_eq!(fitted(640, 640, 640), (640, 640));
        assert_eq!(fitted(641, 1, 640), (640, 1));
        assert_eq!(fitted(2048, 1024, 640), (640, 320));
        assert_eq!(fitted(3, 2048, 640), (1, 640));
        assert_eq!(fitted(1, 1, 640), (1, 1));
    }

    #[test]
    fn pixels_are_averaged_without_the_color_of_what_is_transparent() {
        let (red, blue, clear) = ([255, 0, 0, 255], [0, 0, 255, 255], [0, 255, 0, 0]);
        let rgba = [red, blue, clear, red, red, blue, clear, clear].concat();
        assert_eq!(shrink(&rgba, (4, 2), (2, 1)), [[128, 0, 128, 255], [255, 0, 0, 64]].concat());
        assert_eq!(shrink(&rgba, (4, 2), (4, 2)), [red, blue, [0; 4], red, red, blue, [0; 4], [0; 4]].concat());
    }

    #[test]
    fn sides_that_do_not_divide_use_every_pixel_once() {
        let rgba: Vec<u8> = (0..7).flat_map(|value| [value * 10, 0, 0, 255]).collect();
        assert_eq!(shrink(&rgba, (7, 1), (3, 1)), [[5, 0, 0, 255], [25, 0, 0, 255], [50, 0, 0, 255]].concat());
    }
}
