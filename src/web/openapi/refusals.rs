//! What each door refuses, and how: made from the problems themselves, so that status, code and sentence are those of
//! real answers.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use utoipa::Modify;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, Response, ResponseBuilder};

use crate::chat::Error;
use crate::config::Config;
use crate::domain::{ChatText, ClientMessageId, Invalid, Lang, MemberLimit, Password, Refusal, Title};
use crate::web::error::Problem;

/// Adds them to every operation.
pub struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut OpenApi) {
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.post, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                add(operation);
            }
        }
    }
}

fn add(operation: &mut Operation) {
    let mut by_status = BTreeMap::<u16, Vec<Problem>>::new();
    for problem in of(operation.operation_id.as_deref().unwrap_or_default()) {
        by_status.entry(problem.status.as_u16()).or_default().push(problem);
    }
    for (status, problems) in by_status {
        operation.responses.responses.insert(status.to_string(), response(&problems).into());
    }
}

fn response(problems: &[Problem]) -> Response {
    let sentences: Vec<_> =
        problems.iter().map(|problem| format!("`{}`: {}", problem.code, problem.sentences(Lang::En).0)).collect();
    let examples = problems.iter().map(|problem| {
        let view = problem.in_answer(Lang::En, |view| serde_json::to_value(view));
        (problem.code, ExampleBuilder::new().value(view.ok()).build())
    });
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).examples_from_iter(examples).build();
    let mut response =
        ResponseBuilder::new().description(sentences.join(" ")).content("application/problem+json", content);
    if problems.iter().any(|problem| problem.retry_seconds().is_some()) {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
        response = response.header("Retry-After", HeaderBuilder::new().schema(Some(seconds)).build());
    }
    response.build()
}

/// In the order in which a door asks.
fn of(operation: &str) -> Vec<Problem> {
    let config = Config::default();
    let wait = Refusal::TooOften { retry_after: Duration::from_secs(1) };
    let form =
        || [Problem::FOREIGN_ORIGIN, Problem::MALFORMED, Problem::TOO_SLOW, Problem::TOO_LARGE, Problem::UNSUPPORTED];
    let text = |field| Problem::from(Invalid::NotText { field });
    let client_message_id = || Problem::from(Invalid::ClientMessageId { most: ClientMessageId::MOST });
    match operation {
        "createRoom" => form()
            .into_iter()
            .chain([
                text("title"),
                Invalid::TitleEmpty.into(),
                Invalid::TitleTooLong { most: Title::MOST }.into(),
                Invalid::Limit { most: config.members_per_room }.into(),
                Invalid::PasswordTooLong { most: Password::MOST }.into(),
                wait.into(),
                Refusal::TooManyOwnRooms.into(),
                Refusal::TooManyRooms.into(),
                Problem::BUSY,
                Problem::UNAVAILABLE,
            ])
            .collect(),
        "showRoom" => vec![Refusal::NoSuchRoom.into(), wait.into(), Problem::BUSY, Problem::UNAVAILABLE],
        "enterRoom" => form()
            .into_iter()
            .chain([
                Refusal::NoSuchRoom.into(),
                wait.into(),
                Refusal::WrongPassword.into(),
                Refusal::RoomFull.into(),
                Refusal::TooManyAdmissions.into(),
                Problem::BUSY,
                Problem::UNAVAILABLE,
            ])
            .collect(),
        "deleteRoom" => {
            vec![Problem::FOREIGN_ORIGIN, Refusal::NoSuchRoom.into(), Refusal::NotOwner.into(), Problem::UNAVAILABLE]
        }
        "postText" => form()
            .into_iter()
            .chain([
                Refusal::NoSuchRoom.into(),
                text("chat"),
                Invalid::TextEmpty.into(),
                Invalid::TextTooLong { most: ChatText::MOST }.into(),
                client_message_id(),
            ])
            .chain(posting())
            .collect(),
        "postGif" => form()
            .into_iter()
            .chain([
                Refusal::NoSuchRoom.into(),
                Problem::of_field(StatusCode::UNPROCESSABLE_ENTITY, "gif-missing", "gif"),
            ])
            .chain(gif_errors(&config).map(Problem::from))
            .chain([client_message_id(), Problem::BUSY])
            .chain(posting())
            .collect(),
        "listMessages" => vec![
            Problem::MALFORMED,
            Refusal::NoSuchRoom.into(),
            Invalid::NotNumber { field: "before" }.into(),
            Refusal::NotAdmitted.into(),
            Problem::UNAVAILABLE,
        ],
        "listMembers" => vec![Refusal::NoSuchRoom.into(), Refusal::NotAdmitted.into(), Problem::UNAVAILABLE],
        "listen" => vec![
            Problem::FOREIGN_ORIGIN,
            Invalid::NotNumber { field: "Last-Event-ID" }.into(),
            Refusal::NoSuchRoom.into(),
            Refusal::NotAdmitted.into(),
            Refusal::RoomFull.into(),
            Problem::BUSY,
            Problem::UNAVAILABLE,
        ],
        "showGif" => vec![Problem::NOT_FOUND, Problem::UNAVAILABLE],
        "chooseLanguage" => vec![Problem::NOT_FOUND],
        _ => Vec::new(),
    }
}

fn posting() -> [Problem; 4] {
    let wait = Refusal::TooOften { retry_after: Duration::from_secs(1) };
    [Refusal::NotInRoom.into(), wait.into(), Problem::SHUTTING_DOWN, Problem::UNAVAILABLE]
}

fn gif_errors(config: &Config) -> impl Iterator<Item = Error> + use<> {
    use gifchat_gif::Error as Gif;
    [
        Gif::NotAGif,
        Gif::TooLarge { most: config.gif_bytes },
        Gif::CanvasTooLarge { width: config.gif_width, height: config.gif_height },
        Gif::TooManyFrames { most: config.gif_frames },
        Gif::TooManyPixels { most: config.gif_pixels },
        Gif::TooLong { most: config.gif_duration },
        Gif::Truncated,
        Gif::Broken { at: 0 },
        Gif::Empty,
    ]
    .into_iter()
    .map(Error::from)
}

/// The least that `max` may be stands in the schema as a number.
const _: () = assert!(MemberLimit::MIN == 2 && MemberLimit::DEFAULT.get() == 10);
