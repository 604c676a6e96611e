//! Somebody shows a GIF that the server has: from the library, or one that they have seen before.

use std::sync::Arc;

use super::take_in::Taken;
use super::{Chat, Error, Visitor};
use crate::domain::{Done, GifHash, NewGif, Refusal, RoomId};
use crate::store::Files;

impl Chat {
    /// Posts a GIF by its name, without its bytes. When this returns, it is stored and everybody in the room has been told.
    ///
    /// # Errors
    /// [`Refusal::GifGone`] for one that is not here (any more); and as [`Chat::post`].
    pub(super) async fn show_gif(
        self: &Arc<Self>,
        visitor: &Visitor,
        room: RoomId,
        hash: GifHash,
        new: NewGif,
    ) -> Result<Done, Error> {
        // Who floods is refused before anything is looked for.
        let others = self.attempt(visitor, room)?.others();
        let visitor = visitor.clone();
        self.to_the_end(async move |chat| {
            let _inside = chat.posts.enter()?;
            // From here on the file stays, also when its last message goes meanwhile.
            let pin = chat.media.pin(hash).await?.ok_or(Refusal::GifGone)?;
            let Some(gif) = chat.store.gif(hash).await? else {
                // Its last message went before, and whoever removed that left the file to us.
                drop(pin);
                chat.tidy_up(vec![hash]).await;
                return Err(Refusal::GifGone.into());
            };
            let library = new.library;
            let posted = chat.show_taken(&visitor, room, Taken { gif, files: Files::default(), pin }, new).await?;
            if let Some(entry) = library
                && posted.first
                && others > 0
            {
                chat.count_use(&visitor, entry, hash).await;
            }
            Ok(Done::Entry(Box::new(posted.message)))
        })
        .await
    }
}
