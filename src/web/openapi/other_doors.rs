//! The doors whose handlers are not axum's: the delivery engine answers there.

#![allow(dead_code, reason = "these functions are described, not called")]

use utoipa::ToSchema;

/// How Engine.IO refuses a request; its protocol has the numbers.
#[derive(ToSchema)]
struct EngineRefusal {
    #[schema(minimum = 0, maximum = 5)]
    code: u8,
    #[schema(examples("Transport unknown"))]
    message: String,
}

#[utoipa::path(
    get,
    path = "/ws",
    operation_id = "openWebSocket",
    tag = "live",
    summary = "Commands and events as JSON text frames (WebSocket)",
    description = "`{\"type\": \"...\", ...}` both ways; a command may carry `ref`, which its `ack` repeats. Without a signed \
                   cookie only `rooms` can be used. `/asyncapi.yaml` has the shapes.",
    params(
        ("Upgrade" = String, Header, description = "`websocket`"),
        ("Sec-WebSocket-Key" = String, Header, description = "RFC 6455, section 4.1"),
        ("Sec-WebSocket-Version" = String, Header, description = "`13`"),
    ),
    responses(
        (status = 101, description = "From here on WebSocket frames"),
        (status = 403, description = "From a page of another origin", body = EngineRefusal),
        (status = 426, description = "Not a WebSocket handshake", body = String, content_type = "text/plain"),
        (status = 503, description = "No room for another connection", body = EngineRefusal),
    ),
    security(("session" = []), ()),
)]
pub fn websocket() {}

#[utoipa::path(
    get,
    path = "/socket.io/",
    operation_id = "openSocketIo",
    tag = "live",
    summary = "Socket.IO: opening, polling, upgrading",
    description = "A note, not a description: use a Socket.IO client. Namespaces `/room` (the lobby) and `/chat`; \
                   `/asyncapi.yaml` has their events.",
    params(
        ("EIO" = u8, Query, description = "Protocol of Engine.IO"),
        ("transport" = String, Query, description = "`polling` or `websocket`"),
        ("sid" = Option<String>, Query, description = "Of the connection, after opening", nullable = false),
    ),
    responses(
        (status = 101, description = "`transport=websocket`: from here on WebSocket frames"),
        (status = 200, description = "Engine.IO packets", body = String, content_type = "text/plain"),
        (status = 400, description = "Not the protocol, or an unknown connection", body = EngineRefusal),
        (status = 403, description = "From a page of another origin", body = EngineRefusal),
        (status = 503, description = "No room for another connection", body = EngineRefusal),
    ),
    security(("session" = []), ()),
)]
pub fn poll() {}

#[utoipa::path(
    post,
    path = "/socket.io/",
    operation_id = "sendSocketIo",
    tag = "live",
    summary = "Socket.IO: sending by polling",
    description = "A note, not a description: use a Socket.IO client.",
    params(
        ("EIO" = u8, Query, description = "Protocol of Engine.IO"),
        ("transport" = String, Query, description = "`polling`"),
        ("sid" = String, Query, description = "Of the connection"),
    ),
    request_body(content = String, content_type = "text/plain"),
    responses(
        (status = 200, description = "Taken", body = String, content_type = "text/plain"),
        (status = 400, description = "Not the protocol, or an unknown connection", body = EngineRefusal),
        (status = 403, description = "From a page of another origin", body = EngineRefusal),
        (status = 413, description = "More than 100 kB, unless the operator changed `polling_bytes`"),
    ),
    security(("session" = []), ()),
)]
pub fn push() {}

#[utoipa::path(
    get,
    path = "/socket.io/{file}",
    operation_id = "showSocketIoClient",
    tag = "live",
    summary = "The official browser client",
    params(("file" = String, Path, description = "`socket.io.js`, `socket.io.min.js`, `socket.io.esm.min.js`, or a map")),
    responses(
        (status = 200, description = "A script", body = String, content_type = "text/javascript",
            headers(("ETag" = String))),
        (status = 304, description = "As it was"),
        (status = 404, description = "Not one of them"),
    ),
)]
pub fn client() {}
