//! Somebody shows a GIF.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::post::unheard;
use super::take_in::Taken;
use super::uploads::Place;
use super::{Chat, Error, Visitor};
use crate::domain::{Caller, ClientMessageId, Content, Gif, GifHash, Message, NewGif, NewMessage, Refusal, RoomId};
use crate::presence::{Speech, Spoken};
use crate::store::{Files, Posted, Space};

/// How long a GIF is kept that nobody but its sender sees: their page loads it, and the browser keeps it.
const A_WHILE: Duration = Duration::from_secs(60);

/// The right to show a GIF that is not here yet.
#[derive(Debug)]
#[must_use = "it was counted"]
pub struct MayShow {
    visitor: Visitor,
    room: RoomId,
}

/// The right to send the bytes of one GIF, given before they are read.
#[derive(Debug)]
#[must_use = "it was counted"]
pub struct Upload {
    may: MayShow,
    place: Place,
}

impl Chat {
    /// Asks whether the visitor may show another GIF, before anything is read or fetched of it.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`], [`Refusal::TooOften`]; [`Refusal::DiskFull`] and the other refusals
    /// of what has no space; [`Error::ShuttingDown`].
    pub async fn may_show(&self, visitor: &Visitor, room: RoomId) -> Result<MayShow, Error> {
        let _open = self.posts.enter()?;
        self.present(&visitor.caller, room)?;
        self.limits.uploads.take(visitor, self.env.now())?;
        self.ask_for_space(&visitor.caller, room).await?;
        Ok(MayShow { visitor: visitor.clone(), room })
    }

    /// Asks whether the visitor may upload, before anything is read of it.
    ///
    /// # Errors
    /// As [`Chat::may_show`]; [`Error::Busy`] while too many others upload, or they themselves do.
    pub async fn begin_upload(&self, visitor: &Visitor, room: RoomId) -> Result<Upload, Error> {
        // First: who finds no place is not counted.
        let place = self.uploads.take(visitor).ok_or(Error::Busy)?;
        Ok(Upload { may: self.may_show(visitor, room).await?, place })
    }

    /// A place for bytes that are here.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub(super) fn upload_now(&self, may: MayShow) -> Result<Upload, Error> {
        let place = self.uploads.take(&may.visitor).ok_or(Error::Busy)?;
        Ok(Upload { may, place })
    }

    /// What is stored already of a message that is sent again. To be asked before a retry is refused for a reason that did
    /// not hold when it was stored.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRoom`], [`Refusal::NotInRoom`]; [`Error::Unavailable`].
    pub async fn first(
        &self,
        caller: &Caller,
        room: RoomId,
        id: Option<&ClientMessageId>,
    ) -> Result<Option<Message>, Error> {
        self.present(caller, room)?;
        let Some(id) = id else { return Ok(None) };
        Ok(self.store.first(room, caller.session, id).await?)
    }

    /// Looks through the picture, stores it and posts it. When this returns, it is stored and everybody in the room has been told.
    ///
    /// # Errors
    /// [`Error::Gif`] for what is no picture or too much of one; [`Refusal::RoomFullOfGifs`], [`Refusal::TooMuchShown`],
    /// [`Refusal::ServerFullOfGifs`]; and as [`Chat::post`].
    pub async fn post_gif(self: &Arc<Self>, upload: Upload, bytes: Bytes, new: NewGif) -> Result<Message, Error> {
        self.to_the_end(async move |chat| {
            let Upload { may: MayShow { visitor, room }, place: _place } = upload;
            let _inside = chat.posts.enter()?;
            let taken = chat.take_in(bytes).await?;
            chat.present(&visitor.caller, room)?;
            Ok(chat.show_taken(&visitor, room, taken, new).await?.message)
        })
        .await
    }

    /// Posts a GIF whose files are there for as long as the pin lives. When no message came of it, they are removed, unless
    /// another one shows it. Renditions follow when everybody has heard of it.
    pub(super) async fn show_taken(
        &self,
        visitor: &Visitor,
        room: RoomId,
        Taken { gif, files, pin }: Taken,
        new: NewGif,
    ) -> Result<Posted, Error> {
        let posted = self.show(visitor, room, gif, files, new).await;
        drop(pin);
        if posted.as_ref().is_ok_and(|posted| posted.first) {
            self.render_later(gif.hash);
        } else {
            self.tidy_up(vec![gif.hash]).await;
        }
        posted
    }

    async fn show(
        &self,
        visitor: &Visitor,
        room: RoomId,
        gif: Gif,
        files: Files,
        new: NewGif,
    ) -> Result<Posted, Error> {
        let session = visitor.caller.session;
        let turn = self.store.turn().await?;
        let (tell, told) = oneshot::channel();
        let id = new.client_message_id.as_ref();
        let content = Content::Gif { gif, alt: new.alt.clone() };
        let spoken = self.presence.speak(room, session, Speech::Gif, id, |member| {
            let message = self.new_message(session, member, room, content.clone(), new.client_message_id.clone());
            let message = NewMessage { reply: new.reply, ..message };
            turn.show(message, files, self.settings.space, move |posted| drop(tell.send(posted)));
        })?;
        match spoken {
            Spoken::Heard(()) => Ok(told.await.map_err(|_| Error::Busy)??),
            Spoken::Unheard(member) => {
                self.keep_a_while(gif.hash).await;
                self.pretend().await;
                let seq = self.store.position(room).await?.map_or(0, |position| position.seq);
                let message = self.new_message(session, member, room, content, new.client_message_id);
                Ok(Posted { message: unheard(message, seq, self.env.now()), first: false })
            }
        }
    }

    async fn keep_a_while(&self, hash: GifHash) {
        let Ok(place) = Arc::clone(&self.unheard).try_acquire_owned() else { return };
        let Ok(Some(pin)) = self.media.pin(hash).await else { return };
        let env = self.env.clone();
        tokio::spawn(async move {
            env.sleep_until(env.now() + A_WHILE).await;
            drop((pin, place));
        });
    }

    /// Whether there is space for another GIF, as far as that can be said before it is here. In the end the store decides.
    async fn ask_for_space(&self, caller: &Caller, room: RoomId) -> Result<(), Error> {
        let free = self.media.free().unwrap_or_else(|error| {
            tracing::warn!(%error, "how much space is left on the disk could not be learned");
            u64::MAX
        });
        if free < self.settings.disk_reserve {
            return Err(Refusal::DiskFull.into());
        }
        let Space { room, session, server } = self.store.space(room, caller.session).await?;
        Ok(self.settings.space.check(Space { room: room + 1, session: session + 1, server: server + 1 })?)
    }
}
