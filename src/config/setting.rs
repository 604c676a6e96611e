//! How a setting is declared, and what is known of each.

use std::path::PathBuf;

use super::Config;

/// One setting: everything that help, sources and printing need to know of it.
pub struct Setting {
    /// The field of [`Config`], which is also the key in the file.
    pub name: &'static str,
    /// The default, as one would write it.
    pub default: &'static str,
    /// What its values look like, to follow "must be".
    pub expects: &'static str,
    pub(super) doc: &'static str,
    pub(super) set: fn(&mut Config, &str) -> bool,
    pub(super) show: fn(&Config) -> String,
}

impl Setting {
    /// `empty-grace`, without the dashes in front.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    /// `GIFCHAT_EMPTY_GRACE`.
    pub fn variable(&self) -> String {
        format!("GIFCHAT_{}", self.name.to_ascii_uppercase())
    }

    /// What it is for, in one sentence.
    pub fn help(&self) -> &'static str {
        self.doc.trim()
    }

    /// Its value in `config`, as one would write it.
    pub fn show(&self, config: &Config) -> String {
        (self.show)(config)
    }
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setting").field("name", &self.name).field("default", &self.default).finish_non_exhaustive()
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    Environment,
    Flag,
}

/// Declares the settings: the struct, its defaults and the table of [`Setting`]s.
///
/// `/// what it is for` `field: type, kind = "default";` where the kind (see `kind.rs`) parses and shows the type.
macro_rules! settings {
    ($( #[doc = $doc:literal] $name:ident: $type:ty, $kind:ident = $default:literal; )+) => {
        /// Every setting of the server. Sizes are in bytes, rates in events per second.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Config {
            $(
                #[doc = $doc]
                #[doc = concat!("\n\nDefault: `", $default, "`.")]
                pub $name: $type,
            )+
        }

        impl Default for Config {
            fn default() -> Self {
                Self {
                    $( $name: kind::$kind::parse($default).expect("a default has its kind: a test loads them all"), )+
                }
            }
        }

        impl Config {
            /// All settings, in the order in which they are shown.
            pub const SETTINGS: &[Setting] = &[
                $( Setting {
                    name: stringify!($name),
                    default: $default,
                    expects: kind::$kind::EXPECTS,
                    doc: $doc,
                    set: |config, text| kind::$kind::parse(text).map(|value| config.$name = value).is_some(),
                    show: |config| kind::$kind::show(&config.$name),
                }, )+
            ];
        }
    };
}
