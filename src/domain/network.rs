//! Placeholder until the rules are merged.

use super::Invalid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NetworkHash([u8; 16]);

impl std::fmt::Display for NetworkHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for NetworkHash {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = u128::from_str_radix(text, 16).map_err(|_| Invalid::Id { field: "network" })?;
        Ok(Self(number.to_be_bytes()))
    }
}
