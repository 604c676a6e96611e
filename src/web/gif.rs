//! `GET /gif/<hash>.gif` and its renditions. Content under a name that is its hash: it never changes, so it is cached for
//! ever; but for what stands in for a rendition that is yet to be made.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Doors;
use super::error::Problem;
use super::negotiate::is_known;
use crate::chat::Shown;
use crate::domain::{GifHash, Rendition};
use crate::wire::schema::PictureName;

/// Nothing inside could run anything, whatever a browser takes it for.
pub const POLICY: &str = "default-src 'none'; sandbox";

#[utoipa::path(
    get,
    path = "/gif/{name}",
    operation_id = "showGif",
    tag = "messages",
    summary = "A GIF",
    description = "Under a name that is the hash of its content, so it never changes: the GIF, the lightest rendition of it that \
                   moves (`.webp`), and a still (`.poster.webp`). While the WebP is not made yet, the GIF stands in for it, \
                   and is to be asked for again (`Cache-Control: no-cache`); where a WebP would be no smaller, it does for good. \
                   Nothing that moves stands in for the still: while that is not made yet (its GIF is older than stills), it is \
                   answered with 404, made at once, and to be asked for again a little later. \
                   `HEAD` works, too. One range of bytes is answered with that part; several, or an `If-Range` that does not \
                   match, with the whole.",
    params(
        ("name" = PictureName, Path, description = "A message's `gif`, or that with another ending"),
        ("Range" = Option<String>, Header, description = "`bytes=0-99`, `bytes=100-` or `bytes=-100`",
            nullable = false),
        ("If-Range" = Option<String>, Header, description = "The `ETag`", nullable = false),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag`", nullable = false),
    ),
    responses(
        (status = 200, description = "The whole", content(
            (inline(Picture) = "image/gif"),
            (inline(Picture) = "image/webp"),
        ), headers(
            ("ETag" = String, description = "The name of what is served, in quotes"),
            ("Cache-Control" = String, description = "For a year, immutable; `no-cache` of what stands in for it"),
            ("Accept-Ranges" = String, description = "`bytes`"),
        )),
        (status = 206, description = "The range", content(
            (inline(Picture) = "image/gif"),
            (inline(Picture) = "image/webp"),
        ), headers(
            ("Content-Range" = String, description = "`bytes 0-99/1234`"),
            ("ETag" = String),
        )),
        (status = 304, description = "As it was", headers(("ETag" = String))),
        (status = 416, description = "There is nothing in that range",
            headers(("Content-Range" = String, description = "`bytes */1234`"))),
    ),
)]
pub async fn show(
    State(doors): State<Arc<Doors>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (hash, asked) = Rendition::of_name(&name).ok_or(Problem::NOT_FOUND)?;
    let shown = doors.chat.rendition(hash, asked).await?.ok_or(Problem::NOT_FOUND)?;
    let whole = doors.chat.gif(hash, shown.rendition, None).await?.ok_or(Problem::NOT_FOUND)?;
    let served = Served { hash, shown };
    let etag = served.etag();
    if is_known(&headers, &etag) {
        return Ok(served.answer(StatusCode::NOT_MODIFIED, Body::empty()));
    }
    let len = whole.len;
    let range = match asked_range(&headers, &etag, len) {
        Asked::Whole => {
            let mut response = served.answer(StatusCode::OK, Body::from_stream(whole.stream));
            response.headers_mut().insert(header::CONTENT_LENGTH, len.into());
            return Ok(response);
        }
        Asked::Nothing => {
            let mut response = served.answer(StatusCode::RANGE_NOT_SATISFIABLE, Body::empty());
            response.headers_mut().insert(header::CONTENT_RANGE, field(&format!("bytes */{len}")));
            return Ok(response);
        }
        Asked::Part(first, last) => first..last + 1,
    };
    let part = doors.chat.gif(hash, shown.rendition, Some(range.clone())).await?.ok_or(Problem::NOT_FOUND)?;
    let mut response = served.answer(StatusCode::PARTIAL_CONTENT, Body::from_stream(part.stream));
    let bytes = format!("bytes {}-{}/{len}", range.start, range.end - 1);
    response.headers_mut().insert(header::CONTENT_RANGE, field(&bytes));
    response.headers_mut().insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    Ok(response)
}

/// Its bytes, for the OpenAPI document.
#[derive(Debug, utoipa::ToSchema)]
#[schema(value_type = String, format = Binary, description = "The file.")]
#[allow(dead_code, reason = "it is described, not made")]
pub struct Picture(Vec<u8>);

/// What is served, which may stand in for what was asked for.
#[derive(Clone, Copy, Debug)]
struct Served {
    hash: GifHash,
    shown: Shown,
}

impl Served {
    fn etag(self) -> String {
        format!("\"{}{}\"", self.hash, self.shown.rendition.suffix())
    }

    fn answer(self, status: StatusCode, body: Body) -> Response {
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::OK || status == StatusCode::PARTIAL_CONTENT {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.shown.rendition.kind()));
        }
        let caching = if self.shown.for_good { "public, max-age=31536000, immutable" } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(header::ETAG, field(&self.etag()));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    }
}

fn field(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits and punctuation are a field value")
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    /// First and last byte.
    Part(u64, u64),
    /// A range in which there is nothing.
    Nothing,
}

/// `Range` (RFC 9110, section 14.2). One range of bytes; several, and what is no range, are answered with everything.
fn asked_range(headers: &HeaderMap, etag: &str, len: u64) -> Asked {
    if headers.get(header::IF_RANGE).is_some_and(|condition| condition.as_bytes() != etag.as_bytes()) {
        return Asked::Whole;
    }
    let range =
        headers.get(header::RANGE).and_then(|range| range.to_str().ok()).and_then(|range| range.strip_prefix("bytes="));
    let Some((first, last)) = range.and_then(|range| range.trim().split_once('-')) else { return Asked::Whole };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => Asked::Whole,
        (Some(first), _) if first >= len && (last.is_empty() || number(last).is_some()) => Asked::Nothing,
        (Some(first), Some(last)) => Asked::Part(first, last.min(len - 1)),
        (Some(first), None) if last.is_empty() => Asked::Part(first, len - 1),
        (None, Some(0)) if first.is_empty() => Asked::Nothing,
        (None, Some(most)) if first.is_empty() && len > 0 => Asked::Part(len.saturating_sub(most), len - 1),
        _ => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_of_bytes() {
        let asked =
            |range: &str| asked_range(&[(header::RANGE, range.parse().unwrap())].into_iter().collect(), "\"x\"", 100);
        assert_eq!(asked("bytes=0-9"), Asked::Part(0, 9));
        assert_eq!(asked("bytes=90-"), Asked::Part(90, 99));
        assert_eq!(asked("bytes=-10"), Asked::Part(90, 99));
        assert_eq!(asked("bytes=-1000"), Asked::Part(0, 99));
        assert_eq!(asked("bytes=50-99999999999999999999999"), Asked::Part(50, 99));
        assert_eq!(asked("bytes=100-"), Asked::Nothing);
        assert_eq!(asked("bytes=100-200"), Asked::Nothing);
        assert_eq!(asked("bytes=-0"), Asked::Nothing);
        for whole in
            ["bytes=0-1,5-6", "bytes=9-0", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=+1-2", "bytes=100-x"]
        {
            assert_eq!(asked(whole), Asked::Whole, "{whole}");
        }
    }

    #[test]
    fn a_range_of_something_else_is_the_whole() {
        let headers = [(header::RANGE, "bytes=0-9".parse().unwrap()), (header::IF_RANGE, "\"y\"".parse().unwrap())];
        assert_eq!(asked_range(&headers.into_iter().collect(), "\"x\"", 100), Asked::Whole);
    }
}
