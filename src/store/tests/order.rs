//! Many at once: one order, for everybody the same.

use std::collections::{HashMap, HashSet};

use super::on_both;
use super::place::{MANY, Place, gif};
use crate::domain::{Message, RoomId};
use crate::store::StoreError;

on_both! {
    many_posters_make_one_order_without_gaps,
    a_poster_who_goes_away_has_posted,
    a_gif_is_used_as_soon_as_its_message_waits,
    what_follows_a_removal_in_its_transaction_finds_no_room,
}

async fn many_posters_make_one_order_without_gaps(place: Place) {
    const POSTERS: i64 = 40;
    const EACH: i64 = 15;
    let store = place.open().await;
    let rooms: Vec<_> = (0..3).map(|_| place.room()).collect();
    for room in &rooms {
        store.create_room(room.clone(), MANY).await.unwrap();
    }
    let posters = (0..POSTERS).map(|n| {
        let (store, caller, room) = (store.clone(), place.caller(), rooms[n as usize % rooms.len()].id);
        let new: Vec<_> = (0..EACH).map(|turn| place.text(room, &caller, &turn.to_string())).collect();
        tokio::spawn(async move {
            let mut acked = Vec::new();
            for new in new {
                acked.push(store.post(new).await.unwrap().message);
            }
            acked
        })
    });
    let mut acked = Vec::new();
    for poster in posters.collect::<Vec<_>>() {
        let own = poster.await.unwrap();
        assert!(own.is_sorted_by_key(|message| message.seq), "one sender's messages keep their order");
        acked.extend(own);
    }
    assert_eq!(acked.len() as i64, POSTERS * EACH);

    let published = by_room(place.published());
    let acked: HashSet<_> = acked.into_iter().map(|message| message.id).collect();
    for room in &rooms {
        let stored = store.messages_after(room.id, None, 0, u32::MAX).await.unwrap();
        let seqs: Vec<i64> = stored.iter().map(|message| message.seq).collect();
        assert_eq!(seqs, (1..=stored.len() as i64).collect::<Vec<_>>());
        assert_eq!(published[&room.id], stored, "published in the stored order");
        assert!(stored.iter().all(|message| acked.contains(&message.id)));
        assert_eq!(store.room(room.id).await.unwrap().unwrap().head, stored.len() as i64);
    }
}

fn by_room(messages: Vec<Message>) -> HashMap<RoomId, Vec<Message>> {
    let mut rooms: HashMap<_, Vec<_>> = HashMap::new();
    for message in messages {
        rooms.entry(message.room).or_default().push(message);
    }
    rooms
}

async fn a_poster_who_goes_away_has_posted(place: Place) {
    let store = place.open().await;
    let (caller, room) = (place.caller(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    let mut post = Box::pin(store.post(place.gif(room.id, &caller, 1)));
    assert!(futures_util::poll!(&mut post).is_pending());
    drop(post);
    assert!(store.is_gif_used(gif(1).hash).await.unwrap());
    assert_eq!(place.published(), store.messages_after(room.id, None, 0, 10).await.unwrap());
    assert_eq!(place.published().len(), 1);
}

async fn a_gif_is_used_as_soon_as_its_message_waits(place: Place) {
    let store = place.open().await;
    let (caller, room) = (place.caller(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    let (_, used, freed, after) = tokio::join!(
        store.post(place.gif(room.id, &caller, 1)),
        store.is_gif_used(gif(1).hash),
        store.remove_room(room.id),
        store.is_gif_used(gif(1).hash),
    );
    assert!(used.unwrap());
    assert_eq!(freed.unwrap(), [gif(1).hash]);
    assert!(!after.unwrap());
}

async fn what_follows_a_removal_in_its_transaction_finds_no_room(place: Place) {
    let store = place.open().await;
    let (caller, room) = (place.caller(), place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    // The writer waits with the first, and finds all the others together.
    let (first, before, removed, after, namesake, ()) = tokio::join!(
        store.post(place.text(room.id, &caller, "first")),
        store.post(place.text(room.id, &caller, "before")),
        store.remove_room(room.id),
        store.post(place.text(room.id, &caller, "after")),
        store.create_room(room.clone(), MANY),
        stranger.unlock(),
    );
    assert_eq!((first.unwrap().message.seq, before.unwrap().message.seq), (1, 2));
    removed.unwrap();
    assert!(matches!(after, Err(StoreError::NoSuchRoom)));
    assert!(matches!(namesake, Err(StoreError::Unavailable(_))), "its messages would be deleted with the old ones");
    assert_eq!(place.published().len(), 2);
}
