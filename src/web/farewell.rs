//! The last words of a process that ends.

use std::time::Duration;

use gifchat_realtime::{Frame, Socket};

use super::Doors;
use crate::wire::{ShutdownView, name};

/// When the posts that were taken are stored and acknowledged, tells every client when to come back (each
/// at a moment of its own within `spread`), sends what waits, and closes. Posts that take more than `patience` hold up the
/// rest no longer: a disk may hang. It is the caller's part to bound the time in all.
pub async fn farewell(doors: &Doors, patience: Duration, spread: Duration) {
    if tokio::time::timeout(patience, doors.chat.posts_done()).await.is_err() {
        tracing::warn!("some posts were not stored in time; their senders are not answered");
    }
    let env = doors.env.clone();
    doors.realtime.shutdown_with(move |sockets| last_words(sockets, env.time_up_to(spread))).await;
}

/// For one connection, in each of its namespaces.
fn last_words(sockets: &[Socket], delay: Duration) -> Vec<Frame> {
    let view = ShutdownView::new(delay);
    let words = |socket: &Socket| match Frame::event(socket.namespace(), name::SHUTDOWN, &view) {
        Ok(frame) => Some(frame.with_retry(delay)),
        Err(error) => {
            tracing::error!(%error, "an event does not become JSON");
            None
        }
    };
    sockets.iter().filter_map(words).collect()
}
