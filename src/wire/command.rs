//! Commands, read from JSON: `{room, ...}`, the same fields on every transport.

use std::time::Duration;

use serde_json::Value;

use super::{name, room, text};
use crate::domain::{
    AltText, ChatText, ClientMessageId, Command, Edited, Emoji, Invalid, MemberId, MemberLimit, NewGif, NewSettings,
    NewText, Nick, Password, Preset, Query, Rendition, RoomId, Search, Slow, Title,
};

/// The longest time that a ban or mute can be given, in seconds: 30 days. Without end is without `seconds`.
const LONGEST: u64 = 30 * 24 * 60 * 60;

/// The names of all commands but `join`, `chat` and `rooms`.
pub const COMMANDS: [&str; 22] = [
    name::GIF,
    name::WHISPER,
    name::NICK,
    name::EDIT,
    name::REMOVE,
    name::REACT,
    name::TYPING,
    name::AWAY,
    name::LEAVE,
    name::OWNER,
    name::SETTINGS,
    name::KICK,
    name::BAN,
    name::UNBAN,
    name::MUTE,
    name::UNMUTE,
    name::RAID,
    name::BANS,
    name::CLOSE,
    name::SEARCH,
    name::HELP,
    name::MEMBERS,
];

/// The room that a command is for.
///
/// # Errors
/// [`Invalid::Id`].
pub fn addressed(value: &Value) -> Result<RoomId, Invalid> {
    room(value.get("room"))
}

/// Reads the command of that name; `None` when there is none. `most_members`: of the largest room that may be.
///
/// # Errors
/// For the first field that does not fit.
pub fn read(command: &str, value: &Value, most_members: u32) -> Option<Result<Command, Invalid>> {
    Some(match command {
        name::GIF => gif(value),
        name::WHISPER => whisper(value),
        name::NICK => text(value, "name").and_then(Nick::parse).map(Command::Nick),
        name::EDIT => edit(value),
        name::REMOVE => number(value, "target").map(|target| Command::Remove { target }),
        name::REACT => react(value),
        name::TYPING => Ok(Command::Typing),
        name::AWAY => flag(value, "away").map(|away| Command::Away(away.unwrap_or(true))),
        name::LEAVE => Ok(Command::Leave),
        name::OWNER => member(value, "member").map(Command::Owner),
        name::SETTINGS => settings(value, most_members).map(|settings| Command::Settings(Box::new(settings))),
        name::KICK => member(value, "member").map(Command::Kick),
        name::BAN => ban(value),
        name::UNBAN => member(value, "member").map(Command::Unban),
        name::MUTE => mute(value),
        name::UNMUTE => member(value, "member").map(Command::Unmute),
        name::RAID => raid(value),
        name::BANS => Ok(Command::Bans),
        name::MEMBERS => Ok(Command::Members),
        name::CLOSE => Ok(Command::Close),
        name::SEARCH => search(value).map(Command::Search),
        name::HELP => Ok(Command::Help),
        _ => return None,
    })
}

/// Reads the command `chat`.
///
/// # Errors
/// For `chat`, `reply` or `clientMessageId`.
pub fn new_text(value: &Value) -> Result<NewText, Invalid> {
    Ok(NewText {
        text: ChatText::parse(text(value, "chat")?)?,
        reply: optional_number(value, "reply")?,
        client_message_id: client_message_id(value)?,
    })
}

/// What goes with a GIF.
///
/// # Errors
/// For `alt`, `reply` or `clientMessageId`.
pub fn new_gif(value: &Value) -> Result<NewGif, Invalid> {
    Ok(NewGif {
        alt: AltText::parse(text(value, "alt")?)?,
        reply: optional_number(value, "reply")?,
        client_message_id: client_message_id(value)?,
        library: None,
    })
}

fn whisper(value: &Value) -> Result<Command, Invalid> {
    Ok(Command::Whisper {
        to: member(value, "to")?,
        text: ChatText::parse(text(value, "chat")?)?,
        client_message_id: client_message_id(value)?,
    })
}

fn gif(value: &Value) -> Result<Command, Invalid> {
    let gif = match Rendition::of_name(text(value, "gif")?) {
        Some((gif, Rendition::Gif)) => gif,
        _ => return Err(Invalid::Id { field: "gif" }),
    };
    let library = match text(value, "library")? {
        "" => None,
        id => Some(id.parse().map_err(|_| Invalid::Id { field: "library" })?),
    };
    Ok(Command::Gif { gif, new: NewGif { library, ..new_gif(value)? } })
}

fn edit(value: &Value) -> Result<Command, Invalid> {
    let target = number(value, "target")?;
    // Of a GIF its words, and an empty text takes them away. Of a text, which has to be there, itself.
    let edited = match value.get("alt") {
        None | Some(Value::Null) => Edited::Text(ChatText::parse(text(value, "chat")?)?),
        Some(_) => Edited::Alt(AltText::parse(text(value, "alt")?)?),
    };
    Ok(Command::Edit { target, edited })
}

fn react(value: &Value) -> Result<Command, Invalid> {
    Ok(Command::React {
        target: number(value, "target")?,
        emoji: Emoji::parse(text(value, "emoji")?)?,
        on: flag(value, "on")?.unwrap_or(true),
    })
}

fn settings(value: &Value, most_members: u32) -> Result<NewSettings, Invalid> {
    let given = |field| value.get(field).is_some_and(|value| !value.is_null());
    Ok(NewSettings {
        title: given("title").then(|| text(value, "title").and_then(Title::parse)).transpose()?,
        limit: given("max").then(|| limit(&value["max"], most_members)).transpose()?,
        password: given("password").then(|| text(value, "password").and_then(Password::parse)).transpose()?,
        locked: flag(value, "locked")?,
        slow: given("slow").then(|| slow(&value["slow"])).transpose()?,
        preset: given("preset").then(|| text(value, "preset").and_then(Preset::parse)).transpose()?,
    })
}

fn ban(value: &Value) -> Result<Command, Invalid> {
    Ok(Command::Ban {
        member: member(value, "member")?,
        time: seconds(value)?,
        purge: flag(value, "purge")?.unwrap_or(false),
    })
}

fn mute(value: &Value) -> Result<Command, Invalid> {
    Ok(Command::Mute { member: member(value, "member")?, time: seconds(value)? })
}

fn raid(value: &Value) -> Result<Command, Invalid> {
    Ok(Command::Raid { on: flag(value, "on")?.unwrap_or(true), clean: flag(value, "clean")?.unwrap_or(false) })
}

fn search(value: &Value) -> Result<Search, Invalid> {
    let from = match value.get("from") {
        None | Some(Value::Null) => None,
        Some(Value::String(empty)) if empty.is_empty() => None,
        Some(_) => Some(member(value, "from")?),
    };
    Ok(Search { query: Query::parse(text(value, "q")?)?, from, before: optional_number(value, "before")? })
}

fn member(value: &Value, field: &'static str) -> Result<MemberId, Invalid> {
    value.get(field).and_then(Value::as_str).and_then(|id| id.parse().ok()).ok_or(Invalid::Id { field })
}

fn client_message_id(value: &Value) -> Result<Option<ClientMessageId>, Invalid> {
    match value.get("clientMessageId") {
        None | Some(Value::Null) => Ok(None),
        Some(_) => ClientMessageId::parse(text(value, "clientMessageId")?).map(Some),
    }
}

fn limit(value: &Value, most: u32) -> Result<MemberLimit, Invalid> {
    match value {
        Value::String(text) => MemberLimit::parse(text, most),
        number => {
            let number = number.as_u64().and_then(|number| u32::try_from(number).ok());
            number.ok_or(Invalid::Limit { most }).and_then(|number| MemberLimit::new(number, most))
        }
    }
}

fn slow(value: &Value) -> Result<Slow, Invalid> {
    match value {
        Value::String(text) => Slow::parse(text),
        // Whatever is no whole number is as wrong as one that is too large.
        number => Slow::new(number.as_u64().unwrap_or(u64::MAX)),
    }
}

fn seconds(value: &Value) -> Result<Option<Duration>, Invalid> {
    let seconds = optional_number(value, "seconds")?;
    Ok(seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs().clamp(1, LONGEST))))
}

pub(super) fn number(value: &Value, field: &'static str) -> Result<i64, Invalid> {
    optional_number(value, field)?.ok_or(Invalid::NotNumber { field })
}

/// A number, or (as forms have it) its digits.
fn optional_number(value: &Value, field: &'static str) -> Result<Option<i64>, Invalid> {
    let number = match value.get(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) if text.bytes().all(|digit| digit.is_ascii_digit()) => text.parse().ok(),
        Some(number) => number.as_i64(),
    };
    number.filter(|number| *number >= 0).map(Some).ok_or(Invalid::NotNumber { field })
}

/// `true` or `false`, or (as forms have it) the word.
fn flag(value: &Value, field: &'static str) -> Result<Option<bool>, Invalid> {
    match value.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(Value::String(word)) if word == "true" => Ok(Some(true)),
        Some(Value::String(word)) if word == "false" => Ok(Some(false)),
        Some(_) => Err(Invalid::NotFlag { field }),
    }
}
