//! The doors that programs use: they take forms or JSON and answer JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::commands::{self, Meant};
use super::error::Problem;
use super::negotiate::{Wanted, language};
use super::session::Asker;
use super::{Doors, body, room_id, upload};
use crate::domain::{Command, MemberId, Message, RoomId};
use crate::wire::{self, DoneView, EntryView, MemberView, MessageView, SlashDoneView};

/// `POST /room/<id>/chat`. 201 and the message; a form on a page without script is led back to the room.
#[utoipa::path(
    post,
    path = "/room/{id}/chat",
    operation_id = "postText",
    tag = "messages",
    summary = "Say something",
    description = "The message is stored before the answer, and before anybody hears it. Only who has joined the room \
                   (over Socket.IO, `/ws` or `/room/{id}/events`) can post.",
    params(("id" = RoomId, Path, description = "The room")),
    request_body(content(
        (wire::Chat = "application/json", example = json!({"chat": "hi", "clientMessageId": "0f9c-1"})),
        (wire::Chat = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Done: it was a slash command", body = wire::schema::SlashDone),
        (status = 201, description = "Stored", body = MessageView),
        (status = 303, description = "For a page's form: back to the room", headers(("Location" = String))),
    ),
    security(("session" = [])),
)]
pub async fn chat(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (wanted, lang) = (Wanted::of(request.headers()), language(request.headers()));
    let room = room_id(&room)?;
    let new = wire::command::new_text(&body::fields(request, &doors.bodies).await?)?;
    let hands = doors.hands();
    match hands.meant(&asker.visitor, room, new)? {
        Meant::Text(new) => {
            let chance = doors.chat.attempt(&asker.visitor, room)?;
            doors.realtime.ready().await;
            Ok(posted(wanted, &doors.chat.post(&asker.visitor, room, chance, new).await?))
        }
        Meant::Command(command, meant) => {
            doors.realtime.ready().await;
            commands::needs_no_connection(&meant)?;
            let done = hands.perform(&asker.visitor, room, meant).await?;
            Ok(Json(SlashDoneView { command, done: commands::view(&done, lang) }).into_response())
        }
    }
}

/// `POST /room/<id>/commands`: `{type, ...}`, what a socket would send.
#[utoipa::path(
    post,
    path = "/room/{id}/commands",
    operation_id = "command",
    tag = "rooms",
    summary = "Do something in a room",
    description = "The commands of `/ws` and Socket.IO but for `join`, `chat`, `rooms` and `away`, with the fields and the \
                   answer they have there (`/asyncapi.yaml`). Only who has joined the room can.",
    params(("id" = RoomId, Path, description = "The room")),
    request_body(content(
        (wire::schema::AnyCommand = "application/json", example = json!({"type": "nick", "name": "Sleepy Whale"})),
    )),
    responses((status = 200, description = "Done", body = DoneView)),
    security(("session" = [])),
)]
pub async fn command(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let lang = language(request.headers());
    let room = room_id(&room)?;
    let fields = body::fields(request, &doors.bodies).await?;
    let hands = doors.hands();
    let command = hands.read(wire::text(&fields, "type")?, &fields)?;
    commands::needs_no_connection(&command)?;
    if !command.keeps_peace() {
        doors.realtime.ready().await;
    }
    let done = hands.perform(&asker.visitor, room, command).await?;
    Ok(Json(commands::view(&done, lang)).into_response())
}

/// `GET /room/<id>/search?q=&from=&before=`.
#[utoipa::path(
    get,
    path = "/room/{id}/search",
    operation_id = "search",
    tag = "messages",
    summary = "Find what was said",
    description = "Texts that hold what is looked for, newest first, 30 at most; for more, ask with `before` = the `seq` of \
                   the last one. Whispers are never found.",
    params(
        ("id" = RoomId, Path, description = "The room"),
        ("q" = String, Query, description = "1 to 100 characters; case does not matter"),
        ("from" = Option<MemberId>, Query, description = "Only what this member wrote", nullable = false),
        ("before" = Option<i64>, Query, description = "Only what is older than this `seq`", minimum = 0,
            nullable = false),
    ),
    responses((status = 200, description = "What was found", body = DoneView)),
    security(("session" = [])),
)]
pub async fn search(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let room = room_id(&room)?;
    let query = body::query(query.as_deref().unwrap_or_default())?;
    let Command::Search(search) = doors.hands().read(wire::name::SEARCH, &query)? else {
        return Err(Problem::INTERNAL);
    };
    let found = doors.chat.search(&asker.visitor.caller, room, search).await?;
    Ok(Json(commands::view(&found, language(&headers))).into_response())
}

fn posted(wanted: Wanted, message: &Message) -> Response {
    match wanted {
        Wanted::Page => Redirect::to(&format!("/room/{}", message.room)).into_response(),
        Wanted::Json | Wanted::Any => (StatusCode::CREATED, Json(MessageView::new(message))).into_response(),
    }
}

/// `POST /room/<id>/gif`. Whether they may is asked before the body is read.
#[utoipa::path(
    post,
    path = "/room/{id}/gif",
    operation_id = "postGif",
    tag = "messages",
    summary = "Show a picture",
    description = "One file: a GIF, or a PNG, JPEG or WebP, still or moving, which becomes a GIF. It is checked and cleaned; \
                   what it calls itself, by name or type, does not matter. \
                   Defaults of the limits, which an operator can change: 5 MiB, 2048 x 2048 pixels, 1000 frames, \
                   400 million pixels in all frames together, a loop of 5 minutes.",
    params(("id" = RoomId, Path, description = "The room")),
    request_body(content = upload::GifForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "Stored", body = MessageView),
        (status = 303, description = "For a page's form: back to the room", headers(("Location" = String))),
    ),
    security(("session" = [])),
)]
pub async fn gif(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let wanted = Wanted::of(request.headers());
    let room = room_id(&room)?;
    if body::declared(request.headers()).is_some_and(|bytes| bytes > upload::most_bytes(&doors.bodies) as u64) {
        body::drain(request.into_body()).await;
        return Err(gifchat_gif::Error::TooLarge { most: doors.bodies.gif_bytes }.into());
    }
    let permitted = match doors.chat.begin_upload(&asker.visitor, room).await {
        Ok(permitted) => permitted,
        Err(refused) => {
            let id = upload::drain(request, &doors.bodies).await.filter(|_| refused.is_for_space());
            let first = doors.chat.first(&asker.visitor.caller, room, id.as_ref()).await;
            return first.ok().flatten().map(|first| posted(wanted, &first)).ok_or_else(|| refused.into());
        }
    };
    let received = upload::receive(request, &doors.bodies).await?;
    doors.realtime.ready().await;
    let message = doors.chat.post_gif(permitted, received.gif, received.new).await?;
    Ok(posted(wanted, &message))
}

/// `GET /room/<id>/messages?before=<seq>&limit=`: a list, newest last.
#[utoipa::path(
    get,
    path = "/room/{id}/messages",
    operation_id = "listMessages",
    tag = "messages",
    summary = "What was said before",
    description = "A page of history, newest last. For the page before it, ask with `before` = the `seq` of its first \
                   message; a page that begins with `seq` 1, or is empty, is the first.",
    params(
        ("id" = RoomId, Path, description = "The room"),
        ("before" = Option<i64>, Query, description = "Only what is older than this `seq`",
            minimum = 0, nullable = false),
        ("limit" = Option<u32>, Query, description = "How many at most; 50 when it is missing, never more than 100",
            minimum = 1, maximum = 100, nullable = false),
    ),
    responses((status = 200, description = "A page", body = Vec<EntryView>)),
    security(("session" = [])),
)]
pub async fn messages(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let room = room_id(&room)?;
    let query = body::query(query.as_deref().unwrap_or_default())?;
    let before = body::number(&query, "before")?;
    let limit = body::number(&query, "limit")?.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX));
    let items = doors.chat.history(&asker.visitor.caller, room, before, limit).await?;
    Ok(Json(EntryView::all(&items)).into_response())
}

/// `GET /room/<id>/members`: a list, the owner first.
#[utoipa::path(
    get,
    path = "/room/{id}/members",
    operation_id = "listMembers",
    tag = "rooms",
    summary = "Who is here",
    description = "The owner first, then by arrival.",
    params(("id" = RoomId, Path, description = "The room")),
    responses((status = 200, description = "Everybody", body = Vec<MemberView>)),
    security(("session" = [])),
)]
pub async fn members(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<Response, Problem> {
    let members = doors.chat.members(&asker.visitor.caller, room_id(&room)?).await?;
    Ok(Json(MemberView::all(&members)).into_response())
}

/// `DELETE /room/<id>`: 204.
#[utoipa::path(
    delete,
    path = "/room/{id}",
    operation_id = "deleteRoom",
    tag = "rooms",
    summary = "Remove a room",
    description = "With everything in it. Only its owner can. Everybody in the room and in the lobby hears `removeRoom`.",
    params(("id" = RoomId, Path, description = "The room")),
    responses((status = 204, description = "Gone")),
    security(("session" = [])),
)]
pub async fn remove(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<StatusCode, Problem> {
    doors.chat.remove_room(&asker.visitor.caller, room_id(&room)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
