//! Comparing without case, as people type names.

/// In small letters, each for itself: a Greek sigma is the same in the middle of a name and at its end.
pub(super) fn small(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// What follows `prefix` in `text`, whatever the case of either; `None` when `text` begins otherwise. Costs the
/// length of the prefix.
pub(super) fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut wanted = prefix.chars().flat_map(char::to_lowercase).peekable();
    let mut rest = text.chars();
    while wanted.peek().is_some() {
        if !rest.next()?.to_lowercase().all(|c| wanted.next() == Some(c)) {
            return None;
        }
    }
    Some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_and_the_rest_is_left() {
        assert_eq!(strip_prefix("OTTER, hi", "Otter"), Some(", hi"));
        assert_eq!(strip_prefix("졸린 고래야", "졸린 고래"), Some("야"));
        assert_eq!(strip_prefix("x", ""), Some("x"));
        assert_eq!(strip_prefix("İ!", "i\u{307}"), Some("!"), "one letter that is two in small");
        for (text, prefix) in [("", "a"), ("ott", "otter"), ("İ", "i"), ("고레", "고래")] {
            assert_eq!(strip_prefix(text, prefix), None, "{text} {prefix}");
        }
    }
}
