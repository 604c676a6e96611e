//! What was said before.

use super::{Chat, Error, MOST_PAGE, PAGE};
use crate::domain::{Caller, Message, RoomId};

impl Chat {
    /// A page of messages in `seq` order: the newest, or those right before `before`. At most as many as the chat
    /// allow, whatever is asked for.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`](crate::domain::Refusal::NoSuchRoom),
    /// [`Refusal::NotAdmitted`](crate::domain::Refusal::NotAdmitted); [`Error::Unavailable`].
    pub async fn history(
        &self,
        caller: &Caller,
        room: RoomId,
        before: Option<i64>,
        limit: Option<u32>,
    ) -> Result<Vec<Message>, Error> {
        let room = self.admitted(caller, room).await?;
        let limit = limit.unwrap_or(PAGE).clamp(1, MOST_PAGE);
        Ok(self.store.messages_before(room.id, None, before, limit).await?)
    }
}
