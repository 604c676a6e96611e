//! What went wrong, as HTTP tells it: one mapping, at the edge.
//!
//! A door answers with a [`Problem`]. It travels as an extension of its response to [`explain`], which knows who asks
//! and in which language, and becomes problem details (RFC 9457) or a page there. No text of a library and no cause
//! ever leaves the house; causes go to the log.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::look::Look;
use super::negotiate::Wanted;
use super::texts::texts;
use crate::chat::Error;
use crate::domain::{Challenge, Invalid, Lang, Refusal};
use crate::env::Env;
use crate::provider::ProviderError;
use crate::store::StoreError;
use crate::wire::{ChallengeView, ProblemView};

/// Something that went wrong, before it is put into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    /// Key of its sentences, last part of its `type`.
    pub code: &'static str,
    pub field: Option<&'static str>,
    /// The bound that was crossed, if its sentence names it.
    pub most: Option<u64>,
    pub retry_after: Option<Duration>,
    /// What is to be solved before another try.
    pub challenge: Option<Challenge>,
}

impl Problem {
    pub const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "not-found");
    pub const METHOD: Self = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed");
    pub const FOREIGN_ORIGIN: Self = Self::new(StatusCode::FORBIDDEN, "cross-origin");
    pub const MALFORMED: Self = Self::new(StatusCode::BAD_REQUEST, "bad-request");
    pub const UNSUPPORTED: Self = Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-type");
    pub const TOO_LARGE: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    pub const TOO_SLOW: Self = Self::new(StatusCode::REQUEST_TIMEOUT, "timeout");
    pub const BUSY: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy");
    pub const SHUTTING_DOWN: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting-down");
    pub const UNAVAILABLE: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
    /// The operator's provider of GIFs, or what it names, is of no help.
    pub const PROVIDER_AWAY: Self = Self::new(StatusCode::BAD_GATEWAY, "provider-away");
    /// What it found is not known any more.
    pub const REMOTE_GONE: Self = Self::new(StatusCode::NOT_FOUND, "remote-gone");
    /// Over plain WebSocket: there is no command of that `type`.
    pub const UNKNOWN_COMMAND: Self = Self::new(StatusCode::BAD_REQUEST, "unknown-command");
    pub const INTERNAL: Self = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal");

    pub const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, field: None, most: None, retry_after: None, challenge: None }
    }

    pub const fn of_field(status: StatusCode, code: &'static str, field: &'static str) -> Self {
        Self { status, code, field: Some(field), most: None, retry_after: None, challenge: None }
    }

    /// Whole seconds, rounded up, at least one and at most a day.
    pub fn retry_seconds(&self) -> Option<u64> {
        let busy = matches!(self.code, "busy" | "shutting-down" | "unavailable").then_some(Duration::from_secs(5));
        let wait = self.retry_after.or(busy)?;
        Some(wait.as_millis().div_ceil(1000).clamp(1, 86_400) as u64)
    }

    /// What happened, and what to do next.
    pub fn sentences(&self, lang: Lang) -> (&'static str, String) {
        let (most, wait) = (self.most.unwrap_or_default(), self.retry_seconds().unwrap_or_default());
        let field = self.field.unwrap_or_default();
        texts(lang).problem(self.code, &[("most", &most), ("n", &wait), ("field", &field)])
    }

    /// In the body of an answer, or in an ack; `read` is given the finished view.
    fn with_view<T>(&self, lang: Lang, in_ack: bool, read: impl FnOnce(ProblemView<'_>) -> T) -> T {
        let (title, detail) = self.sentences(lang);
        read(ProblemView {
            kind: (!in_ack).then(|| format!("/problems/{}", self.code)),
            code: in_ack.then_some(self.code),
            title,
            status: self.status.as_u16(),
            detail: &detail,
            field: self.field,
            retry_after: self.retry_seconds(),
            challenge: self.challenge.map(ChallengeView::new),
        })
    }

    /// For an ack.
    pub fn in_ack<T>(&self, lang: Lang, read: impl FnOnce(ProblemView<'_>) -> T) -> T {
        self.with_view(lang, true, read)
    }

    /// For an answer.
    pub fn in_answer<T>(&self, lang: Lang, read: impl FnOnce(ProblemView<'_>) -> T) -> T {
        self.with_view(lang, false, read)
    }

    fn as_json(&self, lang: Lang) -> Response {
        let mut response = self.in_answer(lang, |view| Json(view).into_response());
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        let tag = HeaderValue::from_static(lang.tag());
        response.headers_mut().insert(header::CONTENT_LANGUAGE, tag);
        response
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self {
            most: invalid.most(),
            ..Self::of_field(StatusCode::UNPROCESSABLE_ENTITY, invalid.code(), invalid.field())
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, field) = match &refusal {
            Refusal::NoSuchRoom => (StatusCode::NOT_FOUND, None),
            Refusal::WrongPassword => (StatusCode::FORBIDDEN, Some("password")),
            Refusal::RoomFull => (StatusCode::CONFLICT, None),
            Refusal::NoSuchMember | Refusal::NoSuchMessage => (StatusCode::NOT_FOUND, None),
            Refusal::GifGone => (StatusCode::GONE, Some("gif")),
            Refusal::NameTaken => (StatusCode::CONFLICT, Some("name")),
            Refusal::TooLate | Refusal::TooManyReactions => (StatusCode::CONFLICT, None),
            Refusal::CannotSelf => (StatusCode::UNPROCESSABLE_ENTITY, Some("member")),
            Refusal::NotAdmitted
            | Refusal::NotInRoom
            | Refusal::NotOwner
            | Refusal::NotYours
            | Refusal::RoomLocked
            | Refusal::Kicked { .. }
            | Refusal::Banned { .. }
            | Refusal::Muted { .. }
            | Refusal::Newcomer { .. }
            | Refusal::LibraryClosed
            | Refusal::WorkNeeded => (StatusCode::FORBIDDEN, None),
            Refusal::TooOften { .. } | Refusal::SlowMode { .. } => (StatusCode::TOO_MANY_REQUESTS, None),
            Refusal::LibraryFull => (StatusCode::INSUFFICIENT_STORAGE, None),
            Refusal::TooManyRooms | Refusal::TooManyAdmissions => (StatusCode::SERVICE_UNAVAILABLE, None),
            Refusal::TooManyOwnRooms | Refusal::TooManyOffers => (StatusCode::CONFLICT, None),
            Refusal::TooMuchShown => (StatusCode::PAYLOAD_TOO_LARGE, Some("gif")),
            Refusal::RoomFullOfGifs | Refusal::ServerFullOfGifs | Refusal::DiskFull => {
                (StatusCode::INSUFFICIENT_STORAGE, Some("gif"))
            }
        };
        Self { field, retry_after: refusal.retry_after(), ..Self::new(status, refusal.code()) }
    }
}

impl From<gifchat_gif::Error> for Problem {
    fn from(error: gifchat_gif::Error) -> Self {
        let status = match error {
            gifchat_gif::Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            gifchat_gif::Error::NotAGif | gifchat_gif::Error::NotAPicture => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            // Not the file's fault.
            gifchat_gif::Error::NotEncoded | gifchat_gif::Error::Cancelled => return Self::UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::of_field(status, error.code(), "gif")
    }
}

impl Problem {
    fn of_provider(error: &ProviderError) -> Self {
        match error {
            ProviderError::Off => Self::NOT_FOUND,
            ProviderError::Gone => Self::REMOTE_GONE,
            ProviderError::Busy => Self::BUSY,
            ProviderError::TooLarge { most } => gifchat_gif::Error::TooLarge { most: *most }.into(),
            error => {
                tracing::warn!(error = error as &dyn std::error::Error, "the provider of GIFs is of no help");
                Self::PROVIDER_AWAY
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => invalid.into(),
            Error::Refused(refusal) => refusal.into(),
            Error::Gif(error) => error.into(),
            Error::Provider(error) => Self::of_provider(&error),
            Error::Busy => Self::BUSY,
            Error::ShuttingDown => Self::SHUTTING_DOWN,
            // An outage of the store hits thousands; it tells the log itself.
            Error::Unavailable { ref source, .. } if source.is::<StoreError>() => {
                tracing::debug!(error = &error as &dyn std::error::Error, "a request could not be served");
                Self::UNAVAILABLE
            }
            Error::Unavailable { .. } => {
                tracing::error!(error = &error as &dyn std::error::Error, "a request could not be served");
                Self::UNAVAILABLE
            }
        }
    }
}

/// An empty answer that carries the problem to [`explain`].
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Marks the answers of doors that programs use: without a word about it they speak JSON.
pub async fn speaks_json(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(SpeaksJson);
    response
}

#[derive(Clone, Copy, Debug)]
struct SpeaksJson;

/// Puts every problem into words: problem details for programs, a page for people.
pub async fn explain(State(env): State<Env>, request: Request, next: Next) -> Response {
    let wanted = Wanted::of(request.headers());
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let look = Look::of(&request, &env);
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    let json = match wanted {
        Wanted::Json => true,
        Wanted::Page => false,
        Wanted::Any => !is_read || response.extensions().get::<SpeaksJson>().is_some(),
    };
    let mut explained = if json { problem.as_json(look.lang) } else { look.problem(problem) };
    *explained.status_mut() = problem.status;
    let headers = explained.headers_mut();
    if let Some(seconds) = problem.retry_seconds() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(allow) = response.headers().get(header::ALLOW) {
        headers.insert(header::ALLOW, allow.clone());
    }
    explained
}
