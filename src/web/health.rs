//! For whoever watches over the server.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Doors;

/// `GET /healthz`: it is alive.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "isAlive",
    tag = "operation",
    summary = "It is alive",
    responses((status = 200, description = "Alive", body = String, content_type = "text/plain")),
)]
pub async fn alive() -> Response {
    plain(StatusCode::OK, "ok\n")
}

/// `GET /readyz`: it can serve. Not any more once it has been told to end, also while it still does.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "isReady",
    tag = "operation",
    summary = "It can serve",
    responses(
        (status = 200, description = "Ready", body = String, content_type = "text/plain"),
        (status = 503, description = "Ending", body = String, content_type = "text/plain"),
    ),
)]
pub async fn ready(State(doors): State<Arc<Doors>>) -> Response {
    if doors.is_ending() { plain(StatusCode::SERVICE_UNAVAILABLE, "ending\n") } else { plain(StatusCode::OK, "ok\n") }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let fields = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, fields, text).into_response()
}
