//! The descriptions of our doors, for programs and those who write them: OpenAPI made from the code, AsyncAPI written by
//! hand (`docs/asyncapi.yaml`) and held to the code by tests.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::negotiate::is_known;
use super::openapi;

static OPENAPI: LazyLock<Document> =
    LazyLock::new(|| Document::new(Cow::Owned(openapi::written()), "application/json"));
static ASYNCAPI: LazyLock<Document> =
    LazyLock::new(|| Document::new(Cow::Borrowed(include_str!("../../docs/asyncapi.yaml")), "application/yaml"));

struct Document {
    text: Cow<'static, str>,
    content_type: &'static str,
    /// A strong validator, quotes included.
    etag: String,
}

impl Document {
    fn new(text: Cow<'static, str>, content_type: &'static str) -> Self {
        let hash = Sha256::digest(text.as_bytes());
        let etag = hash[..12].iter().fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}")) + "\"";
        Self { text, content_type, etag }
    }

    fn answer(&'static self, headers: &HeaderMap) -> Response {
        let mut response = if is_known(headers, &self.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, self.content_type)], self.text.as_ref()).into_response()
        };
        let fields = response.headers_mut();
        fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
        fields.insert(header::ETAG, HeaderValue::from_static(&self.etag));
        response
    }
}

/// `GET /openapi.json`
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "describeHttp",
    tag = "operation",
    summary = "This document",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag`", nullable = false)),
    responses(
        (status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json",
            headers(("ETag" = String), ("Cache-Control" = String, description = "For an hour"))),
        (status = 304, description = "As it was", headers(("ETag" = String))),
    ),
)]
pub async fn openapi(headers: HeaderMap) -> Response {
    OPENAPI.answer(&headers)
}

/// `GET /asyncapi.yaml`
#[utoipa::path(
    get,
    path = "/asyncapi.yaml",
    operation_id = "describeEvents",
    tag = "operation",
    summary = "The events and commands of Socket.IO, WebSocket and server-sent events",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag`", nullable = false)),
    responses(
        (status = 200, description = "AsyncAPI 3.0", body = String, content_type = "application/yaml",
            headers(("ETag" = String), ("Cache-Control" = String, description = "For an hour"))),
        (status = 304, description = "As it was", headers(("ETag" = String))),
    ),
)]
pub async fn asyncapi(headers: HeaderMap) -> Response {
    ASYNCAPI.answer(&headers)
}
