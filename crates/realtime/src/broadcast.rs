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
/// ```no_run
/// # use gifchat_realtime::{Realtime, Socket};
/// # async fn run(realtime: Realtime, socket: Socket) -> Result<(), serde_json::Error> {
/// realtime.to("/chat", "red").emit("news", "to one room")?;
/// realtime.to("/chat", "red").to("blue").except_room("quiet").emit("news", "once to each of them")?;
/// realtime.to_all("/chat").volatile().emit("typing", "only to who can take it now")?;
/// socket.to("red").emit("news", "to the others")?;
/// for socket in realtime.to("/chat", "red").sockets().await {
///     socket.join("crimson");
/// }
/// realtime.to("/chat", "blue").join("navy");
/// realtime.to("/chat", "black").disconnect();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Broadcast<'a> {
    hub: &'a Hub,
    namespace: &'a str,
    room: &'a str,
    more: Vec<&'a str>,
    except_rooms: Vec<&'a str>,
    except: Vec<Arc<str>>,
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

    /// Leaves out who is in that room.
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
        let rooms: Vec<&str> = std::iter::once(self.room).chain(self.more.iter().copied()).collect();
        Arc::new(self.hub.select(self.namespace, &rooms, &self.except_rooms, &self.except))
    }
}
