//! The only place where an event becomes JSON or JSON becomes a command.
//!
//! The shapes are those of the contract, the same on every transport: [`RoomView`], [`MessageView`], [`NoticeView`],
//! [`SnapshotView`], [`ProblemView`]. Commands are read from any JSON; what does not fit is an [`Invalid`] that names
//! the field.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::{
    ChatText, ClientMessageId, Color, Content, Event, Invalid, Member, MemberId, Message, MessageId, Position, RoomId,
    RoomSummary, Since, Snapshot, Timestamp, Title,
};

pub mod schema;

/// Names of the events, and of the commands of the same name.
pub mod name {
    pub const NEW_ROOM: &str = "newRoom";
    pub const UPDATE_ROOM: &str = "updateRoom";
    pub const REMOVE_ROOM: &str = "removeRoom";
    pub const JOIN: &str = "join";
    pub const EXIT: &str = "exit";
    pub const CHAT: &str = "chat";
    pub const HEAD: &str = "head";
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
            owner_name: None,
        }
    }

    /// As an answer has it.
    pub fn with_owner_name(room: &'a RoomSummary) -> Self {
        Self { owner_name: Some(&room.owner_name), ..Self::new(room) }
    }
}

/// A message: `chat`, every ack of a post, and each element of a history.
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
    /// Numbers the messages of a room from 1 without gaps.
    #[schema(minimum = 1)]
    seq: i64,
    member: MemberId,
    #[schema(examples("Easygoing Otter"))]
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    client_message_id: Option<&'a ClientMessageId>,
}

/// Either `chat`, or `gif` with its size in pixels.
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
        width: u32,
        height: u32,
    },
}

impl<'a> MessageView<'a> {
    pub fn new(message: &'a Message) -> Self {
        let content = match &message.content {
            Content::Text(chat) => ContentView::Text { chat },
            Content::Gif(gif) => ContentView::Gif { gif: gif.file_name(), width: gif.width, height: gif.height },
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
        }
    }

    pub fn all(messages: &'a [Message]) -> Vec<Self> {
        messages.iter().map(Self::new).collect()
    }
}

/// A member came or went: `join`, `exit`. The sentence is Korean, as the book's clients know it; clients with a
/// language of their own use the member.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeView<'a> {
    user: &'static str,
    chat: String,
    member: &'a Member,
    members: u32,
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
    Message(MessageView<'a>),
    Head(HeadView),
}

/// The name and the payload of an event.
pub fn event(event: &Event) -> (&'static str, Payload<'_>) {
    match event {
        Event::RoomCreated(room) => (name::NEW_ROOM, Payload::Room(RoomView::new(room))),
        Event::RoomUpdated(room) => (name::UPDATE_ROOM, Payload::Room(RoomView::new(room))),
        Event::RoomRemoved(room) => (name::REMOVE_ROOM, Payload::RoomId(*room)),
        Event::Joined { member, members, .. } => (name::JOIN, notice(member, "입장", *members)),
        Event::Left { member, members, .. } => (name::EXIT, notice(member, "퇴장", *members)),
        Event::Posted(message) => (name::CHAT, Payload::Message(MessageView::new(message))),
        Event::Head { room, position: Position { epoch, seq } } => {
            (name::HEAD, Payload::Head(HeadView { room: *room, epoch: *epoch, seq: *seq }))
        }
    }
}

fn notice<'a>(member: &'a Member, what: &str, members: u32) -> Payload<'a> {
    let chat = format!("{}님이 {what}하셨습니다.", member.color);
    Payload::Notice(NoticeView { user: "system", chat, member, members })
}

/// The ack of a `join`.
#[derive(Clone, Debug, Serialize)]
pub struct SnapshotView<'a> {
    room: RoomView<'a>,
    me: &'a Member,
    members: &'a [Member],
    messages: Vec<MessageView<'a>>,
    seq: i64,
    epoch: i64,
    recovered: bool,
}

impl<'a> SnapshotView<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            room: RoomView::new(&snapshot.room),
            me: &snapshot.me,
            members: &snapshot.members,
            messages: MessageView::all(&snapshot.messages),
            seq: snapshot.position.seq,
            epoch: snapshot.position.epoch,
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

/// The command `chat`: `{room, chat, clientMessageId?}`; over HTTP the room is in the path.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema)]
#[schema(as = NewText, rename_all = "camelCase", description = "Something to say.")]
pub struct Chat {
    #[schema(rename = "chat")]
    pub text: ChatText,
    #[schema(nullable = false)]
    pub client_message_id: Option<ClientMessageId>,
}

impl Chat {
    /// # Errors
    /// For `chat` or `clientMessageId`.
    pub fn read(value: &Value) -> Result<Self, Invalid> {
        let chat = ChatText::parse(text(value, "chat")?)?;
        let client_message_id = match value.get("clientMessageId") {
            None | Some(Value::Null) => None,
            Some(_) => Some(ClientMessageId::parse(text(value, "clientMessageId")?)?),
        };
        Ok(Self { text: chat, client_message_id })
    }

    /// The same with the room it is for.
    ///
    /// # Errors
    /// [`Invalid::Id`] for the room, and as [`Chat::read`].
    pub fn read_addressed(value: &Value) -> Result<(RoomId, Self), Invalid> {
        Ok((room(value.get("room"))?, Self::read(value)?))
    }
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
            Some(Since { epoch: Some(whole(position.get("epoch")?)?), seq: whole(position.get("seq")?)? })
        }
        seq => Some(Since { epoch: None, seq: whole(seq)? }),
    }
}

#[cfg(test)]
mod tests;
