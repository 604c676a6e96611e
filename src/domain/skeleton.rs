//! What a name looks like, so that nobody can pass for somebody else.

use unicode_normalization::UnicodeNormalization;

/// The looks of a text (Unicode UTS 39, section 4), without spaces: as it is written, in small letters, and in
/// capitals.
///
/// One look is not enough: "Ivy" and "lvy" are alike only as they are written, "Ivy" and "IVY" only in one case, and
/// folding one into the other would make "ivy" and "lvy" alike as well. Two texts are alike when they share one look.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Skeleton {
    written: String,
    small: String,
    capital: String,
}

impl Skeleton {
    pub fn of(text: &str) -> Self {
        let plain: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
        let look = |text: &str| unicode_security::skeleton(text).collect();
        let small = look(&plain.to_lowercase());
        Self { written: look(&plain), small, capital: look(&plain.to_uppercase()) }
    }

    /// Whether a reader could take one for the other. Costs three comparisons.
    pub fn resembles(&self, other: &Self) -> bool {
        self.written == other.written || self.small == other.small || self.capital == other.capital
    }

    /// The three looks; texts that share one are alike. For a table by look.
    pub fn faces(&self) -> [&str; 3] {
        [&self.written, &self.small, &self.capital]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alike(one: &str, other: &str) -> bool {
        Skeleton::of(one).resembles(&Skeleton::of(other))
    }

    #[test]
    fn what_looks_alike_is_alike() {
        for (one, other) in [
            ("Ivy", "lvy"),
            ("Ivy", "IVY"),
            ("졸린 고래", "졸린고래"),
            ("가", "\u{1100}\u{1161}"),
            ("paypal", "раураl"),
            ("Вася", "вася"),
            ("Bob", "Вob"),
            ("rn", "m"),
            ("Otter", "Ｏｔｔｅｒ"),
            ("whale2", "whale２"),
            ("Straße", "STRASSE"),
            ("O0", "OO"),
        ] {
            assert!(alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_differs_is_not_alike() {
        for (one, other) in
            [("Ivan", "lvar"), ("졸린 고래", "졸린 고래 2"), ("고래", "고레"), ("a", "b"), ("ivy", "lvy")]
        {
            assert!(!alike(one, other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn a_text_looks_like_itself_and_its_spelling_in_parts(text in ".{0,24}") {
            prop_assert!(alike(&text, &text));
            prop_assert!(alike(&text, &text.nfd().collect::<String>()));
        }
    }
}
