//! Posts on their way, counted by how many hear them: what waits before a message is to be short in a large room, too.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Deliveries of all posts between their room and the disk: a fraction of a second of work. Whoever posts beyond waits, first
/// come, first served.
const MOST: u32 = 128 * 1024;
/// What a post counts at least, so that small rooms are bounded, too.
const LEAST: u32 = 8;

#[derive(Debug)]
pub struct Deliveries(Arc<Semaphore>);

impl Default for Deliveries {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST as usize)))
    }
}

impl Deliveries {
    /// Waits for room for a post that so many hear. It is given back when what this returns is dropped.
    pub async fn begin(&self, members: u32) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(&self.0).acquire_many_owned(members.clamp(LEAST, MOST)).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_large_room_has_fewer_posts_under_way_and_everybody_gets_through() {
        let deliveries = Deliveries::default();
        let begin = |members| deliveries.begin(members).now_or_never().flatten();
        let large: Vec<_> = std::iter::from_fn(|| begin(MOST / 4)).collect();
        assert_eq!(large.len(), 4);
        assert!(begin(0).is_none());
        drop(large);
        assert!(begin(u32::MAX).is_some(), "a room larger than all of it has one at a time");
    }
}
