//! How alike two pictures look.

/// Side of a window, and pixels from one to the next.
const WINDOW: usize = 8;
const STEP: usize = 4;
/// What keeps flat windows from dividing by nothing: (0.01 x 255)^2 and (0.03 x 255)^2, as in the paper.
const STEADY: (f64, f64) = (6.5025, 58.5225);

/// The structural similarity of the brightness of two pictures (Wang, Bovik, Sheikh and Simoncelli, 2004), the mean over
/// windows of 8 x 8 pixels: 1.0 for the same, above 0.95 for what people call the same, 0.0 for nothing in common. Both
/// are RGBA with `width` pixels a row; what is transparent is seen on grey.
pub fn ssim(one: &[u8], other: &[u8], width: u32) -> f64 {
    let width = width as usize;
    let (one, other) = (brightness(one), brightness(other));
    let height = one.len() / width;
    let (across, down) = (WINDOW.min(width), WINDOW.min(height));
    let (mut sum, mut count) = (0.0, 0);
    for top in (0..=height - down).step_by(STEP) {
        for left in (0..=width - across).step_by(STEP) {
            let places = (top..top + down).flat_map(|y| (left..left + across).map(move |x| y * width + x));
            sum += alike(places.map(|at| (one[at], other[at])), (across * down) as f64);
            count += 1;
        }
    }
    sum / f64::from(count)
}

fn alike(pairs: impl Iterator<Item = (f64, f64)>, count: f64) -> f64 {
    let mut sums = [0.0; 5];
    for (one, other) in pairs {
        for (sum, value) in sums.iter_mut().zip([one, other, one * one, other * other, one * other]) {
            *sum += value;
        }
    }
    let [one, other, one_squared, other_squared, both] = sums.map(|sum| sum / count);
    let varied = one_squared - one * one + other_squared - other * other;
    let together = both - one * other;
    (2.0 * one * other + STEADY.0) * (2.0 * together + STEADY.1)
        / ((one * one + other * other + STEADY.0) * (varied + STEADY.1))
}

/// Of BT.601.
fn brightness(rgba: &[u8]) -> Vec<f64> {
    let pixel = |pixel: &[u8; 4]| {
        let [red, green, blue, alpha] = pixel.map(f64::from);
        let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
        (luma * alpha + 128.0 * (255.0 - alpha)) / 255.0
    };
    rgba.as_chunks::<4>().0.iter().map(pixel).collect()
}
