//! Somebody looks for what was said.

use super::{Chat, Error};
use crate::domain::{Caller, Done, RoomId, Search};

/// Finds of one answer.
const FOUND: usize = 30;

impl Chat {
    /// The newest messages that hold the text, at most [`FOUND`]; never a whisper.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`](crate::domain::Refusal::NoSuchRoom),
    /// [`Refusal::NotAdmitted`](crate::domain::Refusal::NotAdmitted),
    /// [`Refusal::TooOften`](crate::domain::Refusal::TooOften); [`Error::Unavailable`].
    pub async fn search(&self, caller: &Caller, room: RoomId, search: Search) -> Result<Done, Error> {
        let room = self.admitted(caller, room).await?.id;
        self.limits.search(caller.session, self.env.now())?;
        let Search { query, from, before } = search;
        let mut messages = self.store.search(room, query.as_str(), from, before, FOUND as u32 + 1).await?;
        let more = messages.len() > FOUND;
        messages.truncate(FOUND);
        Ok(Done::Found { messages, more })
    }
}
