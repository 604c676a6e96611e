//! What people say, and what becomes of it: the entries of a room's history.

use super::{
    AltText, ChatText, ClientMessageId, Color, Emoji, GifHash, Member, MemberId, MessageId, Notice, NoticeCode, Right,
    RoomId, SessionId, Timestamp, Whisper,
};

/// A stored entry of a room's history. `seq` numbers them from 1 without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub room: RoomId,
    pub seq: i64,
    pub session: SessionId,
    /// The person as they were when they said or did it.
    pub member: Member,
    pub content: Content,
    /// The message it answers, as that is now.
    pub reply: Option<Quote>,
    /// The people it names, at most [`Message::MENTIONS`].
    pub mentions: Vec<MemberId>,
    pub edited_at: Option<Timestamp>,
    /// As they are now; by when the first of each came. Live events of a new message have none.
    pub reactions: Vec<Reaction>,
    /// What the sender called it; only the sender can make sense of it.
    pub client_message_id: Option<ClientMessageId>,
    pub created_at: Timestamp,
}

impl Message {
    pub const MENTIONS: usize = 20;
}

/// Text, GIF, a removed message and a notice are shown; the others change what is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Text(ChatText),
    /// With what it shows, in words.
    Gif {
        gif: Gif,
        alt: Option<AltText>,
    },
    /// It was a text or a GIF, and is gone.
    Removed,
    /// It went with somebody who was banned, and leaves nothing to show.
    Purged,
    Notice(Notice),
    /// The message `target` says something else now.
    Edit {
        target: i64,
        edited: Edited,
        edited_at: Timestamp,
        right: Right,
    },
    /// The message `target` is gone.
    Remove {
        target: i64,
        right: Right,
    },
    /// Everything that these people wrote until now is gone.
    Purge {
        members: Vec<MemberId>,
    },
    React {
        target: i64,
        emoji: Emoji,
        on: bool,
        /// How many have it after this; read later: now.
        count: u32,
    },
}

/// What an edit gives a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edited {
    /// A text's other words.
    Text(ChatText),
    /// What a GIF shows, in words; `None` takes them away.
    Alt(Option<AltText>),
}

impl Edited {
    /// Its words.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text.as_str(),
            Self::Alt(alt) => alt.as_ref().map_or("", AltText::as_str),
        }
    }
}

/// A message that another one answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub seq: i64,
    pub member: MemberId,
    pub name: String,
    pub color: Color,
    pub content: Quoted,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// At most [`Quote::CHARACTERS`] of its beginning.
    Text(String),
    Gif(GifHash),
    Removed,
}

impl Quote {
    pub const CHARACTERS: usize = 100;
}

/// How many have reacted to a message with an emoji, and whether the reader is one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    pub emoji: Emoji,
    pub count: u32,
    pub mine: bool,
}

/// What a reader of a room finds in its history: everybody's messages, and their own whispers among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Message(Message),
    Whisper(Whisper),
}

impl Item {
    /// Whose it is.
    pub const fn member(&self) -> &Member {
        match self {
            Self::Message(message) => &message.member,
            Self::Whisper(whisper) => &whisper.from,
        }
    }

    pub const fn color(&self) -> Color {
        self.member().color
    }

    /// Whether it only says that somebody came or went.
    pub fn is_coming_or_going(&self) -> bool {
        matches!(self, Self::Message(Message { content: Content::Notice(notice), .. })
            if matches!(notice.code, NoticeCode::Joined | NoticeCode::Left))
    }
}

/// A GIF that is stored, and what a page must know before it loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gif {
    pub hash: GifHash,
    /// Pixels.
    pub width: u32,
    pub height: u32,
    pub frames: u32,
    /// One loop, in milliseconds.
    pub duration_ms: u32,
    /// Size of the file.
    pub bytes: u64,
    /// The one that it has most of.
    pub color: Color,
    /// Whether it flashes so often and so large that it is shown behind a tap.
    pub flashes: bool,
}

impl Gif {
    /// Its name under `/gif/`.
    pub fn file_name(&self) -> String {
        format!("{}.gif", self.hash)
    }

    /// One loop, in milliseconds; 0 for what stands still.
    pub const fn motion_ms(&self) -> u32 {
        if self.frames > 1 { self.duration_ms } else { 0 }
    }
}

/// How far somebody has read: what they bring back after a lost connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub epoch: i64,
    pub seq: i64,
}

/// The position a client claims on joining. Without an epoch it vouches for its `seq` alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    pub epoch: Option<i64>,
    pub seq: i64,
    /// The number of the newest whisper; without it, those after `seq` come again.
    pub whispers: Option<i64>,
}

/// A room as it is at one moment, for somebody who enters it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub room: super::RoomSummary,
    /// The reader, as they are listed.
    pub me: super::Listed,
    /// Who is here: the owner first, then by arrival.
    pub members: Vec<super::Listed>,
    /// In order: all since the claimed position when `recovered`, else the newest page.
    pub items: Vec<Item>,
    pub position: Position,
    /// The number of the reader's newest whisper; 0 before the first.
    pub whispers: i64,
    pub recovered: bool,
}
