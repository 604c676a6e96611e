//! The library for other servers and their people, in the words of Tenor's API, version 2, which is gone: what was written
//! for that needs another address and a key of ours (`tenor_keys`). Without a key there is nothing here.
//!
//! Nobody is recognized here and no cookie is given; so pages of any origin may read the answers.

mod described;

use std::sync::Arc;

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::Value;

use super::error::Problem;
use super::headers::RESOURCE_POLICY;
use super::proxies::Client;
use super::{Doors, body, gif};
use crate::chat::{Error, LibraryPage};
use crate::domain::{Lang, LibraryCursor, LibraryId, Refusal, Rendition, Terms, words};
use crate::wire::schema::PictureName;
use crate::wire::{self, TenorErrorView, TenorLook, TenorPostsView, TenorResultView, TenorResultsView, TenorWordsView};
use described::{Key, Limit, Look, Position, Refusals};

/// Results of a page, when nobody says how many.
const PAGE: u32 = 20;
/// Most formats and ids that are asked for at once.
const MOST_LISTED: usize = 50;

/// Lets pages of every origin read the answer, and show what it names.
pub async fn open_to_all(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    response
}

/// What a browser asks before it sends fields of its own.
pub async fn preflight() -> Response {
    let fields = [(header::ACCESS_CONTROL_ALLOW_METHODS, "GET"), (header::ACCESS_CONTROL_ALLOW_HEADERS, "*")];
    (StatusCode::NO_CONTENT, fields).into_response()
}

/// A request with a key of ours.
struct Asked {
    query: Value,
    /// Where its answers say that files are.
    base: String,
}

impl Asked {
    fn read(doors: &Doors, client: &Client, query: Option<&str>) -> Result<Self, Refused> {
        let keys = &doors.tenor_keys;
        if keys.is_empty() {
            return Err(Refused::Off);
        }
        let query = body::query(query.unwrap_or_default()).map_err(|_| Refused::Malformed)?;
        let given = wire::text(&query, "key").unwrap_or_default();
        let key = keys.iter().position(|key| key == given).ok_or(Refused::Key)?;
        doors.chat.let_in(key)?;
        let scheme = if client.https { "https" } else { "http" };
        let host = client.host.as_deref().filter(|host| is_host(host)).ok_or(Refused::Malformed)?;
        Ok(Self { query, base: format!("{scheme}://{host}/tenor/media/") })
    }

    fn text(&self, field: &'static str) -> &str {
        wire::text(&self.query, field).unwrap_or_default()
    }

    fn list(&self, field: &'static str) -> Vec<&str> {
        self.text(field).split(',').map(str::trim).filter(|item| !item.is_empty()).take(MOST_LISTED).collect()
    }

    fn limit(&self) -> Result<Option<u32>, Refused> {
        let limit = body::number(&self.query, "limit").map_err(|_| Refused::Malformed)?;
        Ok(limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)))
    }

    /// Korean for `ko_KR` and the like, else English.
    fn lang(&self) -> Lang {
        if self.text("locale").to_ascii_lowercase().starts_with("ko") { Lang::Ko } else { Lang::En }
    }

    async fn page(&self, doors: &Doors, terms: &Terms) -> Result<LibraryPage, Refused> {
        let after = match self.text("pos") {
            "" => None,
            pos => Some(pos.parse::<LibraryCursor>().map_err(|_| Refused::Malformed)?),
        };
        let limit = self.limit()?.unwrap_or(PAGE);
        Ok(doors.chat.library_page(terms, after.as_ref(), Some(limit)).await?)
    }

    fn results(&self, page: &LibraryPage) -> Response {
        let formats = self.list("media_filter");
        let look = TenorLook { base: &self.base, lang: self.lang(), formats: &formats };
        let results = page.entries.iter().map(|entry| TenorResultView::new(entry, &look)).collect();
        let next = page.next.map(|next| next.to_string()).unwrap_or_default();
        Json(TenorResultsView { results, next }).into_response()
    }
}

/// `GET /tenor/v2/search`.
#[utoipa::path(
    get,
    path = "/tenor/v2/search",
    operation_id = "tenorSearch",
    tag = "library",
    summary = "Find a GIF (Tenor v2)",
    description = "As Tenor's API had it. Nothing is scaled, so the small formats are the same file; there is no video. What is \
                   not listed here is ignored.",
    params(
        Key,
        ("q" = String, Query, description = "At most 100 characters; each word is the beginning of one that is looked for"),
        Limit,
        Position,
        Look,
    ),
    responses(
        (status = 200, description = "A page, the most used first", body = TenorResultsView,
            headers(("Access-Control-Allow-Origin" = String, description = "`*`"))),
        Refusals,
    ),
)]
pub async fn search(
    State(doors): State<Arc<Doors>>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let asked = Asked::read(&doors, &client, query.as_deref())?;
    let terms = Terms::parse(asked.text("q")).map_err(|_| Refused::Malformed)?;
    if terms.as_slice().is_empty() {
        return Err(Refused::Malformed);
    }
    Ok(asked.results(&asked.page(&doors, &terms).await?))
}

/// `GET /tenor/v2/featured`.
#[utoipa::path(
    get,
    path = "/tenor/v2/featured",
    operation_id = "tenorFeatured",
    tag = "library",
    summary = "The most used GIFs (Tenor v2)",
    params(Key, Limit, Position, Look),
    responses(
        (status = 200, description = "A page", body = TenorResultsView),
        Refusals,
    ),
)]
pub async fn featured(
    State(doors): State<Arc<Doors>>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let asked = Asked::read(&doors, &client, query.as_deref())?;
    Ok(asked.results(&asked.page(&doors, &Terms::default()).await?))
}

/// `GET /tenor/v2/autocomplete`.
#[utoipa::path(
    get,
    path = "/tenor/v2/autocomplete",
    operation_id = "tenorAutocomplete",
    tag = "library",
    summary = "Tags that begin so (Tenor v2)",
    params(
        Key,
        ("q" = String, Query, description = "The beginning of a tag"),
        Limit,
    ),
    responses(
        (status = 200, description = "The most frequent first", body = TenorWordsView),
        Refusals,
    ),
)]
pub async fn autocomplete(
    State(doors): State<Arc<Doors>>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let asked = Asked::read(&doors, &client, query.as_deref())?;
    let beginning = words(asked.text("q")).pop().ok_or(Refused::Malformed)?;
    let limit = asked.limit()?.unwrap_or(PAGE);
    let results = doors.chat.tags_page(&beginning, Some(limit)).await?;
    Ok(Json(TenorWordsView { results }).into_response())
}

/// `GET /tenor/v2/posts`.
#[utoipa::path(
    get,
    path = "/tenor/v2/posts",
    operation_id = "tenorPosts",
    tag = "library",
    summary = "GIFs by their ids (Tenor v2)",
    params(
        Key,
        ("ids" = String, Query, description = "At most 50, with commas between"),
        Look,
    ),
    responses(
        (status = 200, description = "Those that are there", body = TenorPostsView),
        Refusals,
    ),
)]
pub async fn posts(
    State(doors): State<Arc<Doors>>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refused> {
    let asked = Asked::read(&doors, &client, query.as_deref())?;
    // What cannot be an id of ours is not there.
    let ids: Vec<LibraryId> = asked.list("ids").into_iter().filter_map(|id| id.parse().ok()).collect();
    let entries = doors.chat.library_entries(&ids).await?;
    let formats = asked.list("media_filter");
    let look = TenorLook { base: &asked.base, lang: asked.lang(), formats: &formats };
    let results = entries.iter().map(|entry| TenorResultView::new(entry, &look)).collect();
    Ok(Json(TenorPostsView { results }).into_response())
}

/// `GET /tenor/media/<name>`: as `/gif/<name>`, of what is in the library alone, and for pages of every origin.
#[utoipa::path(
    get,
    path = "/tenor/media/{name}",
    operation_id = "showTenorGif",
    tag = "library",
    summary = "A file of a result (Tenor v2)",
    description = "As `/gif/{name}`, but only of GIFs of the library. No key is needed.",
    params(("name" = PictureName, Path, description = "As a result has it")),
    responses(
        (status = 200, description = "The file", content(
            (inline(gif::Picture) = "image/gif"),
            (inline(gif::Picture) = "image/webp"),
        ), headers(("ETag" = String), ("Cross-Origin-Resource-Policy" = String, description = "`cross-origin`"))),
        (status = 206, description = "The range", content(
            (inline(gif::Picture) = "image/gif"),
            (inline(gif::Picture) = "image/webp"),
        ), headers(("Content-Range" = String))),
        (status = 304, description = "As it was", headers(("ETag" = String))),
        (status = 416, description = "There is nothing in that range", headers(("Content-Range" = String))),
    ),
)]
pub async fn media(
    State(doors): State<Arc<Doors>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (hash, _) = Rendition::of_name(&name).ok_or(Problem::NOT_FOUND)?;
    if doors.tenor_keys.is_empty() || !doors.chat.is_in_library(hash).await? {
        return Err(Problem::NOT_FOUND);
    }
    gif::show(State(doors), Path(name), headers).await
}

/// A name or address with or without a port, as answers may repeat it.
fn is_host(host: &str) -> bool {
    !host.contains('@') && host.parse::<Authority>().is_ok()
}

/// Why there is no answer.
pub enum Refused {
    /// There are no keys, and so none of these doors.
    Off,
    Key,
    Malformed,
    Chat(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Chat(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, name, message) = match &self {
            Self::Off => return Problem::NOT_FOUND.into_response(),
            Self::Key => (StatusCode::FORBIDDEN, "PERMISSION_DENIED", "The parameter key is not a key of this server."),
            Self::Malformed => (StatusCode::BAD_REQUEST, "INVALID_ARGUMENT", "A parameter is missing or does not fit."),
            Self::Chat(Error::Refused(Refusal::TooOften { .. })) => {
                (StatusCode::TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED", "Too many requests with this key.")
            }
            Self::Chat(error) => {
                tracing::debug!(error = error as &dyn std::error::Error, "the library could not be read");
                (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "Please try again later.")
            }
        };
        let mut response = (status, Json(TenorErrorView::new(status.as_u16(), name, message))).into_response();
        if let Self::Chat(Error::Refused(Refusal::TooOften { retry_after })) = self {
            let seconds = retry_after.as_millis().div_ceil(1000).clamp(1, 86_400) as u64;
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
