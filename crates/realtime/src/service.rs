//! The HTTP side: handshakes, polling requests, upgrades to WebSocket, the client's script.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::client;
use crate::frame::Frame;
use crate::ids::random_id;
use crate::inbox::Item;
use crate::polling::{Answer, EngineError};
use crate::reason::DisconnectReason;
use crate::server::{Refused, Shared};
use crate::session::{NewLink, NewSession, SessionKey};
use crate::stream::Stream;

type Answered = Response<Full<Bytes>>;

/// A tower service that answers all requests below [`crate::Config::path`].
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}

/// A place among the connections a server may have.
pub(crate) struct Permit(Arc<AtomicUsize>);

impl Permit {
    fn take(shared: &Shared) -> Option<Self> {
        let most = shared.config.max_connections;
        shared
            .connections
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| (count < most).then_some(count + 1))
            .ok()
            .map(|_| Self(Arc::clone(&shared.connections)))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The query of a request, as far as it matters here.
#[derive(Default)]
struct Query<'a> {
    version: &'a str,
    transport: &'a str,
    sid: Option<&'a str>,
}

impl<'a> Query<'a> {
    fn parse(query: &'a str) -> Self {
        let mut parsed = Self::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "EIO" => parsed.version = value,
                "transport" => parsed.transport = value,
                "sid" => parsed.sid = Some(value),
                _ => {}
            }
        }
        parsed
    }
}

impl Service {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    async fn answer<B>(self, request: Request<B>) -> Answered
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (mut parts, body) = request.into_parts();
        let path = &self.shared.config.path;
        let rest = parts.uri.path().strip_prefix(path.trim_end_matches('/')).unwrap_or_default();
        let rest = rest.trim_start_matches('/');
        if !rest.is_empty() {
            return client::serve(rest, &parts);
        }
        if let Err(refused) = (self.shared.guard)(&parts) {
            return refuse(&refused);
        }
        let uri = parts.uri.clone();
        let query = Query::parse(uri.query().unwrap_or_default());
        let answered = match (query.transport, query.sid) {
            _ if query.version != "4" => Err(EngineError::UnsupportedVersion),
            ("polling", None) => self.open_polling(&parts),
            ("polling", Some(sid)) => match parts.method {
                Method::GET => self.poll(sid).await,
                Method::POST => return self.payload(sid, body).await,
                _ => Err(EngineError::BadRequest),
            },
            ("websocket", sid) => self.websocket(&mut parts, sid),
            _ => Err(EngineError::UnknownTransport),
        };
        answered.unwrap_or_else(engine_error)
    }

    fn open_packet(&self, sid: &str, upgrades: &[&str]) -> Frame {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Open<'a> {
            sid: &'a str,
            upgrades: &'a [&'a str],
            ping_interval: u128,
            ping_timeout: u128,
            max_payload: usize,
        }
        let config = &self.shared.config;
        let open = Open {
            sid,
            upgrades,
            ping_interval: config.ping_interval.as_millis(),
            ping_timeout: config.ping_timeout.as_millis(),
            max_payload: config.max_payload,
        };
        let mut packet = vec![b'0'];
        serde_json::to_writer(&mut packet, &open).expect("numbers and texts become JSON");
        Frame::packet(&packet)
    }

    fn admit(&self, parts: &Parts) -> Result<(Arc<dyn std::any::Any + Send + Sync>, Permit), Refused> {
        let admission = (self.shared.admit)(parts)?;
        let permit = Permit::take(&self.shared).ok_or_else(|| {
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the server has no room for another connection")
        })?;
        Ok((admission.0, permit))
    }

    fn open_polling(&self, parts: &Parts) -> Result<Answered, EngineError> {
        if parts.method != Method::GET {
            return Err(EngineError::BadMethod);
        }
        let (peer, permit) = match self.admit(parts) {
            Ok(admitted) => admitted,
            Err(refused) => return Ok(refuse(&refused)),
        };
        let sid: Arc<str> = random_id().into();
        let (key, shard) = self.shared.next_session();
        self.shared.registry.insert(Arc::clone(&sid), shard, key);
        let open = self.open_packet(&sid, &["websocket"]);
        let link = NewLink::Polling { sid };
        self.shared.hub.inboxes()[shard].push(Item::Open(Box::new(NewSession { key, peer, permit, link })));
        Ok(text(StatusCode::OK, open.polling()))
    }

    async fn poll(&self, sid: &str) -> Result<Answered, EngineError> {
        let (shard, key) = self.shared.registry.find(sid).ok_or(EngineError::UnknownSession)?;
        let (answer, answered) = oneshot::channel();
        self.shared.hub.inboxes()[shard].push(Item::Poll { key, answer });
        let mut hang_up = HangUp { shared: &self.shared, shard, key, is_due: true };
        let answered = answered.await;
        hang_up.is_due = false;
        match answered {
            Ok(Answer::Payload(body)) => Ok(text(StatusCode::OK, body)),
            Ok(Answer::Taken) => Ok(text(StatusCode::OK, Bytes::from_static(b"6"))),
            Ok(Answer::Refused(error)) => Err(error),
            Err(_) => Err(EngineError::UnknownSession),
        }
    }

    async fn payload<B>(&self, sid: &str, body: B) -> Answered
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Some((shard, key)) = self.shared.registry.find(sid) else {
            return engine_error(EngineError::UnknownSession);
        };
        let config = &self.shared.config;
        let collected = Limited::new(body, config.max_payload).collect();
        let body = match tokio::time::timeout(config.body_timeout, collected).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                self.shared.hub.inboxes()[shard].push(Item::Close { key, reason: DisconnectReason::ProtocolError });
                return text(StatusCode::PAYLOAD_TOO_LARGE, Bytes::new());
            }
            Ok(Err(_)) => return engine_error(EngineError::BadRequest),
            Err(_) => return text(StatusCode::REQUEST_TIMEOUT, Bytes::new()),
        };
        let (answer, answered) = oneshot::channel();
        self.shared.hub.inboxes()[shard].push(Item::Payload { key, body, answer });
        match answered.await {
            Ok(Answer::Taken | Answer::Payload(_)) => text(StatusCode::OK, Bytes::from_static(b"ok")),
            Ok(Answer::Refused(error)) => engine_error(error),
            Err(_) => engine_error(EngineError::UnknownSession),
        }
    }

    fn websocket(&self, parts: &mut Parts, sid: Option<&str>) -> Result<Answered, EngineError> {
        let key = parts.headers.get(header::SEC_WEBSOCKET_KEY).ok_or(EngineError::BadRequest)?;
        let accept = tungstenite::handshake::derive_accept_key(key.as_bytes());
        let is_handshake = parts.method == Method::GET
            && has_token(parts, header::CONNECTION, "upgrade")
            && has_token(parts, header::UPGRADE, "websocket")
            && parts.headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
        let upgrade = parts.extensions.remove::<OnUpgrade>();
        let (true, Some(upgrade)) = (is_handshake, upgrade) else { return Err(EngineError::BadRequest) };
        let then: Box<dyn FnOnce(Arc<Shared>, Stream, Bytes) + Send> = match sid {
            None => {
                let (peer, permit) = match self.admit(parts) {
                    Ok(admitted) => admitted,
                    Err(refused) => return Ok(refuse(&refused)),
                };
                let open = self.open_packet(&random_id(), &[]);
                Box::new(move |shared, stream, leftover| {
                    let (key, shard) = shared.next_session();
                    let link = NewLink::WebSocket { stream, leftover, open };
                    shared.hub.inboxes()[shard].push(Item::Open(Box::new(NewSession { key, peer, permit, link })));
                })
            }
            Some(sid) => {
                let (shard, key) = self.shared.registry.find(sid).ok_or(EngineError::UnknownSession)?;
                Box::new(move |shared, stream, leftover| {
                    shared.hub.inboxes()[shard].push(Item::Probe { key, stream: Box::new(stream), leftover });
                })
            }
        };
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            if let Ok(upgraded) = upgrade.await
                && let Ok((stream, leftover)) = detach(upgraded, shared.config.send_buffer)
            {
                then(shared, stream, leftover);
            }
        });
        let accept = HeaderValue::from_str(&accept).map_err(|_| EngineError::BadRequest)?;
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        Ok(response)
    }
}

/// Takes the bare socket back from hyper, so that its shard can put it under its own reactor. Anything else (TLS)
/// goes on under the reactor it has.
fn detach(upgraded: Upgraded, send_buffer: Option<usize>) -> std::io::Result<(Stream, Bytes)> {
    let (io, leftover) = match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => (parts.io, parts.read_buf),
        // As hyper-util's automatic server (that of `axum::serve`) wraps it.
        Err(upgraded) => match auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => (parts.io, parts.read_buf),
            Err(upgraded) => return Ok((Stream::Other(Box::new(TokioIo::new(upgraded))), Bytes::new())),
        },
    };
    let stream = io.into_inner();
    stream.set_nodelay(true)?;
    if let Some(size) = send_buffer {
        socket2::SockRef::from(&stream).set_send_buffer_size(size)?;
    }
    Ok((Stream::Detached(stream.into_std()?), leftover))
}

/// A poll whose client hangs up ends the connection: what is sent from then on would be lost.
struct HangUp<'a> {
    shared: &'a Shared,
    shard: usize,
    key: SessionKey,
    is_due: bool,
}

impl Drop for HangUp<'_> {
    fn drop(&mut self) {
        if self.is_due {
            let reason = DisconnectReason::TransportClosed;
            self.shared.hub.inboxes()[self.shard].push(Item::Close { key: self.key, reason });
        }
    }
}

fn has_token(parts: &Parts, name: header::HeaderName, token: &str) -> bool {
    parts
        .headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(token))
}

fn text(status: StatusCode, body: Bytes) -> Answered {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refuse(refused: &Refused) -> Answered {
    let code = if refused.status == StatusCode::FORBIDDEN { EngineError::Forbidden } else { EngineError::BadRequest };
    error(refused.status, code, &refused.message)
}

fn engine_error(error_kind: EngineError) -> Answered {
    error(StatusCode::BAD_REQUEST, error_kind, error_kind.message())
}

fn error(status: StatusCode, code: EngineError, message: &str) -> Answered {
    let body = serde_json::json!({ "code": code as u8, "message": message }).to_string();
    let mut response = text(status, body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl<B> tower_service::Service<Request<B>> for Service
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Answered;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Answered, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.answer(request).await) })
    }
}
