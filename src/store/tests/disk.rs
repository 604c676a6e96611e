//! A disk that is full, and a database that may only be read, for as long as it lasts.

use std::collections::HashMap;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sqlx::sqlite::SqliteConnectOptions;

use super::place::{MANY, Place, named};
use crate::domain::{Caller, Message, Room};
use crate::store::{Store, StoreError};

/// How many pages a database may have from the next connection on: beyond them SQLite says that the disk is full.
static PAGES: Mutex<Option<HashMap<PathBuf, i64>>> = Mutex::new(None);

pub(in crate::store) fn limited(path: &Path, options: SqliteConnectOptions) -> SqliteConnectOptions {
    let pages = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let most = pages.as_ref().and_then(|pages| pages.get(path).copied());
    most.into_iter().fold(options, |options, most| options.pragma("max_page_count", most.to_string()))
}

fn limit(place: &Place, pages: i64) {
    PAGES.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(place.file(), pages);
}

/// A room with an owner, and with one message that was stored in good times.
async fn good_times(place: &Place) -> (Room, Caller, Message) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let kept = store.post(place.text(room.id, &caller, "kept")).await.unwrap().message;
    store.close().await;
    (room, caller, kept)
}

fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

/// What is stored is what was published, and nothing of what failed.
async fn nothing_is_half_done(place: &Place, store: &Store, room: &Room, kept: &[Message]) {
    assert_eq!(store.messages_after(room.id, None, 0, 1000).await.unwrap(), kept);
    assert_eq!(place.published(), kept);
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, kept.len() as i64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_for_as_long_as_it_lasts_and_heals() {
    let place = Place::sqlite();
    let (room, caller, first) = good_times(&place).await;
    limit(&place, place.stranger().await.count("SELECT page_count FROM pragma_page_count()").await + 5);
    let store = place.open().await;

    // Texts of about 6 kB each, until the disk is full.
    let mut kept = vec![first];
    let full = loop {
        match store.post(place.text(room.id, &caller, &"가".repeat(2000))).await {
            Ok(posted) => kept.push(posted.message),
            Err(error) => break error,
        }
        assert!(kept.len() < 20, "the disk is never full");
    };
    let StoreError::Unavailable(cause) = full else { panic!("{full:?}") };
    assert!(cause.to_string().contains("full"), "{cause}");
    nothing_is_half_done(&place, &store, &room, &kept).await;

    // As long as it lasts, everybody is told, whatever they want, in however many transactions.
    let retried = named("retried", place.text(room.id, &caller, &"나".repeat(2000)));
    for _ in 0..3 {
        let news = (0..70).map(|_| place.text(room.id, &caller, &"다".repeat(2000))).chain([retried.clone()]);
        let posts = futures_util::future::join_all(news.map(|new| store.post(new))).await;
        assert!(posts.iter().all(is_unavailable));
    }
    nothing_is_half_done(&place, &store, &room, &kept).await;
    let mut lost = Vec::new();
    for _ in 0..200 {
        let new = place.room();
        if is_unavailable(&store.create_room(new.clone(), MANY).await) {
            lost.push((new.id, new.owner_session));
        }
    }
    assert!(!lost.is_empty(), "rooms need space as well");
    for (room, owner) in lost {
        assert_eq!(store.room(room).await.unwrap(), None);
        assert!(!store.is_admitted(room, owner).await.unwrap());
    }

    // There is space again, for the connection that follows a failure.
    assert!(is_unavailable(&store.post(retried.clone()).await));
    limit(&place, 100_000);
    let healed = store.post(retried.clone()).await.unwrap();
    assert_eq!((healed.message.seq, healed.first), (kept.len() as i64 + 1, true), "a failure leaves no gap");
    let again = store.post(retried).await.unwrap();
    assert_eq!((&again.message, again.first), (&healed.message, false));
    kept.push(healed.message);
    nothing_is_half_done(&place, &store, &room, &kept).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_database_is_read_and_heals() {
    let place = Place::sqlite();
    let (room, caller, first) = good_times(&place).await;
    // SQLite only reads a file whose header asks for a newer version to write it (file format, section 1.3.3). A mode
    // would not stop root.
    let file = std::fs::OpenOptions::new().write(true).open(place.file()).unwrap();
    let only_read = |yes: bool| file.write_all_at(&[if yes { 3 } else { 2 }], 18).unwrap();
    let store = place.open().await;
    assert_eq!(store.messages_after(room.id, None, 0, 10).await.unwrap(), std::slice::from_ref(&first));
    // Whoever writes meets the first page in the file, not in the log, and reads it anew.
    let mut stranger = place.stranger().await;
    stranger.run("PRAGMA wal_checkpoint(TRUNCATE)", "").await;
    only_read(true);

    let mut refused = 0;
    for _ in 0..3 {
        let new = named("retried", place.text(room.id, &caller, "later"));
        let results = futures_util::future::join_all((0..4).map(|_| store.post(new.clone()))).await;
        refused += results.iter().filter(|result| is_unavailable(result)).count();
        if let Some(Err(StoreError::Unavailable(cause))) = results.first() {
            assert!(cause.to_string().contains("readonly"), "{cause}");
        }
    }
    assert_eq!(refused, 12);
    assert!(is_unavailable(&store.create_room(place.room(), MANY).await));
    assert!(is_unavailable(&store.admit(room.id, place.caller().session, MANY).await));
    assert!(is_unavailable(&store.remove_room(room.id).await));
    nothing_is_half_done(&place, &store, &room, std::slice::from_ref(&first)).await;

    only_read(false);
    let healed = store.post(named("retried", place.text(room.id, &caller, "later"))).await.unwrap();
    assert_eq!((healed.message.seq, healed.first), (2, true));
    nothing_is_half_done(&place, &store, &room, &[first, healed.message]).await;
}
