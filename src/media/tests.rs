use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use bytes::Bytes;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

use super::*;
use crate::domain::NewMessage;
use crate::domain::{
    Caller, Content, Gif, Lang, MemberId, MemberLimit, MessageId, Room, RoomId, SessionId, Timestamp, Title,
};
use crate::env::Env;
use crate::store::{Database, Store, StoreError, Synchronous};

/// Nobody knows the GIF, or everybody.
async fn answer(used: bool) -> Result<bool, StoreError> {
    Ok(used)
}

fn media() -> (TempDir, Media) {
    let folder = TempDir::new().unwrap();
    let media = Media::local(&folder.path().join("gifs")).unwrap();
    (folder, media)
}

fn file(folder: &TempDir, hash: GifHash) -> PathBuf {
    folder.path().join("gifs").join(name(hash).as_ref())
}

#[tokio::test]
async fn a_gif_comes_back_whole_and_in_parts() {
    let (folder, media) = media();
    let bytes = Bytes::from((0..=255).cycle().take(100_000).collect::<Vec<u8>>());
    let pin = media.put(bytes.clone()).await.unwrap();
    assert_eq!(pin.hash(), GifHash::from_bytes(Sha256::digest(&bytes).into()));
    let whole = media.get(pin.hash()).await.unwrap().unwrap();
    assert_eq!((whole.len, whole.range.clone()), (100_000, 0..100_000));
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    let part = media.get_range(pin.hash(), 10..20).await.unwrap().unwrap();
    assert_eq!((part.len, part.range.clone()), (100_000, 10..20));
    assert_eq!(part.bytes().await.unwrap(), bytes[10..20]);
    let end = media.get_range(pin.hash(), 99_999..u64::MAX).await.unwrap().unwrap();
    assert_eq!(end.range, 99_999..100_000);
    for beyond in [100_000..100_001, 5..5] {
        let refused = media.get_range(pin.hash(), beyond).await;
        assert!(matches!(refused, Err(MediaError::OutOfRange { len: 100_000 })));
    }
    assert_eq!(std::fs::metadata(folder.path().join("gifs")).unwrap().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn what_is_not_stored_is_none() {
    let (_folder, media) = media();
    let hash = GifHash::from_bytes([7; 32]);
    assert!(media.get(hash).await.unwrap().is_none());
    assert!(media.get_range(hash, 0..1).await.unwrap().is_none());
    media.release(vec![hash], |_| answer(false)).await.unwrap();
}

#[tokio::test]
async fn the_same_gif_is_one_file_written_once() {
    let (folder, media) = media();
    let first = media.put(Bytes::from_static(b"GIF89a")).await.unwrap();
    let inode = std::fs::metadata(file(&folder, first.hash())).unwrap().ino();
    let (second, third) =
        tokio::join!(media.put(Bytes::from_static(b"GIF89a")), media.put(Bytes::from_static(b"GIF89a")));
    assert_eq!([second.unwrap().hash(), third.unwrap().hash()], [first.hash(); 2]);
    assert_eq!(std::fs::metadata(file(&folder, first.hash())).unwrap().ino(), inode);
}

#[tokio::test]
async fn a_gif_goes_when_nobody_pins_it_and_no_message_shows_it() {
    let (_folder, media) = media();
    let pin = media.put(Bytes::from_static(b"GIF89a")).await.unwrap();
    let hash = pin.hash();
    media.release(vec![hash], |_| answer(false)).await.unwrap();
    assert!(media.get(hash).await.unwrap().is_some(), "pinned");
    drop(pin);
    media.release(vec![], |_| answer(true)).await.unwrap();
    assert!(media.get(hash).await.unwrap().is_some(), "shown by a message");
    media.release(vec![hash], |_| answer(false)).await.unwrap();
    assert!(media.get(hash).await.unwrap().is_none());
}

#[tokio::test]
async fn an_upload_without_a_message_goes_with_the_next_release() {
    let (_folder, media) = media();
    let hash = media.put(Bytes::from_static(b"GIF89a")).await.unwrap().hash();
    let unknown = media.release(vec![], |_| async { Err::<bool, _>(StoreError::NoSuchRoom) }).await;
    assert!(matches!(unknown, Err(MediaError::Unknown(_))));
    assert!(media.get(hash).await.unwrap().is_some(), "in doubt it stays");
    media.release(vec![], |_| answer(false)).await.unwrap();
    assert!(media.get(hash).await.unwrap().is_none());
}

#[tokio::test]
async fn a_start_sweeps_up_what_a_crash_has_left() {
    let (folder, media) = media();
    let kept = media.put(Bytes::from_static(b"kept")).await.unwrap().hash();
    let left = media.put(Bytes::from_static(b"left")).await.unwrap().hash();
    drop(media);
    let half = file(&folder, left).with_extension("gif#12");
    let foreign = folder.path().join("gifs").join("notes.txt");
    std::fs::write(&half, b"le").unwrap();
    std::fs::write(&foreign, b"not ours").unwrap();
    let media = Media::local(&folder.path().join("gifs")).unwrap();
    assert!(!half.exists());
    media.sweep(|hash| answer(hash == kept)).await.unwrap();
    assert!(media.get(kept).await.unwrap().is_some());
    assert!(media.get(left).await.unwrap().is_none());
    assert!(foreign.exists());
}

/// The moment that a pin alone would not cover: the message waits for the writer, its poster has gone.
#[tokio::test]
async fn a_gif_stays_for_a_message_whose_poster_has_gone() {
    let folder = TempDir::new().unwrap();
    let media = Media::local(&folder.path().join("gifs")).unwrap();
    let file = folder.path().join("test.db");
    let env = Env::manual(Timestamp(0), 5);
    let store =
        Store::open(Database::Sqlite(file.clone(), Synchronous::Full), env.clone(), Arc::new(|_| {}), |work| work())
            .await
            .unwrap();
    let owner = caller(&env);
    let room = store.create_room(room(&env, &owner), 1).await.unwrap();
    let mut stranger = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let lock = stranger.begin_with("BEGIN IMMEDIATE").await.unwrap();

    let pin = media.put(Bytes::from_static(b"GIF89a")).await.unwrap();
    let hash = pin.hash();
    let mut post = Box::pin(store.post(message(&env, room.id, &owner, hash)));
    assert!(futures_util::poll!(&mut post).is_pending());
    drop(post);
    drop(pin);
    let (released, unlocked) = tokio::join!(media.release(vec![hash], |hash| store.is_gif_used(hash)), lock.rollback());
    released.unwrap();
    unlocked.unwrap();
    assert_eq!(store.messages_after(room.id, None, 0, 10).await.unwrap().len(), 1);
    assert!(media.get(hash).await.unwrap().is_some());
}

/// Rooms come and go while the same few GIFs are posted into them. Some posters go away in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_message_ever_points_at_a_missing_file() {
    let folder = TempDir::new().unwrap();
    let media = Media::local(&folder.path().join("gifs")).unwrap();
    let env = Env::manual(Timestamp(0), 5);
    let store = Store::open(
        Database::Sqlite(folder.path().join("test.db"), Synchronous::Full),
        env.clone(),
        Arc::new(|_| {}),
        |work| work(),
    )
    .await
    .unwrap();
    let workers = (0..8u8).map(|worker| {
        let (store, media, env) = (store.clone(), media.clone(), env.clone());
        tokio::spawn(async move {
            for turn in 0..25u8 {
                let owner = caller(&env);
                let room = store.create_room(room(&env, &owner), u32::MAX).await.unwrap();
                let pin = media.put(Bytes::copy_from_slice(&[turn % 2])).await.unwrap();
                let hash = pin.hash();
                let mut post = Box::pin(store.post(message(&env, room.id, &owner, hash)));
                if (turn + worker) % 3 == 0 {
                    // May be stored all the same.
                    let _ = futures_util::poll!(&mut post);
                } else {
                    post.as_mut().await.unwrap();
                }
                drop(post);
                drop(pin);
                store.is_gif_used(hash).await.unwrap();
                if !store.messages_after(room.id, None, 0, 1).await.unwrap().is_empty() {
                    let found = media.get(hash).await.unwrap();
                    assert!(found.is_some(), "a stored message shows a GIF that is gone");
                }
                let freed = store.remove_room(room.id).await.unwrap();
                media.release(freed, |hash| store.is_gif_used(hash)).await.unwrap();
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    media.release(vec![], |hash| store.is_gif_used(hash)).await.unwrap();
    assert!(store.gif_hashes().await.unwrap().is_empty());
    let left: Vec<_> = media.shared.files.list(None).try_collect().await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

fn caller(env: &Env) -> Caller {
    Caller::new(SessionId::from_bytes(env.random()), MemberId::from_bytes(env.random()), Lang::Ko)
}

fn room(env: &Env, owner: &Caller) -> Room {
    Room {
        id: RoomId::from_bytes(env.random()),
        title: Title::parse("GIFs").unwrap(),
        limit: MemberLimit::DEFAULT,
        password_hash: None,
        owner: owner.member.clone(),
        owner_session: owner.session,
        locked: false,
        slow: crate::domain::Slow::default(),
        preset: crate::domain::Preset::default(),
        raid_since: None,
        epoch: 1,
        head: 0,
        created_at: env.now(),
    }
}

fn message(env: &Env, room: RoomId, by: &Caller, hash: GifHash) -> NewMessage {
    NewMessage {
        id: MessageId::from_bytes(env.random()),
        room,
        session: by.session,
        member: by.member.clone(),
        content: Content::Gif {
            gif: Gif {
                hash,
                width: 1,
                height: 1,
                frames: 1,
                duration_ms: 0,
                bytes: 1,
                color: crate::domain::Color::GREY,
                flashes: false,
            },
            alt: None,
        },
        reply: None,
        mentions: Vec::new(),
        client_message_id: None,
    }
}
