//! What is known of files that are imported: by their names, or by a CSV file.

use std::collections::HashMap;
use std::io::Read;

use anyhow::Context;

use crate::domain::{About, AltText, Invalid, Tags, Title, words};

/// The largest CSV file.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// The name of the CSV file that comes with the GIFs.
pub(super) const NAME: &str = "library.csv";
/// Its columns.
pub(super) const COLUMNS: [&str; 5] = ["file", "title", "tags", "alt_ko", "alt_en"];

/// Words that say nothing.
const EMPTY_WORDS: [&str; 8] = ["gif", "gifs", "image", "images", "img", "untitled", "copy", "download"];

/// Tags from the names of a file and of the folders it is in: words of letters, cut also where digits or, in Latin script, a
/// new capital begin.
pub(super) fn tags_of(path: &str) -> Tags {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let mut spaced = String::with_capacity(stem.len() + 8);
    let mut before = ' ';
    for c in stem.chars() {
        if before.is_lowercase() && c.is_uppercase() || before.is_numeric() != c.is_numeric() {
            spaced.push(' ');
        }
        spaced.push(c);
        before = c;
    }
    let says_something = |word: &String| {
        let is_letter = word.len() == 1;
        !is_letter && !word.chars().all(char::is_numeric) && !EMPTY_WORDS.contains(&word.as_str())
    };
    Tags::first_of(words(&spaced).into_iter().filter(says_something))
}

/// The rows of a CSV file, by the file they are about.
#[derive(Debug, Default)]
pub(super) struct Rows(HashMap<String, Row>);

#[derive(Debug, Default)]
struct Row {
    title: String,
    tags: String,
    alt_ko: String,
    alt_en: String,
    used: bool,
}

impl Rows {
    /// # Errors
    /// For what is not CSV with a column `file`, too large, or has two rows about one file.
    pub(super) fn read(from: impl Read) -> anyhow::Result<Self> {
        let mut bytes = Vec::new();
        from.take(MOST_BYTES + 1).read_to_end(&mut bytes).context("the CSV file cannot be read")?;
        anyhow::ensure!(bytes.len() as u64 <= MOST_BYTES, "the CSV file has more than {} MiB", MOST_BYTES >> 20);
        // As spreadsheets write it.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text);
        let head = reader.headers().context("the CSV file is not UTF-8 text")?.clone();
        let columns = COLUMNS.map(|name| head.iter().position(|field| field.eq_ignore_ascii_case(name)));
        anyhow::ensure!(columns[0].is_some(), "the CSV file has no column `file` in its first line");
        let mut rows = HashMap::new();
        for record in reader.records() {
            let record = record.context("the CSV file cannot be read")?;
            let [file, title, tags, alt_ko, alt_en] =
                columns.map(|at| at.and_then(|at| record.get(at)).unwrap_or_default().to_owned());
            if file.is_empty() {
                continue;
            }
            let row = Row { title, tags, alt_ko, alt_en, used: false };
            anyhow::ensure!(
                rows.insert(key(&file), row).is_none(),
                "the CSV file has two rows about {}",
                super::shown(&file)
            );
        }
        Ok(Self(rows))
    }

    /// What is said of a file, by its path or by its name alone; `None`: nothing.
    pub(super) fn about(&mut self, path: &str) -> Option<Result<About, Invalid>> {
        let path = key(path);
        let name = path.rsplit_once('/').map_or(path.as_str(), |(_, name)| name);
        let found = if self.0.contains_key(&path) { path.as_str() } else { name };
        let row = self.0.get_mut(found)?;
        row.used = true;
        Some(row.about())
    }

    /// The files that nothing was asked about.
    pub(super) fn unused(&self) -> Vec<&str> {
        let mut unused: Vec<_> = self.0.iter().filter(|(_, row)| !row.used).map(|(file, _)| file.as_str()).collect();
        unused.sort_unstable();
        unused
    }
}

impl Row {
    fn about(&self) -> Result<About, Invalid> {
        Ok(About {
            title: (!self.title.is_empty()).then(|| Title::parse(&self.title)).transpose()?,
            tags: Tags::parse(&self.tags)?,
            alt_ko: AltText::parse(&self.alt_ko)?,
            alt_en: AltText::parse(&self.alt_en)?,
        })
    }
}

/// Names are compared as one sees them: macOS writes Korean ones in parts.
fn key(path: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    path.replace('\\', "/").trim_start_matches("./").nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tags() {
        for (path, tags) in [
            ("동물/고양이/웃는_고양이2.gif", "동물 고양이 웃는"),
            ("funny_cat01.GIF", "funny cat"),
            ("HappyCat-dance (copy).gif", "happy cat dance"),
            ("IMG_20210101_123.gif", ""),
            ("a.b.c/x.gif", ""),
            ("no-ending", "no ending"),
            ("../../etc/passwd.gif", "etc passwd"),
            ("\u{1100}\u{1169}\u{1105}\u{1162}.gif", "고래"),
        ] {
            assert_eq!(tags_of(path).joined(), tags, "{path}");
        }
        assert_eq!(tags_of(&"가 나다 라마 ".repeat(1000)).as_slice().len(), 3);
    }

    #[test]
    fn a_csv_file_says_more() {
        let csv =
            "\u{feff}File,tags,alt_ko,extra,title\n a/cat.gif ,\"고양이, cat\",\"웃는, 고양이\",x,Cat\nlong.gif,,,,\n";
        let mut rows = Rows::read(csv.as_bytes()).unwrap();
        let about = rows.about("a/cat.gif").unwrap().unwrap();
        assert_eq!((about.tags.joined().as_str(), about.alt_en), ("고양이 cat", None));
        assert_eq!(about.alt_ko.unwrap().as_str(), "웃는, 고양이");
        assert_eq!(about.title.unwrap().as_str(), "Cat");
        assert_eq!(rows.unused(), ["long.gif"]);
        assert_eq!(rows.about("deep/er/long.gif").unwrap(), Ok(About::default()), "by its name alone");
        assert!(rows.about("other.gif").is_none() && rows.unused().is_empty());
    }

    #[test]
    fn a_wrong_csv_file_is_refused_as_a_whole_and_a_wrong_row_alone() {
        for (wrong, part) in [
            ("", "no column `file`"),
            ("name,tags\nx,y", "no column `file`"),
            ("file\na.gif\na.gif", "two rows about a.gif"),
        ] {
            let error = Rows::read(wrong.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(Rows::read(&b"file\n\xff"[..]).is_err());
        let endless = std::io::repeat(b'x');
        assert!(Rows::read(endless).unwrap_err().to_string().contains("more than 32 MiB"));
        let long = format!("file,title\na.gif,{}\nb.gif,b", "x".repeat(41));
        let mut rows = Rows::read(long.as_bytes()).unwrap();
        assert_eq!(rows.about("a.gif"), Some(Err(Invalid::TitleTooLong { most: 40 })));
        assert!(rows.about("b.gif").unwrap().is_ok());
    }
}
