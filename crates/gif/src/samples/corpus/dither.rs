//! Pixels to entries of a palette.

use super::palette::Palette;

/// How colours that the palette does not have are made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dither {
    /// Not at all, as for what is drawn in few colours.
    None,
    /// Floyd and Steinberg: what is off is spread to the neighbours.
    Spread,
    /// An 8 x 8 pattern (Bayer): unchanged places stay unchanged, as converters of videos like it.
    Pattern,
}

/// The entries for the pixels of one picture, `width` a row; transparent pixels become `clear`.
pub(super) fn dither(
    pixels: &[Option<[u8; 3]>],
    width: usize,
    palette: &mut Palette,
    how: Dither,
    clear: u8,
) -> Vec<u8> {
    match how {
        Dither::None => pixels.iter().map(|pixel| pixel.map_or(clear, |color| palette.nearest(color))).collect(),
        Dither::Pattern => pattern(pixels, width, palette, clear),
        Dither::Spread => spread(pixels, width, palette, clear),
    }
}

fn pattern(pixels: &[Option<[u8; 3]>], width: usize, palette: &mut Palette, clear: u8) -> Vec<u8> {
    let entry = |(at, pixel): (usize, &Option<[u8; 3]>)| {
        let (x, y) = (at % width, at / width);
        pixel.map_or(clear, |color| {
            let off = threshold(x, y) / 4 - 8;
            palette.nearest(color.map(|channel| (i32::from(channel) + off).clamp(0, 255) as u8))
        })
    };
    pixels.iter().enumerate().map(entry).collect()
}

/// From 0 to 63: the bits of x ^ y and y, the lowest first.
fn threshold(x: usize, y: usize) -> i32 {
    (0..3).fold(0, |value, bit| value << 2 | ((x ^ y) >> bit & 1) << 1 | y >> bit & 1) as i32
}

fn spread(pixels: &[Option<[u8; 3]>], width: usize, palette: &mut Palette, clear: u8) -> Vec<u8> {
    // What this row and the next one owe, in sixteenths, with a column before and one behind.
    let (mut here, mut below) = (vec![[0_i32; 3]; width + 2], vec![[0_i32; 3]; width + 2]);
    let mut entries = Vec::with_capacity(pixels.len());
    for row in pixels.chunks(width) {
        for (x, pixel) in row.iter().enumerate() {
            let Some(color) = pixel else {
                entries.push(clear);
                continue;
            };
            let wanted: [i32; 3] =
                std::array::from_fn(|channel| (i32::from(color[channel]) + here[x + 1][channel] / 16).clamp(0, 255));
            let entry = palette.nearest(wanted.map(|channel| channel as u8));
            entries.push(entry);
            for channel in 0..3 {
                let off = wanted[channel] - i32::from(palette.colors[usize::from(entry)][channel]);
                here[x + 2][channel] += off * 7;
                below[x][channel] += off * 3;
                below[x + 1][channel] += off * 5;
                below[x + 2][channel] += off;
            }
        }
        std::mem::swap(&mut here, &mut below);
        below.fill([0; 3]);
    }
    entries
}
