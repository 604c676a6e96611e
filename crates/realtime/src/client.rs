//! The official browser client, as npm has it.

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body_util::Full;

#[cfg(feature = "client")]
include!(concat!(env!("OUT_DIR"), "/client.rs"));

#[cfg(not(feature = "client"))]
const VERSION: &str = "";
#[cfg(not(feature = "client"))]
const FILES: [(&str, &[u8]); 0] = [];

/// Serves one file. Its ETag is the version of the client: a file of one version never changes.
pub(crate) fn serve(name: &str, parts: &Parts) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let Some(&(_, content)) = FILES.iter().find(|(file, _)| *file == name) else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    if parts.method != Method::GET && parts.method != Method::HEAD {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let etag = format!("\"{VERSION}\"");
    let is_known = parts
        .headers
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag));
    let kind = if name.ends_with(".map") { "application/json" } else { "text/javascript; charset=utf-8" };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Full::new(Bytes::from_static(content));
    }
    response
}
