//! How the words of the domain look as JSON, for the OpenAPI document: limits come from the types themselves.
//!
//! The domain knows nothing of documents, so its types are described here, next to what serializes them.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::openapi::schema::{AdditionalProperties, KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::{
    AltText, ChatText, ClientMessageId, Color, GifHash, LibraryId, Member, MemberId, MessageId, Password, RoomId,
    Timestamp, Title,
};

/// [`Gif::file_name`](crate::domain::Gif::file_name) gives a text.
#[derive(Clone, Copy, Debug)]
pub struct GifName;

/// What `GET /gif/{name}` takes.
#[derive(Clone, Copy, Debug)]
pub struct PictureName;

/// The name of a [`Preset`](crate::domain::Preset).
#[derive(Clone, Copy, Debug)]
pub struct PresetName;

/// A command with the fields that it has over `/ws`.
#[derive(Clone, Copy, Debug)]
pub struct AnyCommand;

/// The answer to a slash command.
#[derive(Clone, Copy, Debug)]
pub struct SlashDone;

/// There is nothing to tell.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Nothing {}

/// Always `null`.
pub fn null() -> Object {
    ObjectBuilder::new().schema_type(Type::Null).build()
}

macro_rules! schemas {
    ($($(#[doc = $doc:literal])+ $name:ident => $object:expr;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                Schema::from($object.description(Some([$($doc),+].map(str::trim).join(" "))).build()).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

schemas! {
    /// A room's id: its address, not a right to enter it.
    RoomId => hex(Self::LEN);
    /// A message's id.
    MessageId => hex(Self::LEN);
    /// The id of a GIF in the library.
    LibraryId => hex(Self::LEN);
    /// A person, as others may know them: public, and the same in every room.
    MemberId => hex(Self::LEN);
    /// Of a person: the same as long as they keep their cookie; two people may share one.
    Color => text().pattern(Some("^#[0-9a-f]{6}$")).examples(["#1f932d"]);
    /// How carefully a room treats newcomers.
    PresetName => text().enum_values(Some(["open", "normal", "strict"]));
    /// RFC 3339 in UTC with milliseconds. Order is told by `seq`, not by this.
    Timestamp => text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .pattern(Some(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"))
        .examples(["2023-11-14T22:13:20.120Z"]);
    /// One visible line; white space is put together, control characters are dropped.
    Title => text().min_length(Some(1)).max_length(Some(Self::MOST)).examples(["Lunch"]);
    /// What somebody says; line breaks are kept as `\n`, other control characters are dropped.
    ChatText => text().min_length(Some(1)).max_length(Some(Self::MOST)).examples(["hi"]);
    /// What a GIF shows, in words: one visible line.
    AltText => text().min_length(Some(1)).max_length(Some(Self::MOST)).examples(["An otter dances"]);
    /// What the sender calls a message: posting it again with the same id is recognized as a retry and answered with the
    /// message that is already there. Printable ASCII without spaces.
    ClientMessageId => text()
        .min_length(Some(1))
        .max_length(Some(Self::MOST))
        .pattern(Some("^[!-~]+$"))
        .examples(["0f9c-1"]);
    /// At most 256 bytes of UTF-8, taken as they are. Empty: none, the room is public.
    Password => text()
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .max_length(Some(Self::MOST));
    /// The name of a GIF's file below `/gif/`: the SHA-256 of its content.
    GifName => text()
        .pattern(Some(format!("^[0-9a-f]{{{}}}\\.gif$", 2 * GifHash::LEN)))
        .examples(["cd".repeat(GifHash::LEN) + ".gif"]);
    /// The name of a file below `/gif/`: a GIF, its animated WebP (`.webp`), or its still (`.poster.webp`).
    PictureName => text()
        .pattern(Some(format!("^[0-9a-f]{{{}}}\\.(gif|webp|poster\\.webp)$", 2 * GifHash::LEN)))
        .examples(["cd".repeat(GifHash::LEN) + ".webp"]);
    /// A command, with the fields it has over `/ws`.
    AnyCommand => ObjectBuilder::new()
        .property("type", text().examples(["nick"]))
        .required("type")
        .additional_properties(Some(AdditionalProperties::FreeForm(true)));
    /// What the command answers that it stands for, and that command's name.
    SlashDone => ObjectBuilder::new()
        .property("command", text().examples(["help"]))
        .required("command")
        .additional_properties(Some(AdditionalProperties::FreeForm(true)));
    /// It is done, or there was nothing to do.
    Nothing => ObjectBuilder::new().schema_type(Type::Object).max_properties(Some(0));
    /// A person as everybody may see them. `name` is a friendly one that we made.
    Member => ObjectBuilder::new()
        .property("id", Ref::from_schema_name("MemberId"))
        .property("name", text().examples(["Easygoing Otter"]))
        .property("color", Ref::from_schema_name("Color"))
        .required("id")
        .required("name")
        .required("color");
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn hex(bytes: usize) -> ObjectBuilder {
    text().pattern(Some(format!("^[0-9a-f]{{{}}}$", 2 * bytes))).examples(["0a".repeat(bytes)])
}
