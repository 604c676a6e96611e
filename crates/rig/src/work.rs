//! The proof of work that newcomers are asked for when many come at once.

use anyhow::{Context, ensure};
use sha2::{Digest, Sha256};

/// More is not asked of us: the scenes set it lower.
const MOST_BITS: u32 = 24;

/// A nonce for which SHA-256 of `<salt>:<nonce>` begins with so many zero bits.
///
/// # Errors
/// When that would take too long.
pub fn solve(salt: &str, bits: u32) -> anyhow::Result<String> {
    ensure!(bits <= MOST_BITS, "a proof of work of {bits} bits");
    let nonce = (0_u64..u64::MAX).find(|nonce| zeros(&Sha256::digest(format!("{salt}:{nonce:x}"))) >= bits);
    nonce.map(|nonce| format!("{nonce:x}")).context("there is one")
}

fn zeros(hash: &[u8]) -> u32 {
    let whole = hash.iter().take_while(|byte| **byte == 0).count();
    8 * whole as u32 + hash.get(whole).map_or(0, |byte| byte.leading_zeros())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_solved_begins_with_zeros() {
        assert_eq!([&[0, 0, 1][..], &[0x40], &[0]].map(zeros), [23, 1, 8]);
        let nonce = solve("ab", 9).unwrap();
        assert!(zeros(&Sha256::digest(format!("ab:{nonce}"))) >= 9);
        assert!(solve("ab", 25).is_err());
    }
}
