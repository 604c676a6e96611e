//! GIFs of the provider.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{AltText, ClientMessageId};

/// A page of what the provider has.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Remotes)]
pub struct RemotesView<'a> {
    pub remotes: Vec<RemoteView<'a>>,
    /// Where the next page begins; missing when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<&'a str>,
}

/// A GIF of the provider. It can be looked at and sent for an hour.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Remote)]
pub struct RemoteView<'a> {
    id: String,
    /// Where a small one is, on this server.
    preview: String,
    width: u32,
    height: u32,
    /// What the provider says is to be seen; may be empty.
    title: &'a str,
}

impl<'a> RemoteView<'a> {
    pub fn new(id: String, title: &'a str, width: u32, height: u32) -> Self {
        Self { preview: format!("/provider/{id}.gif"), id, width, height, title }
    }
}

/// Which one to show.
#[derive(Debug, ToSchema)]
#[schema(as = NewRemote, rename_all = "camelCase")]
#[allow(dead_code, reason = "it is described, not made")]
pub struct Remote {
    /// Its `id`.
    remote: String,
    /// What it shows, in words.
    #[schema(nullable = false)]
    alt: Option<AltText>,
    /// The `seq` of the message it answers.
    #[schema(nullable = false)]
    reply: Option<i64>,
    #[schema(nullable = false)]
    client_message_id: Option<ClientMessageId>,
}
