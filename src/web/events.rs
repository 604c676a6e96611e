//! A room's events for who has no WebSocket: server-sent events.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use gifchat_realtime::{EventStream, Frame};

use super::error::Problem;
use super::negotiate::language;
use super::seat::{Ears, prepare, sit};
use super::session::Asker;
use super::{Doors, body, room_id, socketio, tell};
use crate::domain::{Invalid, Item, RoomId, Since, Snapshot};
use crate::wire::{EntryView, SnapshotView, name};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells nginx and its like to pass on what comes at once.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// `GET /room/<id>/events`: a snapshot, and from then on what happens in the room. Its reader takes a place there, like any
/// other connection. With a `Last-Event-ID` that can be continued, the messages since then follow the snapshot one by
/// one, and are not in it.
#[utoipa::path(
    get,
    path = "/room/{id}/events",
    operation_id = "listen",
    tag = "live",
    summary = "A room's events as they happen (server-sent events)",
    description = "First `snapshot`, then `chat`, `join`, `exit` and whatever else happens in the room, and at the end of the server `shutdown`; with a `Last-Event-ID` that can be continued, the \
                   missed messages follow the snapshot as `chat` events. A message's `id` is its `seq`. A comment every 25 s \
                   keeps the connection alive. Listening takes a place in the room, as any connection does. \
                   `/asyncapi.yaml` has the shapes.",
    params(
        ("id" = RoomId, Path, description = "The room"),
        ("Last-Event-ID" = Option<String>, Header,
            description = "The `id` of the last message you have: its `seq`",
            pattern = r"^\d+$", nullable = false),
        ("since" = Option<i64>, Query, minimum = 0, nullable = false,
            description = "The same for a reader that cannot set headers yet: the `seq` up to which it has everything. \
                           `Last-Event-ID` wins"),
        ("whispers" = Option<i64>, Query, minimum = 0, nullable = false,
            description = "The `number` of the last whisper you have; without it, those since that message come again"),
        ("epoch" = Option<i64>, Query, minimum = 0, nullable = false,
            description = "The room's `epoch` that belongs to it. In another one nothing is continued"),
    ),
    responses((status = 200, description = "Events, until either side hangs up", body = String,
        content_type = "text/event-stream", headers(
            ("Cache-Control" = String, description = "`no-store`"),
            ("X-Accel-Buffering" = String, description = "`no`"),
        ))),
    security(("session" = [])),
)]
pub async fn listen(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let room = room_id(&room)?;
    let since = position(&headers, query.as_deref().unwrap_or_default())?;
    let stream = open(&doors, asker, room, since, &headers).await?;
    let mut response = Response::new(Body::new(stream));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

async fn open(
    doors: &Doors,
    asker: Asker,
    room: RoomId,
    since: Option<Since>,
    headers: &HeaderMap,
) -> Result<EventStream, Problem> {
    let visitor = asker.visitor.clone();
    let member = visitor.caller.member.id;
    let reader = socketio::reader(asker.visitor, language(headers));
    let (socket, stream) = doors.realtime.event_stream(socketio::CHAT, reader).map_err(|_| Problem::BUSY)?;
    prepare(&socket);
    let ears = Ears::new(room, member);
    // Refused or failed, the stream is dropped, and that is its end.
    let (place, snapshot) = doors.chat.enter(&visitor, room, since, || ears.prick(&socket)).await?;
    sit(&socket, place, member);
    let first = first(&snapshot).map_err(|error| {
        tracing::error!(%error, "a snapshot does not become JSON");
        Problem::INTERNAL
    })?;
    ears.open(&socket, first, Some(&snapshot));
    Ok(stream)
}

/// What the reader gets before what happens from now on.
fn first(snapshot: &Snapshot) -> Result<Vec<Frame>, serde_json::Error> {
    let view = SnapshotView::new(snapshot);
    if !snapshot.recovered {
        let frame = tell::frame(name::SNAPSHOT, &view)?;
        return Ok(vec![frame.with_id(snapshot.position.seq.unsigned_abs())]);
    }
    let mut first = vec![tell::frame(name::SNAPSHOT, &view.without_messages())?];
    for item in &snapshot.items {
        let view = EntryView::of(item);
        let frame = tell::frame(view.name(), &view)?;
        first.push(match item {
            Item::Message(message) => tell::number(frame, message),
            Item::Whisper(_) => frame,
        });
    }
    Ok(first)
}

/// How far the reader has come: the `seq` of its last message, in the header that browsers send when they reconnect or in
/// the address; with the room's `epoch` in the address, if it knows it.
fn position(headers: &HeaderMap, query: &str) -> Result<Option<Since>, Problem> {
    let query = body::query(query)?;
    let epoch = body::number(&query, "epoch")?;
    let seq = match headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) {
        Some(id) => {
            let seq = id.to_str().ok().and_then(body::digits);
            Some(seq.ok_or(Invalid::NotNumber { field: "Last-Event-ID" })?)
        }
        None => body::number(&query, "since")?,
    };
    let whispers = body::number(&query, "whispers")?;
    Ok(seq.map(|seq| Since { epoch, seq, whispers }))
}
