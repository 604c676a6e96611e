//! What came of a command, as JSON: its ack, or the answer of the HTTP door.

use serde::Serialize;
use utoipa::ToSchema;

use super::schema;
use super::{EntryView, MemberView, RoomView, WhisperView};
use crate::domain::{Done, Member, Sanction, Timestamp};

/// The ack of a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Done)]
pub enum DoneView<'a> {
    Nothing(schema::Nothing),
    Entry(Box<EntryView<'a>>),
    /// It was so before: nothing is told to anybody.
    #[schema(title = "Unchanged")]
    Unchanged {
        #[schema(required, schema_with = schema::null)]
        seq: Option<i64>,
        count: u32,
    },
    Whispered {
        whisper: WhisperView<'a>,
        /// Whether they have a connection now; else they read it when they are back.
        there: bool,
    },
    Me {
        me: MemberView<'a>,
    },
    Members {
        members: Vec<MemberView<'a>>,
    },
    Room {
        room: Box<RoomView<'a>>,
    },
    Until {
        /// `null`: as long as the room lives.
        #[schema(required)]
        until: Option<Timestamp>,
    },
    Raid {
        raid: bool,
        banned: usize,
    },
    Bans {
        bans: Vec<SanctionView<'a>>,
    },
    Found {
        /// Newest first.
        messages: Vec<EntryView<'a>>,
        more: bool,
    },
    Help {
        commands: Vec<UsageView>,
    },
}

/// Who is kicked, banned or muted, and until when.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Sanction)]
pub struct SanctionView<'a> {
    member: &'a Member,
    /// `kick`, `ban`, `mute` or `shadow`.
    kind: &'static str,
    /// Missing: as long as the room lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    until: Option<Timestamp>,
    created_at: Timestamp,
}

/// How a slash command is written, and what it does, in the reader's language.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct UsageView {
    pub usage: String,
    pub text: String,
}

impl<'a> DoneView<'a> {
    /// `usages` are asked for with [`Done::Help`] alone.
    pub fn new(done: &'a Done, usages: impl FnOnce() -> Vec<UsageView>) -> Self {
        match done {
            Done::Nothing => Self::Nothing(schema::Nothing {}),
            Done::Entry(message) => Self::Entry(Box::new(EntryView::new(message))),
            Done::Unchanged { count } => Self::Unchanged { seq: None, count: *count },
            Done::Whispered { whisper, there } => Self::Whispered { whisper: WhisperView::new(whisper), there: *there },
            Done::Me(listed) => Self::Me { me: MemberView::new(listed) },
            Done::Members(listed) => Self::Members { members: MemberView::all(listed) },
            Done::Room(room) => Self::Room { room: Box::new(RoomView::new(room)) },
            Done::Until(until) => Self::Until { until: *until },
            Done::Raid { on, banned } => Self::Raid { raid: *on, banned: *banned },
            Done::Bans(sanctions) => Self::Bans { bans: sanctions.iter().map(sanction).collect() },
            Done::Found { messages, more } => {
                Self::Found { messages: messages.iter().map(EntryView::new).collect(), more: *more }
            }
            Done::Help => Self::Help { commands: usages() },
        }
    }
}

fn sanction(sanction: &Sanction) -> SanctionView<'_> {
    SanctionView {
        member: &sanction.member,
        kind: sanction.kind.as_str(),
        until: sanction.until,
        created_at: sanction.created_at,
    }
}

/// The ack of a slash command: that of the command it stands for, with its name.
#[derive(Clone, Debug, Serialize)]
pub struct SlashDoneView<'a> {
    pub command: &'static str,
    #[serde(flatten)]
    pub done: DoneView<'a>,
}
