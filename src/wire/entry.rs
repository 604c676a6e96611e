//! The entries of a room's history as JSON: the payload of the event that tells of each, and the element of every list.

use serde::Serialize;
use utoipa::ToSchema;

use super::notice::NoticeView;
use super::{name, schema};
use crate::domain::{
    AltText, ChatText, ClientMessageId, Color, Content, Edited, Emoji, Item, Member, MemberId, Message, MessageId,
    Quote, Quoted, Reaction, RoomId, Timestamp, Whisper,
};

/// An element of a history. `kind` tells them apart: a message that was said has none, every other one the name of its
/// event. Who does not know a kind leaves it out, and counts its `seq`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Entry)]
pub enum EntryView<'a> {
    Message(MessageView<'a>),
    Notice(NoticeView<'a>),
    Whisper(WhisperView<'a>),
    Edit(EditView<'a>),
    Remove(RemoveView<'a>),
    React(ReactView<'a>),
    Purge(PurgeView<'a>),
}

impl<'a> EntryView<'a> {
    pub fn new(message: &'a Message) -> Self {
        let Message { room, seq, ref member, .. } = *message;
        match &message.content {
            Content::Text(_) | Content::Gif { .. } | Content::Removed => Self::Message(MessageView::new(message)),
            Content::Notice(notice) => Self::Notice(NoticeView::stored(message, notice)),
            Content::Edit { target, edited, edited_at, .. } => Self::Edit(EditView {
                kind: name::EDIT,
                room,
                seq,
                target: *target,
                edited: EditedView::new(edited),
                edited_at: *edited_at,
                mentions: &message.mentions,
                member: member.id,
            }),
            Content::Remove { target, .. } => {
                Self::Remove(RemoveView { kind: name::REMOVE, room, seq, target: *target, member: member.id })
            }
            Content::React { target, emoji, on, count } => Self::React(ReactView {
                kind: name::REACT,
                room,
                seq,
                target: *target,
                emoji,
                on: *on,
                count: *count,
                member: member.id,
                name: &member.name,
            }),
            Content::Purge { members } => Self::Purge(PurgeView { kind: name::PURGE, room, seq, members }),
            Content::Purged => Self::Purge(PurgeView { kind: "purged", room, seq, members: &[] }),
        }
    }

    pub fn of(item: &'a Item) -> Self {
        match item {
            Item::Message(message) => Self::new(message),
            Item::Whisper(whisper) => Self::Whisper(WhisperView::new(whisper)),
        }
    }

    pub fn all(items: &'a [Item]) -> Vec<Self> {
        items.iter().map(Self::of).collect()
    }

    /// The event that tells of it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message(_) => name::CHAT,
            Self::Notice(view) => view.name(),
            Self::Whisper(_) => name::WHISPER,
            Self::Edit(_) => name::EDIT,
            Self::Remove(_) => name::REMOVE,
            Self::React(_) => name::REACT,
            Self::Purge(view) => view.kind,
        }
    }
}

/// A message: `chat`, every ack of a post, and an element of a history.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message, description = "Something that was said: a text or a GIF.")]
pub struct MessageView<'a> {
    #[serde(rename = "_id")]
    id: MessageId,
    room: RoomId,
    /// The sender's colour.
    user: Color,
    #[serde(flatten)]
    content: ContentView<'a>,
    created_at: Timestamp,
    /// Numbers the entries of a room's history from 1 without gaps: what is said, who comes and goes, and every change.
    #[schema(minimum = 1)]
    seq: i64,
    member: MemberId,
    #[schema(examples("Easygoing Otter"))]
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_message_id: Option<&'a ClientMessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reply: Option<QuoteView<'a>>,
    /// The people it names.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    mentions: &'a [MemberId],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    edited_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    reactions: Vec<ReactionView<'a>>,
}

/// `chat`, or `gif` with its size in pixels and its looks, or `removed`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Content)]
enum ContentView<'a> {
    Text {
        chat: &'a ChatText,
    },
    Gif {
        #[schema(value_type = schema::GifName)]
        gif: String,
        #[schema(minimum = 1)]
        width: u32,
        #[schema(minimum = 1)]
        height: u32,
        /// The one that it has most of.
        color: Color,
        /// One loop, in milliseconds; 0: it stands still.
        duration: u32,
        /// What it shows, in words.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        alt: Option<&'a AltText>,
        /// It flashes more than three times in a second over a large area.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        #[schema(required = false)]
        flashes: bool,
    },
    Removed {
        removed: bool,
    },
}

impl<'a> MessageView<'a> {
    pub fn new(message: &'a Message) -> Self {
        let content = match &message.content {
            Content::Text(chat) => ContentView::Text { chat },
            Content::Gif { gif, alt } => ContentView::Gif {
                gif: gif.file_name(),
                width: gif.width,
                height: gif.height,
                color: gif.color,
                duration: gif.motion_ms(),
                alt: alt.as_ref(),
                flashes: gif.flashes,
            },
            _ => ContentView::Removed { removed: true },
        };
        Self {
            id: message.id,
            room: message.room,
            user: message.member.color,
            content,
            created_at: message.created_at,
            seq: message.seq,
            member: message.member.id,
            name: &message.member.name,
            client_message_id: message.client_message_id.as_ref(),
            reply: message.reply.as_ref().map(QuoteView::new),
            mentions: &message.mentions,
            edited_at: message.edited_at,
            reactions: message.reactions.iter().map(ReactionView::new).collect(),
        }
    }
}

/// The message that another one answers, as it is now.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Quote)]
struct QuoteView<'a> {
    #[schema(minimum = 1)]
    seq: i64,
    member: MemberId,
    name: &'a str,
    user: Color,
    /// Its beginning: 100 characters at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    chat: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<schema::GifName>)]
    gif: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    removed: bool,
}

impl<'a> QuoteView<'a> {
    fn new(quote: &'a Quote) -> Self {
        let (chat, gif) = match &quote.content {
            Quoted::Text(text) => (Some(text.as_str()), None),
            Quoted::Gif(hash) => (None, Some(format!("{hash}.gif"))),
            Quoted::Removed => (None, None),
        };
        let removed = quote.content == Quoted::Removed;
        Self { seq: quote.seq, member: quote.member, name: &quote.name, user: quote.color, chat, gif, removed }
    }
}

/// How many reacted to a message with an emoji.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Reaction)]
struct ReactionView<'a> {
    #[schema(value_type = String)]
    emoji: &'a str,
    #[schema(minimum = 1)]
    count: u32,
    /// Whether the reader is one of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    mine: bool,
}

impl<'a> ReactionView<'a> {
    fn new(reaction: &'a Reaction) -> Self {
        Self { emoji: reaction.emoji.as_str(), count: reaction.count, mine: reaction.mine }
    }
}

/// A text is another now, or what a GIF shows is told in other words: `edit`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Edit, description = "What was changed of a message, as it is now.")]
pub struct EditView<'a> {
    #[schema(pattern = "^edit$")]
    kind: &'static str,
    room: RoomId,
    seq: i64,
    /// The `seq` of the message.
    target: i64,
    #[serde(flatten)]
    edited: EditedView<'a>,
    edited_at: Timestamp,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    mentions: &'a [MemberId],
    /// Who did it.
    member: MemberId,
}

/// `chat` of a text, `alt` of a GIF.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Edited)]
enum EditedView<'a> {
    Text {
        chat: &'a ChatText,
    },
    Alt {
        /// Empty: there are no words any more.
        #[schema(max_length = 500)]
        alt: &'a str,
    },
}

impl<'a> EditedView<'a> {
    fn new(edited: &'a Edited) -> Self {
        match edited {
            Edited::Text(chat) => Self::Text { chat },
            Edited::Alt(_) => Self::Alt { alt: edited.as_str() },
        }
    }
}

/// A message is gone: `remove`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Remove, description = "A message that is gone.")]
pub struct RemoveView<'a> {
    #[schema(pattern = "^remove$")]
    kind: &'a str,
    room: RoomId,
    seq: i64,
    /// The `seq` of the message.
    target: i64,
    /// Who did it.
    member: MemberId,
}

/// Somebody reacted, or takes it back: `react`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = React, description = "A reaction, or its end.")]
pub struct ReactView<'a> {
    #[schema(pattern = "^react$")]
    kind: &'static str,
    room: RoomId,
    seq: i64,
    /// The `seq` of the message.
    target: i64,
    #[schema(value_type = String)]
    #[serde(serialize_with = "emoji")]
    emoji: &'a Emoji,
    on: bool,
    /// How many have it after this.
    count: u32,
    member: MemberId,
    name: &'a str,
}

fn emoji<S: serde::Serializer>(emoji: &Emoji, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(emoji.as_str())
}

/// All that these people wrote until now is gone: `purge`. A `purged` entry is what is left of a message of theirs.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Purge, description = "All that these people wrote until now is gone. `purged`: what is left of it.")]
pub struct PurgeView<'a> {
    #[schema(pattern = "^(purge|purged)$")]
    kind: &'static str,
    room: RoomId,
    seq: i64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    members: &'a [MemberId],
}

/// What one says to one other: `whisper`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Whisper, description = "What one person said to one other. Only these two ever see it.")]
pub struct WhisperView<'a> {
    #[schema(pattern = "^whisper$")]
    kind: &'static str,
    #[serde(rename = "_id")]
    id: MessageId,
    room: RoomId,
    /// Shown after the entry with this `seq`.
    after: i64,
    /// Numbers the reader's own whispers in the room from 1 without gaps.
    #[schema(minimum = 1)]
    number: i64,
    /// The writer's colour.
    user: Color,
    member: MemberId,
    name: &'a str,
    to: &'a Member,
    chat: &'a ChatText,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_message_id: Option<&'a ClientMessageId>,
}

impl<'a> WhisperView<'a> {
    pub fn new(whisper: &'a Whisper) -> Self {
        Self {
            kind: name::WHISPER,
            id: whisper.id,
            room: whisper.room,
            after: whisper.after,
            number: whisper.number,
            user: whisper.from.color,
            member: whisper.from.id,
            name: &whisper.from.name,
            to: &whisper.to,
            chat: &whisper.text,
            created_at: whisper.created_at,
            client_message_id: whisper.client_message_id.as_ref(),
        }
    }
}
