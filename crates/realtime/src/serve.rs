//! A small HTTP server around the service, for programs that bring none: with the time-outs that strangers call for.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_service::Service;

use crate::options::Options;
use crate::server::Realtime;

/// How long accepting rests after the system had no file or memory left for a connection.
const REST: Duration = Duration::from_millis(100);

impl Realtime {
    /// Serves HTTP/1.1 until `shutdown`, then ends everything in order: no new connections, [`Realtime::shutdown`],
    /// requests under way. `service` is what answers: [`Realtime::service`] itself, or a router that has it in it.
    /// Requests carry the peer's [`std::net::SocketAddr`] as an extension.
    ///
    /// A connection whose request's head does not come within [`crate::Config::header_timeout`] is closed, and so is one
    /// that takes nothing of what is sent to it within twice [`crate::Config::stall_limit`].
    ///
    /// ```
    /// use gifchat_realtime::{Config, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let news = Namespace::new("/").on_disconnect(|_, reason| async move { println!("{reason}") });
    /// let realtime = Realtime::builder(Config::default()).namespace(news).build()?;
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    /// let server = realtime.clone();
    /// let serving = tokio::spawn(async move {
    ///     server.serve(listener, server.service(), async { drop(stopped.await) }).await;
    /// });
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"40"#.into()).await?;
    /// # while !client.next().await.ok_or("closed")??.to_text()?.starts_with(r#"40{"sid":"#) {}
    /// assert_eq!(realtime.connections(), 1);
    /// drop(stop);
    /// serving.await?;
    /// assert_eq!(realtime.connections(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn serve<S, B>(&self, listener: TcpListener, service: S, shutdown: impl Future<Output = ()>)
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>> + Send,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let config = self.config();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(config.header_timeout);
        // Connections have what their listener has.
        let _ = Options::of(config).set(SockRef::from(&listener));
        let ending = watch::Sender::new(());
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
                    tokio::time::sleep(REST).await;
                    continue;
                }
            };
            let service = TowerToHyperService::new(WithPeer { inner: service.clone(), peer });
            let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
            let mut ended = ending.subscribe();
            tokio::spawn(async move {
                let mut connection = pin!(connection);
                // Its end, whichever, is of no consequence to anybody else.
                tokio::select! {
                    _ = connection.as_mut() => return,
                    _ = ended.changed() => connection.as_mut().graceful_shutdown(),
                }
                let _ = connection.await;
            });
        }
        drop(listener);
        self.shutdown().await;
        ending.send_replace(());
        // Every conversation holds a receiver.
        let _ = tokio::time::timeout(config.flush_timeout, ending.closed()).await;
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// The connection of a request has its options already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prepared;

/// Puts what is known of its connection into each request.
#[derive(Clone)]
struct WithPeer<S> {
    inner: S,
    peer: std::net::SocketAddr,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for WithPeer<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.peer);
        request.extensions_mut().insert(Prepared);
        self.inner.call(request)
    }
}
