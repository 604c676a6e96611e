//! Rooms and who may enter them.

use super::on_both;
use super::place::{MANY, Place, gif, named};
use crate::domain::{MemberLimit, Room, RoomId};
use crate::store::{StoreError, limits};

on_both! {
    a_room_is_kept_as_it_was_made,
    a_server_holds_so_many_rooms,
    an_id_is_not_given_twice,
    epochs_are_renewed_and_nothing_else_is,
    the_owner_and_the_admitted_may_enter,
    the_oldest_admission_lapses_but_never_the_owners,
    removal_frees_exactly_the_gifs_that_no_other_room_shows,
    a_removed_room_is_gone_at_once_and_its_texts_soon,
    a_removal_is_finished_after_a_restart,
}

async fn a_room_is_kept_as_it_was_made(place: Place) {
    let store = place.open().await;
    let private = Room { limit: MemberLimit::new(2, 2).unwrap(), ..place.room() };
    let public = Room { password_hash: None, limit: MemberLimit::new(1000, 1000).unwrap(), ..place.room() };
    for room in [&private, &public] {
        assert_eq!(store.create_room(room.clone(), MANY).await.unwrap(), *room);
        assert_eq!(store.room(room.id).await.unwrap().as_ref(), Some(room));
    }
    let mut rooms = store.rooms().await.unwrap();
    rooms.sort_by_key(|room| room.is_private());
    assert_eq!(rooms, [public, private]);
    assert_eq!(store.room(RoomId::from_bytes([9; 12])).await.unwrap(), None);
    assert!(place.published().is_empty());
}

async fn a_server_holds_so_many_rooms(place: Place) {
    let store = place.open().await;
    store.create_room(place.room(), 2).await.unwrap();
    let second = store.create_room(place.room(), 2).await.unwrap();
    assert!(matches!(store.create_room(place.room(), 2).await, Err(StoreError::TooManyRooms)));
    store.remove_room(second.id).await.unwrap();
    store.create_room(place.room(), 2).await.unwrap();
}

async fn epochs_are_renewed_and_nothing_else_is(place: Place) {
    let store = place.open().await;
    let past = store.create_room(place.room(), MANY).await.unwrap();
    let future = Room { epoch: place.env.now().0 + 1_000_000, ..place.room() };
    store.create_room(future.clone(), MANY).await.unwrap();
    let message = store.post(place.text(past.id, &place.caller(), "kept")).await.unwrap().message;
    assert_eq!(store.renew_epochs().await.unwrap(), 2);
    let renewed = Room { epoch: place.env.now().0, head: 1, ..past.clone() };
    assert_eq!(store.room(past.id).await.unwrap(), Some(renewed));
    // Wherever the clock stands, an epoch is never the one before.
    let renewed = Room { epoch: future.epoch + 1, ..future.clone() };
    assert_eq!(store.room(future.id).await.unwrap(), Some(renewed));
    assert_eq!(store.messages_after(past.id, None, 0, 10).await.unwrap(), [message]);
}

async fn an_id_is_not_given_twice(place: Place) {
    let store = place.open().await;
    let room = store.create_room(place.room(), MANY).await.unwrap();
    let thief = Room { id: room.id, ..place.room() };
    let (stolen, other) = tokio::join!(store.create_room(thief, MANY), store.create_room(place.room(), MANY));
    assert!(matches!(stolen, Err(StoreError::Unavailable(_))));
    assert!(other.is_ok(), "one refusal must not undo another command of the same transaction");
    assert_eq!(store.room(room.id).await.unwrap(), Some(room));
}

async fn the_owner_and_the_admitted_may_enter(place: Place) {
    let store = place.open().await;
    let (room, other) = (place.room(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    store.create_room(other.clone(), MANY).await.unwrap();
    let guest = place.caller().session;
    assert!(store.is_admitted(room.id, room.owner_session).await.unwrap());
    assert!(!store.is_admitted(room.id, guest).await.unwrap());
    store.admit(room.id, guest, 10).await.unwrap();
    store.admit(room.id, guest, 10).await.unwrap();
    assert!(store.is_admitted(room.id, guest).await.unwrap());
    assert!(!store.is_admitted(other.id, guest).await.unwrap());
    store.remove_room(room.id).await.unwrap();
    assert!(!store.is_admitted(room.id, guest).await.unwrap());
    assert!(matches!(store.admit(room.id, guest, 10).await, Err(StoreError::NoSuchRoom)));
}

async fn the_oldest_admission_lapses_but_never_the_owners(place: Place) {
    let store = place.open().await;
    let room = store.create_room(place.room(), MANY).await.unwrap();
    let guests: Vec<_> = (0..5).map(|_| place.caller().session).collect();
    for guest in &guests {
        store.admit(room.id, *guest, 4).await.unwrap();
    }
    let mut admitted = Vec::new();
    for guest in &guests {
        admitted.push(store.is_admitted(room.id, *guest).await.unwrap());
    }
    assert_eq!(admitted, [false, false, true, true, true]);
    assert!(store.is_admitted(room.id, room.owner_session).await.unwrap());
    // A limit that leaves no place still lets the newcomer in.
    let last = place.caller().session;
    store.admit(room.id, last, 0).await.unwrap();
    assert!(store.is_admitted(room.id, last).await.unwrap());
    assert!(!store.is_admitted(room.id, guests[4]).await.unwrap());
    assert!(store.is_admitted(room.id, room.owner_session).await.unwrap());
}

async fn removal_frees_exactly_the_gifs_that_no_other_room_shows(place: Place) {
    let store = place.open().await;
    let (caller, here, there) = (place.caller(), place.room(), place.room());
    for room in [&here, &there] {
        store.create_room(room.clone(), MANY).await.unwrap();
    }
    for (room, number) in [(&here, 1), (&here, 1), (&here, 2), (&there, 2), (&there, 3)] {
        store.post(place.gif(room.id, &caller, number)).await.unwrap();
    }
    assert_eq!(store.remove_room(here.id).await.unwrap(), [gif(1).hash]);
    assert_eq!(store.gif(gif(1).hash).await.unwrap(), None);
    assert_eq!(store.gif(gif(2).hash).await.unwrap(), Some(gif(2)));
    assert!(!store.is_gif_used(gif(1).hash).await.unwrap());
    assert!(store.is_gif_used(gif(2).hash).await.unwrap());
    let mut freed = store.remove_room(there.id).await.unwrap();
    freed.sort();
    assert_eq!(freed, [gif(2).hash, gif(3).hash]);
    assert!(store.gif_hashes().await.unwrap().is_empty());
}

async fn a_removed_room_is_gone_at_once_and_its_texts_soon(place: Place) {
    let store = place.open().await;
    let (caller, room) = (place.caller(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    fill(&store, &place, &room, 3 * limits::PURGE).await;
    store.remove_room(room.id).await.unwrap();
    assert_eq!(store.room(room.id).await.unwrap(), None);
    assert!(store.rooms().await.unwrap().is_empty());
    assert!(store.messages_before(room.id, None, None, 10).await.unwrap().is_empty());
    assert!(store.messages_after(room.id, None, 0, 10).await.unwrap().is_empty());
    assert!(matches!(store.remove_room(room.id).await, Err(StoreError::NoSuchRoom)));
    assert!(matches!(store.post(place.text(room.id, &caller, "?")).await, Err(StoreError::NoSuchRoom)));
    assert_eq!(left_after(&store, &place, 10).await, (0, 0));
}

async fn a_removal_is_finished_after_a_restart(place: Place) {
    let store = place.open().await;
    let room = store.create_room(place.room(), MANY).await.unwrap();
    fill(&store, &place, &room, 10).await;
    store.close().await;
    // As if the process had ended between the removal and the deletion of its texts.
    let mut stranger = place.stranger().await;
    let removed = "INSERT INTO removals SELECT id FROM rooms; DELETE FROM rooms";
    stranger.run(removed, removed).await;
    let store = place.open().await;
    assert_eq!(left_after(&store, &place, 10).await, (0, 0));
}

async fn fill(store: &crate::store::Store, place: &Place, room: &Room, count: i64) {
    let caller = place.caller();
    let posts = (0..count).map(|n| store.post(named(&n.to_string(), place.text(room.id, &caller, "text"))));
    for posted in futures_util::future::join_all(posts).await {
        posted.unwrap();
    }
}

/// How many messages and unfinished removals are left after so many turns of the writer, each of which deletes some.
async fn left_after(store: &crate::store::Store, place: &Place, turns: u32) -> (i64, i64) {
    for _ in 0..turns {
        store.is_gif_used(gif(0).hash).await.unwrap();
    }
    let mut stranger = place.stranger().await;
    (stranger.count("SELECT COUNT(*) FROM messages").await, stranger.count("SELECT COUNT(*) FROM removals").await)
}
