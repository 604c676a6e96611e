//! What can be wrong with the settings: each is one sentence that names the setting, the place and the remedy.

use std::path::PathBuf;

use super::{Origin, Setting};

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings file {} cannot be read ({source}): give the path of a readable file with --config or GIFCHAT_CONFIG, or leave it out", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("the settings file {} is not TOML at line {line} ({problem}): correct that line", path.display())]
    NotToml { path: PathBuf, line: usize, problem: String },
    #[error("the settings file {} has the key {key:?}, which is no setting: {remedy}", path.display())]
    UnknownKey { path: PathBuf, key: String, remedy: String },
    #[error("{name} is {value:?} in {place}, but must be {expects}: correct it or leave it out")]
    Wrong { name: &'static str, value: String, place: String, expects: &'static str },
}

impl ConfigError {
    pub(super) fn wrong(setting: &Setting, value: &str, origin: &Origin) -> Self {
        let place = match origin {
            Origin::Default => "the defaults".to_owned(),
            Origin::File(path) => format!("the settings file {}", path.display()),
            Origin::Environment => format!("the environment variable {}", setting.variable()),
            Origin::Flag => format!("the flag --{}", setting.flag()),
        };
        Self::Wrong { name: setting.name, value: shortened(value), place, expects: setting.expects }
    }
}

/// A wrong value may be a whole file by accident: its beginning is enough to find it.
fn shortened(value: &str) -> String {
    const MOST: usize = 80;
    if value.chars().count() <= MOST {
        return value.to_owned();
    }
    value.chars().take(MOST).chain(['…']).collect()
}
