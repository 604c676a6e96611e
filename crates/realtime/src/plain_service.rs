//! WebSockets without Engine.IO, as a service.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::request::Parts;
use http::{Request, StatusCode};

use crate::encoding::{Dialect, Encoding};
use crate::handshake;
use crate::inbox::Item;
use crate::service::{Answered, admit, refuse, text};
use crate::session::{NewLink, NewSession};
use crate::shared::{Named, Shared};

/// A tower service that opens WebSockets without Engine.IO ([`crate::Realtime::plain_service`],
/// [`crate::Realtime::raw_service`]).
#[derive(Clone)]
pub struct PlainService {
    shared: Arc<Shared>,
    namespace: Named,
    dialect: Dialect,
}

impl PlainService {
    pub(crate) fn new(shared: Arc<Shared>, namespace: Named, dialect: Dialect) -> Self {
        Self { shared, namespace, dialect }
    }

    fn answer(&self, parts: &mut Parts) -> Answered {
        let shared = &self.shared;
        if let Err(refused) = (shared.guard)(parts) {
            return refuse(&refused);
        }
        let Some(shake) = handshake::begin(parts) else {
            let mut answered = text(StatusCode::UPGRADE_REQUIRED, Bytes::from_static(b"This is a WebSocket."));
            answered.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            answered.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            return answered;
        };
        let (peer, permit) = match admit(shared, parts) {
            Ok(admitted) => admitted,
            Err(refused) => return refuse(&refused),
        };
        shake.complete(&shared.config, Duration::ZERO, {
            let (shared, namespace, dialect) = (Arc::clone(shared), self.namespace.clone(), self.dialect);
            move |upgraded| {
                let Some((stream, leftover)) = upgraded else { return };
                let (key, shard) = shared.next_session();
                let link = NewLink::Plain { stream, leftover, namespace };
                let session = NewSession { key, peer, permit, dialect, encoding: Encoding::Plain, link };
                shared.hub.inboxes()[shard].push(Item::Open(Box::new(session)));
            }
        })
    }
}

impl<B> tower_service::Service<Request<B>> for PlainService {
    type Response = Answered;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Answered, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        std::future::ready(Ok(self.answer(&mut request.into_parts().0)))
    }
}

impl std::fmt::Debug for PlainService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlainService")
    }
}
