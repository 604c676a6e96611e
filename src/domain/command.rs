//! What people do in a room, and what comes of it: the same on every transport.

use std::time::Duration;

use super::{
    AltText, ChatText, ClientMessageId, Edited, Emoji, GifHash, LibraryId, Listed, MemberId, MemberLimit, Message,
    Nick, Password, Preset, Query, RoomSummary, Sanction, Slow, Timestamp, Title, Whisper,
};

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewText {
    pub text: ChatText,
    /// The `seq` of the message it answers.
    pub reply: Option<i64>,
    pub client_message_id: Option<ClientMessageId>,
}

/// What is said with a GIF that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewGif {
    /// What it shows, in words.
    pub alt: Option<AltText>,
    /// The `seq` of the message it answers.
    pub reply: Option<i64>,
    pub client_message_id: Option<ClientMessageId>,
    /// The entry of the library that it was chosen from.
    pub library: Option<LibraryId>,
}

/// A command for the room one is in; members are told by their public ids. (What one says is a [`NewText`].)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Whisper {
        to: MemberId,
        text: ChatText,
        client_message_id: Option<ClientMessageId>,
    },
    /// Shows a GIF that the server has.
    Gif {
        gif: GifHash,
        new: NewGif,
    },
    Nick(Nick),
    Edit {
        target: i64,
        edited: Edited,
    },
    Remove {
        target: i64,
    },
    React {
        target: i64,
        emoji: Emoji,
        on: bool,
    },
    Typing,
    /// Of one connection: whoever runs it knows which.
    Away(bool),
    Leave,
    /// Makes another one the owner.
    Owner(MemberId),
    Settings(Box<NewSettings>),
    Kick(MemberId),
    Ban {
        member: MemberId,
        time: Option<Duration>,
        purge: bool,
    },
    Unban(MemberId),
    Mute {
        member: MemberId,
        time: Option<Duration>,
    },
    Unmute(MemberId),
    Raid {
        on: bool,
        clean: bool,
    },
    Bans,
    /// Who is here.
    Members,
    Close,
    Search(Search),
    Help,
}

impl Command {
    /// Whether it is how an owner keeps the peace.
    pub const fn keeps_peace(&self) -> bool {
        matches!(
            self,
            Self::Raid { .. }
                | Self::Kick(_)
                | Self::Ban { .. }
                | Self::Unban(_)
                | Self::Mute { .. }
                | Self::Unmute(_)
                | Self::Settings(_)
                | Self::Remove { .. }
                | Self::Close
        )
    }
}

/// What of a room is to be another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSettings {
    pub title: Option<Title>,
    pub limit: Option<MemberLimit>,
    /// `Some(None)` removes it.
    pub password: Option<Option<Password>>,
    pub locked: Option<bool>,
    pub slow: Option<Slow>,
    pub preset: Option<Preset>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    pub query: Query,
    /// Only what this member wrote.
    pub from: Option<MemberId>,
    /// Only what is older than this `seq`.
    pub before: Option<i64>,
}

/// What came of a command.
#[derive(Clone, Debug)]
pub enum Done {
    /// Nothing to tell.
    Nothing,
    /// Said, changed, or told to everybody: an entry of the history.
    Entry(Box<Message>),
    /// It was so before; so many have it.
    Unchanged {
        count: u32,
    },
    /// `there` is false when they have no connection for the moment, and read it when they are back.
    Whispered {
        whisper: Box<Whisper>,
        there: bool,
    },
    Me(Listed),
    Members(Vec<Listed>),
    Room(Box<RoomSummary>),
    /// Until when it holds; `None`: as long as the room lives.
    Until(Option<Timestamp>),
    Raid {
        on: bool,
        banned: usize,
    },
    Bans(Vec<Sanction>),
    Found {
        messages: Vec<Message>,
        more: bool,
    },
    Help,
}
