//! Values nobody can make without the server's secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A secret for keyed hashes (HMAC-SHA256, RFC 2104). It does not print itself.
#[derive(Clone)]
pub struct HashKey(Hmac<Sha256>);

impl HashKey {
    /// From a secret of any length; 32 random bytes or more are worth having.
    #[allow(clippy::expect_used, reason = "HMAC takes keys of every length")]
    pub fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of every length"))
    }

    /// The first 16 bytes of the hash of `parts`. `purpose` and the length of every part are hashed as well, so that
    /// no two lists of parts run into each other, and a value made for one purpose is worth nothing for another.
    pub fn hash(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = self.0.clone();
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let whole = mac.finalize().into_bytes();
        std::array::from_fn(|at| whole[at])
    }
}

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let key = HashKey::new(b"a secret");
        let hash = key.hash("this", &[b"ab", b"c"]);
        assert_eq!(hash, HashKey::new(b"a secret").hash("this", &[b"ab", b"c"]));
        for other in [
            key.hash("that", &[b"ab", b"c"]),
            key.hash("this", &[b"a", b"bc"]),
            key.hash("this", &[b"abc"]),
            key.hash("this", &[b"ab", b"c", b""]),
            HashKey::new(b"another").hash("this", &[b"ab", b"c"]),
        ] {
            assert_ne!(hash, other);
        }
        assert_eq!(format!("{key:?}"), "HashKey(secret)");
    }

    /// RFC 4231, test case 2, with our framing left out: the crate is the HMAC everybody means.
    #[test]
    fn it_is_hmac_sha256() {
        let mut mac = HashKey::new(b"Jefe").0;
        mac.update(b"what do ya want for nothing?");
        let hash = mac.finalize().into_bytes();
        assert_eq!(hash[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(hash[28..], [0x64, 0xec, 0x38, 0x43]);
    }
}
