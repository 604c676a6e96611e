//! Medians of several rounds, how far they lie apart, and ratios.

use std::fmt;

/// What several rounds have shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Spread {
    /// `None` without any number. The median of an even count is the mean of the two in the middle.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let half = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) };
        Some(Self { median, min, max })
    }
}

impl fmt::Display for Spread {
    /// The median, and in brackets the least and the most: with as many digits after the point as `{:.N}` says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(2);
        let Self { median, min, max } = self;
        if min.total_cmp(max).is_eq() {
            return write!(f, "{median:.digits$}");
        }
        write!(f, "{median:.digits$} ({min:.digits$}-{max:.digits$})")
    }
}

/// Each round's number of a server over the same round's number of another: what the machine does to one round, it does
/// to both. A round that one of them has not finished tells nothing.
pub fn ratios(numbers: &[Option<f64>], base: &[Option<f64>]) -> Option<Spread> {
    let pairs = numbers.iter().zip(base).filter_map(|(number, base)| Some((*number)? / (*base)?));
    Spread::of(pairs.filter(|ratio| ratio.is_finite()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([3.0, 1.0, 9.0]), Some(Spread { median: 3.0, min: 1.0, max: 9.0 }));
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 8.0]).unwrap().median, 3.0);
        assert_eq!(format!("{:.1}", Spread::of([4.0, 1.0, 2.0]).unwrap()), "2.0 (1.0-4.0)");
        assert_eq!(Spread::of([4.0]).unwrap().to_string(), "4.00");
    }

    #[test]
    fn ratios_are_made_within_each_round() {
        // The machine was half as fast in the second round.
        let ratio = ratios(&[Some(2.0), Some(4.0), None], &[Some(1.0), Some(2.0), Some(7.0)]);
        assert_eq!(ratio, Some(Spread { median: 2.0, min: 2.0, max: 2.0 }));
        assert_eq!(ratios(&[Some(1.0)], &[Some(0.0)]), None);
        assert_eq!(ratios(&[None], &[Some(1.0)]), None);
    }
}
