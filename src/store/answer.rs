//! Where the answer to a command goes.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::error::StoreError;

type Tell<T> = Box<dyn FnOnce(Result<T, StoreError>) + Send>;

/// What is called with a command's outcome: exactly once, whatever happens. An answer that is dropped, because the
/// writer has ended or panicked, says [`StoreError::closed`]. It is called on the writer's task, so it must not block.
pub(super) struct Answer<T>(Option<Tell<T>>);

impl<T> Answer<T> {
    pub(super) fn new(tell: impl FnOnce(Result<T, StoreError>) + Send + 'static) -> Self {
        Self(Some(Box::new(tell)))
    }

    /// An answer that somebody waits for. Who has gone in the meantime misses it, and nothing else.
    pub(super) fn awaited() -> (Self, oneshot::Receiver<Result<T, StoreError>>)
    where
        T: Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        (Self::new(move |result| drop(sender.send(result))), receiver)
    }

    pub(super) fn give(mut self, result: Result<T, StoreError>) {
        self.tell(result);
    }

    /// One that panics is its own misfortune: the others still get their answers.
    fn tell(&mut self, result: Result<T, StoreError>) {
        if let Some(tell) = self.0.take()
            && catch_unwind(AssertUnwindSafe(|| tell(result))).is_err()
        {
            tracing::error!("What waited for an answer of the store panicked at it");
        }
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        if self.0.is_some() {
            self.tell(Err(StoreError::closed()));
        }
    }
}

impl<T> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_dropped_says_so_once() {
        let (answer, mut answered) = Answer::<()>::awaited();
        drop(answer);
        assert!(matches!(answered.try_recv().unwrap(), Err(StoreError::Unavailable(_))));
    }

    #[test]
    fn an_answer_is_given_once() {
        let (sender, receiver) = std::sync::mpsc::sync_channel(2);
        Answer::new(move |result| sender.send(result.is_ok()).unwrap()).give(Ok(7));
        assert_eq!(receiver.iter().collect::<Vec<_>>(), [true]);
    }
}
