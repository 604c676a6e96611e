//! The files of a folder or of a ZIP archive. Nothing of an archive is ever written under a name of its own, and nothing is
//! believed: not how many files there are, not how large they say they are.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use zip::ZipArchive;

/// Most files of a pile. Those beyond are refused.
pub(super) const MOST_FILES: usize = 100_000;
/// How deep folders lie in folders.
const MOST_DEPTH: usize = 16;
/// The longest name, in bytes.
const MOST_NAME: usize = 1000;

/// Files to look at, each with a name, or with why it is not looked at.
pub(super) struct Pile {
    from: From,
    pub(super) items: Vec<Item>,
}

pub(super) struct Item {
    /// Its path within the pile, with `/` between folders.
    pub(super) name: String,
    at: Result<usize, Skipped>,
}

enum From {
    Folder(Vec<PathBuf>),
    Zip(Box<ZipArchive<BufReader<File>>>),
}

/// Why a file is not taken from a pile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Skipped {
    #[error("its name leads out of the archive")]
    Outside,
    #[error("its name is longer than {MOST_NAME} bytes")]
    LongName,
    #[error("it is a link")]
    Link,
    #[error("it lies deeper than {MOST_DEPTH} folders")]
    Deep,
    #[error("it comes after the first {MOST_FILES} files")]
    TooMany,
    #[error("it has more than {most} bytes")]
    TooLarge { most: usize },
    #[error("it cannot be read: {0}")]
    Unreadable(String),
}

impl Pile {
    /// Looks what is in a folder, and in those in it, or in an archive.
    ///
    /// # Errors
    /// When it is neither, or cannot be read.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let unreadable = || format!("{} cannot be read: give a folder or a ZIP archive", path.display());
        if std::fs::metadata(path).with_context(unreadable)?.is_dir() {
            return Self::of_folder(path).with_context(unreadable);
        }
        let file = BufReader::new(File::open(path).with_context(unreadable)?);
        Ok(Self::of_zip(ZipArchive::new(file).with_context(unreadable)?))
    }

    fn of_folder(root: &Path) -> std::io::Result<Self> {
        let (mut paths, mut items) = (Vec::new(), Vec::new());
        let mut folders = vec![(root.to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let mut entries = std::fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
            entries.sort_by_key(std::fs::DirEntry::file_name);
            for entry in entries {
                let path = entry.path();
                let inside = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                let kind = entry.file_type()?;
                if is_hidden(&inside) {
                    continue;
                }
                let at = match () {
                    () if kind.is_symlink() => Err(Skipped::Link),
                    () if kind.is_dir() && depth >= MOST_DEPTH => Err(Skipped::Deep),
                    () if kind.is_dir() => {
                        folders.push((path, depth + 1));
                        continue;
                    }
                    () if paths.len() >= MOST_FILES => Err(Skipped::TooMany),
                    () => {
                        paths.push(path);
                        Ok(paths.len() - 1)
                    }
                };
                items.push(Item { name: inside, at });
                if items.len() >= 2 * MOST_FILES {
                    return Ok(Self { from: From::Folder(paths), items });
                }
            }
        }
        Ok(Self { from: From::Folder(paths), items })
    }

    fn of_zip(mut archive: ZipArchive<BufReader<File>>) -> Self {
        let mut items = Vec::new();
        let mut taken = 0;
        for index in 0..archive.len().min(2 * MOST_FILES) {
            // The raw one: what is not read is not unpacked.
            let entry = match archive.by_index_raw(index) {
                Ok(entry) => entry,
                Err(error) => {
                    items
                        .push(Item { name: format!("entry {index}"), at: Err(Skipped::Unreadable(error.to_string())) });
                    continue;
                }
            };
            let name = match entry.name() {
                Ok(name) => name.replace('\\', "/"),
                Err(error) => {
                    items
                        .push(Item { name: format!("entry {index}"), at: Err(Skipped::Unreadable(error.to_string())) });
                    continue;
                }
            };
            if entry.is_dir() || is_hidden(&name) {
                continue;
            }
            let at = match () {
                () if name.len() > MOST_NAME => Err(Skipped::LongName),
                () if leads_outside(&name) => Err(Skipped::Outside),
                () if entry.is_symlink() => Err(Skipped::Link),
                () if name.split('/').count() > MOST_DEPTH => Err(Skipped::Deep),
                () if taken >= MOST_FILES => Err(Skipped::TooMany),
                () => {
                    taken += 1;
                    Ok(index)
                }
            };
            items.push(Item { name, at });
        }
        Self { from: From::Zip(Box::new(archive)), items }
    }

    /// The bytes of a file, of which there may be `most`. No more than that is ever unpacked.
    pub(super) fn read(&mut self, item: usize, most: usize) -> Result<Vec<u8>, Skipped> {
        let unreadable = |error: &dyn std::fmt::Display| Skipped::Unreadable(error.to_string());
        let at = self.items[item].at.clone()?;
        let mut bytes = Vec::new();
        let limit = most as u64 + 1;
        match &mut self.from {
            From::Folder(paths) => {
                // A pipe would be waited for without end.
                if !std::fs::metadata(&paths[at]).map_err(|error| unreadable(&error))?.is_file() {
                    return Err(Skipped::Unreadable(String::from("it is no file")));
                }
                let file = File::open(&paths[at]).map_err(|error| unreadable(&error))?;
                // It may be another one by now.
                if !file.metadata().map_err(|error| unreadable(&error))?.is_file() {
                    return Err(Skipped::Unreadable(String::from("it is no file")));
                }
                file.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
            }
            From::Zip(archive) => {
                let entry = archive.by_index(at).map_err(|error| unreadable(&error))?;
                entry.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
            }
        }
        if bytes.len() > most { Err(Skipped::TooLarge { most }) } else { Ok(bytes) }
    }

    /// The index of the file of that name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.items.iter().position(|item| item.name == name && item.at.is_ok())
    }
}

/// What systems leave among files, and nobody means.
fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.') && part != ".." && part != "." || part == "__MACOSX")
}

fn leads_outside(name: &str) -> bool {
    name.starts_with('/') || name.contains('\0') || name.split('/').any(|part| part == "..") || name.contains(":/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_outside_are_known() {
        for outside in ["/etc/passwd", "../x.gif", "a/../../x.gif", "C:/x.gif", "a\0.gif"] {
            assert!(leads_outside(outside), "{outside}");
        }
        for inside in ["a.gif", "a/b..gif", "..a/b.gif", "고양이/1.gif"] {
            assert!(!leads_outside(inside), "{inside}");
        }
        assert!(is_hidden("__MACOSX/._a.gif") && is_hidden("a/.DS_Store") && !is_hidden("../a.gif"));
    }
}
