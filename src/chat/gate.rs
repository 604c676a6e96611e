//! The way in for what is posted: open until the process ends, then shut behind those who are inside.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::Error;

#[derive(Debug)]
pub struct Gate {
    /// Every post holds a clone until it is answered. `None` once it is shut.
    way_in: Mutex<Option<watch::Receiver<()>>>,
    /// Sees when the last of them is gone.
    inside: watch::Sender<()>,
}

/// A post on its way: from the door until it is answered.
#[derive(Debug)]
pub struct Inside(#[allow(dead_code, reason = "it counts for as long as it lives")] watch::Receiver<()>);

impl Gate {
    pub fn open() -> Self {
        let (inside, way_in) = watch::channel(());
        Self { way_in: Mutex::new(Some(way_in)), inside }
    }

    /// # Errors
    /// [`Error::ShuttingDown`] once it is shut.
    pub fn enter(&self) -> Result<Inside, Error> {
        let way_in = self.way_in.lock().unwrap_or_else(PoisonError::into_inner);
        way_in.clone().map(Inside).ok_or(Error::ShuttingDown)
    }

    /// Lets nobody in from now on.
    pub fn shut(&self) {
        self.way_in.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Returns when it is shut and nobody is inside.
    pub async fn empty(&self) {
        self.inside.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn it_is_shut_at_once_and_waits_for_who_is_inside() {
        let gate = Gate::open();
        let (first, second) = (gate.enter().unwrap(), gate.enter().unwrap());
        gate.shut();
        assert!(matches!(gate.enter(), Err(Error::ShuttingDown)));
        drop(first);
        assert!(gate.empty().now_or_never().is_none());
        drop(second);
        gate.empty().await;
        gate.shut();
        gate.empty().await;
    }
}
