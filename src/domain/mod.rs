//! The words of this product as types: pure, without async, SQL or HTTP.
//!
//! Everything that comes from outside becomes one of these once, at the door, or is refused there with an
//! [`Invalid`] that names the field.

mod act;
mod bucket;
mod color;
mod emoji;
mod error;
mod event;
mod id;
mod lang;
mod member;
mod message;
mod name;
mod network;
mod notice;
mod preset;
mod room;
mod sanction;
mod text;
mod time;
mod whisper;

pub use act::{Act, Change, NewMessage, NewWhisper, Right, RoomChange};
pub use bucket::{Bucket, Rate};
pub use color::Color;
pub use emoji::Emoji;
pub use error::{Invalid, Refusal};
pub use event::Event;
pub use id::{GifHash, MemberId, MessageId, RoomId, SessionId};
pub use lang::Lang;
pub use member::{Caller, Listed, Member};
pub use message::{Content, Gif, Item, Message, Position, Quote, Quoted, Reaction, Since, Snapshot};
pub use name::friendly_name;
pub use network::NetworkHash;
pub use notice::{Notice, NoticeCode};
pub use preset::{Preset, Slow};
pub use room::{MemberLimit, Room, RoomSummary};
pub use sanction::{Sanction, SanctionKind};
pub use text::{ChatText, ClientMessageId, Password, Title};
pub use time::Timestamp;
pub use whisper::Whisper;
