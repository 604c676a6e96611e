//! The names people choose for themselves in a room.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::text::is_unseen;
use super::{Invalid, Skeleton};

/// A name within a room: 1 to 20 characters on one line, in NFC, with at least one letter or digit, and with
/// nothing that hides, reorders or overflows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nick(String);

impl Nick {
    /// In characters after trimming and NFC: what a reader counts, save for emoji of several parts.
    pub const MOST: usize = 20;
    /// Marks above or below one letter. Living scripts need two at once; more climb over the lines around.
    const MARKS: usize = 2;

    /// Trims, makes every run of white space one space, and composes what was typed in parts. Variation selectors
    /// are dropped: they only choose between two pictures of one character.
    ///
    /// # Errors
    /// [`Invalid::Name`] for more than [`Nick::MOST`] characters, for control, format, unassigned and invisible
    /// characters, for stacked marks, without any letter or digit, and for what reads like a word of the system.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::Name { most: Self::MOST };
        // The longest text that could become 20 characters is far shorter; nobody may have us work on more.
        if text.len() > Self::MOST * 64 {
            return Err(refused());
        }
        let seen = text.replace(['\u{fe0e}', '\u{fe0f}'], "");
        let name: String = seen.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect();
        let fits = (1..=Self::MOST).contains(&name.chars().count())
            && name.chars().all(is_plain)
            && name.chars().any(char::is_alphanumeric)
            && !has_stacked_marks(&name);
        if fits && !is_reserved(&name) { Ok(Self(name)) } else { Err(refused()) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it looks like: to be compared with the names of those who are here.
    pub fn skeleton(&self) -> Skeleton {
        Skeleton::of(&self.0)
    }
}

impl std::fmt::Display for Nick {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A generated name for the `number`th who would have it: "졸린 고래 2". Where that is too long for a name, words
/// are left out from the front ("Butterfly 2"), and a single long word is cut.
pub fn numbered(name: &str, number: u32) -> String {
    let number = number.to_string();
    let room = Nick::MOST - number.len() - 1;
    let mut rest = name;
    while rest.chars().count() > room {
        match rest.split_once(' ') {
            Some((_, behind)) => rest = behind,
            None => return format!("{} {number}", rest.chars().take(room).collect::<String>()),
        }
    }
    format!("{rest} {number}")
}

/// No control, format, surrogate, private or unassigned character, and none that draws nothing.
fn is_plain(c: char) -> bool {
    !is_unseen(c)
        && !matches!(c, '\u{180b}'..='\u{180f}' | '\u{e0100}'..='\u{e01ef}')
        && c.general_category_group() != GeneralCategoryGroup::Other
        && (c == ' ' || c.general_category_group() != GeneralCategoryGroup::Separator)
}

/// Too many marks in a row, or a mark that would sit on what stands before the name.
fn has_stacked_marks(name: &str) -> bool {
    let mut marks = Nick::MARKS;
    name.chars().any(|c| {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        marks > Nick::MARKS
    })
}

/// Words by which a reader takes somebody for more than a member, however they are dressed up.
const RESERVED: [&str; 8] = ["system", "시스템", "방장", "방장님", "관리자", "운영자", "owner", "admin"];

/// In small letters and in capitals: an "l" passes for an "I" only among capitals.
static RESERVED_LOOKS: LazyLock<Vec<Skeleton>> = LazyLock::new(|| {
    let words = RESERVED.iter().flat_map(|word| [(*word).to_owned(), word.to_uppercase()]);
    words.map(|word| Skeleton::of(&word)).collect()
});

fn is_reserved(name: &str) -> bool {
    let bare: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    // "[방장]" with its brackets gone; "0wner" as it stands.
    let (bare, whole) = (Skeleton::of(&bare), Skeleton::of(name));
    RESERVED_LOOKS.iter().any(|word| bare.resembles(word) || whole.resembles(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Lang, MemberId, friendly_name};

    const REFUSED: Invalid = Invalid::Name { most: 20 };

    fn parsed(text: &str) -> String {
        Nick::parse(text).unwrap_or_else(|_| panic!("{text:?} is a name")).0
    }

    #[test]
    fn a_name_is_trimmed_and_composed() {
        assert_eq!(parsed(" \u{3000}졸린 \u{a0} 고래\n"), "졸린 고래");
        assert_eq!(parsed("\u{1100}\u{1161}"), "가", "typed in parts");
        assert_eq!(parsed("Jose\u{301}"), "José");
        assert_eq!(parsed("고래❤\u{fe0f}1"), "고래❤1");
        for fine in ["a", "7", "O'Neil", "дядя Ваня", "ที่นี่", "नमस्ते", "שלום", "😀 고래", "猫", "가".repeat(20).as_str()]
        {
            assert_eq!(parsed(fine), fine);
        }
    }

    #[test]
    fn what_hides_reorders_or_overflows_is_no_name() {
        for wrong in [
            "",
            "   ",
            "!!!",
            "😀",
            "_-_",
            "\u{3164}",
            "\u{2800}",
            "가\u{200b}",
            "가\u{200d}나",
            "a\u{202e}b",
            "a\u{2066}b",
            "\u{200f}a",
            "a\u{ad}b",
            "a\u{0}",
            "a\u{7f}",
            "a\u{feff}",
            "a\u{115f}",
            "a\u{e000}",
            "a\u{e0041}",
            "a\u{e0100}",
            "a\u{ffff}",
            "a\u{34f}",
            "a\u{301}\u{302}\u{303}\u{304}",
            "\u{323}a",
            " \u{301}a",
        ] {
            assert_eq!(Nick::parse(wrong), Err(REFUSED), "{wrong:?}");
        }
        assert_eq!(Nick::parse(&"가".repeat(21)), Err(REFUSED));
        assert_eq!(Nick::parse(&" a".repeat(1_000_000)), Err(REFUSED));
    }

    #[test]
    fn a_word_of_the_system_is_no_name() {
        for wrong in [
            "system",
            "System",
            "SYSTEM",
            "sys tem",
            "시스템",
            "방장",
            "방 장",
            "[방장]",
            "★방장★",
            "방장님",
            "owner",
            "Owner",
            "0wner",
            "οwner",
            "оwnеr",
            "ＯＷＮＥＲ",
            "𝐨𝐰𝐧𝐞𝐫",
            "-admin-",
            "аdmin",
            "ADMlN",
            "관리자",
        ] {
            assert_eq!(Nick::parse(wrong), Err(REFUSED), "{wrong}");
        }
        for fine in ["systematic", "방장 친구", "owner's cat", "administrator"] {
            assert_eq!(parsed(fine), fine);
        }
    }

    /// Every generated name, of both languages.
    fn friendly() -> impl Iterator<Item = String> {
        let all = (0..2304_u64).map(|number| MemberId::from_bytes(number.to_be_bytes()));
        all.flat_map(|id| [friendly_name(id, Lang::Ko), friendly_name(id, Lang::En)])
    }

    #[test]
    fn a_generated_name_is_a_name_with_any_number() {
        let mut seen = std::collections::HashSet::new();
        for name in friendly() {
            assert_eq!(parsed(&name), name);
            assert!(seen.insert(name.clone()), "{name} is generated twice");
            for number in [2, 10, 999, u32::MAX] {
                let numbered = numbered(&name, number);
                assert_eq!(parsed(&numbered), numbered, "{name}");
                assert!(numbered.ends_with(&format!(" {number}")));
            }
        }
        assert_eq!(seen.len(), 4608);
        assert_eq!(numbered("졸린 고래", 2), "졸린 고래 2");
        assert_eq!(numbered("Easygoing Butterfly", 2), "Butterfly 2");
        assert_eq!(numbered(&"가".repeat(20), 12), format!("{} 12", "가".repeat(17)));
    }

    #[test]
    fn no_two_generated_names_look_alike() {
        let mut seen = std::collections::HashMap::new();
        for name in friendly() {
            for face in Skeleton::of(&name).faces() {
                if let Some(other) = seen.insert(face.to_owned(), name.clone()) {
                    assert_eq!(other, name);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_name_is_a_name_again(text in "\\PC{0,24}|.{0,24}|[a가\u{301}\u{1100}\u{1161} ]{0,24}") {
            if let Ok(nick) = Nick::parse(&text) {
                let name = nick.as_str();
                prop_assert_eq!(Nick::parse(name), Ok(nick.clone()));
                prop_assert!((1..=Nick::MOST).contains(&name.chars().count()));
                prop_assert!(!name.contains("  ") && name.trim() == name);
                prop_assert!(!name.chars().any(|c| c.is_control() || is_unseen(c)));
            }
        }
    }
}
