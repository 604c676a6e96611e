//! What every answer tells browsers not to do.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// A page's scripts, styles and pictures are our own files; only a style block with this nonce is inline, nothing is
/// foreign, nobody frames it. (`blob:` shows a GIF while it is being sent, and plays the video that one is cut from.)
pub fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' blob: data:; \
         media-src blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// What is no page of ours runs nothing at all.
const OTHER_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Whose pages may show a file.
pub const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// `Strict-Transport-Security` is not ours: who ends HTTPS, the proxy, says it.
const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Rooms are unlisted addresses: no other site learns them.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (RESOURCE_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        // Our own pages record GIFs, when the visitor lets them.
        "camera=(self), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

pub async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_page = is_page(response.headers());
    let headers = response.headers_mut();
    for (name, value) in &ALWAYS {
        // One door shows its files to pages of every origin, and says so itself.
        if *name != RESOURCE_POLICY || !headers.contains_key(name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(OTHER_POLICY));
    // A page is one person's, and may show what has changed by the next look; the way back still finds it as it was.
    let keep = if is_page { "private, no-cache" } else { "no-store" };
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(keep));
    response
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}
