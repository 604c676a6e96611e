//! Speaking to many at once, and finding them.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::oneshot;

use crate::binary::Args;
use crate::frame::Frame;
use crate::hub::{EVERYBODY, Hub, Selection};
use crate::inbox::Item;
use crate::socket::Socket;

/// Sockets of a namespace: of one room or several, or all. What is published to a room arrives at all of its members in
/// the same order.
///
/// ```
/// use gifchat_realtime::{Config, Namespace, Realtime};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let chat = Namespace::new("/chat").on("enter", |socket, event| async move {
///     if let Some(room) = event.arg::<String>(0) {
///         socket.join(&room);
///         let _ = socket.to(&room).emit("news", "to the others in the room");
///         let _ = socket.within(&room).emit("news", "to all in the room");
///         let _ = socket.broadcast().emit("news", "to all others of the namespace");
///     }
/// });
/// let realtime = Realtime::builder(Config::default()).namespace(chat).build()?;
/// # use futures_util::{SinkExt, StreamExt};
/// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
/// # let server = realtime.clone();
/// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
/// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
/// # client.send("40/chat,".into()).await?;
/// # client.send(r#"42/chat,["enter","red"]"#.into()).await?;
/// # while client.next().await.ok_or("closed")??.to_text()? != r#"42/chat,["news","to all in the room"]"# {}
///
/// // From anywhere else:
/// realtime.to("/chat", "red").emit("news", "to a room")?;
/// realtime.to("/chat", "red").to("blue").except_room("quiet").emit("news", "once to each of them")?;
/// realtime.to_all("/chat").except(&["a socket's id"]).emit("news", "to the namespace")?;
/// realtime.to("/chat", "red").except_room("of ann").volatile().emit("typing", "to the others, who may miss it")?;
/// realtime.to_all("/chat").volatile().emit("typing", "only to who can take it now")?;
/// # while client.next().await.ok_or("closed")??.to_text()? != r#"42/chat,["typing","only to who can take it now"]"# {}
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Broadcast<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) namespace: &'a str,
    room: &'a str,
    more: Vec<&'a str>,
    pub(crate) except_rooms: Vec<&'a str>,
    pub(crate) except: Vec<Arc<str>>,
    is_volatile: bool,
}

impl<'a> Broadcast<'a> {
    pub(crate) fn new(hub: &'a Hub, namespace: &'a str, room: &'a str) -> Self {
        Self { hub, namespace, room, more: vec![], except_rooms: vec![], except: vec![], is_volatile: false }
    }

    /// One more room. Who is in several of them is reached once.
    #[must_use]
    pub fn to(mut self, room: &'a str) -> Self {
        if self.room == EVERYBODY {
            self.room = room;
        } else {
            self.more.push(room);
        }
        self
    }

    /// Leaves out the sockets of these public ids.
    #[must_use]
    pub fn except(mut self, ids: &[&str]) -> Self {
        self.except.extend(ids.iter().map(|&id| Arc::from(id)));
        self
    }

    /// Leaves out who is in that room, or held in it: for example all connections of one person, if each person has a room.
    /// That looks at every member, so it costs more than [`Broadcast::except`] does.
    #[must_use]
    pub fn except_room(mut self, room: &'a str) -> Self {
        self.except_rooms.push(room);
        self
    }

    pub(crate) fn but(mut self, id: Arc<str>) -> Self {
        self.except.push(id);
        self
    }

    /// Only to those who can take it at once: a hint that may be lost. Nothing else is ever left out.
    #[must_use]
    pub fn volatile(mut self) -> Self {
        self.is_volatile = true;
        self
    }

    /// Only sockets of this process. That is always so: the crate knows of no other.
    #[must_use]
    pub fn local(self) -> Self {
        self
    }

    /// Encodes an event with one argument once, and sends it to all.
    ///
    /// # Errors
    /// When `arg` does not become JSON.
    pub fn emit<T: Serialize + ?Sized>(self, event: &str, arg: &T) -> Result<(), serde_json::Error> {
        let frame = Frame::event(self.namespace, event, arg)?;
        self.emit_frame(&frame);
        Ok(())
    }

    /// The same with any number of arguments.
    ///
    /// # Errors
    /// As [`Broadcast::emit`].
    pub fn emit_with(self, event: &str, args: &Args) -> Result<(), serde_json::Error> {
        let frame = Frame::event_with(self.namespace, event, args)?;
        self.emit_frame(&frame);
        Ok(())
    }

    /// Sends what was encoded before, for the same namespace.
    pub fn emit_frame(self, frame: &Frame) {
        let is_volatile = self.is_volatile;
        if self.more.is_empty() && self.except_rooms.is_empty() {
            return self.hub.publish(self.namespace, self.room, frame, &self.except, is_volatile);
        }
        let selection = self.select();
        let cast = || Item::Cast { selection: Arc::clone(&selection), frame: frame.clone(), is_volatile };
        self.hub.tell(&selection, cast);
    }

    /// The sockets that are meant. Who joins or leaves meanwhile may be among them or not.
    ///
    /// ```
    /// use gifchat_realtime::{Config, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let lobby = Namespace::new("/").on_connected(|socket| async move {
    ///     socket.join("lobby");
    ///     let _ = socket.emit("entered", "lobby");
    /// });
    /// let realtime = Realtime::builder(Config::default()).namespace(lobby).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
    /// # let server = realtime.clone();
    /// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # client.send(r#"40"#.into()).await?;
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"42["entered","lobby"]"# {}
    /// for socket in realtime.to("/", "lobby").sockets().await {
    ///     socket.join("game");
    ///     socket.leave("lobby");
    /// }
    /// assert_eq!(realtime.to("/", "game").sockets().await.len(), 1);
    /// assert!(realtime.to("/", "lobby").sockets().await.is_empty());
    ///
    /// // Without looking at them first:
    /// realtime.to("/", "game").join("late");
    /// realtime.to_all("/").disconnect();
    /// # while client.next().await.ok_or("closed")??.to_text()? != r#"41"# {}
    /// # Ok(())
    /// # }
    /// ```
    pub async fn sockets(self) -> Vec<Socket> {
        let found = Arc::new(Mutex::new(Vec::new()));
        let mut ends = Vec::new();
        let selection = self.select();
        self.hub.tell(&selection, || {
            let found = Arc::clone(&found);
            let (done, end) = oneshot::channel::<()>();
            ends.push(end);
            let act = Box::new(move |socket: &Socket| {
                // Dropped with this closure, when all have been visited.
                let _ = &done;
                found.lock().unwrap_or_else(PoisonError::into_inner).push(socket.clone());
            });
            Item::Visit { selection: Arc::clone(&selection), act }
        });
        for end in ends {
            let _ = end.await;
        }
        std::mem::take(&mut found.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets all of them join a room.
    pub fn join(self, room: &str) {
        self.each(|room| Box::new(move |socket| socket.join(&room)), room);
    }

    /// Lets all of them leave a room.
    pub fn leave(self, room: &str) {
        self.each(|room| Box::new(move |socket| socket.leave(&room)), room);
    }

    /// [`Socket::disconnect`] for all of them.
    pub fn disconnect(self) {
        self.each(|_| Box::new(Socket::disconnect), "");
    }

    /// [`Socket::close`] for all of them.
    pub fn close(self) {
        self.each(|_| Box::new(Socket::close), "");
    }

    fn each(self, act: impl Fn(String) -> Box<dyn FnMut(&Socket) + Send>, room: &str) {
        let selection = self.select();
        self.hub.tell(&selection, || Item::Visit { selection: Arc::clone(&selection), act: act(room.to_owned()) });
    }

    fn select(&self) -> Arc<Selection> {
        Arc::new(self.hub.select(self.namespace, &self.rooms(), &self.except_rooms, &self.except))
    }

    pub(crate) fn rooms(&self) -> Vec<&'a str> {
        std::iter::once(self.room).chain(self.more.iter().copied()).collect()
    }
}
