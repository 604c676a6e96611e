//! The WebSocket below Socket.IO and `/ws`: text frames, with little memory.

use futures_util::{SinkExt, StreamExt};
use reqwest::header::{COOKIE, HeaderValue};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::link::{Loss, Target};

/// Ten thousand of them are open at once.
const BUFFER: usize = 4096;

#[derive(Debug)]
pub struct WebSocket(WebSocketStream<TcpStream>);

impl WebSocket {
    pub async fn open(target: &Target, path: &str) -> Result<Self, Loss> {
        let address = target.http.address();
        let mut request = format!("ws://{address}{path}").into_client_request().map_err(Loss::network)?;
        let cookie = HeaderValue::from_str(&target.person.cookie).map_err(Loss::network)?;
        request.headers_mut().insert(COOKIE, cookie);
        let stream = TcpStream::connect(address).await.map_err(Loss::network)?;
        stream.set_nodelay(true).map_err(Loss::network)?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(BUFFER);
        let opened = tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await;
        Ok(Self(opened.map_err(Loss::network)?.0))
    }

    /// The next text; `None` for what keeps the connection alive.
    pub async fn next(&mut self) -> Result<Option<Utf8Bytes>, Loss> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Ok(Some(text)),
            Some(Ok(Message::Close(Some(close)))) => Err(Loss::Refused(format!("close {}", close.code))),
            Some(Ok(Message::Close(None))) => Err(Loss::Refused(String::from("close"))),
            Some(Ok(Message::Binary(_))) => Err(Loss::Nonsense(String::from("a binary frame"))),
            // Its pong goes out now, or it waits for the next time that we have something to say.
            Some(Ok(_)) => {
                self.flush().await?;
                Ok(None)
            }
            Some(Err(error)) => Err(Loss::network(error)),
            None => Err(Loss::Network(String::from("end of stream"))),
        }
    }

    /// Gathers a frame for the next flush.
    pub async fn feed(&mut self, text: String) -> Result<(), Loss> {
        self.0.feed(Message::text(text)).await.map_err(Loss::network)
    }

    pub async fn flush(&mut self) -> Result<(), Loss> {
        self.0.flush().await.map_err(Loss::network)
    }
}
