//! The form for a new room, and what it sends.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;
use utoipa::ToSchema;

use super::error::Problem;
use super::look::Look;
use super::negotiate::Wanted;
use super::session::Asker;
use super::views::FormPage;
use super::{Doors, body};
use crate::chat::{Error, NewRoom};
use crate::domain::{Invalid, MemberLimit, Password, Refusal, Title};
use crate::wire::{self, RoomView};

/// `GET /room`
#[utoipa::path(
    get,
    path = "/room",
    operation_id = "showRoomForm",
    tag = "pages",
    summary = "The form for a new room",
    responses((status = 200, description = "A page", body = String, content_type = "text/html")),
)]
pub async fn form(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    let look = Look::of(&request, &doors.env);
    draw(&doors, &look, StatusCode::OK, &Value::Null, &[], None)
}

/// `POST /room`: 303 to the room, or 201 and the room for programs.
#[utoipa::path(
    post,
    path = "/room",
    operation_id = "createRoom",
    tag = "rooms",
    summary = "Make a room",
    description = "Its owner is who makes it, and is admitted at once. The lobby hears `newRoom` first. With \
                   `Accept: application/json` or a JSON body the answer is the room; for a page's form it leads there, or \
                   shows the form again with what was wrong.",
    request_body(content(
        (NewRoomForm = "application/json", example = json!({"title": "Lunch", "max": 8, "password": ""})),
        (NewRoomForm = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 201, description = "Made", body = RoomView,
            headers(("Location" = String, description = "`/room/<id>`"))),
        (status = 303, description = "For a page's form: to the room", headers(("Location" = String))),
    ),
    security(("session" = []), ()),
)]
pub async fn create(State(doors): State<Arc<Doors>>, asker: Asker, request: Request) -> Result<Response, Problem> {
    let json = Wanted::of(request.headers()) == Wanted::Json;
    let look = Look::of(&request, &doors.env);
    let fields = body::fields(request, &doors.bodies).await?;
    let new = match read(&fields, doors.chat.settings().members_per_room) {
        Ok(new) => new,
        Err(invalid) if json => return Err(invalid.into_iter().next().map_or(Problem::MALFORMED, Problem::from)),
        Err(invalid) => {
            return Ok(draw(&doors, &look, StatusCode::UNPROCESSABLE_ENTITY, &fields, &invalid, None));
        }
    };
    let room = match doors.chat.create_room(&asker.visitor, new).await {
        Ok(room) => room,
        Err(Error::Refused(refusal)) if !json => {
            let status = Problem::from(refusal.clone()).status;
            return Ok(draw(&doors, &look, status, &fields, &[], Some(&refusal)));
        }
        Err(error) => return Err(error.into()),
    };
    let path = format!("/room/{}", room.id);
    if !json {
        return Ok(Redirect::to(&path).into_response());
    }
    let mut response = (StatusCode::CREATED, Json(RoomView::with_owner_name(&room))).into_response();
    response.headers_mut().insert(header::LOCATION, HeaderValue::try_from(path).map_err(|_| Problem::INTERNAL)?);
    Ok(response)
}

/// What [`read`] reads, for the OpenAPI document.
#[derive(Debug, ToSchema)]
#[schema(description = "A new room.")]
#[allow(dead_code, reason = "it is described, not made")]
pub struct NewRoomForm {
    title: Title,
    /// How many people it holds: a whole number, also as digits in a text. The operator's `members_per_room` is the most,
    /// 1000 unless changed.
    #[schema(minimum = 2, default = 10)]
    max: Option<u32>,
    #[schema(nullable = true)]
    password: Option<Password>,
}

/// All that is wrong with the fields, not only the first thing.
fn read(fields: &Value, most: u32) -> Result<NewRoom, Vec<Invalid>> {
    let title = wire::text(fields, "title").and_then(Title::parse);
    let limit = limit(fields.get("max"), most);
    let password = wire::text(fields, "password").and_then(Password::parse);
    match (title, limit, password) {
        (Ok(title), Ok(limit), Ok(password)) => Ok(NewRoom { title, limit, password }),
        (title, limit, password) => Err([title.err(), limit.err(), password.err()].into_iter().flatten().collect()),
    }
}

/// Digits in a form or in JSON, or a whole number in JSON. What is not there is the default.
fn limit(value: Option<&Value>, most: u32) -> Result<MemberLimit, Invalid> {
    match value {
        None | Some(Value::Null) => MemberLimit::new(MemberLimit::DEFAULT.get().min(most), most),
        Some(Value::String(digits)) => MemberLimit::parse(digits, most),
        Some(Value::Number(number)) => MemberLimit::parse(&number.to_string(), most),
        Some(_) => Err(Invalid::Limit { most }),
    }
}

/// The form as it was sent, with what was wrong.
fn draw(
    doors: &Doors,
    look: &Look,
    status: StatusCode,
    sent: &Value,
    invalid: &[Invalid],
    refusal: Option<&Refusal>,
) -> Response {
    let page = FormPage {
        frame: look.frame(),
        title: sent.get("title").and_then(Value::as_str),
        max: sent.get("max").and_then(Value::as_str),
        invalid,
        refusal,
        most_seats: doors.chat.settings().members_per_room,
    };
    look.page(status, &page)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_wrong_is_named_at_once() {
        let wrong = json!({"title": {"$gt": ""}, "max": "2.5", "password": "x".repeat(300)});
        let fields: Vec<_> = read(&wrong, 1000).unwrap_err().iter().map(Invalid::field).collect();
        assert_eq!(fields, ["title", "max", "password"]);
    }

    #[test]
    fn a_limit_is_a_whole_number_in_any_writing() {
        let limit = |value: Value| limit(Some(&value), 1000).map(MemberLimit::get);
        assert_eq!(limit(json!(8)), Ok(8));
        assert_eq!(limit(json!("8")), Ok(8));
        assert_eq!(limit(Value::Null), Ok(10));
        for wrong in
            [json!(2.5), json!(1e9), json!(1), json!(-2), json!(""), json!("abc"), json!([2]), json!({}), json!(true)]
        {
            assert_eq!(limit(wrong.clone()), Err(Invalid::Limit { most: 1000 }), "{wrong}");
        }
        assert_eq!(super::limit(None, 4).map(MemberLimit::get), Ok(4));
    }
}
