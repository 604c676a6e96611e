//! What presence decides is stored in the order in which it was decided.

use std::error::Error as StdError;

use tokio::sync::oneshot;

use super::{Chat, Error};
use crate::domain::{Message, Refusal};
use crate::presence;
use crate::store::StoreError;

/// The entries that an act has left in the history.
pub(super) type Stored = Vec<Message>;

type Failure = Box<dyn StdError + Send + Sync>;

impl Chat {
    /// Hands what presence decides to the store. One task runs it, for ever.
    pub async fn store_acts(&self) {
        loop {
            self.presence.has_act().await;
            // Only with a place in the store's queue an act is taken out of that of presence: nothing is between them.
            match self.store.turn().await {
                Ok(turn) => {
                    if let Some((act, done)) = self.presence.take_act() {
                        turn.act(act, move |stored| done(stored.map(|acted| acted.messages).map_err(Failure::from)));
                    }
                }
                Err(_) => return,
            }
        }
    }

    /// Lets presence decide something, and waits until that is stored and everybody has been told.
    ///
    /// # Errors
    /// What presence refuses; [`Error::ShuttingDown`], [`Error::Unavailable`].
    pub(super) async fn stored<T>(
        &self,
        decide: impl FnOnce(presence::Done) -> Result<T, Refusal>,
    ) -> Result<(T, Stored), Error> {
        let inside = self.posts.enter()?;
        let (tell, told) = oneshot::channel();
        let decided = decide(Box::new(move |stored| {
            drop(inside);
            drop(tell.send(stored));
        }))?;
        let stored = told.await.map_err(|_| Error::Busy)?;
        Ok((decided, stored.map_err(failed)?))
    }
}

fn failed(failure: Failure) -> Error {
    match failure.downcast::<StoreError>() {
        Ok(error) => (*error).into(),
        Err(other) => Error::unavailable("store what was done", other),
    }
}
