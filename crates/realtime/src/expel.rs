//! Throwing out: the connections of everybody in a room end at once, and what waits for them is never sent.
//!
//! Who reads gets a last word. Who does not is cut off: what the system still holds for a WebSocket goes as well. That
//! needs nothing of the client, so that it has happened when whoever asked for it is answered.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::sync::oneshot;
use tungstenite::protocol::frame::coding::Control;

use crate::broadcast::Broadcast;
use crate::encoding::Dialect;
use crate::flush::Run;
use crate::frame::Frame;
use crate::framing::control;
use crate::inbox::Item;
use crate::polling::{Answer, EngineError};
use crate::reason::DisconnectReason;
use crate::session::{Link, Session};
use crate::shard::Shard;

/// Who is to be thrown out, by name: a shard looks who that is when it comes to it, so that everybody is found who has
/// joined before.
#[derive(Debug)]
pub(crate) struct Expulsion {
    namespace: Box<str>,
    rooms: Box<[Box<str>]>,
    except_rooms: Box<[Box<str>]>,
    except: Box<[Arc<str>]>,
    farewell: Option<Frame>,
}

impl Broadcast<'_> {
    /// Throws all of them out: the whole connection of each ends, with all its namespaces, and whatever waits for it is
    /// dropped, also what was [kept](crate::Socket::hold) for it. Its disconnect handlers run with
    /// [`DisconnectReason::Expelled`].
    ///
    /// It begins when this is called, and dropping the future takes nothing back. When that is done, nothing more of them is
    /// handled, and nothing more is sent to them but a last word; of a handler that had begun, only what it sends is lost. Who
    /// has joined before this is called is thrown out, and who joins meanwhile may be; who asks to join later has to be
    /// refused by whoever lets people in. A connection that has left the room already is not found, also if some of what was
    /// said there still waits for it.
    ///
    /// A client that has taken all that was sent to it before gets `farewell` and its end: over Socket.IO the event, the end
    /// of each namespace, and the end of the connection; over a plain WebSocket the event, and a close frame with code 1008. A
    /// WebSocket that does not take what was sent before is reset without a word: the system, too, forgets what it has not
    /// sent. A client that polls gets the word as the answer to the poll that waits, or to the next one within
    /// [`Config::flush_timeout`](crate::Config::flush_timeout), and to the poll after that the end. A reader of an event
    /// stream gets it as the last event, in place of all that it has not taken; what an HTTP server has taken of the stream
    /// is no longer in our hands.
    ///
    /// ```
    /// use gifchat_realtime::{Config, Frame, Namespace, Realtime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///
    /// let chat = Namespace::new("/chat").on_connected(|socket| async move { socket.join("of ann") });
    /// let realtime = Realtime::builder(Config::default()).namespace(chat).build()?;
    /// # use futures_util::{SinkExt, StreamExt};
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("ws://{}/ws", listener.local_addr()?);
    /// # let (server, router) = (realtime.clone(), realtime.plain_service("/chat"));
    /// # tokio::spawn(async move { server.serve(listener, router, std::future::pending()).await });
    /// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
    /// # while realtime.to("/chat", "of ann").sockets().await.is_empty() {}
    /// let farewell = Frame::event("/chat", "kick", "for ten minutes")?;
    /// realtime.to("/chat", "of ann").expel(Some(farewell)).await;
    /// assert_eq!(realtime.connections(), 0);
    /// # assert_eq!(client.next().await.unwrap()?.to_text()?, r#"{"type":"kick","data":"for ten minutes"}"#);
    /// # assert!(client.next().await.unwrap()?.is_close());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "it is certain only when this is done"]
    pub fn expel(self, farewell: Option<Frame>) -> impl Future<Output = ()> + Send + use<> {
        let names = |rooms: &[&str]| rooms.iter().map(|&room| Box::from(room)).collect();
        let (hub, rooms) = (self.hub, self.rooms());
        let who = Arc::new(Expulsion {
            namespace: self.namespace.into(),
            rooms: names(&rooms),
            except_rooms: names(&self.except_rooms),
            except: self.except.into(),
            farewell,
        });
        let tell = |inbox: &Arc<crate::inbox::Inbox>| {
            let (done, end) = oneshot::channel();
            inbox.push(Item::Expel { who: Arc::clone(&who), done });
            end
        };
        let ends: Vec<_> = hub.inboxes().iter().map(tell).collect();
        async move {
            for end in ends {
                // A shard that has ended has nobody left.
                let _ = end.await;
            }
        }
    }
}

impl Shard {
    pub(crate) fn expel(&mut self, who: &Expulsion) {
        let rooms: Vec<&str> = who.rooms.iter().map(|room| &**room).collect();
        let except_rooms: Vec<&str> = who.except_rooms.iter().map(|room| &**room).collect();
        let found = self.shared.hub.select(&who.namespace, &rooms, &except_rooms, &who.except);
        let mut places: Vec<usize> = self.selected(&found).into_iter().map(|(place, _)| place).collect();
        places.dedup();
        for place in places {
            self.throw_out(place, who.farewell.as_ref());
        }
    }

    fn throw_out(&mut self, place: usize, farewell: Option<&Frame>) {
        let session = &mut self.sessions[place];
        let ends = session.seats.iter().filter(|_| session.dialect == Dialect::SocketIo);
        let ends: Vec<Frame> = ends.map(|seat| Frame::disconnect(seat.socket.namespace())).collect();
        let words: Vec<&Frame> = farewell.into_iter().chain(&ends).collect();
        match &mut session.link {
            Link::WebSocket(_) => session.cut_off(&words, &mut self.scratch),
            Link::Polling(polling) => {
                if let Some((answer, _)) = polling.payload.take() {
                    let _ = answer.send(Answer::Refused(EngineError::UnknownSession));
                }
            }
            Link::EventStream(feed) => feed.clear(),
            Link::Gone => {}
        }
        session.drop_outbox();
        for word in words {
            session.send(place, word, &self.shared.config, &mut self.effects);
        }
        self.close_after_flush(place, DisconnectReason::Expelled);
    }
}

impl Session {
    /// The end of a WebSocket, with these last words if it can take them at once, and with none if not.
    fn cut_off(&mut self, words: &[&Frame], scratch: &mut [u8]) {
        let Link::WebSocket(mut websocket) = std::mem::replace(&mut self.link, Link::Gone) else { return };
        let close = control(Control::Close, &DisconnectReason::Expelled.close_code().to_be_bytes());
        let last = [&Run::of(words.to_vec(), self.encoding).bytes[..], &close].concat();
        let mut cx = Context::from_waker(self.waker.as_ref().unwrap_or(Waker::noop()));
        if !self.has_outbox() && websocket.stream.send_whole(&last, &mut cx) {
            websocket.stream.end(scratch);
        } else {
            websocket.stream.abort();
        }
    }
}
