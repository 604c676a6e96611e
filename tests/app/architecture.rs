//! Nobody enters through the window: which part may use which, and what may be written only in one place.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Each part of src/, and the parts it may use. `web -> chat -> { store, presence, bus, media } -> wire -> domain`;
/// env, config and data ask the world, and know only the words of the domain.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("env", &["domain"]),
    ("open_files", &[]),
    ("config", &["domain"]),
    ("data", &["domain", "env"]),
    ("wire", &["domain"]),
    ("store", &["wire", "domain", "env"]),
    ("presence", &["wire", "domain", "env"]),
    ("provider", &["domain"]),
    ("bus", &["wire", "domain", "env"]),
    ("media", &["wire", "domain", "env"]),
    ("chat", &["store", "presence", "provider", "bus", "media", "wire", "domain", "env", "config"]),
    ("web", &["chat", "store", "presence", "provider", "bus", "media", "wire", "domain", "env", "config", "data"]),
    (
        "app",
        &["web", "chat", "store", "presence", "provider", "bus", "media", "wire", "domain", "env", "config", "data"],
    ),
    ("listen", &[]),
    ("systemd", &[]),
    ("gifs", &["store", "media", "domain", "env", "config", "data"]),
    ("cli", &["app", "gifs", "config", "env", "listen", "open_files", "systemd"]),
    ("lib", &[]),
    ("main", &["cli"]),
];

struct Source {
    path: PathBuf,
    /// The part of the house it belongs to: the first name under src/.
    part: String,
    /// Without comments, and without its unit tests.
    code: String,
}

fn sources(folder: &str) -> Vec<Source> {
    let base = Path::new(ROOT).join(folder);
    let mut found = Vec::new();
    let mut folders = vec![base.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && path.file_stem().unwrap() != "tests"
            {
                let inside = path.strip_prefix(&base).unwrap();
                let part = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
                let code = code(&fs::read_to_string(&path).unwrap());
                found.push(Source {
                    path: Path::new(folder.file_name().unwrap()).join(path.file_name().unwrap()),
                    part,
                    code,
                });
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds sources");
    found
}

/// What is compiled into the program: no comments, nothing after the first `#[cfg(test)]` on a module.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    text[..end].lines().map(without_comment).collect::<Vec<_>>().join("\n")
}

/// Cuts `//` unless it stands in a string (a URL).
fn without_comment(line: &str) -> &str {
    let mut inside = false;
    let mut before = '\0';
    for (index, letter) in line.char_indices() {
        match letter {
            '"' if before != '\\' && before != '\'' => inside = !inside,
            '/' if before == '/' && !inside => return &line[..index - 1],
            _ => {}
        }
        before = letter;
    }
    line
}

/// The names right after `crate::`, also those of a group.
fn used_parts(code: &str) -> HashSet<&str> {
    let name = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let mut used = HashSet::new();
    for (index, _) in code.match_indices("crate::") {
        let rest = &code[index + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            used.insert(&rest[..name(rest)]);
            continue;
        };
        let mut depth = 0;
        let mut begin = true;
        for (index, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begin = true,
                letter if begin && !letter.is_whitespace() => {
                    begin = false;
                    used.insert(&group[index..][..name(&group[index..])]);
                }
                _ => {}
            }
        }
    }
    used
}

/// Every file of src/ outside `parts` in which `is_wrong` finds something.
fn offenders(parts: &[&str], is_wrong: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let outside = sources("src").into_iter().filter(|source| !parts.contains(&source.part.as_str()));
    outside.filter(|source| is_wrong(&source.code)).map(|source| source.path).collect()
}

fn has_any<'a>(words: &'a [&str]) -> impl Fn(&str) -> bool + 'a {
    |code| words.iter().any(|word| code.contains(word))
}

#[test]
fn the_reader_of_imports_sees_them() {
    let code = code(
        "use crate::domain::{A, B};\nuse crate::{env::Env, web::{x, y}, chat};\n// crate::store\nlet a = \"http://b\"; crate::bus::c();",
    );
    assert_eq!(used_parts(&code), HashSet::from(["domain", "env", "web", "chat", "bus"]));
}

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for source in sources("src") {
        let Some((_, may_use)) = MAY_USE.iter().find(|(part, _)| *part == source.part) else {
            wrong.push(format!(
                "{}: a new part? say in tests/app/architecture.rs what it may use",
                source.path.display()
            ));
            continue;
        };
        for used in used_parts(&source.code) {
            // A name that is no part is an item of the crate's root, of which there is none, or a macro of the part itself.
            let is_part = MAY_USE.iter().any(|(part, _)| *part == used);
            if is_part && used != source.part && !may_use.contains(&used) {
                wrong.push(format!("{}: {} must not use {used}", source.path.display(), source.part));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_domain_is_pure_and_use_cases_know_no_http() {
    let impure = ["tokio", "async ", "sqlx", "http::", "axum", "hyper", "std::fs", "std::net"];
    let others: Vec<_> = MAY_USE.iter().map(|(part, _)| *part).filter(|part| *part != "domain").collect();
    assert_eq!(offenders(&others, has_any(&impure)), Vec::<PathBuf>::new());
    let others: Vec<_> = MAY_USE.iter().map(|(part, _)| *part).filter(|part| *part != "chat").collect();
    assert_eq!(offenders(&others, has_any(&["axum", "http::", "hyper", "sqlx"])), Vec::<PathBuf>::new());
}

#[test]
fn sql_is_written_in_the_store_alone() {
    let sql = ["sqlx::", "SELECT ", "INSERT INTO ", "DELETE FROM ", "select ", "insert into ", "delete from "];
    assert_eq!(offenders(&["store"], has_any(&sql)), Vec::<PathBuf>::new());
}

#[test]
fn events_become_json_in_one_place() {
    let names = ["\"newRoom\"", "\"updateRoom\"", "\"removeRoom\"", "\"createdAt\"", "\"recovered\""];
    assert_eq!(offenders(&["wire"], has_any(&names)), Vec::<PathBuf>::new());
}

#[test]
fn only_env_asks_for_the_time_and_for_chance() {
    assert_eq!(offenders(&["env"], has_any(&["SystemTime", "UNIX_EPOCH"])), Vec::<PathBuf>::new());
    assert_eq!(offenders(&["env"], has_any(&["rand::"])), Vec::<PathBuf>::new());
}

#[test]
fn realtime_and_gif_know_nothing_of_ours() {
    for name in ["realtime", "gif"] {
        let manifest: toml::Table =
            fs::read_to_string(format!("{ROOT}/crates/{name}/Cargo.toml")).unwrap().parse().unwrap();
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let ours = manifest.get(table).and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys);
            let own = format!("gifchat-{name}");
            let ours: Vec<_> = ours.filter(|name| name.starts_with("gifchat") && **name != own).collect();
            assert!(ours.is_empty(), "crates/{name} depends on {ours:?}");
        }
        for source in sources(&format!("crates/{name}/src")) {
            assert!(!source.code.contains("gifchat::"), "{}", source.path.display());
        }
    }
}
