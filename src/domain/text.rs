//! Texts of strangers that have become values of ours: trimmed, bounded, without control characters.

use serde::{Serialize, Serializer};

use super::Invalid;

/// A room's title: 1 to 40 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title(String);

impl Title {
    pub const MOST: usize = 40;

    /// # Errors
    /// When nothing visible is left, or more than [`Title::MOST`] characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let title = one_line(text);
        if is_blank(&title) {
            return Err(Invalid::TitleEmpty);
        }
        if title.chars().count() > Self::MOST {
            return Err(Invalid::TitleTooLong { most: Self::MOST });
        }
        Ok(Self(title))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody says: 1 to 2,000 characters; line breaks are kept as `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatText(String);

impl ChatText {
    pub const MOST: usize = 2000;

    /// # Errors
    /// When nothing visible is left, or more than [`ChatText::MOST`] characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = visible(&text.replace("\r\n", "\n").replace('\r', "\n"), true);
        let text = text.trim();
        if is_blank(text) {
            return Err(Invalid::TextEmpty);
        }
        if text.chars().count() > Self::MOST {
            return Err(Invalid::TextTooLong { most: Self::MOST });
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a GIF shows, in words: 1 to 500 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AltText(String);

impl AltText {
    pub const MOST: usize = 500;

    /// A text in which nothing is visible is none.
    ///
    /// # Errors
    /// When longer than [`AltText::MOST`] characters.
    pub fn parse(text: &str) -> Result<Option<Self>, Invalid> {
        let alt = one_line(text);
        if alt.chars().count() > Self::MOST {
            return Err(Invalid::AltTooLong { most: Self::MOST });
        }
        Ok((!is_blank(&alt)).then_some(Self(alt)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a sender calls a message, so that a retry is recognized: 1 to 64 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientMessageId(String);

impl ClientMessageId {
    pub const MOST: usize = 64;

    /// # Errors
    /// For anything but 1 to [`ClientMessageId::MOST`] printable ASCII characters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() || text.len() > Self::MOST || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Invalid::ClientMessageId { most: Self::MOST });
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A room's password in clear, on its short way to being hashed or compared. It does not print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// In bytes: hashing costs grow with it.
    pub const MOST: usize = 256;

    /// An empty text is no password: the room is public.
    ///
    /// # Errors
    /// When longer than [`Password::MOST`] bytes.
    pub fn parse(text: &str) -> Result<Option<Self>, Invalid> {
        if text.len() > Self::MOST {
            return Err(Invalid::PasswordTooLong { most: Self::MOST });
        }
        Ok((!text.is_empty()).then(|| Self(text.to_owned())))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(secret)")
    }
}

/// What is visible of it, with single spaces.
fn one_line(text: &str) -> String {
    visible(&text.split_whitespace().collect::<Vec<_>>().join(" "), false)
}

/// Drops what a reader cannot see but which can change what others see: control characters (a line break may stay)
/// and bidirectional overrides and isolates (Unicode UAX 9), which would reach beyond the text.
pub(super) fn visible(text: &str, keep_lines: bool) -> String {
    text.chars()
        .filter(|&c| {
            (keep_lines && c == '\n')
                || (!c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        })
        .collect()
}

/// Whether nothing of it would be seen: white space, zero-width and filler characters only.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_unseen(c))
}

/// Zero-width and filler characters.
pub(super) const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}')
}

macro_rules! written_as_text {
    ($($name:ident),+) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    )+};
}

written_as_text!(Title, ChatText, AltText, ClientMessageId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_visible_line() {
        assert_eq!(Title::parse("  점심\n 뭐   먹지 ").unwrap().as_str(), "점심 뭐 먹지");
        assert_eq!(Title::parse(&"가".repeat(40)).unwrap().as_str(), "가".repeat(40));
        assert_eq!(Title::parse(&"가".repeat(41)), Err(Invalid::TitleTooLong { most: 40 }));
        for blank in ["", "   ", "\n\t", "\u{200b}\u{feff}", "\u{3164}", "\u{0}\u{7}"] {
            assert_eq!(Title::parse(blank), Err(Invalid::TitleEmpty), "{blank:?}");
        }
        assert_eq!(Title::parse("a\u{202e}b").unwrap().as_str(), "ab");
    }

    #[test]
    fn a_text_keeps_its_lines() {
        assert_eq!(ChatText::parse(" a\r\nb\rc\n\n").unwrap().as_str(), "a\nb\nc");
        assert_eq!(ChatText::parse(&"😀".repeat(2000)).unwrap().as_str().chars().count(), 2000);
        assert_eq!(ChatText::parse(&"😀".repeat(2001)), Err(Invalid::TextTooLong { most: 2000 }));
        assert_eq!(ChatText::parse(" \r\n "), Err(Invalid::TextEmpty));
    }

    #[test]
    fn an_alt_text_is_one_visible_line_or_none() {
        assert_eq!(AltText::parse(" 춤추는\n 수달 ").unwrap().unwrap().as_str(), "춤추는 수달");
        for blank in ["", " \n", "\u{200b}"] {
            assert_eq!(AltText::parse(blank), Ok(None), "{blank:?}");
        }
        assert!(AltText::parse(&"가".repeat(500)).unwrap().is_some());
        assert_eq!(AltText::parse(&"가".repeat(501)), Err(Invalid::AltTooLong { most: 500 }));
    }

    #[test]
    fn a_client_message_id_is_short_and_plain() {
        assert!(ClientMessageId::parse("0f9c-1").is_ok());
        assert!(ClientMessageId::parse(&"x".repeat(64)).is_ok());
        for wrong in ["", "a b", "é", &"x".repeat(65)] {
            assert!(ClientMessageId::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_kept_as_it_is_and_not_printed() {
        assert_eq!(Password::parse("").unwrap(), None);
        let odd = Password::parse(" &+#%41 ").unwrap().unwrap();
        assert_eq!(odd.expose(), " &+#%41 ");
        assert_eq!(format!("{odd:?}"), "Password(secret)");
        assert!(Password::parse(&"x".repeat(257)).is_err());
    }
}
