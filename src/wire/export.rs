//! A room as a file.

use serde::Serialize;
use utoipa::ToSchema;

use super::{EntryView, RoomView};
use crate::domain::{Member, RoomSummary, Timestamp};

/// A room as somebody takes it along: [`ExportView::beginning`], its messages with a comma between two, and
/// [`ExportView::END`].
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Export, description = "Everything in a room that its reader may see.")]
pub struct ExportView<'a> {
    room: RoomView<'a>,
    exported_at: Timestamp,
    exported_by: &'a Member,
    /// In order: messages as they are now, notices, the reader's own whispers.
    messages: Vec<EntryView<'a>>,
}

impl<'a> ExportView<'a> {
    pub const END: &'static str = "\n]}\n";

    pub fn new(room: &'a RoomSummary, at: Timestamp, by: &'a Member) -> Self {
        let room = RoomView::with_owner_name(room);
        Self { room, exported_at: at, exported_by: by, messages: Vec::new() }
    }

    /// All that stands before the first message.
    ///
    /// # Errors
    /// None that could happen: it is made of texts and numbers.
    pub fn beginning(&self) -> Result<String, serde_json::Error> {
        let mut json = serde_json::to_string(self)?;
        json.truncate(json.len() - "]}".len());
        Ok(json)
    }
}
