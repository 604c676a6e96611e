//! Time that has passed.

use tokio::time::Instant;

#[allow(clippy::disallowed_methods, reason = "the rig measures and waits; nothing it says depends on the time of day")]
pub fn now() -> Instant {
    Instant::now()
}
