//! The words of this product as types: pure, without async, SQL or HTTP.
//!
//! Everything that comes from outside becomes one of these once, at the door, or is refused there with an
//! [`Invalid`] that names the field.

mod act;
mod bucket;
mod color;
mod command;
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
mod notice;
mod preset;
mod query;
mod room;
mod sanction;
mod skeleton;
pub mod slash;
mod surge;
mod text;
mod time;
mod whisper;
mod work;

pub use act::{Act, Change, NewMessage, NewWhisper, Right, RoomChange};
pub use bucket::{Bucket, Rate};
pub use color::Color;
pub use command::{Command, Done, NewSettings, NewText, Search};
pub use emoji::Emoji;
pub use error::{Invalid, Refusal};
pub use event::Event;
pub use flood::Flood;
pub use id::{GifHash, MemberId, MessageId, NetworkHash, RoomId, SessionId, WorkSalt};
pub use keyed::HashKey;
pub use lang::Lang;
pub use lately::Frequency;
pub use link::contains_link;
pub use member::{Caller, Listed, Member};
pub use mention::mentioned;
pub use message::{Content, Gif, Item, Message, Position, Quote, Quoted, Reaction, Since, Snapshot};
pub use name::friendly_name;
pub use nick::{Nick, numbered};
pub use notice::{Notice, NoticeCode};
pub use preset::{Preset, Rules, Slow, Work};
pub use query::Query;
pub use room::{MemberLimit, Room, RoomSummary};
pub use sanction::{Sanction, SanctionKind};
pub use skeleton::Skeleton;
pub use slash::{Said, Slash, SlashCommand, split_name};
pub use surge::{Surge, SurgeRule, Watch};
pub use text::{ChatText, ClientMessageId, Password, Title};
pub use time::Timestamp;
pub use whisper::Whisper;
pub use work::Challenge;
