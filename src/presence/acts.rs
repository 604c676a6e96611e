//! Acts on their way to the store.

use std::fmt;

use tokio::sync::oneshot;

use super::state::{Queued, Ticket};
use super::{Inner, Presence};
use crate::domain::{Act, Message};

/// Why an act could not be stored.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// To be called when an act is stored and told, with its entries, or could not be stored. Dropping it says that it could
/// not.
pub type Done = Box<dyn FnOnce(Result<Vec<Message>, Fault>) + Send>;

pub(super) type Answer = oneshot::Sender<Result<Vec<Message>, Fault>>;

/// An act that holds in memory already, and will be stored or not.
#[derive(Debug)]
#[must_use = "the act is stored all the same; wait for it or drop it on purpose"]
pub struct Stored(Source);

#[derive(Debug)]
enum Source {
    Nothing,
    Failed,
    Waits(oneshot::Receiver<Result<Vec<Message>, Fault>>),
}

/// An act was not stored: too many wait already, or the program ends.
#[derive(Debug, thiserror::Error)]
#[error("it could not be handed to the store")]
struct NotStored;

impl Stored {
    /// Returns once the act is stored and told: its entries, none when there was nothing to store.
    ///
    /// # Errors
    /// What the store said; or there were too many acts in line.
    pub async fn wait(self) -> Result<Vec<Message>, Fault> {
        match self.0 {
            Source::Nothing => Ok(Vec::new()),
            Source::Failed => Err(NotStored.into()),
            Source::Waits(answer) => answer.await.unwrap_or_else(|_| Err(NotStored.into())),
        }
    }
}

impl Inner {
    /// Remembers who waits for an act. Before anything else can happen to it, that is under the same lock.
    pub(super) fn stored(&mut self, queued: Queued) -> Stored {
        Stored(match queued {
            Queued::Nothing => Source::Nothing,
            Queued::Failed => Source::Failed,
            Queued::As(number) => {
                let (answer, waits) = oneshot::channel();
                self.waiting.insert(number, answer);
                Source::Waits(waits)
            }
        })
    }
}

impl Presence {
    /// Returns when an act waits to be stored. One task asks, finds it a place in the store's queue, and only then takes
    /// it with [`Presence::take_act`].
    pub async fn has_act(&self) {
        let Self::Local(local) = self;
        while !self.inner().state.has_act() {
            local.acts.notified().await;
        }
    }

    /// The act that is to be stored next. Acts are to be stored in the order in which they are taken.
    pub fn take_act(&self) -> Option<(Act, Done)> {
        let taken = self.inner().state.take_act()?;
        let receipt = Receipt { presence: self.clone(), number: taken.number, ticket: Some(taken.ticket) };
        Some((taken.act, Box::new(move |stored| receipt.settle(stored))))
    }
}

/// What is owed for an act that was taken.
struct Receipt {
    presence: Presence,
    number: u64,
    ticket: Option<Ticket>,
}

impl Receipt {
    fn settle(mut self, stored: Result<Vec<Message>, Fault>) {
        self.give(stored);
    }

    fn give(&mut self, stored: Result<Vec<Message>, Fault>) {
        let Some(ticket) = self.ticket.take() else { return };
        let answer = self.presence.change(|inner, moment| {
            inner.state.settle(ticket, stored.is_ok(), moment);
            inner.waiting.remove(&self.number)
        });
        if let Some(answer) = answer {
            // Who asked may have gone away.
            let _ = answer.send(stored);
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.give(Err(NotStored.into()));
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("number", &self.number).finish_non_exhaustive()
    }
}
