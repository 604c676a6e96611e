//! The pages of the lobby and of rooms, and the forms they send.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::error::Problem;
use super::look::Look;
use super::negotiate::Wanted;
use super::session::Asker;
use super::views::{LobbyError, LobbyPage, PasswordPage, PictureLimits, RoomPage};
use super::{Doors, body, room_id};
use crate::chat::{Credentials, Error};
use crate::config::Offers;
use crate::domain::{Lang, Password, Refusal, Room, RoomId};
use crate::wire::{self, RoomView};

/// `GET /`: the newest room first.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "showLobby",
    tag = "pages",
    summary = "The lobby",
    description = "All rooms, the newest first. Programs watch the lobby over Socket.IO or `/ws`, which answers `rooms`.",
    params(("error" = Option<String>, Query, description = "Shown once, as text", nullable = false)),
    responses((status = 200, description = "A page", body = String, content_type = "text/html")),
)]
pub async fn lobby(State(doors): State<Arc<Doors>>, RawQuery(query): RawQuery, request: Request) -> Response {
    let look = Look::of(&request, &doors.env);
    let query = body::query(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let error = query.get("error").and_then(Value::as_str).and_then(LobbyError::parse);
    let mut rooms = doors.chat.lobby();
    rooms.reverse();
    let most_seats = doors.chat.settings().members_per_room;
    let page = LobbyPage { frame: look.frame(), rooms: &rooms, now: doors.env.now(), error, most_seats };
    look.page(StatusCode::OK, &page)
}

/// `GET /room/<id>`: the room, or the way to it. For programs what the lobby shows of it.
#[utoipa::path(
    get,
    path = "/room/{id}",
    operation_id = "showRoom",
    tag = "rooms",
    summary = "A room, or the way to it",
    description = "The page admits its visitor to a public room, and asks for the password of a private one. With \
                   `Accept: application/json` it admits nobody and tells what the lobby shows. A page that cannot be shown \
                   (no such room, no free place) leads to `/?error=...`.",
    params(
        ("id" = RoomId, Path, description = "The room"),
        ("password" = Option<Password>, Query, description = "As old links have it; the answer leads to the clean address",
            nullable = false),
    ),
    responses(
        (status = 200, description = "The room", content((RoomView = "application/json"), (String = "text/html"))),
        (status = 303, description = "To the clean address, or to the lobby", headers(("Location" = String))),
    ),
    security(("session" = []), ()),
)]
pub async fn room(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    if Wanted::of(request.headers()) == Wanted::Json {
        let room = doors.chat.summary(room_id(&room)?)?;
        return Ok(Json(RoomView::with_owner_name(&room)).into_response());
    }
    let look = Look::of(&request, &doors.env);
    let Ok(id) = room_id(&room) else { return Ok(back_to_lobby(&LobbyError::NoSuchRoom, look.lang)) };
    let query = body::query(query.as_deref().unwrap_or_default()).unwrap_or_default();
    // A link as the book makes them. The password leaves the address bar, whatever comes of it.
    let linked = query.get("password").and_then(Value::as_str);
    let password = match linked.map(Password::parse) {
        Some(Err(_)) => return Ok(back_to_lobby(&LobbyError::WrongPassword, look.lang)),
        Some(Ok(password)) => password,
        None => None,
    };
    let guessed = password.is_some();
    match doors.chat.admit(&asker.visitor, id, Credentials { password, work: None }).await {
        Ok(_) if linked.is_some() => Ok(Redirect::to(&format!("/room/{id}")).into_response()),
        Ok(room) => show(&doors, &asker, &look, &room).await,
        Err(Error::Refused(Refusal::NotAdmitted)) => ask_password(&doors, &look, id, StatusCode::OK, None),
        Err(Error::Refused(refusal @ Refusal::TooOften { .. })) if guessed => {
            ask_password(&doors, &look, id, StatusCode::TOO_MANY_REQUESTS, Some(&refusal))
        }
        Err(Error::Refused(Refusal::WorkNeeded)) => Err(work_needed(&doors, &asker, id)),
        Err(error) => turned_away(error, look.lang),
    }
}

/// What a newcomer has to solve first: the page does it by itself, a program posts `work` to `/room/<id>/enter`.
fn work_needed(doors: &Doors, asker: &Asker, room: RoomId) -> Problem {
    let challenge = doors.chat.challenge(&asker.visitor.caller, room);
    Problem { challenge: Some(challenge), ..Refusal::WorkNeeded.into() }
}

/// `POST /room/<id>/enter` with a password.
#[utoipa::path(
    post,
    path = "/room/{id}/enter",
    operation_id = "enterRoom",
    tag = "rooms",
    summary = "Be admitted",
    description = "Remembers that this session may join the room: also needed, with any password or none, before a program \
                   joins a public room. Guessing is slowed, by room and address.",
    params(("id" = RoomId, Path, description = "The room")),
    request_body(content(
        (EnterForm = "application/json", example = json!({"password": "sesame"})),
        (EnterForm = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 200, description = "Admitted", body = RoomView),
        (status = 303, description = "For a page's form: to the room, or to the lobby", headers(("Location" = String))),
    ),
    security(("session" = []), ()),
)]
pub async fn enter(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let json = Wanted::of(request.headers()) == Wanted::Json;
    let look = Look::of(&request, &doors.env);
    let fields = body::fields(request, &doors.bodies).await?;
    let id = match room_id(&room) {
        Err(_) if !json => return Ok(back_to_lobby(&LobbyError::NoSuchRoom, look.lang)),
        id => id?,
    };
    let work = wire::work(&fields)?;
    let admitted = match wire::text(&fields, "password").and_then(Password::parse) {
        Ok(password) => doors.chat.admit(&asker.visitor, id, Credentials { password, work }).await,
        // No room has such a password.
        Err(_) => Err(Refusal::WrongPassword.into()),
    };
    let admitted = admitted.map_err(|error| match error {
        Error::Refused(Refusal::NotAdmitted) => Refusal::WrongPassword.into(),
        error => error,
    });
    match admitted {
        Ok(_) if json => Ok(Json(RoomView::with_owner_name(&doors.chat.summary(id)?)).into_response()),
        Ok(_) => Ok(Redirect::to(&format!("/room/{id}")).into_response()),
        Err(Error::Refused(Refusal::WorkNeeded)) => Err(work_needed(&doors, &asker, id)),
        Err(error) if json => Err(error.into()),
        Err(Error::Refused(refusal @ (Refusal::WrongPassword | Refusal::TooOften { .. }))) => {
            let status = Problem::from(refusal.clone()).status;
            ask_password(&doors, &look, id, status, Some(&refusal))
        }
        Err(error) => turned_away(error, look.lang),
    }
}

/// `GET /lang/<ko|en>?to=<path>`: chooses a language and goes back.
#[utoipa::path(
    get,
    path = "/lang/{tag}",
    operation_id = "chooseLanguage",
    tag = "pages",
    summary = "Choose the language of pages and problems",
    description = "Without a choice it follows `Accept-Language`.",
    params(
        ("tag" = String, Path, description = "`ko` or `en`", pattern = "^(ko|en)$"),
        ("to" = Option<String>, Query, description = "A path of this server, to go on to; else the lobby",
            nullable = false),
    ),
    responses((status = 303, description = "Chosen", headers(
        ("Location" = String),
        ("Set-Cookie" = String, description = "`lang`, for a year"),
    ))),
)]
pub async fn switch_language(Path(tag): Path<String>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let lang = Lang::from_tag(&tag).ok_or(Problem::NOT_FOUND)?;
    let query = body::query(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let to = query.get("to").and_then(Value::as_str).filter(|to| is_path_of_ours(to)).unwrap_or("/");
    let mut response = Redirect::to(to).into_response();
    let cookie = format!("lang={}; Path=/; SameSite=Lax; Max-Age=31536000", lang.tag());
    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::try_from(cookie).map_err(|_| Problem::INTERNAL)?);
    Ok(response)
}

/// What [`enter`] reads, for the OpenAPI document.
#[derive(Debug, utoipa::ToSchema)]
#[schema(description = "A private room's password; nothing for a public one.")]
#[allow(dead_code, reason = "it is described, not made")]
pub struct EnterForm {
    #[schema(nullable = true)]
    password: Option<Password>,
    /// The answer to the `challenge` of a `work-needed` problem.
    #[schema(nullable = true, value_type = Option<Object>, example = json!({"salt": "00112233445566778899aabbccddeeff", "nonce": "1234"}))]
    work: Option<()>,
}

/// Not an address of another host: browsers read `//host` and `/\host` as one. Visible ASCII only, as in a URL.
fn is_path_of_ours(to: &str) -> bool {
    to.starts_with('/') && !to[1..].starts_with(['/', '\\']) && to.bytes().all(|byte| byte.is_ascii_graphic())
}

async fn show(doors: &Doors, asker: &Asker, look: &Look, room: &Room) -> Result<Response, Problem> {
    let caller = &asker.visitor.caller;
    let page = doors.chat.look(caller, room.id).await?;
    let summary = doors.chat.summary(room.id)?;
    let limits = doors.chat.settings().gif;
    let page = RoomPage {
        most_seats: doors.chat.settings().members_per_room,
        frame: look.frame(),
        room: &summary,
        owner: summary.owner_member,
        members: &page.members,
        more: page.more,
        takes_offers: doors.chat.settings().library.offers != Offers::Off,
        position: page.position,
        whispers: page.whispers,
        items: &page.items,
        now: doors.env.now(),
        provider: doors.chat.provider_host().unwrap_or_default(),
        pictures: PictureLimits { bytes: limits.bytes, width: limits.width, height: limits.height },
        link: &look.link(&format!("/room/{}", room.id)),
    };
    Ok(look.page(StatusCode::OK, &page))
}

fn ask_password(
    doors: &Doors,
    look: &Look,
    room: RoomId,
    status: StatusCode,
    refusal: Option<&Refusal>,
) -> Result<Response, Problem> {
    let room = doors.chat.summary(room)?;
    let page = PasswordPage { frame: look.frame(), room: &room, now: doors.env.now(), refusal };
    Ok(look.page(status, &page))
}

/// What the lobby has a sentence for is told there.
fn turned_away(error: Error, lang: Lang) -> Result<Response, Problem> {
    let told = match &error {
        Error::Refused(Refusal::NoSuchRoom) => LobbyError::NoSuchRoom,
        Error::Refused(Refusal::WrongPassword) => LobbyError::WrongPassword,
        Error::Refused(Refusal::RoomFull) => LobbyError::RoomFull,
        _ => return Err(error.into()),
    };
    Ok(back_to_lobby(&told, lang))
}

fn back_to_lobby(error: &LobbyError, lang: Lang) -> Response {
    let sentence: String = error.sentence(lang).bytes().map(|byte| format!("%{byte:02X}")).collect();
    Redirect::to(&format!("/?error={sentence}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_here() {
        for ours in ["/", "/room", "/room/x?y=z", "/?error=%EC"] {
            assert!(is_path_of_ours(ours), "{ours}");
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "room",
            "/a\r\nSet-Cookie: x=y",
            "/ a",
            "/가",
        ] {
            assert!(!is_path_of_ours(other), "{other}");
        }
    }
}
