//! Reactions.

use super::Invalid;

/// Exactly one emoji, as Unicode recommends it for interchange (UTS 51, RGI set), in its full spelling: a heart
/// without its variation selector becomes the one with it, so that one emoji is counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Emoji(&'static str);

impl Emoji {
    /// In bytes.
    pub const MOST: usize = 32;

    /// # Errors
    /// [`Invalid::Emoji`] for anything but one emoji of at most [`Emoji::MOST`] bytes. (Two-toned couples that kiss
    /// are longer.)
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        emojis::get(text)
            .map(emojis::Emoji::as_str)
            .filter(|emoji| emoji.len() <= Self::MOST)
            .map(Self)
            .ok_or(Invalid::Emoji)
    }

    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl std::fmt::Display for Emoji {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_emoji_has_one_spelling() {
        for offered in ["👍", "❤️", "😂", "😮", "😢", "🔥", "🇰🇷", "👍🏽", "👨‍👩‍👧‍👦", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈"]
        {
            assert_eq!(Emoji::parse(offered).map(Emoji::as_str), Ok(offered));
        }
        assert_eq!(Emoji::parse("❤").map(Emoji::as_str), Ok("❤\u{fe0f}"));
        assert_eq!(Emoji::parse("🏳\u{200d}🌈").map(Emoji::as_str), Ok("🏳\u{fe0f}\u{200d}🌈"));
    }

    #[test]
    fn anything_else_is_refused() {
        for wrong in [
            "",
            "a",
            "1",
            "#",
            "👍👍",
            "👍 ",
            " 👍",
            "🇰",
            "🇰🇰",
            "\u{fe0f}",
            "\u{200d}",
            "🏽👍",
            "가",
            ":+1:",
            "👍\u{200d}👍",
        ] {
            assert_eq!(Emoji::parse(wrong), Err(Invalid::Emoji), "{wrong:?}");
        }
        let kiss = "👩🏻\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏿";
        assert!(emojis::get(kiss).is_some());
        assert_eq!(Emoji::parse(kiss), Err(Invalid::Emoji), "35 bytes");
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_read_again(text in "[👍🏽❤\u{fe0f}\u{200d}🇰🇷1\u{20e3}]{0,8}|.{0,4}") {
            if let Ok(emoji) = Emoji::parse(&text) {
                prop_assert_eq!(Emoji::parse(emoji.as_str()), Ok(emoji));
                prop_assert!((1..=Emoji::MOST).contains(&emoji.as_str().len()));
            }
        }
    }
}
