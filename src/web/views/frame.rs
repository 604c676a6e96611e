//! What every page has around its content.

use std::fmt::{self, Display};

use crate::domain::{Color, Lang, Member};
use crate::web::assets;
use crate::web::texts::texts;

/// The light or dark look a person chose; without a choice the system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// From the value of the `theme` cookie.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Shared by all pages.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub lang: Lang,
    pub theme: Option<Theme>,
    /// For the one `<style>` block; the same as in the response's policy. Base64 characters only.
    pub nonce: &'a str,
    /// Path and query of this page, for the way back after switching the language.
    pub path: &'a str,
    pub me: &'a Member,
}

impl Frame<'_> {
    /// The sentence of a key in the page's language.
    pub fn t<'k>(&self, key: &'k str) -> &'k str {
        texts(self.lang).text(key)
    }

    pub fn fill(&self, key: &str, place: &str, value: impl Display) -> String {
        texts(self.lang).fill(key, &[(place, &value)])
    }

    pub fn count(&self, key: &str, n: usize) -> String {
        texts(self.lang).count(key, n as u64)
    }

    pub(super) fn theme_name(&self) -> &'static str {
        self.theme.map_or("", Theme::name)
    }

    /// The address that switches to the other language and comes back here.
    pub(super) fn switch(&self) -> String {
        format!("/lang/{}?to={}", self.other_tag(), percent_encoded(self.path))
    }

    pub(super) fn other_tag(&self) -> &'static str {
        if self.lang == Lang::Ko { "en" } else { "ko" }
    }

    pub(super) fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }

    /// The address of an illustration in `web/src/art`.
    pub(super) fn art(&self, name: &str) -> &'static str {
        assets::entry(&format!("src/art/{name}.svg"))
    }

    pub(super) fn icons(&self) -> &'static str {
        assets::entry("src/art/icons.svg")
    }

    pub(super) fn script(&self) -> &'static str {
        assets::entry("src/main.ts")
    }

    pub(super) fn style(&self) -> &'static str {
        assets::style("src/main.ts")
    }
}

/// A picture of the sprite, by its name in `web/src/art/icons.svg`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Icon(&'static str);

impl Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, icons) = (self.0, assets::entry("src/art/icons.svg"));
        write!(f, r#"<svg class="icon i-{name}" aria-hidden="true"><use href="{icons}#{name}"/></svg>"#)
    }
}

/// Both parts of it are names of ours.
impl askama::filters::HtmlSafe for Icon {}

/// The class that carries a colour.
pub(super) fn color_class(color: Color) -> String {
    format!("u-{}", color.to_string().trim_start_matches('#'))
}

/// The rules that give the classes of these colours their colour.
pub(super) fn color_rules(colors: impl IntoIterator<Item = Color>) -> String {
    let mut seen: Vec<Color> = Vec::new();
    let mut rules = String::new();
    for color in colors {
        if !seen.contains(&color) {
            seen.push(color);
            rules.push_str(&format!(".{}{{--u:{color}}}", color_class(color)));
        }
    }
    rules
}

/// RFC 3986 section 2.1, for one value of a query: everything but unreserved characters and `/`.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_survives_its_characters() {
        assert_eq!(percent_encoded("/?error=a&b 방"), "/%3Ferror%3Da%26b%20%EB%B0%A9");
    }

    #[test]
    fn a_colour_has_one_rule() {
        let red: Color = "#ff0000".parse().unwrap();
        assert_eq!(color_rules([red, red]), ".u-ff0000{--u:#ff0000}");
    }
}
