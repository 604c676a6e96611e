//! The statements that store one entry of a room's history, of whatever kind, and what they ask before.

use super::Posted;
use super::error::{IdTaken, StoreError};
use super::message_row::{QuoteRow, joined};
use super::notice;
use super::sql::{Arg, args};
use super::write::Batch;
use crate::domain::{Content, Event, Message, NewMessage, Quote};

impl Batch<'_> {
    /// Stores an entry, which is no retry, under the next number of its room, whose head is known.
    pub(super) async fn enter(&mut self, new: &NewMessage) -> Result<Message, sqlx::Error> {
        let message = self.number(new);
        let inserted = self
            .sql()
            .run(
                "INSERT INTO messages (room, seq, id, session, member_id, member_name, member_color, kind, text, gif,
                     target, mentions, code, detail, client_message_id, created_at, alt)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
                columns(&message),
            )
            .await?;
        debug_assert_eq!(inserted, 1);
        self.events.push(Event::Posted(message.clone()));
        Ok(message)
    }

    /// The message that a retry repeats, as it is now.
    pub(super) async fn first_of(
        &mut self,
        new: &NewMessage,
    ) -> Result<Option<Result<Posted, StoreError>>, sqlx::Error> {
        let Some(id) = &new.client_message_id else { return Ok(None) };
        let found = super::page::first_of(&mut self.sql(), new.room, new.session, id).await?;
        Ok(found.map(|first| first.map(|message| Posted { message, first: false })).transpose())
    }

    /// Looks for what the message answers. What cannot be answered leaves it without.
    pub(super) async fn find_quote(&mut self, new: &NewMessage) -> Result<(), sqlx::Error> {
        let Some(seq) = new.reply.filter(|seq| !self.quotes.contains_key(&(new.room, *seq))) else { return Ok(()) };
        let row: Option<QuoteRow> = self
            .sql()
            .first(
                "SELECT seq, kind, member_id, member_name, member_color, substr(text, 1, 100) AS text, gif
                 FROM messages WHERE room = $1 AND seq = $2 AND kind IN ('text', 'gif')",
                args![new.room, seq],
            )
            .await?;
        if let Some(quote) = row.and_then(|row| Quote::try_from(row).ok()) {
            self.quotes.insert((new.room, seq), quote);
        }
        Ok(())
    }
}

/// What nobody asks of the store: an entry that says of itself that it is gone.
pub(super) fn is_sayable(content: &Content) -> bool {
    !matches!(content, Content::Removed | Content::Purged)
}

pub(super) fn unsayable() -> StoreError {
    StoreError::unavailable(IdTaken)
}

fn columns(message: &Message) -> Vec<Arg> {
    let (mut text, mut gif, mut alt, mut code, mut detail) = (None, None, None, None, None);
    let mut target = message.reply.as_ref().map(|quote| quote.seq);
    let kind = match &message.content {
        Content::Text(said) => {
            text = Some(said.to_string());
            "text"
        }
        Content::Gif { gif: shown, alt: words } => {
            (gif, alt) = (Some(shown.hash), words.as_ref());
            "gif"
        }
        Content::Notice(said) => {
            (code, detail) = (Some(said.code.as_str().to_owned()), Some(notice::to_detail(said)));
            "notice"
        }
        Content::Edit { target: edited, .. } => {
            target = Some(*edited);
            "edit"
        }
        Content::Remove { target: removed, .. } => {
            target = Some(*removed);
            "remove"
        }
        Content::React { target: of, emoji, on, .. } => {
            target = Some(*of);
            (code, detail) = (Some(emoji.as_str().to_owned()), Some(if *on { "on" } else { "off" }.to_owned()));
            "react"
        }
        Content::Purge { members } => {
            detail = joined(members);
            "purge"
        }
        Content::Removed => "removed",
        Content::Purged => "purged",
    };
    // An edit's mentions are its target's.
    let mentions = if kind == "edit" { None } else { joined(&message.mentions) };
    args![
        message.room,
        message.seq,
        message.id,
        message.session,
        message.member.id,
        message.member.name.as_str(),
        message.member.color,
        kind,
        text,
        gif,
        Arg::MaybeInt(target),
        Arg::Maybe(mentions),
        code,
        detail,
        message.client_message_id.as_ref(),
        message.created_at,
        alt,
    ]
}
