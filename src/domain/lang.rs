//! The two languages of the product.

use serde::{Deserialize, Serialize};

/// Korean is the default: it is where the product comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Ko,
    En,
}

impl Lang {
    /// The BCP 47 tag, for `<html lang>` and cookies.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag {
            "ko" => Some(Self::Ko),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The better of the two for an `Accept-Language` header (RFC 9110, section 12.5.4). English for a reader
    /// who asks only for languages we do not have, Korean for one who asks for nothing.
    pub fn accepted(header: &str) -> Self {
        let mut best = None;
        let mut asked = false;
        for range in header.split(',').take(32) {
            let mut parts = range.trim().split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let quality = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
            if tag.is_empty() || tag == "*" {
                continue;
            }
            asked = true;
            let primary = tag.split('-').next().unwrap_or_default();
            if let Some(lang) = Self::from_tag(primary)
                && quality > 0.0
                && best.is_none_or(|(_, q)| quality > q)
            {
                best = Some((lang, quality));
            }
        }
        best.map_or(if asked { Self::En } else { Self::Ko }, |(lang, _)| lang)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_what_the_reader_likes_best() {
        assert_eq!(Lang::accepted("ko-KR,ko;q=0.9,en;q=0.8"), Lang::Ko);
        assert_eq!(Lang::accepted("en-GB,en;q=0.9,ko;q=0.8"), Lang::En);
        assert_eq!(Lang::accepted("de, ko;q=0.3, en;q=0.5"), Lang::En);
        assert_eq!(Lang::accepted("ko;q=0, en;q=0.1"), Lang::En);
        assert_eq!(Lang::accepted("fr"), Lang::En);
        assert_eq!(Lang::accepted("*"), Lang::Ko);
        assert_eq!(Lang::accepted(""), Lang::Ko);
        assert_eq!(Lang::accepted(";;,q=,ko;q=x"), Lang::En);
    }
}
