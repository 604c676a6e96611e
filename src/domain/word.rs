//! Texts as words that can be looked for.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::fold::small;

/// Most characters of a word that count. What is longer is cut there, so that it is still found by its beginning.
pub const MOST: usize = 40;

/// The words of a text: compatibility characters made plain (NFKC), in small letters, split at whatever is neither a
/// letter nor a digit nor a mark on one.
pub fn words(text: &str) -> Vec<String> {
    let plain: String = small(&text.nfkc().collect::<String>()).nfkc().collect();
    plain
        .split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| word.chars().take(MOST).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_small_plain_and_split_at_everything_else() {
        assert_eq!(words("Happy-CAT, 고양이! cat_2"), ["happy", "cat", "고양이", "cat", "2"]);
        assert_eq!(words("ＦＵＬＬ ｗｉｄｔｈ ①"), ["full", "width", "1"]);
        assert_eq!(words("cafe\u{301}"), ["café"], "composed, as it is typed");
        assert_eq!(words("\u{1100}\u{1169}"), ["고"], "as macOS writes file names");
        assert_eq!(words(" \u{301} -- "), [] as [&str; 0]);
        assert_eq!(words(&"가".repeat(50)), ["가".repeat(MOST)]);
    }
}
