//! The accept loop: TCP connections in, HTTP/1.1 requests to the router, and an orderly end.
//!
//! Strangers are on the other side, so everything has a bound: connections in all and from one address, the bytes of
//! a head and the time it takes, and the time that a client may refuse what is sent to it. Upgraded connections leave
//! this loop; their part keeps a clone of the [`ConnectionGuard`](super::connections::ConnectionGuard) that came with the request.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use super::connections::{ConnectionGuard, Connections};
use crate::config::Config;

/// How long accepting rests after the system had no file or memory left for a connection.
const REST: Duration = Duration::from_millis(100);
/// Connections that are told at the same time that there is no place for them; further ones are closed without a word.
const FAREWELLS: usize = 64;
/// Bytes of answers that the kernel holds without having sent them.
const MOST_UNSENT: u32 = 128 * 1024;
const FAREWELL_TIME: Duration = Duration::from_secs(1);
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 10\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 38\r\n\r\nThe server is full. Try again shortly.";

/// The bounds of [`serve`].
#[derive(Clone, Debug)]
pub struct ServeLimits {
    /// Connections at once. Beyond it a connection is answered 503 and closed.
    pub connections: usize,
    /// The same from one address; 0: no limit.
    pub connections_per_address: usize,
    /// Networks that are not counted by address.
    pub uncounted: Vec<IpNet>,
    /// How long a head may take to arrive, from the connection's begin or the last answer.
    pub header_timeout: Duration,
    /// Most bytes of a head, at least 8 KiB. Beyond it, or beyond 100 fields, the answer is 431.
    pub header_bytes: usize,
    /// A client that takes nothing of what is sent to it for so long is cut off.
    pub stall_limit: Duration,
    /// How long connections and requests may go on once nobody is let in any more.
    pub shutdown_timeout: Duration,
}

impl ServeLimits {
    /// The limits of these settings. This machine's own addresses and trusted proxies are not counted by address:
    /// all the world may come through them.
    pub fn of(config: &Config) -> Self {
        let own = [(Ipv4Addr::new(127, 0, 0, 0).into(), 8), (Ipv6Addr::LOCALHOST.into(), 128)];
        let own = own.map(|(address, bits)| IpNet::new_assert(address, bits));
        Self {
            connections: config.max_connections,
            connections_per_address: config.max_connections_per_address,
            uncounted: config.trusted_proxies.iter().copied().chain(own).collect(),
            header_timeout: config.header_timeout,
            header_bytes: config.header_bytes,
            stall_limit: config.stall_limit,
            shutdown_timeout: config.shutdown_timeout,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Open,
    /// Answers under way are finished; nothing new begins.
    Ending,
    Over,
}

/// Serves until `shutdown`. Then nobody is let in; who is there is served while `farewell` runs, and after it running
/// requests are finished and no new ones begun. What is left when the limit is over is cut.
///
/// Requests carry [`ConnectInfo<SocketAddr>`] and a [`ConnectionGuard`] in their extensions. Nothing that happens on
/// one connection, and no failure to accept one, ends the loop.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    shutdown: impl Future<Output = ()>,
    farewell: impl Future<Output = ()>,
) {
    let router = router.layer(CatchPanicLayer::custom(|_panic| sorry()));
    let connections = Connections::new(limits.connections, limits.connections_per_address, limits.uncounted.clone());
    let farewells = Arc::new(Semaphore::new(FAREWELLS));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header_timeout).max_buf_size(limits.header_bytes);
    let phase = watch::Sender::new(Phase::Open);

    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted for now");
                tokio::select! {
                    () = &mut shutdown => break,
                    () = tokio::time::sleep(REST) => continue,
                }
            }
        };
        let Some(guard) = connections.enter(peer.ip()) else {
            if let Ok(permit) = Arc::clone(&farewells).try_acquire_owned() {
                tokio::spawn(async move {
                    say_full(stream).await;
                    drop(permit);
                });
            }
            continue;
        };
        prepare(&stream, limits.stall_limit);
        tokio::spawn(converse(http.clone(), stream, peer, guard, router.clone(), phase.subscribe()));
    }

    drop(listener);
    let ended = tokio::time::timeout(limits.shutdown_timeout, async {
        farewell.await;
        phase.send_replace(Phase::Ending);
        // Every conversation holds a receiver.
        phase.closed().await;
    });
    if ended.await.is_err() {
        tracing::warn!(left = phase.receiver_count(), "what did not end in time is cut off");
        phase.send_replace(Phase::Over);
        phase.closed().await;
    }
}

/// All requests of one connection, until either side ends it or it is upgraded.
async fn converse(
    http: http1::Builder,
    stream: TcpStream,
    peer: SocketAddr,
    guard: ConnectionGuard,
    router: Router,
    mut phase: watch::Receiver<Phase>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(guard.clone());
        router.clone().oneshot(request)
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = reached(&mut phase, Phase::Ending) => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                () = reached(&mut phase, Phase::Over) => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Returns once it has come to `wanted` or further.
async fn reached(phase: &mut watch::Receiver<Phase>, wanted: Phase) {
    // It fails when the accept loop itself is gone, and then everything is over.
    let _ = phase.wait_for(|phase| *phase >= wanted).await;
}

/// Small answers go out at once, and a client that stops reading does not hold its connection for ever: the kernel
/// gives up when nothing was acknowledged, or the window stayed shut, for that long (tcp(7), `TCP_USER_TIMEOUT`). What it
/// takes without having sent it is bounded, so that who does not read is seen.
fn prepare(stream: &TcpStream, stall_limit: Duration) {
    let socket = SockRef::from(stream);
    let prepared = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(stall_limit)))
        .and_then(|()| socket.set_tcp_notsent_lowat(MOST_UNSENT));
    if let Err(error) = prepared {
        // It was closed meanwhile, which its conversation will find out.
        tracing::debug!(%error, "a socket option could not be set");
    }
}

/// The answer to whoever comes when all places are taken. Closing with unread input would reset the connection and
/// throw the answer away with it, so a little of what the client says is heard out.
async fn say_full(mut stream: TcpStream) {
    let farewell = async {
        stream.write_all(FULL).await?;
        stream.shutdown().await?;
        let mut scrap = [0; 1024];
        for _ in 0..16 {
            if stream.read(&mut scrap).await? == 0 {
                break;
            }
        }
        Ok::<_, io::Error>(())
    };
    // It is closed either way.
    let _ = tokio::time::timeout(FAREWELL_TIME, farewell).await;
}

/// Errors of a connection that was given up before it was accepted; others are ours, and stay (accept(2)).
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// The answer when a handler panicked. The panic itself is on stderr and goes no further.
fn sorry() -> Response<Body> {
    let mut answer = Response::new(Body::from("Something went wrong on our side. Please try again.\n"));
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, plain);
    answer
}

#[cfg(test)]
mod tests;
