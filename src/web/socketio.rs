//! The chat over Socket.IO, namespaces `/room` (the lobby) and `/chat`, and over plain WebSocket, which has the
//! commands of `/chat` and one for the lobby.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gifchat_realtime::{Admission, DisconnectReason, Frame, Incoming, Namespace, Realtime, Refused, Socket};
use http::request::Parts;
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::connections::ConnectionGuard;
use super::error::Problem;
use super::negotiate::language;
use super::proxies::Client;
use super::{Origins, Sessions};
use crate::bus::Listener;
use crate::chat::{Chat, Error, Visitor};
use crate::domain::{Event, Lang, Message, Refusal, RoomId};
use crate::presence::Place;
use crate::wire::{self, Join, MessageView, RefusedView, RoomsView, SnapshotView};

const LOBBY: &str = "/room";
pub(super) const CHAT: &str = "/chat";

/// Posts of one connection that wait for the disk together. Beyond them the client waits: nobody fills the store's queue alone.
const UNDER_WAY: usize = 64;

/// Who is at the other end of a connection: read once, from its first request.
#[derive(Debug)]
struct Peer {
    /// `None` without a signed cookie: they can watch the lobby and no more.
    visitor: Option<Visitor>,
    lang: Lang,
    /// The room whose page opened the connection, as the oldest pages have it.
    page: Option<RoomId>,
    /// Room for posts under way.
    posts: Semaphore,
    /// Counts the connection for as long as it lives, also after it has left the accept loop's hands.
    _counted: Option<ConnectionGuard>,
}

/// The place a socket has. One at a time: joins and exits do not say which room they are of.
type Seat = Mutex<Option<Place>>;

/// The sockets' way to the chat, which is built after them because it publishes to them.
#[derive(Clone, Debug, Default)]
pub struct Hall(Arc<Mutex<Option<Inside>>>);

#[derive(Clone, Debug)]
struct Inside {
    chat: Arc<Chat>,
    realtime: Realtime,
}

impl Hall {
    /// Lets the sockets use the chat; until then every command is answered with "busy".
    pub fn open(&self, chat: Arc<Chat>, realtime: Realtime) {
        *self.door() = Some(Inside { chat, realtime });
    }

    /// The end: the sockets and the chat no longer hold each other.
    pub fn close(&self) {
        *self.door() = None;
    }

    fn inside(&self) -> Result<Inside, Problem> {
        self.door().clone().ok_or(Problem::BUSY)
    }

    fn door(&self) -> MutexGuard<'_, Option<Inside>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the Socket.IO server.
///
/// # Errors
/// When its threads cannot be started.
pub fn open(
    config: gifchat_realtime::Config,
    hall: &Hall,
    sessions: Sessions,
    origins: Origins,
) -> std::io::Result<Realtime> {
    let chat = Namespace::new(CHAT)
        .on_connected({
            let hall = hall.clone();
            move |socket| {
                let hall = hall.clone();
                async move { arrive(&hall, &socket).await }
            }
        })
        .on(wire::name::JOIN, {
            let hall = hall.clone();
            move |socket, incoming| {
                let hall = hall.clone();
                async move { join(&hall, &socket, incoming).await }
            }
        })
        .on(wire::name::CHAT, {
            let hall = hall.clone();
            move |socket, incoming| {
                let hall = hall.clone();
                async move { post(&hall, &socket, incoming).await }
            }
        })
        .on(wire::name::ROOMS, {
            let hall = hall.clone();
            move |socket, incoming| {
                let hall = hall.clone();
                async move { rooms(&hall, &socket, incoming) }
            }
        })
        .on_other(|socket, incoming| async move { unknown(&socket, incoming) })
        .on_disconnect(|socket, reason| async move { leave(&socket, reason) });
    Realtime::builder(config)
        .guard(move |parts| guard(parts, &origins))
        .admit(move |parts| admit(parts, &sessions))
        .namespace(Namespace::new(LOBBY))
        .namespace(chat)
        .build()
}

/// What the bus tells, told to the sockets.
pub fn listener(realtime: Realtime) -> Listener {
    Box::new(move |event| {
        let (name, payload) = wire::event(event);
        match event {
            Event::RoomCreated(_) | Event::RoomUpdated(_) => publish(&realtime, LOBBY, None, name, &payload),
            Event::RoomRemoved(room) => {
                publish(&realtime, LOBBY, None, name, &payload);
                publish(&realtime, CHAT, Some(*room), name, &payload);
            }
            Event::Whispered(_) | Event::Typing { .. } | Event::RaidWatch { .. } => {}
            Event::Joined { room, .. }
            | Event::Left { room, .. }
            | Event::Away { room, .. }
            | Event::Head { room, .. } => {
                publish(&realtime, CHAT, Some(*room), name, &payload);
            }
            Event::Posted(message) => match Frame::event(CHAT, name, &payload) {
                Ok(frame) => realtime.to(CHAT, &message.room.to_string()).emit_frame(&number(frame, message)),
                Err(error) => tracing::error!(%error, name, "an event does not become JSON"),
            },
        }
    })
}

fn publish(realtime: &Realtime, namespace: &str, room: Option<RoomId>, name: &str, payload: &impl Serialize) {
    match Frame::event(namespace, name, payload) {
        Ok(frame) => match room {
            Some(room) => realtime.to(namespace, &room.to_string()).emit_frame(&frame),
            None => realtime.to_all(namespace).emit_frame(&frame),
        },
        Err(error) => tracing::error!(%error, name, "an event does not become JSON"),
    }
}

/// In event streams a message's `seq` is its `id`.
pub(super) fn number(frame: Frame, message: &Message) -> Frame {
    frame.with_id(message.seq.unsigned_abs())
}

/// Before anything else of any request: no page of another origin opens a connection, or speaks in one.
fn guard(parts: &Parts, origins: &Origins) -> Result<(), Refused> {
    let allowed = client(parts).is_some_and(|client| origins.allow(client, &parts.headers));
    if allowed { Ok(()) } else { Err(Refused::new(StatusCode::FORBIDDEN, "cross-origin")) }
}

fn admit(parts: &Parts, sessions: &Sessions) -> Result<Admission, Refused> {
    let client = client(parts).ok_or(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "internal"))?;
    Ok(Admission::new(Peer {
        visitor: sessions.visitor(client, &parts.headers),
        lang: language(&parts.headers),
        page: parts.headers.get(header::REFERER).and_then(|referer| page_of(referer.to_str().ok()?)),
        posts: Semaphore::new(UNDER_WAY),
        _counted: parts.extensions.get().cloned(),
    }))
}

/// The reader of an event stream; the connection that carries it is counted where it was accepted.
pub(super) fn reader(visitor: Visitor, lang: Lang) -> Admission {
    Admission::new(Peer { visitor: Some(visitor), lang, page: None, posts: Semaphore::new(UNDER_WAY), _counted: None })
}

fn client(parts: &Parts) -> Option<&Client> {
    parts.extensions.get()
}

/// The room in the address of a room's page. Which host it names does not matter: it gives no right.
fn page_of(referer: &str) -> Option<RoomId> {
    let path = referer.split(['?', '#']).next()?;
    let (before, id) = path.trim_end_matches('/').rsplit_once('/')?;
    before.ends_with("/room").then_some(())?;
    id.parse().ok()
}

/// Gives a socket what it is to sit on.
pub(super) fn prepare(socket: &Socket) {
    socket.set(Seat::default());
}

/// The oldest pages do not ask to join: they are in the room whose page they are.
async fn arrive(hall: &Hall, socket: &Socket) {
    prepare(socket);
    let Some((room, visitor)) = socket.peer::<Peer>().and_then(|peer| Some((peer.page?, peer.visitor.as_ref()?)))
    else {
        return;
    };
    let Ok(inside) = hall.inside() else { return };
    match inside.chat.take_place(&visitor.caller, room, || socket.join(&room.to_string())).await {
        Ok((place, _)) => sit(socket, place),
        Err(error) => tracing::debug!(%room, %error, "a page's room was not joined"),
    }
}

async fn join(hall: &Hall, socket: &Socket, incoming: Incoming) {
    let entered = async {
        let Join { room, since } = Join::read(&argument(&incoming))?;
        let caller = &visitor(socket)?.caller;
        let topic = room.to_string();
        let entered = hall.inside()?.chat.enter(caller, room, since, || socket.hold(&topic)).await;
        Ok(entered.inspect_err(|_| {
            if seat(socket).as_ref().is_some_and(|place| place.room() == room) {
                socket.release(&topic, Vec::new(), None);
            } else {
                socket.leave(&topic);
            }
        })?)
    };
    match entered.await {
        Ok((place, snapshot)) => {
            sit(socket, place);
            let topic = snapshot.room.id.to_string();
            match incoming.into_ack(&SnapshotView::new(&snapshot)) {
                // Who does not ask what was before hears everything since it asked.
                Ok(None) => socket.release(&topic, Vec::new(), None),
                Ok(Some(ack)) => socket.release(&topic, vec![ack], Some(snapshot.position.seq.unsigned_abs())),
                Err(error) => {
                    tracing::error!(%error, "an answer does not become JSON");
                    socket.release(&topic, Vec::new(), None);
                }
            }
        }
        Err(problem) => refuse(socket, incoming, &problem),
    }
}

/// The acknowledgement follows when the message is on disk; the next event of the client does not wait for that.
async fn post(hall: &Hall, socket: &Socket, incoming: Incoming) {
    let ready = async {
        let value = argument(&incoming);
        let (room, new) = (wire::command::addressed(&value)?, wire::command::new_text(&value)?);
        let visitor = visitor(socket)?;
        let inside = hall.inside()?;
        // Nothing new while the deliveries of what was said before are far behind.
        inside.realtime.ready().await;
        Ok((inside.chat, visitor, room, new, UnderWay::begin(socket).await?))
    };
    let (chat, visitor, room, new, under_way) = match ready.await {
        Ok(ready) => ready,
        Err(problem) => return refuse(socket, incoming, &problem),
    };
    let posted = move |posted: Result<Message, Error>| match posted {
        Ok(message) => answer(incoming, &MessageView::new(&message)),
        Err(error) => refuse(&under_way.0, incoming, &error.into()),
    };
    chat.begin_post(visitor, room, new, posted).await;
}

/// A post between the handler and the disk. Of one connection there are [`UNDER_WAY`] at most.
struct UnderWay(Socket);

impl UnderWay {
    /// Waits while there are too many.
    async fn begin(socket: &Socket) -> Result<Self, Problem> {
        let posts = &socket.peer::<Peer>().ok_or(Problem::INTERNAL)?.posts;
        posts.acquire().await.map_err(|_| Problem::BUSY)?.forget();
        Ok(Self(socket.clone()))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(peer) = self.0.peer::<Peer>() {
            peer.posts.add_permits(1);
        }
    }
}

/// The lobby for a plain WebSocket, which cannot join a second namespace.
fn rooms(hall: &Hall, socket: &Socket, incoming: Incoming) {
    if !socket.is_plain() {
        return;
    }
    // Before the list is read: whatever changes from now on is heard.
    socket.listen(LOBBY);
    match hall.inside() {
        Ok(inside) => answer(incoming, &RoomsView::new(&inside.chat.lobby())),
        Err(problem) => refuse(socket, incoming, &problem),
    }
}

/// Socket.IO ignores what nobody handles; somebody who types JSON by hand is told.
fn unknown(socket: &Socket, incoming: Incoming) {
    if socket.is_plain() {
        refuse(socket, incoming, &Problem::UNKNOWN_COMMAND);
    }
}

fn leave(socket: &Socket, reason: DisconnectReason) {
    if matches!(reason, DisconnectReason::OutboxFull | DisconnectReason::Stalled) {
        tracing::info!(socket = socket.id(), %reason, "a connection that did not keep up was closed");
    }
    // Gives the place back.
    seat(socket).take();
}

/// Takes the new place, and gives up the one before.
pub(super) fn sit(socket: &Socket, place: Place) {
    let room = place.room();
    if let Some(before) = seat(socket).replace(place)
        && before.room() != room
    {
        socket.leave(&before.room().to_string());
    }
}

fn seat(socket: &Socket) -> MutexGuard<'_, Option<Place>> {
    static NOWHERE: Seat = Mutex::new(None);
    socket.get::<Seat>().unwrap_or(&NOWHERE).lock().unwrap_or_else(PoisonError::into_inner)
}

fn visitor(socket: &Socket) -> Result<&Visitor, Problem> {
    let visitor = socket.peer::<Peer>().and_then(|peer| peer.visitor.as_ref());
    Ok(visitor.ok_or(Refusal::NotAdmitted)?)
}

fn argument(incoming: &Incoming) -> Value {
    incoming.arg(0).unwrap_or_default()
}

fn answer(incoming: Incoming, view: &impl Serialize) {
    if let Err(error) = incoming.ack(view) {
        tracing::error!(%error, "an answer does not become JSON");
    }
}

fn refuse(socket: &Socket, incoming: Incoming, problem: &Problem) {
    tracing::debug!(socket = socket.id(), code = problem.code, "a command was refused");
    let lang = socket.peer::<Peer>().map_or(Lang::default(), |peer| peer.lang);
    problem.in_ack(lang, |error| answer(incoming, &RefusedView { error }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_referer_names_a_room_or_nothing() {
        let id = "0123456789abcdef01234567";
        let room = Some(id.parse().unwrap());
        for page in ["http://localhost:8005/room/", "/room/", "https://any.example/room/"] {
            assert_eq!(page_of(&format!("{page}{id}")), room);
            assert_eq!(page_of(&format!("{page}{id}?password=x#y")), room);
        }
        assert_eq!(page_of(&format!("http://h/room/{id}/")), room);
        for other in [
            "",
            "/",
            "http://h/",
            "http://h/room",
            "http://h/room/xyz",
            "x",
            &format!("http://h/{id}"),
            &format!("http://h/?/room/{id}"),
        ] {
            assert_eq!(page_of(other), None, "{other}");
        }
    }
}
