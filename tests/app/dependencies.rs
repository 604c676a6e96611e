//! What deny.toml allows is what is there: licences, bans and sources of every dependency.

use std::collections::{HashMap, HashSet};
use std::process::Command;

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn rules() -> toml::Table {
    std::fs::read_to_string(format!("{ROOT}/deny.toml")).unwrap().parse().unwrap()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--all-features"])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn strings(list: &toml::Value) -> HashSet<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

/// Whether an SPDX expression, or the older `A/B`, can be met with the `allowed` licences alone.
fn is_met(expression: &str, allowed: &HashSet<&str>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any(&mut words, allowed);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, allowed: &HashSet<&str>) -> bool {
    let mut met = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, allowed);
    }
    met
}

fn all(words: &mut Words<'_>, allowed: &HashSet<&str>) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &HashSet<&str>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let met = any(words, allowed);
        return words.next_if_eq(&")").is_some() && met;
    }
    let Some(licence) = words.next() else { return false };
    match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
        Some(exception) => allowed.contains(format!("{licence} WITH {exception}").as_str()),
        None => allowed.contains(licence),
    }
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = HashSet::from(["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]);
    for met in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "(MIT OR X) AND ISC", "Apache-2.0 WITH LLVM-exception OR X"] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in ["", "GPL-3.0", "MIT AND X", "Apache-2.0", "(X OR Y) AND MIT", "MIT X", "(MIT"] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
}

#[test]
fn every_dependency_keeps_to_the_rules() {
    let (rules, metadata) = (rules(), metadata());
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "metadata lists the dependencies");
    let names: HashMap<&str, &str> =
        packages.iter().map(|package| (package["id"].as_str().unwrap(), package["name"].as_str().unwrap())).collect();
    let mut wrong = Vec::new();

    let allowed = strings(&rules["licenses"]["allow"]);
    let exceptions = rules["licenses"]["exceptions"].as_array().unwrap();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let exception = exceptions.iter().find(|exception| exception["crate"].as_str() == Some(name));
        let allowed: HashSet<&str> =
            allowed.iter().copied().chain(exception.into_iter().flat_map(|one| strings(&one["allow"]))).collect();
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_met(licence, &allowed) {
            wrong.push(format!("{name} has the licence {licence:?}, which deny.toml does not allow"));
        }
        if package["source"].as_str().is_some_and(|source| source != CRATES_IO) {
            wrong.push(format!("{name} does not come from crates.io"));
        }
    }

    let bans = rules["bans"]["deny"].as_array().unwrap();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let user = names[node["id"].as_str().unwrap()];
        for dependency in node["deps"].as_array().unwrap() {
            let name = names[dependency["pkg"].as_str().unwrap()];
            let ban = bans.iter().find(|ban| ban["crate"].as_str() == Some(name));
            let wrapped = |ban: &toml::Value| ban.get("wrappers").is_some_and(|users| strings(users).contains(user));
            if ban.is_some_and(|ban| !wrapped(ban)) {
                wrong.push(format!("{user} uses {name}, which deny.toml bans"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
