//! The files that come with the program: scripts, styles, pictures.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::assets::asset;
use super::error::Problem;

/// Any of them, by its path.
pub async fn show(request: Request) -> Result<Response, Problem> {
    let file = asset(request.uri().path().trim_start_matches('/')).ok_or(Problem::NOT_FOUND)?;
    let etag = HeaderValue::try_from(file.etag).map_err(|_| Problem::INTERNAL)?;
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|tag| tag == etag);
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, file.content_type)], file.bytes).into_response()
    };
    let keep = if file.immutable { "public, max-age=31536000, immutable" } else { "public, max-age=3600" };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response.headers_mut().insert(header::ETAG, etag);
    Ok(response)
}
