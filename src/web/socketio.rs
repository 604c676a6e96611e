//! The chat over Socket.IO, namespaces `/room` (the lobby) and `/chat`, and over plain WebSocket, which has the
//! commands of `/chat` and one for the lobby.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gifchat_realtime::{Admission, DisconnectReason, Incoming, Namespace, Realtime, Refused, Socket};
use http::request::Parts;
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::commands::{self, Hands, Meant};
use super::connections::ConnectionGuard;
use super::error::Problem;
use super::negotiate::language;
use super::proxies::Client;
use super::seat::{Ears, prepare, seat, sit};
use super::{Origins, Sessions};
use crate::chat::{Chance, Chat, Error, Visitor};
use crate::domain::{Command, Lang, Message, NewText, Refusal, RoomId};
use crate::wire::{self, Join, MessageView, RefusedView, RoomsView, SlashDoneView, SnapshotView};

pub(super) const LOBBY: &str = "/room";
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

/// The sockets' way to the chat, which is built after them because it publishes to them.
#[derive(Clone, Debug, Default)]
pub struct Hall(Arc<Mutex<Option<Hands>>>);

impl Hall {
    /// Lets the sockets use the chat; until then every command is answered with "busy".
    pub fn open(&self, chat: Arc<Chat>, realtime: Realtime) {
        *self.door() = Some(Hands { chat, realtime });
    }

    /// The end: the sockets and the chat no longer hold each other.
    pub fn close(&self) {
        *self.door() = None;
    }

    fn hands(&self) -> Result<Hands, Problem> {
        self.door().clone().ok_or(Problem::BUSY)
    }

    fn door(&self) -> MutexGuard<'_, Option<Hands>> {
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
    let chat = wire::command::COMMANDS.iter().fold(chat, |chat, &name| {
        let hall = hall.clone();
        chat.on(name, move |socket, incoming| {
            let hall = hall.clone();
            async move { command(&hall, &socket, name, incoming).await }
        })
    });
    Realtime::builder(config)
        .guard(move |parts| guard(parts, &origins))
        .admit(move |parts| admit(parts, &sessions))
        .namespace(Namespace::new(LOBBY))
        .namespace(chat)
        .build()
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

/// The oldest pages do not ask to join: they are in the room whose page they are.
async fn arrive(hall: &Hall, socket: &Socket) {
    prepare(socket);
    let Some((room, visitor)) = socket.peer::<Peer>().and_then(|peer| Some((peer.page?, peer.visitor.as_ref()?)))
    else {
        return;
    };
    let Ok(hands) = hall.hands() else { return };
    let member = visitor.caller.member.id;
    let ears = Ears::new(room, member);
    match hands.chat.take_place(visitor, room, || ears.prick_quietly(socket)).await {
        Ok((place, _)) => {
            sit(socket, place, member);
            ears.open(socket, Vec::new(), None);
        }
        Err(error) => {
            ears.close(socket, &hands.chat);
            tracing::debug!(%room, %error, "a page's room was not joined");
        }
    }
}

async fn join(hall: &Hall, socket: &Socket, incoming: Incoming) {
    let entered = async {
        let Join { room, since } = Join::read(&argument(&incoming))?;
        let visitor = visitor(socket)?;
        let member = visitor.caller.member.id;
        let ears = Ears::new(room, member);
        let subscribe = || if incoming.wants_ack() { ears.prick(socket) } else { ears.prick_quietly(socket) };
        let chat = hall.hands()?.chat;
        let entered = chat.enter(visitor, room, since, subscribe).await;
        let (place, snapshot) = entered.inspect_err(|_| ears.close(socket, &chat))?;
        sit(socket, place, member);
        Ok((ears, snapshot))
    };
    match entered.await {
        Ok((ears, snapshot)) => match incoming.into_ack(&SnapshotView::new(&snapshot)) {
            // Who does not ask what was before hears everything since it asked.
            Ok(None) => ears.open(socket, Vec::new(), None),
            Ok(Some(ack)) => ears.open(socket, vec![ack], Some(&snapshot)),
            Err(error) => {
                tracing::error!(%error, "an answer does not become JSON");
                ears.open(socket, Vec::new(), None);
            }
        },
        Err(problem) => refuse(socket, incoming, &problem),
    }
}

/// The acknowledgement follows when the message is on disk; the next event of the client does not wait for that.
async fn post(hall: &Hall, socket: &Socket, incoming: Incoming) {
    let ready = async {
        let value = argument(&incoming);
        let (room, new) = (wire::command::addressed(&value)?, wire::command::new_text(&value)?);
        let visitor = visitor(socket)?;
        let hands = hall.hands()?;
        let meant = match hands.meant(visitor, room, new)? {
            // Before anything is waited for: who floods is refused at once.
            Meant::Text(new) => Ready::Post(new, hands.chat.attempt(visitor, room)?),
            Meant::Command(name, command) => Ready::Perform(name, command),
        };
        // Nothing new while the deliveries of what was said before are far behind.
        hands.realtime.ready().await;
        let under_way = UnderWay::begin(socket).await?;
        Ok((meant, hands, visitor, room, under_way))
    };
    match ready.await {
        Ok((Ready::Post(new, chance), hands, visitor, room, under_way)) => {
            let posted = move |posted: Result<Message, Error>| match posted {
                Ok(message) => answer(incoming, &MessageView::new(&message)),
                Err(error) => refuse(&under_way.0, incoming, &error.into()),
            };
            hands.chat.begin_post(visitor, room, chance, new, posted).await;
        }
        Ok((Ready::Perform(name, command), hands, visitor, room, _)) => {
            match hands.perform(visitor, room, command).await {
                Ok(done) => {
                    let done = commands::view(&done, lang(socket));
                    answer(incoming, &SlashDoneView { command: name, done });
                }
                Err(problem) => refuse(socket, incoming, &problem),
            }
        }
        Err(problem) => refuse(socket, incoming, &problem),
    }
}

/// What is to be done when there is room for it.
enum Ready {
    Post(NewText, Chance),
    Perform(&'static str, Command),
}

/// Everything else that is done in a room.
async fn command(hall: &Hall, socket: &Socket, name: &str, incoming: Incoming) {
    let done = async {
        let value = argument(&incoming);
        let hands = hall.hands()?;
        let (room, command) = (wire::command::addressed(&value)?, hands.read(name, &value)?);
        let visitor = visitor(socket)?;
        if let Command::Away(away) = command {
            let seat = seat(socket);
            let place = seat.as_ref().filter(|place| place.room() == room).ok_or(Refusal::NotInRoom)?;
            return Ok(hands.chat.away(place, away)?);
        }
        // Who keeps the peace does not wait behind those who disturb it.
        if !command.keeps_peace() {
            hands.realtime.ready().await;
        }
        hands.perform(visitor, room, command).await
    };
    match done.await {
        Ok(done) => answer(incoming, &commands::view(&done, lang(socket))),
        Err(problem) => refuse(socket, incoming, &problem),
    }
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
    match hall.hands() {
        Ok(hands) => answer(incoming, &RoomsView::new(&hands.chat.lobby())),
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

fn visitor(socket: &Socket) -> Result<&Visitor, Problem> {
    let visitor = socket.peer::<Peer>().and_then(|peer| peer.visitor.as_ref());
    Ok(visitor.ok_or(Refusal::NotAdmitted)?)
}

fn lang(socket: &Socket) -> Lang {
    socket.peer::<Peer>().map_or(Lang::default(), |peer| peer.lang)
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
    problem.in_ack(lang(socket), |error| answer(incoming, &RefusedView { error }));
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
