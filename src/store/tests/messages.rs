//! Messages: stored, numbered, paged, repeated.

use std::time::Duration;

use super::on_both;
use super::place::{MANY, Place, gif, named, shown};
use crate::domain::RoomId;
use crate::store::{NewMessage, Posted, StoreError};

on_both! {
    a_message_comes_back_as_it_was_posted,
    pages_go_both_ways,
    a_message_needs_a_room,
    a_retry_returns_the_first_message,
    a_retry_within_one_transaction_is_one_message,
    a_retry_with_another_gif_leaves_no_gif_behind,
    everything_is_there_after_a_restart,
}

async fn a_message_comes_back_as_it_was_posted(place: Place) {
    let store = place.open().await;
    let (caller, room) = (place.caller(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    let new = [
        named("first", place.text(room.id, &caller, "두 줄\n'; DROP TABLE rooms; -- \\ \" $1 ? 😀")),
        place.gif(room.id, &caller, 3),
    ];
    let mut messages = Vec::new();
    for (new, seq) in new.into_iter().zip(1..) {
        place.env.advance(Duration::from_secs(1));
        let Posted { message, first } = store.post(new.clone()).await.unwrap();
        assert!(first);
        assert_eq!((message.seq, message.created_at), (seq, place.env.now()));
        let NewMessage { id, room, session, member, content, client_message_id, .. } = new;
        assert_eq!((message.id, message.room, message.session), (id, room, session));
        assert_eq!((&message.member, &message.content), (&member, &content));
        assert_eq!(message.client_message_id, client_message_id);
        messages.push(message);
    }
    assert_eq!(store.messages_before(room.id, None, None, 10).await.unwrap(), messages);
    assert_eq!(store.gif(gif(3).hash).await.unwrap(), Some(gif(3)));
    assert_eq!(store.gif_hashes().await.unwrap(), [(gif(3).hash, false)]);
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, 2);
    assert_eq!(place.published(), messages);
}

async fn pages_go_both_ways(place: Place) {
    let store = place.open().await;
    let (caller, room, other) = (place.caller(), place.room(), place.room());
    for room in [&room, &other] {
        store.create_room(room.clone(), MANY).await.unwrap();
        for _ in 0..7 {
            store.post(place.text(room.id, &caller, "text")).await.unwrap();
        }
    }
    let seqs = |page: Vec<crate::domain::Message>| {
        assert!(page.iter().all(|message| message.room == room.id));
        page.iter().map(|message| message.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(store.messages_before(room.id, None, None, 3).await.unwrap()), [5, 6, 7]);
    assert_eq!(seqs(store.messages_before(room.id, None, Some(5), 3).await.unwrap()), [2, 3, 4]);
    assert_eq!(seqs(store.messages_before(room.id, None, Some(2), 3).await.unwrap()), [1]);
    assert_eq!(seqs(store.messages_before(room.id, None, Some(1), 3).await.unwrap()), [] as [i64; 0]);
    assert_eq!(seqs(store.messages_before(room.id, None, Some(i64::MIN), 3).await.unwrap()), [] as [i64; 0]);
    assert_eq!(seqs(store.messages_before(room.id, None, None, 0).await.unwrap()), [] as [i64; 0]);
    assert_eq!(seqs(store.messages_after(room.id, None, 0, 3).await.unwrap()), [1, 2, 3]);
    assert_eq!(seqs(store.messages_after(room.id, None, 5, u32::MAX).await.unwrap()), [6, 7]);
    assert_eq!(seqs(store.messages_after(room.id, None, 7, 3).await.unwrap()), [] as [i64; 0]);
    assert_eq!(seqs(store.messages_after(room.id, None, i64::MAX, 3).await.unwrap()), [] as [i64; 0]);
}

async fn a_message_needs_a_room(place: Place) {
    let store = place.open().await;
    let (caller, room) = (place.caller(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    let nowhere = place.text(RoomId::from_bytes([9; 12]), &caller, "?");
    let here = place.text(room.id, &caller, "!");
    let (before, lost, after) =
        tokio::join!(store.post(here.clone()), store.post(nowhere), store.post(NewMessage { ..here.clone() }));
    assert!(matches!(lost, Err(StoreError::NoSuchRoom)));
    assert_eq!((before.unwrap().message.seq, after.unwrap().message.seq), (1, 2));
}

async fn a_retry_returns_the_first_message(place: Place) {
    let store = place.open().await;
    let (caller, other, room, elsewhere) = (place.caller(), place.caller(), place.room(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    store.create_room(elsewhere.clone(), MANY).await.unwrap();
    let first = store.post(named("a", place.text(room.id, &caller, "first"))).await.unwrap();
    place.env.advance(Duration::from_secs(9));
    let retry = store.post(named("a", place.text(room.id, &caller, "retry"))).await.unwrap();
    assert_eq!(retry, Posted { message: first.message.clone(), first: false });
    let second = store.post(named("b", place.text(room.id, &caller, "second"))).await.unwrap();
    assert_eq!(second.message.seq, 2, "a retry leaves no gap");
    // The name is the sender's own, in this room.
    assert!(store.post(named("a", place.text(room.id, &other, "other"))).await.unwrap().first);
    assert!(store.post(named("a", place.text(elsewhere.id, &caller, "there"))).await.unwrap().first);
    let seqs: Vec<i64> = place.published().iter().map(|message| message.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 1]);
}

async fn a_retry_within_one_transaction_is_one_message(place: Place) {
    let store = place.open().await;
    let (caller, room) = (place.caller(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    let posts = (0..50).map(|n| store.post(named(&(n % 2).to_string(), place.text(room.id, &caller, "text"))));
    let posted: Vec<Posted> =
        futures_util::future::join_all(posts).await.into_iter().collect::<Result<_, _>>().unwrap();
    assert_eq!(posted.iter().filter(|posted| posted.first).count(), 2);
    for (n, posted) in posted.iter().enumerate() {
        assert_eq!(posted.message.seq, [1, 2][n % 2]);
    }
    assert_eq!(place.published().len(), 2);
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, 2);
    assert_eq!(store.post(place.text(room.id, &caller, "next")).await.unwrap().message.seq, 3);
}

async fn a_retry_with_another_gif_leaves_no_gif_behind(place: Place) {
    let store = place.open().await;
    let (caller, room) = (place.caller(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    store.post(named("a", place.gif(room.id, &caller, 1))).await.unwrap();
    let retry = store.post(named("a", place.gif(room.id, &caller, 2))).await.unwrap();
    assert_eq!(retry.message.content, shown(gif(1)));
    assert_eq!(store.gif_hashes().await.unwrap(), [(gif(1).hash, false)]);
    assert_eq!(store.remove_room(room.id).await.unwrap(), [gif(1).hash]);
}

async fn everything_is_there_after_a_restart(place: Place) {
    let (caller, room) = (place.caller(), place.room());
    let store = place.open().await;
    store.create_room(room.clone(), MANY).await.unwrap();
    store.admit(room.id, caller.session, 10).await.unwrap();
    let first = store.post(named("a", place.text(room.id, &caller, "before"))).await.unwrap();
    store.close().await;
    store.close().await;
    assert!(matches!(store.post(place.text(room.id, &caller, "late")).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.room(room.id).await, Err(StoreError::Unavailable(_))));

    let store = place.open().await;
    assert_eq!(store.rooms().await.unwrap().len(), 1);
    assert_eq!(store.room(room.id).await.unwrap().unwrap().epoch, room.epoch);
    assert!(store.is_admitted(room.id, caller.session).await.unwrap());
    assert!(!store.post(named("a", place.text(room.id, &caller, "before"))).await.unwrap().first);
    let second = store.post(place.gif(room.id, &caller, 1)).await.unwrap();
    // This time nobody takes leave.
    drop(store);

    let store = place.open().await;
    let messages = [first.message, second.message];
    assert_eq!(store.messages_after(room.id, None, 0, 10).await.unwrap(), messages);
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, 2);
    assert_eq!(store.gif_hashes().await.unwrap(), [(gif(1).hash, false)]);
}
