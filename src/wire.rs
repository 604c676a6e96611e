//! The only place where an event becomes JSON or JSON becomes a command.
//!
//! The shapes are those of the contract, the same on every transport: [`RoomView`], [`MessageView`], [`NoticeView`],
//! [`SnapshotView`], [`ProblemView`]. Commands are read from any JSON; what does not fit is an [`Invalid`] that names
//! the field.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{
    Challenge, ChatText, ClientMessageId, Color, Event, Invalid, MemberId, NoticeCode, Position, RoomId, RoomSummary,
    Since, Snapshot, Timestamp, Title, WorkSalt,
};
pub use done::{DoneView, SlashDoneView, UsageView};
pub use entry::{EntryView, MessageView, WhisperView};
pub use library::{LibraryEntryView, LibraryPageView, LibraryTagsView, NewOffer, OfferedView, offer};
pub use notice::{NoticeView, event_of};
pub use people::MemberView;
use people::{AwayView, RaidWatchView, TypingView};
pub use remote::{Remote, RemoteView, RemotesView};
pub use tenor::{TenorErrorView, TenorLook, TenorPostsView, TenorResultView, TenorResultsView, TenorWordsView};

pub mod command;
mod done;
mod entry;
pub mod export;
mod library;
mod notice;
mod people;
mod remote;
pub mod schema;
mod tenor;

/// Names of the events, and of the commands of the same name.
pub mod name {
    pub const NEW_ROOM: &str = "newRoom";
    pub const UPDATE_ROOM: &str = "updateRoom";
    pub const REMOVE_ROOM: &str = "removeRoom";
    pub const JOIN: &str = "join";
    pub const EXIT: &str = "exit";
    pub const CHAT: &str = "chat";
    pub const GIF: &str = "gif";
    pub const WHISPER: &str = "whisper";
    pub const NICK: &str = "nick";
    pub const EDIT: &str = "edit";
    pub const REMOVE: &str = "remove";
    pub const REACT: &str = "react";
    pub const PURGE: &str = "purge";
    pub const TYPING: &str = "typing";
    pub const AWAY: &str = "away";
    pub const OWNER: &str = "owner";
    pub const SETTINGS: &str = "settings";
    pub const KICK: &str = "kick";
    pub const BAN: &str = "ban";
    pub const UNBAN: &str = "unban";
    pub const MUTE: &str = "mute";
    pub const UNMUTE: &str = "unmute";
    pub const RAID: &str = "raid";
    /// For the owner: many join at once.
    pub const RAID_WATCH: &str = "raid-watch";
    pub const LEAVE: &str = "leave";
    pub const BANS: &str = "bans";
    pub const MEMBERS: &str = "members";
    pub const CLOSE: &str = "close";
    pub const SEARCH: &str = "search";
    pub const HELP: &str = "help";
    pub const HEAD: &str = "head";
    /// The last that a client hears of a process that ends.
    pub const SHUTDOWN: &str = "shutdown";
    /// Only over plain WebSocket: the lobby's list, and its events from then on.
    pub const ROOMS: &str = "rooms";
    /// Only in event streams: what an answer to a `join` has elsewhere.
    pub const SNAPSHOT: &str = "snapshot";
}

/// A room in the lobby: `newRoom`, `updateRoom`.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Room, description = "A room, as the lobby shows it.")]
pub struct RoomView<'a> {
    #[serde(rename = "_id")]
    id: RoomId,
    title: &'a Title,
    /// How many people it holds.
    #[schema(minimum = 2)]
    max: u32,
    /// The owner's colour.
    owner: Color,
    /// Whether it needs one.
    password: bool,
    created_at: Timestamp,
    /// How many are there now.
    members: u32,
    /// Whether nobody new gets in.
    locked: bool,
    /// Seconds between two messages of one person; 0: as they like.
    slow: u32,
    #[schema(value_type = schema::PresetName)]
    preset: String,
    /// Whether the room defends itself against a raid.
    raid: bool,
    owner_member: MemberId,
    /// The owner's. Not in events: the lobby asks for it once per new room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, examples("Easygoing Otter"))]
    owner_name: Option<&'a str>,
}

impl<'a> RoomView<'a> {
    /// As events have it.
    pub fn new(room: &'a RoomSummary) -> Self {
        Self {
            id: room.id,
            title: &room.title,
            max: room.limit.get(),
            owner: room.owner,
            password: room.private,
            created_at: room.created_at,
            members: room.members,
            locked: room.locked,
            slow: room.slow.seconds(),
            preset: room.preset.to_string(),
            raid: room.raid,
            owner_member: room.owner_member,
            owner_name: None,
        }
    }

    /// As an answer has it.
    pub fn with_owner_name(room: &'a RoomSummary) -> Self {
        Self { owner_name: Some(&room.owner_name), ..Self::new(room) }
    }
}

/// How far a silent room has come: `head`. Who has less has lost something, and joins again with `since`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct HeadView {
    room: RoomId,
    epoch: i64,
    seq: i64,
}

/// What an event carries.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Payload<'a> {
    Room(RoomView<'a>),
    RoomId(RoomId),
    Notice(NoticeView<'a>),
    Entry(Box<EntryView<'a>>),
    Typing(TypingView<'a>),
    Away(AwayView),
    RaidWatch(RaidWatchView),
    Head(HeadView),
}

/// The name and the payload of an event.
pub fn event(event: &Event) -> (&'static str, Payload<'_>) {
    match event {
        Event::RoomCreated(room) => (name::NEW_ROOM, Payload::Room(RoomView::new(room))),
        Event::RoomUpdated(room) => (name::UPDATE_ROOM, Payload::Room(RoomView::new(room))),
        Event::RoomRemoved(room) => (name::REMOVE_ROOM, Payload::RoomId(*room)),
        Event::Joined { room, member, members } => {
            (name::JOIN, Payload::Notice(NoticeView::passing(*room, NoticeCode::Joined, member, *members)))
        }
        Event::Left { room, member, members } => {
            (name::EXIT, Payload::Notice(NoticeView::passing(*room, NoticeCode::Left, member, *members)))
        }
        Event::Posted(message) => {
            let view = EntryView::new(message);
            (view.name(), Payload::Entry(Box::new(view)))
        }
        Event::Whispered(whisper) => {
            (name::WHISPER, Payload::Entry(Box::new(EntryView::Whisper(WhisperView::new(whisper)))))
        }
        Event::Typing { room, member } => {
            let view = TypingView { room: *room, member: member.id, name: &member.name, user: member.color };
            (name::TYPING, Payload::Typing(view))
        }
        Event::Away { room, member, away } => {
            (name::AWAY, Payload::Away(AwayView { room: *room, member: member.id, away: *away }))
        }
        Event::RaidWatch { room, joins, .. } => {
            (name::RAID_WATCH, Payload::RaidWatch(RaidWatchView { room: *room, joins: *joins }))
        }
        Event::Head { room, position: Position { epoch, seq } } => {
            (name::HEAD, Payload::Head(HeadView { room: *room, epoch: *epoch, seq: *seq }))
        }
    }
}

/// The ack of a `join`.
#[derive(Clone, Debug, Serialize)]
pub struct SnapshotView<'a> {
    room: RoomView<'a>,
    me: MemberView<'a>,
    members: Vec<MemberView<'a>>,
    messages: Vec<EntryView<'a>>,
    seq: i64,
    epoch: i64,
    /// The number of the reader's newest whisper.
    whispers: i64,
    recovered: bool,
}

impl<'a> SnapshotView<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            room: RoomView::new(&snapshot.room),
            me: MemberView::new(&snapshot.me),
            members: MemberView::all(&snapshot.members),
            messages: EntryView::all(&snapshot.items),
            seq: snapshot.position.seq,
            epoch: snapshot.position.epoch,
            whispers: snapshot.whispers,
            recovered: snapshot.recovered,
        }
    }
}

impl SnapshotView<'_> {
    /// The same without the messages, which then follow one by one.
    #[must_use]
    pub fn without_messages(self) -> Self {
        Self { messages: Vec::new(), ..self }
    }
}

/// The server ends; it, or another, is soon there again: `shutdown`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShutdownView {
    /// How long the client should wait before it connects again, in milliseconds: another for each, so that they do not come
    /// all at once.
    reconnection_delay: u64,
}

impl ShutdownView {
    pub fn new(reconnection_delay: Duration) -> Self {
        Self { reconnection_delay: u64::try_from(reconnection_delay.as_millis()).unwrap_or(u64::MAX) }
    }
}

/// The answer to `rooms`.
#[derive(Clone, Debug, Serialize)]
pub struct RoomsView<'a> {
    rooms: Vec<RoomView<'a>>,
}

impl<'a> RoomsView<'a> {
    pub fn new(rooms: &'a [RoomSummary]) -> Self {
        Self { rooms: rooms.iter().map(RoomView::new).collect() }
    }
}

/// Why something was refused, in the reader's language.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem, description = "Why something was refused (RFC 9457), in the reader's language.")]
pub struct ProblemView<'a> {
    /// In an answer (RFC 9457): `/problems/<code>`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(required, nullable = false, examples("/problems/no-such-room"))]
    pub kind: Option<String>,
    /// In an ack, in its place: the bare code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub code: Option<&'a str>,
    /// What happened.
    pub title: &'a str,
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What to do next.
    pub detail: &'a str,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub field: Option<&'a str>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 86400)]
    pub retry_after: Option<u64>,
    /// What is to be solved first: a nonce (1 to 20 hexadecimal digits) for which the SHA-256 of `<salt>:<nonce>` begins
    /// with so many zero bits. Good for two minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub challenge: Option<ChallengeView>,
}

/// A proof of work that is asked for.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Challenge)]
pub struct ChallengeView {
    #[schema(value_type = String, pattern = "^[0-9a-f]{32}$")]
    salt: WorkSalt,
    bits: u8,
}

impl ChallengeView {
    pub fn new(challenge: Challenge) -> Self {
        Self { salt: challenge.salt, bits: challenge.bits }
    }
}

/// The answer to a challenge: `work: {salt, nonce}`, or `salt` and `nonce` as a form has them.
///
/// # Errors
/// [`Invalid::Id`] for a salt that cannot be one of ours.
pub fn work(value: &Value) -> Result<Option<(WorkSalt, String)>, Invalid> {
    let work = value.get("work").filter(|work| work.is_object()).unwrap_or(value);
    let (salt, nonce) = (text(work, "salt")?, text(work, "nonce")?);
    if salt.is_empty() && nonce.is_empty() {
        return Ok(None);
    }
    Ok(Some((salt.parse().map_err(|_| Invalid::Id { field: "salt" })?, nonce.to_owned())))
}

/// The ack of a command that was refused.
#[derive(Clone, Debug, Serialize)]
pub struct RefusedView<'a> {
    pub error: ProblemView<'a>,
}

/// The command `join`: a room id, or `{room, since?}` where `since` is a `seq` or `{epoch, seq}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    pub room: RoomId,
    pub since: Option<Since>,
}

impl Join {
    /// # Errors
    /// [`Invalid::Id`] for the room, [`Invalid::NotNumber`] for `since`.
    pub fn read(value: &Value) -> Result<Self, Invalid> {
        if value.is_string() {
            return Ok(Self { room: room(Some(value))?, since: None });
        }
        let since = match value.get("since") {
            None | Some(Value::Null) => None,
            Some(since) => Some(position(since).ok_or(Invalid::NotNumber { field: "since" })?),
        };
        Ok(Self { room: room(value.get("room"))?, since })
    }
}

/// The command `chat`: `{room, chat, reply?, clientMessageId?}`; over HTTP the room is in the path. Its schema; it is read
/// by [`command::new_text`].
#[derive(Clone, Debug, ToSchema)]
#[schema(as = NewText, rename_all = "camelCase", description = "Something to say.")]
pub struct Chat {
    #[schema(rename = "chat")]
    pub text: ChatText,
    /// The `seq` of the message it answers.
    #[schema(nullable = false, minimum = 1)]
    pub reply: Option<i64>,
    #[schema(nullable = false)]
    pub client_message_id: Option<ClientMessageId>,
}

/// A text of an object; missing is an empty one, so that the sentence is about what is missing.
pub fn text<'a>(value: &'a Value, field: &'static str) -> Result<&'a str, Invalid> {
    match value.get(field) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Invalid::NotText { field }),
    }
}

fn room(value: Option<&Value>) -> Result<RoomId, Invalid> {
    value.and_then(Value::as_str).ok_or(Invalid::Id { field: "room" })?.parse()
}

fn position(value: &Value) -> Option<Since> {
    let whole = |value: &Value| value.as_i64().filter(|number| *number >= 0);
    match value {
        Value::Object(position) => {
            let whispers = match position.get("whispers") {
                None | Some(Value::Null) => None,
                Some(number) => Some(whole(number)?),
            };
            Some(Since { epoch: Some(whole(position.get("epoch")?)?), seq: whole(position.get("seq")?)?, whispers })
        }
        seq => Some(Since { epoch: None, seq: whole(seq)?, whispers: None }),
    }
}

#[cfg(test)]
mod tests;
