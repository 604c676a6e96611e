//! Opening a WebSocket on an HTTP request (RFC 6455, section 4.2).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use socket2::SockRef;
use tokio::net::TcpStream;

use crate::config::Config;
use crate::options::Options;
use crate::serve::Prepared;
use crate::stream::Stream;

/// A request that asks for a WebSocket in the right way.
pub(crate) struct Handshake {
    accept: HeaderValue,
    upgrade: OnUpgrade,
    is_prepared: bool,
}

/// `None` for any other request.
pub(crate) fn begin(parts: &mut Parts) -> Option<Handshake> {
    let key = parts.headers.get(header::SEC_WEBSOCKET_KEY)?;
    if STANDARD.decode(key).ok()?.len() != 16 {
        return None;
    }
    let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
    let is_handshake = parts.method == Method::GET
        && has_token(parts, header::CONNECTION, "upgrade")
        && has_token(parts, header::UPGRADE, "websocket")
        && parts.headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    if !is_handshake {
        return None;
    }
    let is_prepared = parts.extensions.get::<Prepared>().is_some();
    Some(Handshake { accept: accept.parse().ok()?, upgrade: parts.extensions.remove()?, is_prepared })
}

impl Handshake {
    /// The answer; when it has been sent, and so long after, `then` gets the connection and what has come on it already, or nothing when
    /// that failed.
    pub(crate) fn complete(
        self,
        config: &Config,
        delay: Duration,
        then: impl FnOnce(Option<(Stream, Bytes)>) + Send + 'static,
    ) -> Response<Full<Bytes>> {
        let patience = config.connect_timeout;
        let options = (!self.is_prepared).then_some(Options::of(config));
        tokio::spawn(async move {
            // A client that does not take the answer is given up.
            let upgraded = tokio::time::timeout(patience, self.upgrade).await;
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            then(upgraded.ok().and_then(Result::ok).and_then(|upgraded| detach(upgraded, options).ok()));
        });
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        response
    }
}

/// Takes the bare socket back from hyper, so that its shard can put it under its own reactor. Anything else (TLS)
/// goes on under the reactor it has.
fn detach(upgraded: Upgraded, options: Option<Options>) -> std::io::Result<(Stream, Bytes)> {
    let (io, leftover) = match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => (parts.io, parts.read_buf),
        // As hyper-util's automatic server (that of `axum::serve`) wraps it.
        Err(upgraded) => match auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => (parts.io, parts.read_buf),
            Err(upgraded) => return Ok((Stream::Other(Box::new(TokioIo::new(upgraded))), Bytes::new())),
        },
    };
    let stream = io.into_inner();
    if let Some(options) = options {
        options.set(SockRef::from(&stream))?;
    }
    Ok((Stream::Detached(stream.into_std()?), leftover))
}

fn has_token(parts: &Parts, name: HeaderName, token: &str) -> bool {
    parts
        .headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(token))
}
