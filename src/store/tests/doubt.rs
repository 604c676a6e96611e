//! A commit that succeeds although nobody hears of it: the connection breaks before the answer is through.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};

use super::place::{MANY, Place, named};
use crate::domain::{Event, GifHash};
use crate::store::{Database, StoreError, limits};

const SOCKET: &str = ".s.PGSQL.5432";

/// Stands between the store and PostgreSQL, and can cut a connection at the answer to a COMMIT.
struct Relay {
    folder: TempDir,
    cut: Arc<AtomicBool>,
}

impl Relay {
    fn new(server: &Path) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        std::fs::set_permissions(folder.path().join(SOCKET), PermissionsExt::from_mode(0o777)).unwrap();
        let cut = Arc::new(AtomicBool::new(false));
        let (server, next) = (server.join(SOCKET), Arc::clone(&cut));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = UnixStream::connect(&server).await.unwrap().into_split();
                tokio::spawn(pass(from_client, to_server, None));
                tokio::spawn(pass(from_server, to_client, Some(Arc::clone(&next))));
            }
        });
        Self { folder, cut }
    }

    /// The answer to the next COMMIT gets lost.
    fn cut_at_commit(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }
}

/// Passes on what comes, until either end hangs up.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, cut: Option<Arc<AtomicBool>>) {
    let mut buffer = vec![0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        let committed = bytes.windows(7).any(|window| window == b"COMMIT\0");
        let is_cut = |cut: &Arc<AtomicBool>| committed && cut.swap(false, Ordering::SeqCst);
        if cut.as_ref().is_some_and(is_cut) || to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

/// A place whose database is reached through a relay.
async fn behind_a_relay() -> (Place, Relay) {
    let mut place = Place::postgres().await;
    let Database::Postgres(url) = &place.database else { panic!("it is PostgreSQL") };
    let (before, server) = url.split_once("?host=").unwrap();
    let relay = Relay::new(&PathBuf::from(server));
    place.database = Database::Postgres(format!("{before}?host={}", relay.folder.path().display()));
    (place, relay)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_finds_the_message_that_nobody_was_told_of() {
    let (place, relay) = behind_a_relay().await;
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    relay.cut_at_commit();
    let new = named("same", place.text(room.id, &caller, "text"));
    assert!(matches!(store.post(new.clone()).await, Err(StoreError::Unavailable(_))));
    let other = store.post(place.text(room.id, &caller, "other")).await.unwrap();
    let again = store.post(new).await.unwrap();
    assert_eq!((again.message.seq, again.first, other.message.seq), (1, false, 2));
    assert_eq!(place.published(), [again.message, other.message], "each heard once, in order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_stored_after_all_is_published_though_nobody_says_more() {
    let (place, relay) = behind_a_relay().await;
    let (store, caller) = (place.open().await, place.caller());
    let rooms = [place.room(), place.room()];
    for room in &rooms {
        store.create_room(room.clone(), MANY).await.unwrap();
        store.post(place.text(room.id, &caller, "heard")).await.unwrap();
    }
    relay.cut_at_commit();
    let posts = rooms.iter().flat_map(|room| [place.text(room.id, &caller, "1"), place.gif(room.id, &caller, 1)]);
    let results = futures_util::future::join_all(posts.map(|new| store.post(new))).await;
    assert!(results.iter().any(Result::is_err));
    let missing = async {
        while place.published().len() < 6 {
            place.env.advance(limits::REST);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), missing).await.expect("everything stored is published");
    for room in &rooms {
        let published: Vec<_> = place.published().into_iter().filter(|message| message.room == room.id).collect();
        assert_eq!(published, store.messages_after(room.id, None, 0, 10).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whispers_that_are_stored_after_all_are_told_among_the_messages() {
    let (place, relay) = behind_a_relay().await;
    let (store, room, [from, to]) = (place.open().await, place.room(), [place.caller(), place.caller()]);
    store.create_room(room.clone(), MANY).await.unwrap();
    store.whisper(place.whisper(room.id, &to, &from, "heard")).await.unwrap();
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    relay.cut_at_commit();
    // The writer waits with the first, and finds all the others together.
    let asks = async {
        tokio::join!(
            store.post(place.text(room.id, &from, "1")),
            store.whisper(place.whisper(room.id, &from, &to, "2")),
            store.post(place.text(room.id, &from, "3")),
            store.whisper(place.whisper(room.id, &to, &from, "4")),
        )
    };
    let mut asks = Box::pin(asks);
    assert!(futures_util::poll!(&mut asks).is_pending());
    stranger.unlock().await;
    let (first, ..) = asks.await;
    assert!(first.is_err());
    store.is_gif_used(GifHash::from_bytes([9; 32])).await.unwrap();
    let heard: Vec<_> = place
        .heard()
        .into_iter()
        .map(|event| match event {
            Event::Posted(message) => (message.seq, 0),
            Event::Whispered(whisper) => (whisper.after, whisper.number),
            other => panic!("{other:?}"),
        })
        .collect();
    let mut sorted = heard.clone();
    sorted.sort_unstable();
    assert_eq!(heard, sorted, "in order");
    assert_eq!(place.published(), store.messages_after(room.id, None, 0, 10).await.unwrap());
    for reader in [&from, &to] {
        let mailbox = store.whispers_after(room.id, reader.session, 0, 10).await.unwrap();
        let told = place.whispered().into_iter().filter(|whisper| whisper.reader == reader.session);
        assert_eq!(told.collect::<Vec<_>>(), mailbox, "each once");
        assert!(mailbox.len() >= 2);
    }
}
