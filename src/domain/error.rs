//! What can be wrong with a request, in types. Sentences for people are in the locale files, keyed by `code`.

use std::time::Duration;

/// Input that cannot become one of our types.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("the title is empty")]
    TitleEmpty,
    #[error("the title has more than {most} characters")]
    TitleTooLong { most: usize },
    #[error("the member limit is not a whole number from 2 to {most}")]
    Limit { most: u32 },
    #[error("the password has more than {most} bytes")]
    PasswordTooLong { most: usize },
    #[error("the message is empty")]
    TextEmpty,
    #[error("the message has more than {most} characters")]
    TextTooLong { most: usize },
    #[error("the description has more than {most} characters")]
    AltTooLong { most: usize },
    #[error("the client message id is not 1 to {most} printable ASCII characters")]
    ClientMessageId { most: usize },
    /// Too long, empty, with characters that hide or stack, without a letter or digit, or kept for the system.
    #[error("the name is not 1 to {most} visible characters that may be a name")]
    Name { most: usize },
    #[error("the emoji is not exactly one emoji")]
    Emoji,
    /// A command that does not exist, or without what it needs.
    #[error("the slash command cannot be read")]
    Slash,
    #[error("the preset is not open, normal or strict")]
    Preset,
    #[error("the slow mode is not a whole number of seconds up to {most}")]
    Slow { most: u32 },
    #[error("what is searched is not 1 to {most} visible characters")]
    Query { most: usize },
    #[error("the tags are not 1 to {most} words")]
    Tags { most: usize },
    #[error("{field} is not an id")]
    Id { field: &'static str },
    /// Missing, or of another shape: a list where a text should be.
    #[error("{field} is missing or not a text")]
    NotText { field: &'static str },
    /// The same for a number.
    #[error("{field} is not a whole number")]
    NotNumber { field: &'static str },
    #[error("{field} is not true or false")]
    NotFlag { field: &'static str },
}

impl Invalid {
    /// A stable key: the last part of a problem's `type`, and the key of its sentence.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TitleEmpty => "title-empty",
            Self::TitleTooLong { .. } => "title-too-long",
            Self::Limit { .. } => "limit-invalid",
            Self::PasswordTooLong { .. } => "password-too-long",
            Self::TextEmpty => "text-empty",
            Self::TextTooLong { .. } => "text-too-long",
            Self::AltTooLong { .. } => "alt-too-long",
            Self::ClientMessageId { .. } => "client-message-id-invalid",
            Self::Name { .. } => "name-invalid",
            Self::Emoji => "emoji-invalid",
            Self::Slash => "unknown-slash",
            Self::Preset => "preset-invalid",
            Self::Slow { .. } => "slow-invalid",
            Self::Query { .. } => "query-invalid",
            Self::Tags { .. } => "tags-invalid",
            Self::Id { .. } => "id-invalid",
            Self::NotText { .. } => "not-text",
            Self::NotNumber { .. } => "not-number",
            Self::NotFlag { .. } => "not-flag",
        }
    }

    /// The name of the field at fault, as the contract spells it.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::TitleEmpty | Self::TitleTooLong { .. } => "title",
            Self::Limit { .. } => "max",
            Self::PasswordTooLong { .. } => "password",
            Self::TextEmpty | Self::TextTooLong { .. } | Self::Slash => "chat",
            Self::AltTooLong { .. } => "alt",
            Self::Name { .. } => "name",
            Self::Emoji => "emoji",
            Self::Preset => "preset",
            Self::Slow { .. } => "slow",
            Self::Query { .. } => "q",
            Self::Tags { .. } => "tags",
            Self::ClientMessageId { .. } => "clientMessageId",
            Self::Id { field } | Self::NotText { field } | Self::NotNumber { field } | Self::NotFlag { field } => field,
        }
    }

    /// The bound that was crossed, for its sentence.
    pub const fn most(&self) -> Option<u64> {
        match self {
            Self::TitleTooLong { most }
            | Self::PasswordTooLong { most }
            | Self::TextTooLong { most }
            | Self::AltTooLong { most }
            | Self::ClientMessageId { most }
            | Self::Name { most }
            | Self::Query { most }
            | Self::Tags { most } => Some(*most as u64),
            Self::Limit { most } | Self::Slow { most } => Some(*most as u64),
            Self::TitleEmpty
            | Self::TextEmpty
            | Self::Emoji
            | Self::Slash
            | Self::Preset
            | Self::Id { .. }
            | Self::NotText { .. }
            | Self::NotFlag { .. }
            | Self::NotNumber { .. } => None,
        }
    }
}

/// Why a use case says no to a well-formed request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such room")]
    NoSuchRoom,
    #[error("the password is wrong")]
    WrongPassword,
    #[error("the room is full")]
    RoomFull,
    #[error("the caller was not admitted to this room")]
    NotAdmitted,
    #[error("the caller is not in this room")]
    NotInRoom,
    #[error("only the owner may do this")]
    NotOwner,
    #[error("nobody of that id is here")]
    NoSuchMember,
    #[error("there is no such message")]
    NoSuchMessage,
    #[error("the GIF is not here any more")]
    GifGone,
    #[error("somebody else wrote this")]
    NotYours,
    #[error("it is too late to change this")]
    TooLate,
    #[error("the message has as many different reactions as it may")]
    TooManyReactions,
    #[error("somebody here has a name like this")]
    NameTaken,
    #[error("one cannot do this to oneself or to the owner")]
    CannotSelf,
    #[error("the owner lets nobody new in")]
    RoomLocked,
    #[error("shut out; again in {retry_after:?}")]
    Kicked { retry_after: Duration },
    /// `None`: as long as the room lives.
    #[error("banned; again in {retry_after:?}")]
    Banned { retry_after: Option<Duration> },
    #[error("muted; again in {retry_after:?}")]
    Muted { retry_after: Option<Duration> },
    #[error("slow mode; again in {retry_after:?}")]
    SlowMode { retry_after: Duration },
    #[error("too new here for this; again in {retry_after:?}")]
    Newcomer { retry_after: Duration },
    #[error("newcomers must show some work first")]
    WorkNeeded,
    #[error("too often; again in {retry_after:?}")]
    TooOften { retry_after: Duration },
    #[error("the room shows as many bytes of GIFs as it may")]
    RoomFullOfGifs,
    #[error("the caller shows as many bytes of GIFs as they may")]
    TooMuchShown,
    #[error("the server holds as many bytes of GIFs as it may")]
    ServerFullOfGifs,
    #[error("there is too little space on the server's disk")]
    DiskFull,
    #[error("the server holds as many rooms as it may")]
    TooManyRooms,
    #[error("the caller owns as many rooms as they may")]
    TooManyOwnRooms,
    #[error("the room lets nobody else in for now")]
    TooManyAdmissions,
    #[error("the library takes no offers")]
    LibraryClosed,
    #[error("the library, or the list of what is offered to it, is full")]
    LibraryFull,
    #[error("as many of the caller's offers wait as may")]
    TooManyOffers,
}

impl Refusal {
    /// A stable key: the last part of a problem's `type`, and the key of its sentence.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchRoom => "no-such-room",
            Self::WrongPassword => "wrong-password",
            Self::RoomFull => "room-full",
            Self::NotAdmitted => "not-admitted",
            Self::NotInRoom => "not-in-room",
            Self::NotOwner => "not-owner",
            Self::NoSuchMember => "no-such-member",
            Self::NoSuchMessage => "no-such-message",
            Self::GifGone => "gif-gone",
            Self::NotYours => "not-yours",
            Self::TooLate => "too-late",
            Self::TooManyReactions => "too-many-reactions",
            Self::NameTaken => "name-taken",
            Self::CannotSelf => "cannot-self",
            Self::RoomLocked => "room-locked",
            Self::Kicked { .. } => "kicked",
            Self::Banned { .. } => "banned",
            Self::Muted { .. } => "muted",
            Self::SlowMode { .. } => "slow-mode",
            Self::Newcomer { .. } => "newcomer",
            Self::WorkNeeded => "work-needed",
            Self::TooOften { .. } => "too-often",
            Self::RoomFullOfGifs => "room-full-of-gifs",
            Self::TooMuchShown => "too-much-shown",
            Self::ServerFullOfGifs => "server-full-of-gifs",
            Self::DiskFull => "disk-full",
            Self::TooManyRooms => "too-many-rooms",
            Self::TooManyOwnRooms => "too-many-own-rooms",
            Self::TooManyAdmissions => "too-many-admissions",
            Self::LibraryClosed => "library-closed",
            Self::LibraryFull => "library-full",
            Self::TooManyOffers => "too-many-offers",
        }
    }

    /// How long until the same may succeed, if time alone changes anything.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooOften { retry_after }
            | Self::Kicked { retry_after }
            | Self::SlowMode { retry_after }
            | Self::Newcomer { retry_after } => Some(*retry_after),
            Self::Banned { retry_after } | Self::Muted { retry_after } => *retry_after,
            _ => None,
        }
    }
}
