//! Where a request comes from: pages of other origins can neither change anything here nor open a connection.
//!
//! A browser tells the origin of the page with every request that is not a plain navigation or subresource (Fetch
//! standard, "Origin header"; RFC 6455, section 10.2, for WebSocket). No `Origin` means no browser, or a browser that
//! says more in `Sec-Fetch-Site`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use super::proxies::Client;

/// The origins that may use this server beside its own.
#[derive(Clone, Debug)]
pub struct Origins(Arc<[String]>);

impl Origins {
    /// `allowed` as in the settings: `https://chat.example.org`, without a path.
    pub fn new(allowed: &[String]) -> Self {
        Self(allowed.iter().map(|origin| origin.trim_end_matches('/').to_ascii_lowercase()).collect())
    }

    /// Whether a request may change something, or open a connection.
    pub fn allow(&self, client: &Client, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => {
                let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
                // A sibling subdomain is another origin, too.
                !matches!(site, Some(b"cross-site" | b"same-site"))
            }
            (Some(origin), None) => {
                origin.to_str().is_ok_and(|origin| self.is_ours(client, &origin.to_ascii_lowercase()))
            }
            // Two are no browser's.
            (Some(_), Some(_)) => false,
        }
    }

    fn is_ours(&self, client: &Client, origin: &str) -> bool {
        if self.0.iter().any(|allowed| allowed == origin) {
            return true;
        }
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let default_port = match scheme {
            "https" => ":443",
            // Whoever came over HTTPS is not on a page that anybody could have changed on its way.
            "http" if !client.https => ":80",
            _ => return false,
        };
        let bare = |authority: &str| authority.strip_suffix(default_port).unwrap_or(authority).to_owned();
        client.host.as_deref().is_some_and(|host| !host.is_empty() && bare(host) == bare(authority))
    }
}

/// Refuses what a page of another origin asks to change.
pub async fn check(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let allowed =
        reads || request.extensions().get::<Client>().is_some_and(|client| origins.allow(client, request.headers()));
    if allowed { next.run(request).await } else { Problem::FOREIGN_ORIGIN.into_response() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(https: bool, host: &str, fields: &[(&'static str, &str)]) -> bool {
        let origins = Origins::new(&[String::from("https://Friend.example/")]);
        let client = Client { address: [127, 0, 0, 1].into(), https, host: Some(host.to_owned()) };
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        origins.allow(&client, &headers)
    }

    #[test]
    fn the_same_origin_passes_and_others_do_not() {
        let origin = |https, host, origin: &str| allowed(https, host, &[("origin", origin)]);
        assert!(origin(false, "localhost:8005", "http://localhost:8005"));
        assert!(origin(false, "chat.example", "http://chat.example:80"));
        assert!(origin(false, "chat.example", "https://chat.example"), "a proxy that nobody told us of");
        assert!(origin(true, "chat.example", "https://CHAT.example"));
        assert!(origin(true, "chat.example:443", "https://chat.example"));
        assert!(origin(false, "chat.example", "https://friend.example"));
        for foreign in [
            "http://localhost:8006",
            "http://localhost",
            "http://localhost:8005.evil.example",
            "null",
            "",
            "file://",
            "http://evil.example",
            "http://evil.example/localhost:8005",
            "http://a@localhost:8005",
            "localhost:8005",
            "chrome-extension://localhost:8005",
        ] {
            assert!(!origin(false, "localhost:8005", foreign), "{foreign}");
        }
        assert!(!origin(true, "chat.example", "http://chat.example"));
        assert!(!origin(false, "", "http://"));
    }

    #[test]
    fn without_an_origin_the_fetch_metadata_decides() {
        let site = |site: &str| allowed(false, "localhost", &[("sec-fetch-site", site)]);
        assert!(allowed(false, "localhost", &[]));
        assert!(site("same-origin") && site("none"));
        assert!(!site("cross-site") && !site("same-site"));
        assert!(!allowed(false, "a", &[("origin", "http://a"), ("origin", "http://a")]), "two origins");
    }
}
