//! The operator's provider of GIFs, as browsers meet it: only through here.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use super::negotiate::language;
use super::session::Asker;
use super::{Doors, body, gif, room_id};
use crate::domain::{Invalid, Query, RoomId};
use crate::provider::{Preview, RemoteId};
use crate::wire::{self, MessageView, RemoteView, RemotesView};

/// Longest word for where a page begins.
const MOST_AFTER: usize = 200;
/// What is kept by a browser as long as it is found here.
const CACHED: HeaderValue = HeaderValue::from_static("private, max-age=3600");

#[utoipa::path(
    get,
    path = "/provider/search",
    operation_id = "searchProvider",
    tag = "messages",
    summary = "Find GIFs of the provider",
    description = "Only where the operator has set one. The server asks it, never the browser. Without `q`, what it features.",
    params(
        ("q" = Option<String>, Query, description = "1 to 100 characters", nullable = false),
        ("after" = Option<String>, Query, description = "The `next` of the page before", nullable = false),
    ),
    responses((status = 200, description = "What was found", body = RemotesView)),
    security(("session" = [])),
)]
pub async fn search(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let asked = body::query(query.as_deref().unwrap_or_default())?;
    let words = match wire::text(&asked, "q")? {
        words if words.trim().is_empty() => None,
        words => Some(Query::parse(words)?),
    };
    let after = Some(wire::text(&asked, "after")?).filter(|after| after.len() <= MOST_AFTER);
    let after = after.ok_or(Invalid::NotText { field: "after" })?;
    let found = doors.chat.search_provider(&asker.visitor, words.as_ref(), language(&headers), after).await?;
    let remotes = found.remotes.iter();
    let remotes =
        remotes.map(|remote| RemoteView::new(remote.id.to_string(), &remote.title, remote.width, remote.height));
    Ok(Json(RemotesView { remotes: remotes.collect(), next: found.next.as_deref() }).into_response())
}

#[utoipa::path(
    get,
    path = "/provider/{name}",
    operation_id = "showRemote",
    tag = "messages",
    summary = "A look at a GIF of the provider",
    description = "Small and cleaned, for an hour after it was found. What flashes much stays a still.",
    params(("name" = String, Path, description = "The last part of a `preview` or `poster`")),
    responses((status = 200, description = "The GIF, or a still", content(
        (gif::Picture = "image/gif"), (gif::Picture = "image/webp"),
    ))),
    security(("session" = [])),
)]
pub async fn preview(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let (id, kind) = name.split_once('.').ok_or(Problem::NOT_FOUND)?;
    let id: RemoteId = id.parse().map_err(|()| Problem::NOT_FOUND)?;
    let found = doors.chat.provider_preview(&asker.visitor, id).await?;
    let Preview { poster, moving } = found.ok_or(Problem::NOT_FOUND)?;
    let (bytes, kind) = match (kind, moving) {
        ("gif", Some(gif)) => (gif, "image/gif"),
        ("gif" | "poster.webp", _) => (poster, "image/webp"),
        _ => return Err(Problem::NOT_FOUND),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(gif::POLICY));
    headers.insert(header::CACHE_CONTROL, CACHED);
    Ok(response)
}

/// `POST /room/<id>/provider`. Whether they may is asked before the provider is.
#[utoipa::path(
    post,
    path = "/room/{id}/provider",
    operation_id = "postRemote",
    tag = "messages",
    summary = "Show a GIF of the provider",
    description = "The server gets it, and treats it like an upload.",
    params(("id" = RoomId, Path, description = "The room")),
    request_body(content((wire::Remote = "application/json"), (wire::Remote = "application/x-www-form-urlencoded"))),
    responses((status = 201, description = "Stored", body = MessageView)),
    security(("session" = [])),
)]
pub async fn post(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let room = room_id(&room)?;
    let fields = body::fields(request, &doors.bodies).await?;
    let id = wire::text(&fields, "remote")?.parse().map_err(|()| Invalid::Id { field: "remote" })?;
    let new = wire::command::new_gif(&fields)?;
    let visitor = &asker.visitor;
    let first = doors.chat.first(&visitor.caller, room, new.client_message_id.as_ref()).await?;
    let message = match first {
        Some(first) => first,
        None => {
            let may = doors.chat.may_show(visitor, room).await?;
            doors.realtime.ready().await;
            doors.chat.post_remote(may, id, new).await?
        }
    };
    Ok((StatusCode::CREATED, Json(MessageView::new(&message))).into_response())
}
