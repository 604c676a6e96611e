//! Somebody makes a room.

use std::sync::Arc;

use super::{Chat, Error, Visitor};
use crate::domain::{MemberLimit, Password, Preset, Refusal, Room, RoomId, RoomSummary, Slow, Title};

#[derive(Clone, Debug)]
pub struct NewRoom {
    pub title: Title,
    pub limit: MemberLimit,
    /// `None` for a public room.
    pub password: Option<Password>,
}

impl Chat {
    /// Makes a room whose owner is the visitor, admits them, and tells the lobby before it answers.
    ///
    /// # Errors
    /// [`Refusal::TooOften`], [`Refusal::TooManyOwnRooms`], [`Refusal::TooManyRooms`]; [`Error::Busy`],
    /// [`Error::Unavailable`].
    pub async fn create_room(self: &Arc<Self>, visitor: &Visitor, new: NewRoom) -> Result<RoomSummary, Error> {
        self.limits.rooms.take(visitor, self.env.now())?;
        let password_hash = match new.password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let room = Room {
            id: RoomId::from_bytes(self.env.random()),
            title: new.title,
            limit: new.limit,
            password_hash,
            owner: visitor.caller.member.clone(),
            owner_session: visitor.caller.session,
            locked: false,
            slow: Slow::default(),
            preset: Preset::default(),
            raid_since: None,
            epoch: self.env.now().0,
            head: 0,
            created_at: self.env.now(),
        };
        self.to_the_end(async |chat| chat.establish(room).await).await
    }

    /// Stored first, then live. One at a time, so that the count of somebody's rooms is exact.
    async fn establish(&self, room: Room) -> Result<RoomSummary, Error> {
        let _one_at_a_time = self.establishing.lock().await;
        if self.presence.owned_by(room.owner_session) >= self.settings.rooms_per_session {
            return Err(Refusal::TooManyOwnRooms.into());
        }
        let room = self.store.create_room(room, self.settings.rooms).await?;
        let summary = room.summary(0);
        self.presence.open(room);
        Ok(summary)
    }
}
