//! Placeholder until the rules are merged.

use super::Invalid;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    Open,
    #[default]
    Normal,
    Strict,
}

impl Preset {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "open" => Ok(Self::Open),
            "normal" => Ok(Self::Normal),
            "strict" => Ok(Self::Strict),
            _ => Err(Invalid::Id { field: "preset" }),
        }
    }
}

impl std::fmt::Display for Preset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Normal => "normal",
            Self::Strict => "strict",
        })
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slow(u32);

impl Slow {
    pub fn new(seconds: u32) -> Result<Self, Invalid> {
        if seconds > 3600 { Err(Invalid::Id { field: "slow" }) } else { Ok(Self(seconds)) }
    }

    pub const fn seconds(self) -> u32 {
        self.0
    }
}
