//! Acts: entries and changes that are stored in one go, or not at all.

use super::entry::{is_sayable, unsayable};
use super::error::StoreError;
use super::space::{Files, OF_MESSAGE, SpaceLimits};
use super::sql::args;
use super::write::{Batch, Verdict};
use super::{Acted, limits};
use crate::domain::{Act, Content, Edited, Emoji, Message, NewMessage, Right, RoomId, SessionId, Timestamp};

impl Batch<'_> {
    pub(super) async fn act(&mut self, act: &Act) -> Verdict<Acted> {
        self.find_heads([act.room]).await?;
        let is_sound = |new: &NewMessage| new.room == act.room && is_sayable(&new.content);
        match self.heads.get(&act.room) {
            None => return Ok(Err(StoreError::NoSuchRoom)),
            Some(_) if !act.entries.iter().all(is_sound) => return Ok(Err(unsayable())),
            Some(_) => {}
        }
        if let Some(firsts) = self.firsts_of(act).await? {
            return Ok(firsts);
        }
        // What can be refused is asked for before anything is written. Only what follows something needs a way back.
        let is_guarded = act.entries.get(1..).unwrap_or_default().iter().any(|new| can_be_refused(&new.content));
        if !is_guarded {
            return self.all_of(act).await;
        }
        let (last, told) = (self.heads.get(&act.room).map(|head| head.last), self.events.len());
        self.sql().run("SAVEPOINT act", args![]).await?;
        let verdict = self.all_of(act).await?;
        if verdict.is_err() {
            self.sql().run("ROLLBACK TO SAVEPOINT act", args![]).await?;
            self.events.truncate(told);
            if let (Some(head), Some(last)) = (self.heads.get_mut(&act.room), last) {
                head.last = last;
            }
        }
        self.sql().run("RELEASE SAVEPOINT act", args![]).await?;
        Ok(verdict)
    }

    /// What a retry repeats. An act of which one entry is there already was done as a whole.
    async fn firsts_of(&mut self, act: &Act) -> Result<Option<Result<Acted, StoreError>>, sqlx::Error> {
        let mut messages = Vec::new();
        for new in &act.entries {
            match self.first_of(new).await? {
                Some(Ok(posted)) => messages.push(posted.message),
                Some(Err(error)) => return Ok(Some(Err(error))),
                None => {}
            }
        }
        Ok((!messages.is_empty()).then(|| Ok(Acted { messages, first: false, ..Acted::default() })))
    }

    async fn all_of(&mut self, act: &Act) -> Verdict<Acted> {
        let mut acted = Acted { first: true, ..Acted::default() };
        for new in &act.entries {
            if let Err(refusal) = self.entry_of(new, &mut acted).await? {
                return Ok(Err(refusal));
            }
        }
        self.change(act.room, &act.changes).await?;
        Ok(Ok(acted))
    }

    async fn entry_of(&mut self, new: &NewMessage, acted: &mut Acted) -> Verdict<()> {
        let message = match &new.content {
            Content::Edit { target, right, .. } => self.edit(new, *target, *right).await?,
            Content::Remove { target, right } => self.remove(new, *target, *right, acted).await?,
            Content::React { target, emoji, on, .. } => match self.react(new, *target, emoji, *on).await? {
                Ok((None, count)) => {
                    acted.unchanged = Some(count);
                    return Ok(Ok(()));
                }
                Ok((Some(message), _)) => Ok(message),
                Err(refusal) => Err(refusal),
            },
            Content::Purge { members } => {
                let message = self.enter(new).await?;
                match self.purge_members(new.room, message.seq, members).await? {
                    Ok(freed) => acted.freed.extend(freed),
                    Err(error) => return Ok(Err(error)),
                }
                Ok(message)
            }
            _ => self.say(new, Files::default(), SpaceLimits::default()).await?,
        };
        Ok(message.map(|message| acted.messages.push(message)))
    }

    async fn edit(&mut self, new: &NewMessage, target: i64, right: Right) -> Verdict<Message> {
        let Content::Edit { edited, .. } = &new.content else { return Ok(Err(unsayable())) };
        let kind = if matches!(edited, Edited::Text(_)) { "text" } else { "gif" };
        let found = match self.target(new.room, target).await? {
            Some(found) if found.kind == kind => found,
            _ => return Ok(Err(StoreError::NoSuchMessage)),
        };
        if let Err(refusal) = found.allows(new.session, right) {
            return Ok(Err(refusal));
        }
        let (now, room) = (self.now, new.room.to_string());
        match edited {
            Edited::Text(text) => {
                self.forget_texts(&room, target, target).await?;
                self.sql()
                    .run(
                        "UPDATE messages SET text = $3, mentions = $4, edited_at = $5 WHERE room = $1 AND seq = $2",
                        args![new.room, target, text.as_str(), super::message_row::joined(&new.mentions), now],
                    )
                    .await?;
                self.learn_text(&room, target).await?;
            }
            Edited::Alt(alt) => {
                self.forget_texts(&room, target, target).await?;
                self.sql()
                    .run(
                        "UPDATE messages SET alt = $3, edited_at = $4 WHERE room = $1 AND seq = $2",
                        args![new.room, target, alt.as_ref(), now],
                    )
                    .await?;
                self.learn_text(&room, target).await?;
            }
        }
        let content = Content::Edit { target, edited: edited.clone(), edited_at: now, right: Right::Any };
        Ok(Ok(self.enter(&NewMessage { content, reply: None, ..new.clone() }).await?))
    }

    async fn remove(&mut self, new: &NewMessage, target: i64, right: Right, acted: &mut Acted) -> Verdict<Message> {
        let found = match self.target(new.room, target).await? {
            Some(found) if matches!(found.kind.as_str(), "text" | "gif") => found,
            _ => return Ok(Err(StoreError::NoSuchMessage)),
        };
        if let Err(refusal) = found.allows(new.session, right) {
            return Ok(Err(refusal));
        }
        self.forget_texts(&new.room.to_string(), target, target).await?;
        if found.gif.is_some() {
            self.discount(&OF_MESSAGE, args![new.room, target]).await?;
        }
        self.sql()
            .run(
                "UPDATE messages SET kind = 'removed', text = NULL, gif = NULL, alt = NULL, target = NULL,
                     mentions = NULL, edited_at = NULL WHERE room = $1 AND seq = $2",
                args![new.room, target],
            )
            .await?;
        self.sql().run("DELETE FROM reactions WHERE room = $1 AND seq = $2", args![new.room, target]).await?;
        match self.free_gifs(found.gif.map(|gif| (gif,)).into_iter().collect()).await? {
            Ok(freed) => acted.freed.extend(freed),
            Err(error) => return Ok(Err(error)),
        }
        let content = Content::Remove { target, right: Right::Any };
        Ok(Ok(self.enter(&NewMessage { content, reply: None, mentions: Vec::new(), ..new.clone() }).await?))
    }

    /// The entry, unless it is so already, and the count.
    async fn react(
        &mut self,
        new: &NewMessage,
        target: i64,
        emoji: &Emoji,
        on: bool,
    ) -> Verdict<(Option<Message>, u32)> {
        let found: Option<(i64, i64, i64)> = self
            .sql()
            .first(
                "SELECT (SELECT COUNT(*) FROM reactions WHERE room = $1 AND seq = $2 AND emoji = $3),
                        (SELECT COUNT(*) FROM reactions WHERE room = $1 AND seq = $2 AND emoji = $3 AND session = $4),
                        (SELECT COUNT(DISTINCT emoji) FROM reactions WHERE room = $1 AND seq = $2)
                 FROM messages WHERE room = $1 AND seq = $2 AND kind IN ('text', 'gif')",
                args![new.room, target, emoji.as_str(), new.session],
            )
            .await?;
        let Some((count, mine, different)) = found else { return Ok(Err(StoreError::NoSuchMessage)) };
        let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        if (mine > 0) == on {
            return Ok(Ok((None, number(count))));
        }
        if on && count == 0 && different >= limits::REACTIONS {
            return Ok(Err(StoreError::TooManyReactions));
        }
        let count = number(if on { count + 1 } else { count - 1 });
        let content = Content::React { target, emoji: *emoji, on, count };
        let message = self.enter(&NewMessage { content, reply: None, mentions: Vec::new(), ..new.clone() }).await?;
        if on {
            self.sql()
                .run(
                    "INSERT INTO reactions (room, seq, emoji, session, member_id, since) VALUES ($1, $2, $3, $4, $5, $6)",
                    args![new.room, target, emoji.as_str(), new.session, new.member.id, message.seq],
                )
                .await?;
        } else {
            self.sql()
                .run(
                    "DELETE FROM reactions WHERE room = $1 AND seq = $2 AND emoji = $3 AND session = $4",
                    args![new.room, target, emoji.as_str(), new.session],
                )
                .await?;
        }
        Ok(Ok((Some(message), count)))
    }

    async fn target(&mut self, room: RoomId, seq: i64) -> Result<Option<Target>, sqlx::Error> {
        self.sql()
            .first("SELECT kind, session, gif, created_at FROM messages WHERE room = $1 AND seq = $2", args![room, seq])
            .await
    }
}

fn can_be_refused(content: &Content) -> bool {
    matches!(content, Content::Edit { .. } | Content::Remove { .. } | Content::React { .. })
}

/// The message that is to be changed.
#[derive(sqlx::FromRow)]
struct Target {
    kind: String,
    session: String,
    gif: Option<String>,
    created_at: i64,
}

impl Target {
    fn allows(&self, session: SessionId, right: Right) -> Result<(), StoreError> {
        match right {
            Right::Any => Ok(()),
            Right::Own { .. } if self.session != session.expose() => Err(StoreError::NotYours),
            Right::Own { since } if Timestamp(self.created_at) < since => Err(StoreError::TooLate),
            Right::Own { .. } => Ok(()),
        }
    }
}
