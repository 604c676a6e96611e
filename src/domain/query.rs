//! What somebody looks for in a room's history.

use super::Invalid;
use super::text::{is_unseen, visible};

/// 1 to 100 visible characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(String);

impl Query {
    pub const MOST: usize = 100;

    /// Trims, and makes every run of white space one space.
    ///
    /// # Errors
    /// [`Invalid::Query`] when nothing visible is left, or more than [`Query::MOST`] characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        // Again, because what was dropped may have stood between two spaces.
        let query = spaced(&visible(&spaced(text), false));
        let seen = query.chars().filter(|&c| !is_unseen(c)).count();
        let blank = query.chars().all(|c| c.is_whitespace() || is_unseen(c));
        if blank || seen > Self::MOST || query.chars().count() > 2 * Self::MOST {
            return Err(Invalid::Query { most: Self::MOST });
        }
        Ok(Self(query))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_query_is_something_one_can_see() {
        assert_eq!(Query::parse("  고래\n  봤어? ").unwrap().as_str(), "고래 봤어?");
        assert_eq!(Query::parse("\"*% OR -_").unwrap().as_str(), "\"*% OR -_");
        assert_eq!(Query::parse("x").unwrap().as_str(), "x");
        assert!(Query::parse(&"가".repeat(100)).is_ok());
        for wrong in
            ["", " \n ", "\u{200b}", "\u{3164}\u{0}", &"가".repeat(101), &format!("a{}", "\u{200b}".repeat(200))]
        {
            assert_eq!(Query::parse(wrong), Err(Invalid::Query { most: 100 }), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_bounded_and_on_one_line(text in ".{0,300}") {
            if let Ok(query) = Query::parse(&text) {
                prop_assert!(query.as_str().chars().count() <= 200);
                prop_assert!(!query.as_str().contains(char::is_control));
                prop_assert_eq!(Query::parse(query.as_str()), Ok(query.clone()));
            }
        }
    }
}
