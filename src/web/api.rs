//! The doors that programs use: they take forms or JSON and answer JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::error::Problem;
use super::negotiate::Wanted;
use super::session::Asker;
use super::{Doors, body, room_id, upload};
use crate::chat::NewText;
use crate::domain::Message;
use crate::wire::{self, MessageView};

/// `POST /room/<id>/chat`. 201 and the message; a form on a page without script is led back to the room.
pub async fn chat(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let wanted = Wanted::of(request.headers());
    let room = room_id(&room)?;
    let new = wire::Chat::read(&body::fields(request, &doors.bodies).await?)?;
    doors.realtime.ready().await;
    let new = NewText { text: new.text, client_message_id: new.client_message_id };
    let message = doors.chat.post(&asker.visitor, room, new).await?;
    Ok(posted(wanted, &message))
}

fn posted(wanted: Wanted, message: &Message) -> Response {
    match wanted {
        Wanted::Page => Redirect::to(&format!("/room/{}", message.room)).into_response(),
        Wanted::Json | Wanted::Any => (StatusCode::CREATED, Json(MessageView::new(message))).into_response(),
    }
}

/// `POST /room/<id>/gif`. Whether they may is asked before the body is read.
pub async fn gif(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let wanted = Wanted::of(request.headers());
    let room = room_id(&room)?;
    let permitted =
        if body::declared(request.headers()).is_some_and(|bytes| bytes > upload::most_bytes(&doors.bodies) as u64) {
            Err(gifchat_gif::Error::TooLarge { most: doors.bodies.gif_bytes }.into())
        } else {
            doors.chat.begin_upload(&asker.visitor, room).map_err(Problem::from)
        };
    let permitted = match permitted {
        Ok(permitted) => permitted,
        Err(problem) => {
            body::drain(request.into_body()).await;
            return Err(problem);
        }
    };
    let received = upload::receive(request, &doors.bodies).await?;
    doors.realtime.ready().await;
    let message = doors.chat.post_gif(permitted, received.gif, received.client_message_id).await?;
    Ok(posted(wanted, &message))
}

/// `GET /room/<id>/messages?before=<seq>&limit=`: a list, newest last.
pub async fn messages(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let room = room_id(&room)?;
    let query = body::query(query.as_deref().unwrap_or_default())?;
    let before = number(&query, "before")?;
    let limit = number(&query, "limit")?.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX));
    let messages = doors.chat.history(&asker.visitor.caller, room, before, limit).await?;
    Ok(Json(MessageView::all(&messages)).into_response())
}

/// `GET /room/<id>/members`: a list, the owner first.
pub async fn members(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<Response, Problem> {
    Ok(Json(doors.chat.members(&asker.visitor.caller, room_id(&room)?).await?).into_response())
}

/// `DELETE /room/<id>`: 204.
pub async fn remove(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
) -> Result<StatusCode, Problem> {
    doors.chat.remove_room(&asker.visitor.caller, room_id(&room)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A number of the query; empty or missing is none.
fn number(query: &serde_json::Value, field: &'static str) -> Result<Option<i64>, Problem> {
    let text = wire::text(query, field)?;
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits {
        return Err(crate::domain::Invalid::NotNumber { field }.into());
    }
    Ok(Some(text.parse().unwrap_or(i64::MAX)))
}
