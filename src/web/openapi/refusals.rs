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
use crate::domain::{
    AltText, Challenge, ChatText, ClientMessageId, Invalid, Lang, MemberLimit, Nick, Password, Query, Refusal, Slow,
    Tags, Title, WorkSalt,
};
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
        "showRoom" => [Refusal::NoSuchRoom.into()]
            .into_iter()
            .chain(shut_out())
            .chain([
                Refusal::RoomLocked.into(),
                wait.into(),
                work_needed(),
                Refusal::TooManyAdmissions.into(),
                Problem::BUSY,
                Problem::UNAVAILABLE,
            ])
            .collect(),
        "enterRoom" => form()
            .into_iter()
            .chain([text("salt"), Invalid::Id { field: "salt" }.into(), Refusal::NoSuchRoom.into()])
            .chain(shut_out())
            .chain([
                Refusal::RoomLocked.into(),
                wait.into(),
                Refusal::WrongPassword.into(),
                Refusal::RoomFull.into(),
                work_needed(),
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
                Invalid::NotNumber { field: "reply" }.into(),
                client_message_id(),
                Invalid::Slash.into(),
            ])
            .chain(posting())
            .chain(doing())
            .collect(),
        "command" => form()
            .into_iter()
            .chain([
                Problem::UNKNOWN_COMMAND,
                Refusal::NoSuchRoom.into(),
                text("type"),
                Invalid::Id { field: "member" }.into(),
                Invalid::NotNumber { field: "target" }.into(),
                Invalid::NotFlag { field: "on" }.into(),
                Invalid::TextEmpty.into(),
                Invalid::TextTooLong { most: ChatText::MOST }.into(),
                client_message_id(),
                Invalid::AltTooLong { most: AltText::MOST }.into(),
                Refusal::GifGone.into(),
                Invalid::Emoji.into(),
                Invalid::TitleEmpty.into(),
                Invalid::TitleTooLong { most: Title::MOST }.into(),
                Invalid::Limit { most: config.members_per_room }.into(),
                Invalid::PasswordTooLong { most: Password::MOST }.into(),
                Invalid::Preset.into(),
                query(),
            ])
            .chain(space())
            .chain(posting())
            .chain(doing())
            .collect(),
        "search" | "exportRoom" => [Problem::MALFORMED, Refusal::NoSuchRoom.into()]
            .into_iter()
            .chain(
                (operation == "search")
                    .then(|| {
                        [
                            text("q"),
                            query(),
                            Invalid::Id { field: "from" }.into(),
                            Invalid::NotNumber { field: "before" }.into(),
                        ]
                    })
                    .into_iter()
                    .flatten(),
            )
            .chain(reading())
            .chain([wait.into(), Problem::BUSY])
            .collect(),
        "postGif" => form()
            .into_iter()
            .chain([
                Refusal::NoSuchRoom.into(),
                Problem::of_field(StatusCode::UNPROCESSABLE_ENTITY, "gif-missing", "gif"),
            ])
            .chain(taking_a_gif(&config))
            .collect(),
        "searchProvider" => vec![
            Problem::MALFORMED,
            text("q"),
            Invalid::Query { most: Query::MOST }.into(),
            Problem::NOT_FOUND,
            wait.into(),
            Problem::PROVIDER_AWAY,
        ],
        "showRemote" => vec![Problem::NOT_FOUND, wait.into(), Problem::PROVIDER_AWAY],
        "postRemote" => form()
            .into_iter()
            .chain([
                Refusal::NoSuchRoom.into(),
                Invalid::Id { field: "remote" }.into(),
                Problem::NOT_FOUND,
                Problem::REMOTE_GONE,
                Problem::PROVIDER_AWAY,
            ])
            .chain(taking_a_gif(&config))
            .collect(),
        "listMessages" => {
            [Problem::MALFORMED, Refusal::NoSuchRoom.into(), Invalid::NotNumber { field: "before" }.into()]
                .into_iter()
                .chain(reading())
                .collect()
        }
        "listLibrary" => vec![
            Problem::MALFORMED,
            text("q"),
            query(),
            Invalid::Id { field: "after" }.into(),
            Invalid::NotNumber { field: "limit" }.into(),
            wait.into(),
            Problem::UNAVAILABLE,
        ],
        "listLibraryTags" => vec![Problem::MALFORMED, text("prefix"), wait.into(), Problem::UNAVAILABLE],
        "offerGif" => form()
            .into_iter()
            .chain([
                Refusal::NoSuchRoom.into(),
                Invalid::NotNumber { field: "seq" }.into(),
                text("tags"),
                Invalid::Tags { most: Tags::MOST }.into(),
                Invalid::TitleTooLong { most: Title::MOST }.into(),
                Invalid::AltTooLong { most: AltText::MOST }.into(),
                Refusal::LibraryClosed.into(),
            ])
            .chain(shut_out())
            .chain([
                Refusal::NotInRoom.into(),
                wait.into(),
                Refusal::NoSuchMessage.into(),
                Refusal::LibraryFull.into(),
                Refusal::TooManyOffers.into(),
                Problem::UNAVAILABLE,
            ])
            .collect(),
        "listMembers" => [Refusal::NoSuchRoom.into()].into_iter().chain(reading()).collect(),
        "listen" => [
            Problem::FOREIGN_ORIGIN,
            Invalid::NotNumber { field: "Last-Event-ID" }.into(),
            Refusal::NoSuchRoom.into(),
            wait.into(),
            Refusal::RoomFull.into(),
            Problem::BUSY,
        ]
        .into_iter()
        .chain(reading())
        .collect(),
        "showGif" | "showTenorGif" => vec![Problem::NOT_FOUND, Problem::UNAVAILABLE],
        "tenorSearch" | "tenorFeatured" | "tenorAutocomplete" | "tenorPosts" => vec![Problem::NOT_FOUND],
        "chooseLanguage" => vec![Problem::NOT_FOUND],
        _ => Vec::new(),
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn posting() -> impl Iterator<Item = Problem> {
    let refusals = [
        Refusal::NotInRoom,
        Refusal::NoSuchMessage,
        Refusal::Muted { retry_after: Some(SECOND) },
        Refusal::Newcomer { retry_after: SECOND },
        Refusal::TooOften { retry_after: SECOND },
        Refusal::SlowMode { retry_after: SECOND },
    ];
    let later = [Problem::SHUTTING_DOWN, Problem::UNAVAILABLE];
    shut_out().chain(refusals.map(Problem::from)).chain(later)
}

/// What commands are refused with, typed or sent.
/// Of who brings a GIF, and posts it.
fn taking_a_gif(config: &Config) -> impl Iterator<Item = Problem> + use<> {
    let fields = [
        Invalid::AltTooLong { most: AltText::MOST }.into(),
        Invalid::NotNumber { field: "reply" }.into(),
        Invalid::ClientMessageId { most: ClientMessageId::MOST }.into(),
        Problem::BUSY,
    ];
    let full = space().chain([Refusal::DiskFull.into()]);
    gif_errors(config).map(Problem::from).chain(fields).chain(full).chain(posting())
}

fn doing() -> impl Iterator<Item = Problem> {
    let invalid = [Invalid::Name { most: Nick::MOST }, Invalid::Slow { most: Slow::MOST.into() }];
    let refusals = [
        Refusal::NotOwner,
        Refusal::NoSuchMember,
        Refusal::NotYours,
        Refusal::TooLate,
        Refusal::TooManyReactions,
        Refusal::NameTaken,
        Refusal::CannotSelf,
    ];
    invalid.into_iter().map(Problem::from).chain(refusals.map(Problem::from)).chain([Problem::BUSY])
}

/// What shows a GIF where there are as many as may be.
fn space() -> impl Iterator<Item = Problem> {
    [Refusal::RoomFullOfGifs, Refusal::TooMuchShown, Refusal::ServerFullOfGifs].map(Problem::from).into_iter()
}

fn shut_out() -> impl Iterator<Item = Problem> {
    [Refusal::Banned { retry_after: None }, Refusal::Kicked { retry_after: SECOND }].map(Problem::from).into_iter()
}

fn reading() -> impl Iterator<Item = Problem> {
    shut_out().chain([Refusal::NotAdmitted.into(), Problem::UNAVAILABLE])
}

fn query() -> Problem {
    Invalid::Query { most: Query::MOST }.into()
}

/// As it is answered, with something to solve.
fn work_needed() -> Problem {
    let challenge = Challenge { salt: WorkSalt::from_bytes([0xab; 16]), bits: Challenge::BITS };
    Problem { challenge: Some(challenge), ..Refusal::WorkNeeded.into() }
}

fn gif_errors(config: &Config) -> impl Iterator<Item = Error> + use<> {
    use gifchat_gif::Error as Gif;
    [
        Gif::NotAPicture,
        Gif::TooLarge { most: config.gif_bytes },
        Gif::CanvasTooLarge { width: config.gif_width, height: config.gif_height },
        Gif::TooManyFrames { most: config.gif_frames },
        Gif::TooManyPixels { most: config.gif_pixels },
        Gif::TooLong { most: config.gif_duration },
        Gif::Truncated,
        Gif::Broken { at: 0 },
        Gif::Empty,
        Gif::BadPixels { frame: 1 },
        Gif::Unreadable,
        Gif::TooMuchWork { most: config.gif_cpu },
    ]
    .into_iter()
    .map(Error::from)
}

/// The least that `max` may be stands in the schema as a number.
const _: () = assert!(MemberLimit::MIN == 2 && MemberLimit::DEFAULT.get() == 10);
