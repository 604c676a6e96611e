//! Defaults < file < environment < flags.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{Config, ConfigError, Origin, Setting};

/// Where settings are looked for, beside the defaults.
#[expect(missing_debug_implementations, reason = "it holds functions")]
pub struct Sources<'a> {
    /// The TOML file.
    pub file: Option<PathBuf>,
    /// The environment: a variable's value by its name. An empty one counts as not set.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// The command line: a flag's value by its setting's name.
    pub flag: &'a dyn Fn(&str) -> Option<String>,
}

/// The effective settings, and where each came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    /// In the order of [`Config::SETTINGS`].
    pub origins: Vec<Origin>,
}

impl Loaded {
    /// Reads all sources.
    ///
    /// # Errors
    /// The first thing that is wrong, as one sentence with its remedy.
    pub fn load(sources: &Sources<'_>) -> Result<Self, ConfigError> {
        let file = sources.file.as_deref().map(read).transpose()?;
        let mut loaded = Self { config: Config::default(), origins: vec![Origin::Default; Config::SETTINGS.len()] };
        for (index, setting) in Config::SETTINGS.iter().enumerate() {
            let in_file =
                file.as_ref().and_then(|(path, keys)| Some((Origin::File(path.clone()), keys.get(setting.name)?)));
            if let Some((origin, value)) = in_file {
                loaded.set(index, &written(value), origin)?;
            }
            if let Some(value) = (sources.variable)(&setting.variable()).filter(|value| !value.is_empty()) {
                loaded.set(index, &value.to_string_lossy(), Origin::Environment)?;
            }
            if let Some(value) = (sources.flag)(setting.name) {
                loaded.set(index, &value, Origin::Flag)?;
            }
        }
        Ok(loaded)
    }

    fn set(&mut self, index: usize, value: &str, origin: Origin) -> Result<(), ConfigError> {
        let setting = &Config::SETTINGS[index];
        if !(setting.set)(&mut self.config, value) {
            return Err(ConfigError::wrong(setting, value, &origin));
        }
        self.origins[index] = origin;
        Ok(())
    }
}

/// The table that `gifchat config` prints: name, value, where from.
impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = |setting: &Setting, origin: &Origin| match origin {
            Origin::Default => "default".to_owned(),
            Origin::File(path) => path.display().to_string(),
            Origin::Environment => setting.variable(),
            Origin::Flag => format!("--{}", setting.flag()),
        };
        let head = ["SETTING", "VALUE", "FROM"].map(str::to_owned);
        let rows = Config::SETTINGS.iter().zip(&self.origins);
        let rows =
            rows.map(|(setting, origin)| [setting.name.to_owned(), setting.show(&self.config), from(setting, origin)]);
        let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (names, values) = (width(0), width(1));
        for [name, value, from] in &rows {
            writeln!(f, "{name:names$}  {value:values$}  {from}")?;
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<(PathBuf, toml::Table), ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let keys: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::NotToml {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1)),
        problem: error.message().lines().collect::<Vec<_>>().join(", "),
    })?;
    match keys.keys().find(|key| !Config::SETTINGS.iter().any(|setting| setting.name == *key)) {
        None => Ok((path.to_owned(), keys)),
        Some(key) => Err(ConfigError::UnknownKey { path: path.to_owned(), key: key.clone(), remedy: remedy(key) }),
    }
}

fn remedy(key: &str) -> String {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
    let meant = Config::SETTINGS.iter().find(|setting| plain(setting.name) == plain(key));
    meant.map_or_else(
        || "`gifchat config` lists them all".to_owned(),
        |setting| format!("it is spelled {} there", setting.name),
    )
}

/// A value of the file as it would stand in a flag.
fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
