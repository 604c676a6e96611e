//! What presence decides is stored in the order in which it was decided.

use std::sync::Arc;

use super::{Chat, Error};
use crate::domain::Message;
use crate::presence::{Fault, Stored};
use crate::store::StoreError;

impl Chat {
    /// Hands what presence decides to the store. One task runs it, for ever.
    pub async fn store_acts(self: Arc<Self>) {
        loop {
            self.presence.has_act().await;
            // Only with a place in the store's queue an act is taken out of that of presence: nothing is between them.
            let Ok(turn) = self.store.turn().await else { return };
            let Some((act, done)) = self.presence.take_act() else { continue };
            let chat = Arc::clone(&self);
            turn.act(act, move |acted| {
                if let Ok(acted) = &acted
                    && !acted.freed.is_empty()
                {
                    let freed = acted.freed.clone();
                    tokio::spawn(async move { chat.release(freed).await });
                }
                done(acted.map(|acted| acted.messages).map_err(Fault::from));
            });
        }
    }

    /// Waits until what presence decided is stored and everybody has been told: its entries.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub(super) async fn stored(&self, decided: Stored) -> Result<Vec<Message>, Error> {
        decided.wait().await.map_err(|fault| match fault.downcast::<StoreError>() {
            Ok(error) => (*error).into(),
            Err(other) => Error::unavailable("store what was done", other),
        })
    }
}
