//! The doors of the server's library.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use super::session::Asker;
use super::{Doors, body, room_id};
use crate::domain::{LibraryCursor, Terms, words};
use crate::wire::{self, LibraryEntryView, LibraryPageView, LibraryTagsView, OfferedView};

/// `GET /library?q=&after=&limit=`.
#[utoipa::path(
    get,
    path = "/library",
    operation_id = "listLibrary",
    tag = "library",
    summary = "Find a GIF",
    description = "GIFs that the operator keeps for everybody, the most used first. Each word of `q` is the beginning of a word \
                   of the title, the tags or the descriptions, and all must be there; without `q` everything is found. For more, \
                   ask with `after` = `next` of the answer.",
    params(
        ("q" = Option<String>, Query, description = "At most 100 characters; the first 6 words count", nullable = false),
        ("after" = Option<String>, Query, description = "`next` of the page before", nullable = false),
        ("limit" = Option<u32>, Query, description = "How many at most; 24 when it is missing, never more than 50",
            minimum = 1, maximum = 50, nullable = false),
    ),
    responses((status = 200, description = "A page", body = LibraryPageView)),
    security(("session" = [])),
)]
pub async fn list(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = body::query(query.as_deref().unwrap_or_default())?;
    let terms = Terms::parse(wire::text(&query, "q")?)?;
    let after = match wire::text(&query, "after")? {
        "" => None,
        after => Some(after.parse::<LibraryCursor>()?),
    };
    let limit = body::number(&query, "limit")?.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX));
    let page = doors.chat.library(&asker.visitor, &terms, after.as_ref(), limit).await?;
    let view = LibraryPageView {
        entries: page.entries.iter().map(LibraryEntryView::new).collect(),
        next: page.next.map(|next| next.to_string()),
    };
    Ok(Json(view).into_response())
}

/// `GET /library/tags?prefix=`.
#[utoipa::path(
    get,
    path = "/library/tags",
    operation_id = "listLibraryTags",
    tag = "library",
    summary = "Tags that begin so",
    description = "At most 10, the most frequent first; without `prefix`, of all.",
    params(("prefix" = Option<String>, Query, description = "The beginning of a tag", nullable = false)),
    responses((status = 200, description = "Tags", body = LibraryTagsView)),
    security(("session" = [])),
)]
pub async fn tags(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = body::query(query.as_deref().unwrap_or_default())?;
    let beginning = words(wire::text(&query, "prefix")?).pop().unwrap_or_default();
    let tags = doors.chat.library_tags(&asker.visitor, &beginning).await?;
    Ok(Json(LibraryTagsView { tags }).into_response())
}

/// `POST /library/offers`: 201, or 200 for a GIF that is there already.
#[utoipa::path(
    post,
    path = "/library/offers",
    operation_id = "offerGif",
    tag = "library",
    summary = "Offer a GIF of a room to the library",
    description = "A member of a room can, if the operator takes offers. The GIF then stays on the server also when the room is \
                   gone: until an operator rejects it, or takes it out of the library.",
    request_body(content(
        (wire::NewOffer = "application/json",
            example = json!({"room": "0a0a0a0a0a0a0a0a0a0a0a0a", "seq": 7, "tags": ["cat", "고양이"]})),
        (wire::NewOffer = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "It is there already, and stays as it is", body = OfferedView),
        (status = 201, description = "Taken", body = OfferedView),
    ),
    security(("session" = [])),
)]
pub async fn offer(State(doors): State<Arc<Doors>>, asker: Asker, request: Request) -> Result<Response, Problem> {
    let fields = body::fields(request, &doors.bodies).await?;
    let room = room_id(wire::text(&fields, "room")?)?;
    let (seq, about) = wire::offer(&fields)?;
    let added = doors.chat.offer(&asker.visitor, room, seq, about).await?;
    let status = if added.first { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(OfferedView::new(&added))).into_response())
}
