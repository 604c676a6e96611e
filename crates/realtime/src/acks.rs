//! Acknowledgements of events that a client was sent.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::oneshot;

use crate::binary::Args;
use crate::encoding::Dialect;
use crate::frame::Frame;
use crate::namespace::Incoming;
use crate::socket::{CONNECTED, Socket};

#[derive(Default)]
pub(crate) struct Acks {
    next: u64,
    pub(crate) waiting: HashMap<u64, oneshot::Sender<Incoming>>,
}

/// Why an acknowledgement did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AckError {
    #[error("no acknowledgement in time")]
    TimedOut,
    #[error("the client is gone")]
    Disconnected,
    #[error("the client owes too many acknowledgements")]
    TooMany,
    #[error("the argument does not become JSON")]
    NotJson,
    #[error("this client cannot acknowledge: it does not speak Socket.IO")]
    Unsupported,
}

impl Socket {
    /// Sends an event with one argument and waits for the client's acknowledgement of it.
    ///
    /// Awaited in a handler it holds up the next events of this client; in a task of its own it does not.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gifchat_realtime::{AckError, Config, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let curious = Namespace::new("/").on_connected(|socket| async move {
    ///     tokio::spawn(async move {
    ///         match socket.emit_with_ack("question", "favourite colour?", Duration::from_secs(5)).await {
    ///             Ok(answer) => drop(socket.emit("noted", &answer.arg::<String>(0))),
    ///             Err(AckError::TimedOut) => socket.disconnect(),
    ///             Err(error) => println!("{error}"),
    ///         }
    ///     });
    /// });
    /// let realtime = Realtime::builder(Config::default()).namespace(curious).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"40"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"421["question","favourite colour?"]"# {}
    /// # client.send(r#"431["red"]"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"42["noted","red"]"# {}
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`AckError`].
    pub async fn emit_with_ack<T: Serialize + ?Sized>(
        &self,
        event: &str,
        arg: &T,
        patience: Duration,
    ) -> Result<Incoming, AckError> {
        let args = Args::of(arg).map_err(|_| AckError::NotJson)?;
        self.emit_with_and_ack(event, &args, patience).await
    }

    /// The same with any number of arguments.
    ///
    /// # Errors
    /// See [`AckError`].
    pub async fn emit_with_and_ack(&self, event: &str, args: &Args, patience: Duration) -> Result<Incoming, AckError> {
        if self.0.dialect != Dialect::SocketIo {
            return Err(AckError::Unsupported);
        }
        let (id, answer) = {
            let mut acks = self.acks();
            if self.state() > CONNECTED {
                return Err(AckError::Disconnected);
            }
            if acks.waiting.len() >= self.0.max_acks {
                return Err(AckError::TooMany);
            }
            acks.next += 1;
            let id = acks.next;
            let (sender, answer) = oneshot::channel();
            acks.waiting.insert(id, sender);
            (id, answer)
        };
        // Forgets the ack when this future is dropped, too.
        let _forget = Forget { socket: self, id };
        let frame = Frame::event_asking(self.namespace(), Some(id), event, args).map_err(|_| AckError::NotJson)?;
        self.emit_frame(frame);
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(incoming)) => Ok(incoming),
            Ok(Err(_)) => Err(AckError::Disconnected),
            Err(_) => Err(AckError::TimedOut),
        }
    }

    pub(crate) fn acknowledged(&self, id: u64, args: Args) {
        if let Some(waiting) = self.acks().waiting.remove(&id) {
            let _ = waiting.send(Incoming { name: String::new(), args, ack: None });
        }
    }

    pub(crate) fn acks(&self) -> std::sync::MutexGuard<'_, Acks> {
        self.0.acks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Forget<'a> {
    socket: &'a Socket,
    id: u64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.socket.acks().waiting.remove(&self.id);
    }
}
