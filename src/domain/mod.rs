//! The words of this product as types: pure, without async, SQL or HTTP.
//!
//! Everything that comes from outside becomes one of these once, at the door, or is refused there with an
//! [`Invalid`] that names the field.

mod bucket;
mod color;
mod emoji;
mod error;
mod event;
mod id;
mod keyed;
mod lang;
mod member;
mod message;
mod name;
mod network;
mod nick;
mod query;
mod room;
mod skeleton;
mod text;
mod time;
mod work;

pub use bucket::{Bucket, Rate};
pub use color::Color;
pub use emoji::Emoji;
pub use error::{Invalid, Refusal};
pub use event::Event;
pub use id::{GifHash, MemberId, MessageId, NetworkHash, RoomId, SessionId, WorkSalt};
pub use keyed::HashKey;
pub use lang::Lang;
pub use member::{Caller, Member};
pub use message::{Content, Gif, Message, Position, Since, Snapshot};
pub use name::friendly_name;
pub use nick::{Nick, numbered};
pub use query::Query;
pub use room::{MemberLimit, Room, RoomSummary};
pub use skeleton::Skeleton;
pub use text::{ChatText, ClientMessageId, Password, Title};
pub use time::Timestamp;
pub use work::Challenge;
