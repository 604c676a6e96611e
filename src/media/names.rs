//! What the files of GIFs are called, and where they are.

use object_store::path::Path;

use crate::domain::{GifHash, Rendition};

/// A file of a GIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum File {
    Of(Rendition),
    /// The upload that it was made from; never served.
    Original,
}

impl File {
    /// The GIF itself first: without it the others are nothing.
    pub(super) const ALL: [Self; 4] =
        [Self::Of(Rendition::Gif), Self::Of(Rendition::WebP), Self::Of(Rendition::Poster), Self::Original];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Of(rendition) => rendition.suffix(),
            Self::Original => ".original",
        }
    }

    /// `ab/abcdef….gif`: no folder grows beyond a 256th of all.
    pub(super) fn path(self, hash: GifHash) -> Path {
        let hex = hash.to_string();
        Path::from_iter([&hex[..2], &format!("{hex}{}", self.suffix())])
    }

    /// Whose file it is, and which. Files that we did not write are somebody else's to remove.
    pub(super) fn at(path: &Path) -> Option<(GifHash, Self)> {
        let (hash, suffix) = path.filename()?.split_at_checked(2 * GifHash::LEN)?;
        let file = Self::ALL.into_iter().find(|file| file.suffix() == suffix)?;
        let hash = hash.parse().ok()?;
        (file.path(hash) == *path).then_some((hash, file))
    }

    /// Whether it is a file of a GIF that was not written to its end: `object_store` keeps such files under names that end
    /// in `#` and a number, and never lists them.
    pub(super) fn is_half_written(name: &str) -> bool {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        name.rsplit_once('#').is_some_and(|(name, number)| {
            is_number(number) && Self::ALL.into_iter().any(|file| name.ends_with(file.suffix()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_whose_file_it_is() {
        let hash = GifHash::from_bytes([0xab; 32]);
        for file in File::ALL {
            assert_eq!(File::at(&file.path(hash)), Some((hash, file)));
            assert!(File::is_half_written(&format!("{}#7", file.path(hash).filename().unwrap())));
        }
        let other = Path::from_iter(["cd", &format!("{hash}.gif")]);
        assert_eq!(File::at(&other), None, "on another shelf");
        for wrong in ["notes.txt", "notes.txt#1", "x.gif#", "x.gif#a"] {
            assert!(File::at(&Path::from_iter(["ab", wrong])).is_none() && !File::is_half_written(wrong), "{wrong}");
        }
    }
}
