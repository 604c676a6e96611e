//! The files of a GIF: the same picture in several shapes, under names that begin with its hash.

use super::GifHash;

/// A shape in which a GIF is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rendition {
    /// The GIF itself.
    Gif,
    /// Animated WebP.
    WebP,
    /// A still, as WebP.
    Poster,
}

impl Rendition {
    pub const ALL: [Self; 3] = [Self::Gif, Self::WebP, Self::Poster];

    /// How its name ends.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Gif => ".gif",
            Self::WebP => ".webp",
            Self::Poster => ".poster.webp",
        }
    }

    /// Its media type.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Gif => "image/gif",
            Self::WebP | Self::Poster => "image/webp",
        }
    }

    /// Reads the name of a file.
    pub fn of_name(name: &str) -> Option<(GifHash, Self)> {
        let (hash, suffix) = name.split_at_checked(2 * GifHash::LEN)?;
        let rendition = Self::ALL.into_iter().find(|rendition| rendition.suffix() == suffix)?;
        Some((hash.parse().ok()?, rendition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whose_file_it_is_and_which() {
        let hash = GifHash::from_bytes([0xcd; 32]);
        for rendition in Rendition::ALL {
            assert_eq!(Rendition::of_name(&format!("{hash}{}", rendition.suffix())), Some((hash, rendition)));
        }
        for wrong in ["", ".gif", &format!("{hash}"), &format!("{hash}.png"), &format!("{hash}.gif.webp"), "가.gif"] {
            assert_eq!(Rendition::of_name(wrong), None, "{wrong}");
        }
        assert_eq!(Rendition::of_name(&format!("{}.gif", "CD".repeat(32))), None, "one file has one name");
    }
}
