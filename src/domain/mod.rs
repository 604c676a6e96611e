//! The words of this product as types: pure, without async, SQL or HTTP.
//!
//! Everything that comes from outside becomes one of these once, at the door, or is refused there with an
//! [`Invalid`] that names the field.

mod bucket;
mod color;
mod emoji;
mod error;
mod event;
mod flood;
mod fold;
mod id;
mod keyed;
mod lang;
mod lately;
mod link;
mod member;
mod mention;
mod message;
mod name;
mod network;
mod nick;
mod preset;
mod query;
mod room;
mod skeleton;
pub mod slash;
mod surge;
mod text;
mod time;
mod work;

pub use bucket::{Bucket, Rate};
pub use color::Color;
pub use emoji::Emoji;
pub use error::{Invalid, Refusal};
pub use event::Event;
pub use flood::Flood;
pub use id::{GifHash, MemberId, MessageId, NetworkHash, RoomId, SessionId, WorkSalt};
pub use keyed::HashKey;
pub use lang::Lang;
pub use lately::Frequency;
pub use link::contains_link;
pub use member::{Caller, Member};
pub use mention::mentioned;
pub use message::{Content, Gif, Message, Position, Since, Snapshot};
pub use name::friendly_name;
pub use nick::{Nick, numbered};
pub use preset::{Preset, Rules, Slow, Work};
pub use query::Query;
pub use room::{MemberLimit, Room, RoomSummary};
pub use skeleton::Skeleton;
pub use slash::{Said, Slash, SlashCommand, split_name};
pub use surge::{Surge, SurgeRule, Watch};
pub use text::{ChatText, ClientMessageId, Password, Title};
pub use time::Timestamp;
pub use work::Challenge;
