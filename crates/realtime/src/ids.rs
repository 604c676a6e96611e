//! Secrets and names of connections.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// 120 random bits in 20 characters that need no escaping anywhere.
#[allow(
    clippy::disallowed_methods,
    reason = "the crate stands alone: it draws its own ids from the system's generator"
)]
pub(crate) fn random_id() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 15]>())
}
