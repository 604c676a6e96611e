//! The OpenAPI 3.1 document of the HTTP doors.
//!
//! Each door is described where it is handled (`#[utoipa::path]`), its shapes where they are serialized or read
//! (`ToSchema`), and what it refuses by the very [`Problem`](super::error::Problem)s it answers with
//! ([`refusals`]). Here it is put together. `tests/app/openapi.rs` compares it with the routes and with real answers.

mod other_doors;
mod refusals;

use refusals::Refusals;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{api, docs, events, export, gif, health, library, new_room, pages, provider, session, tenor};
use crate::wire::{ProblemView, TenorErrorView};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "GIF Chat",
        description = include_str!("openapi/about.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "The server that gave you this document")),
    security(()),
    paths(
        pages::lobby, new_room::form, new_room::create, pages::room, api::remove, pages::enter,
        api::members, api::command, api::search, export::export, api::chat, api::gif, api::messages, gif::show,
        provider::search, provider::preview, provider::post,
        library::list, library::tags, library::offer, tenor::search, tenor::featured, tenor::autocomplete, tenor::posts, tenor::media,
        events::listen, other_doors::websocket, other_doors::poll, other_doors::push, other_doors::client,
        pages::switch_language, health::alive, health::ready, docs::openapi, docs::asyncapi,
    ),
    components(schemas(ProblemView<'_>, TenorErrorView)),
    tags(
        (name = "rooms", description = "Making, entering and removing rooms"),
        (name = "messages", description = "Text and GIFs"),
        (name = "library", description = "GIFs that the server keeps for everybody"),
        (name = "live", description = "Doors to what happens while it happens; `/asyncapi.yaml` says what is said there"),
        (name = "pages", description = "For people"),
        (name = "operation", description = "For whoever runs it, and these documents"),
    ),
    modifiers(&Session, &Refusals),
)]
struct Doors;

/// The document, as JSON.
pub fn written() -> String {
    Doors::openapi().to_json().expect("it is made of texts and numbers")
}

/// The cookie that makes somebody the same person again.
struct Session;

impl Modify for Session {
    fn modify(&self, document: &mut Document) {
        let name = session::name(false);
        let about = format!(
            "Signed, and given to everybody with their first answer: there is nothing to register. Without it a request \
             comes from somebody new. Under HTTPS its name is `{}`.",
            session::name(true)
        );
        let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(name, &about)));
        document.components.get_or_insert_default().add_security_scheme("session", scheme);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn it_is_openapi_3_1_and_every_operation_has_its_own_id() {
        let document: Value = serde_json::from_str(&super::written()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        let mut ids: Vec<_> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .filter_map(|operation| operation["operationId"].as_str())
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), all), (35, 35), "{ids:?}");
    }
}
