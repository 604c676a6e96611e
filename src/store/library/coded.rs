//! Words as they are written in the tables of the library: see migration 0005.

use std::fmt::Write as _;

/// A word's UTF-8 in hexadecimal digits.
pub(super) fn coded(word: &str) -> String {
    word.bytes().fold(String::with_capacity(2 * word.len()), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The word again; `None` for what is none of ours.
pub(super) fn decoded(digits: &str) -> Option<String> {
    let pairs = digits.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}

/// From which word on, and before which, all begin with this one. Digits stand before letters in every language, and
/// `g` behind `f`.
pub(super) fn range(beginning: &str) -> (String, String) {
    let from = coded(beginning);
    let before = format!("{from}g");
    (from, before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_a_range() {
        let within = |beginning: &str, word: &str| {
            let (from, before) = range(beginning);
            (from..before).contains(&coded(word))
        };
        for (beginning, word) in [("cat", "cat"), ("cat", "category"), ("고", "고양이"), ("", "x"), ("é", "éé")]
        {
            assert!(within(beginning, word), "{beginning} {word}");
        }
        for (beginning, word) in [("cat", "ca"), ("cat", "cau"), ("cat", "cas"), ("고", "공"), ("고양이", "고양")]
        {
            assert!(!within(beginning, word), "{beginning} {word}");
        }
    }

    #[test]
    fn a_word_comes_back() {
        for word in ["", "cat", "고양이"] {
            assert_eq!(decoded(&coded(word)).as_deref(), Some(word));
        }
        for wrong in ["6", "6g", "ff", "가나"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }
}
