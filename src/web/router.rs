//! All routes. Each is described where it is handled; `openapi.rs` puts that together, and a test compares the two.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use super::error::{Problem, explain, speaks_json};
use super::{
    Doors, api, docs, events, export, files, gif, headers, health, library, new_room, origin, pages, provider, proxies,
    session, socketio, tenor, upload,
};

pub fn router(doors: Arc<Doors>) -> Router {
    let for_people = Router::new()
        .route("/", get(pages::lobby))
        .route("/room", get(new_room::form).post(new_room::create))
        .route("/room/{id}", get(pages::room).delete(api::remove))
        .route("/room/{id}/enter", post(pages::enter))
        .route("/lang/{tag}", get(pages::switch_language));
    let for_programs = Router::new()
        .route("/room/{id}/chat", post(api::chat))
        .route("/room/{id}/gif", post(api::gif).layer(upload::body_limit(&doors.bodies)))
        .route("/room/{id}/provider", post(provider::post))
        .route("/provider/search", get(provider::search))
        .route("/provider/{name}", get(provider::preview))
        .route("/room/{id}/messages", get(api::messages))
        .route("/room/{id}/commands", post(api::command))
        .route("/room/{id}/search", get(api::search))
        .route("/room/{id}/export", get(export::export))
        .route("/room/{id}/members", get(api::members))
        .route("/room/{id}/events", get(events::listen))
        .route("/library", get(library::list))
        .route("/library/tags", get(library::tags))
        .route("/library/offers", post(library::offer))
        .layer(from_fn(speaks_json));
    let for_somebody = for_people
        .merge(for_programs)
        .fallback(|| async { Problem::NOT_FOUND })
        .method_not_allowed_fallback(|| async { Problem::METHOD })
        .layer(from_fn_with_state(doors.origins.clone(), origin::check))
        .layer(from_fn_with_state(doors.env.clone(), explain))
        .layer(from_fn_with_state(doors.sessions.clone(), session::recognize));

    let for_anybody = Router::new()
        .route("/gif/{name}", get(gif::show))
        .route("/assets/{*path}", get(files::show))
        .route("/favicon.svg", get(files::show))
        .route("/manifest.webmanifest", get(files::show))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(docs::openapi))
        .route("/asyncapi.yaml", get(docs::asyncapi))
        .method_not_allowed_fallback(|| async { Problem::METHOD })
        .layer(from_fn_with_state(doors.env.clone(), explain));

    // As Tenor had them: of its own kind of answers, and for pages of every origin.
    let for_servers = Router::new()
        .route("/tenor/v2/search", get(tenor::search).options(tenor::preflight))
        .route("/tenor/v2/featured", get(tenor::featured).options(tenor::preflight))
        .route("/tenor/v2/autocomplete", get(tenor::autocomplete).options(tenor::preflight))
        .route("/tenor/v2/posts", get(tenor::posts).options(tenor::preflight))
        .route("/tenor/media/{name}", get(tenor::media).options(tenor::preflight))
        .method_not_allowed_fallback(|| async { Problem::METHOD })
        .layer(from_fn(speaks_json))
        .layer(from_fn_with_state(doors.env.clone(), explain))
        .layer(from_fn(tenor::open_to_all));

    let realtime = doors.realtime.service();
    let sockets = Router::new()
        .route_service("/ws", doors.realtime.plain_service(socketio::CHAT))
        .route_service("/socket.io/", realtime.clone())
        .route_service("/socket.io/{file}", realtime);

    for_somebody
        .merge(for_anybody)
        .merge(for_servers)
        .with_state(Arc::clone(&doors))
        // Texts only: it leaves pictures as they are.
        .layer(CompressionLayer::new())
        .merge(sockets)
        .layer(from_fn_with_state(doors.proxies.clone(), proxies::identify))
        .layer(from_fn(headers::protect))
}
