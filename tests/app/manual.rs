//! The manual and the other pages: their links lead somewhere, every page is in the book, and settings are called by their
//! names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gifchat::config::Config;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// All Markdown files of a folder and of those below it.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

fn book() -> Vec<PathBuf> {
    let mut found = Vec::new();
    pages(&Path::new(ROOT).join("docs"), &mut found);
    found
}

/// The targets of `[text](target)`, without those on other servers and those within the page.
fn links(text: &str) -> impl Iterator<Item = &str> {
    // What stands before the first is no target.
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with(['#', '/']))
}

#[test]
fn every_link_leads_to_a_file() {
    let mut all = book();
    for name in ["README.md", "README.ko.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        all.push(Path::new(ROOT).join(name));
    }
    for entry in std::fs::read_dir(Path::new(ROOT).join("crates")).unwrap() {
        all.extend(Some(entry.unwrap().path().join("README.md")).filter(|readme| readme.exists()));
    }
    let mut checked = 0;
    for page in all {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            let target = page.parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{}: {link} leads nowhere", page.display());
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn every_page_is_in_the_book_once() {
    let docs = Path::new(ROOT).join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let listed: Vec<PathBuf> = links(&summary).map(|link| docs.join(link)).collect();
    let once: BTreeSet<&PathBuf> = listed.iter().collect();
    assert_eq!(once.len(), listed.len());
    let there: BTreeSet<PathBuf> = book().into_iter().filter(|page| !page.ends_with("SUMMARY.md")).collect();
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), there);
}

#[test]
fn what_looks_like_a_setting_is_one() {
    let settings: BTreeSet<&str> = Config::SETTINGS.iter().map(|setting| setting.name).collect();
    let mut named = 0;
    for page in ["promises.md", "running.md"] {
        let text = std::fs::read_to_string(Path::new(ROOT).join("docs").join(page)).unwrap();
        // Every second piece, from the one behind the first of them on, is between two.
        for word in text.split('`').skip(1).step_by(2) {
            if word.contains('_') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                assert!(settings.contains(word), "{page}: there is no setting {word}");
                named += 1;
            }
        }
    }
    assert!(named > 10, "{named}");
}
