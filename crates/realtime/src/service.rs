//! The HTTP side: handshakes, polling requests, upgrades to WebSocket, the client's script.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use serde::Serialize;
use tokio::sync::oneshot;
use tower_layer::Layer;

use crate::admission::Refused;
use crate::client;
use crate::encoding::{Dialect, Encoding};
use crate::frame::Frame;
use crate::handshake;
use crate::ids::random_id;
use crate::inbox::Item;
use crate::permit::Permit;
use crate::polling::{Answer, Body, EngineError};
use crate::reason::DisconnectReason;
use crate::session::{NewLink, NewSession, SessionKey};
use crate::shared::Shared;

pub(crate) type Answered = Response<Full<Bytes>>;

/// A tower service that answers all requests below [`crate::Config::path`].
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

/// The query of a request, as far as it matters here.
struct Query<'a> {
    encoding: Option<Encoding>,
    transport: &'a str,
    sid: Option<&'a str>,
}

impl<'a> Query<'a> {
    fn parse(query: &'a str) -> Self {
        let (mut version, mut is_base64, mut transport, mut sid) = ("", false, "", None);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "EIO" => version = value,
                "transport" => transport = value,
                "sid" => sid = Some(value),
                "b64" => is_base64 = !matches!(value, "" | "0" | "false"),
                _ => {}
            }
        }
        let encoding = match (version, is_base64) {
            ("4", false) => Some(Encoding::Engine4),
            ("4", true) => Some(Encoding::Engine4Base64),
            ("3", false) => Some(Encoding::Engine3),
            ("3", true) => Some(Encoding::Engine3Base64),
            _ => None,
        };
        Self { encoding, transport, sid }
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
        let answered = match (query.encoding, query.transport, query.sid) {
            (None, _, _) => Err(EngineError::UnsupportedVersion),
            (Some(encoding), "polling", None) => self.open_polling(&parts, encoding).await,
            (Some(_), "polling", Some(sid)) => match parts.method {
                Method::GET => self.poll(sid).await,
                Method::POST => Ok(self.payload(sid, &parts, body).await),
                _ => Err(EngineError::BadRequest),
            },
            (Some(encoding), "websocket", sid) => self.websocket(&mut parts, encoding, sid),
            _ => Err(EngineError::UnknownTransport),
        };
        let mut answered = answered.unwrap_or_else(engine_error);
        if let Some(headers) = &self.shared.headers {
            headers(&parts, answered.headers_mut(), query.sid.is_none());
        }
        answered
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

    fn dialect(&self) -> Dialect {
        if self.shared.engine.is_some() { Dialect::EngineIo } else { Dialect::SocketIo }
    }

    async fn open_polling(&self, parts: &Parts, encoding: Encoding) -> Result<Answered, EngineError> {
        if parts.method != Method::GET {
            return Err(EngineError::BadMethod);
        }
        let (peer, permit) = match admit(&self.shared, parts) {
            Ok(admitted) => admitted,
            Err(refused) => return Ok(refuse(&refused)),
        };
        let sid: Arc<str> = random_id().into();
        let (key, shard) = self.shared.next_session();
        self.shared.registry.insert(Arc::clone(&sid), shard, key);
        let open = self.open_packet(&sid, &["websocket"]);
        let mut answered = payload(open_body(&open, encoding));
        self.set_cookie(&mut answered, &sid);
        let (opened, is_open) = oneshot::channel();
        let link = NewLink::Polling { sid, opened: encoding.is_version_3().then_some(opened) };
        let session = NewSession { key, peer, permit, dialect: self.dialect(), encoding, link };
        self.shared.hub.inboxes()[shard].push(Item::Open(Box::new(session)));
        if encoding.is_version_3() {
            let _ = is_open.await;
        }
        Ok(answered)
    }

    fn set_cookie(&self, answered: &mut Answered, sid: &str) {
        let Some(name) = &self.shared.config.cookie else { return };
        if let Ok(cookie) = HeaderValue::from_str(&format!("{name}={sid}; Path=/; HttpOnly; SameSite=Lax")) {
            answered.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    async fn poll(&self, sid: &str) -> Result<Answered, EngineError> {
        let (shard, key) = self.shared.registry.find(sid).ok_or(EngineError::UnknownSession)?;
        let (answer, answered) = oneshot::channel();
        self.shared.hub.inboxes()[shard].push(Item::Poll { key, answer });
        let mut hang_up = HangUp { shared: &self.shared, shard, key, is_due: true };
        let answered = answered.await;
        hang_up.is_due = false;
        match answered {
            Ok(Answer::Payload(body)) => Ok(payload(body)),
            Ok(Answer::Taken) => Ok(text(StatusCode::OK, Bytes::from_static(b"6"))),
            Ok(Answer::Refused(error)) => Err(error),
            Err(_) => Err(EngineError::UnknownSession),
        }
    }

    async fn payload<B>(&self, sid: &str, parts: &Parts, body: B) -> Answered
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
        let is_binary =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(OCTETS.as_bytes()));
        let (answer, answered) = oneshot::channel();
        self.shared.hub.inboxes()[shard].push(Item::Payload { key, body, is_binary, answer });
        match answered.await {
            Ok(Answer::Taken | Answer::Payload(_)) => text(StatusCode::OK, Bytes::from_static(b"ok")),
            Ok(Answer::Refused(error)) => engine_error(error),
            Err(_) => engine_error(EngineError::UnknownSession),
        }
    }

    fn websocket(&self, parts: &mut Parts, encoding: Encoding, sid: Option<&str>) -> Result<Answered, EngineError> {
        let shake = handshake::begin(parts).ok_or(EngineError::BadRequest)?;
        let shared = &self.shared;
        let Some(sid) = sid else {
            let (peer, permit) = match admit(shared, parts) {
                Ok(admitted) => admitted,
                Err(refused) => return Ok(refuse(&refused)),
            };
            let sid = random_id();
            let open = self.open_packet(&sid, &[]);
            let dialect = self.dialect();
            let mut answered = shake.complete(&shared.config, shared.config.first_packet_delay, {
                let shared = Arc::clone(shared);
                move |upgraded| {
                    let Some((stream, leftover)) = upgraded else { return };
                    let (key, shard) = shared.next_session();
                    let link = NewLink::WebSocket { stream, leftover, open };
                    let session = NewSession { key, peer, permit, dialect, encoding, link };
                    shared.hub.inboxes()[shard].push(Item::Open(Box::new(session)));
                }
            });
            self.set_cookie(&mut answered, &sid);
            return Ok(answered);
        };
        let (shard, key) = shared.registry.find(sid).ok_or(EngineError::UnknownSession)?;
        let inbox = Arc::clone(&shared.hub.inboxes()[shard]);
        // Said before the client can be: a poll that it sends behind its first words must not overtake them.
        inbox.push(Item::Probing { key });
        Ok(shake.complete(&shared.config, Duration::ZERO, move |upgraded| {
            inbox.push(Item::Probe { key, upgraded: upgraded.map(Box::new) })
        }))
    }
}

pub(crate) type Admitted = (Arc<dyn std::any::Any + Send + Sync>, Permit);

pub(crate) fn admit(shared: &Shared, parts: &Parts) -> Result<Admitted, Refused> {
    let admission = (shared.admit)(parts)?;
    Ok((admission.peer, shared.permit(admission.address)?))
}

fn open_body(open: &Frame, encoding: Encoding) -> Body {
    let bytes = open.text().unwrap_or_default();
    crate::polling::join(&[crate::outbox::Piece { bytes, packets: 1, is_binary: false }], encoding)
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

const OCTETS: &str = "application/octet-stream";

/// Packets for a client.
fn payload(body: Body) -> Answered {
    let mut answered = text(StatusCode::OK, body.bytes);
    if body.is_binary {
        answered.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(OCTETS));
    }
    answered
}

pub(crate) fn text(status: StatusCode, body: Bytes) -> Answered {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=UTF-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(crate) fn refuse(refused: &Refused) -> Answered {
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

/// The service below what answers for other origins.
#[derive(Clone)]
struct Inner(Service);

type Answering = Pin<Box<dyn Future<Output = Result<Answered, Infallible>> + Send>>;

impl<B> tower_service::Service<Request<B>> for Inner
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Answered;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.0.clone();
        Box::pin(async move { Ok(service.answer(request).await) })
    }
}

impl<B> tower_service::Service<Request<B>> for Service
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Answered;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut inner = Inner(self.clone());
        match &self.shared.cors {
            Some(layer) => Box::pin(layer.layer(inner).call(request)),
            None => inner.call(request),
        }
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}
