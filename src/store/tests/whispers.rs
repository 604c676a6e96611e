//! Whispers: in two mailboxes, in order, and nowhere else.

use super::on_both;
use super::place::{MANY, Place, gif};
use crate::domain::{Caller, ClientMessageId, Event, NewWhisper, Room, RoomId, Whisper};
use crate::store::{Store, StoreError};

on_both! {
    a_whisper_lies_in_both_mailboxes,
    mailboxes_are_numbered_without_gaps,
    whispers_are_told_in_the_order_of_commit,
    a_retry_of_a_whisper_returns_the_first,
    whispers_are_read_by_place,
    a_whisper_needs_a_room,
}

async fn with_a_room(place: &Place) -> (Store, Room, [Caller; 3]) {
    let (store, room) = (place.open().await, place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    (store, room, std::array::from_fn(|_| place.caller()))
}

fn named(name: &str, new: NewWhisper) -> NewWhisper {
    NewWhisper { client_message_id: Some(ClientMessageId::parse(name).unwrap()), ..new }
}

async fn mailbox(store: &Store, room: RoomId, reader: &Caller) -> Vec<Whisper> {
    store.whispers_after(room, reader.session, 0, 1000).await.unwrap()
}

async fn a_whisper_lies_in_both_mailboxes(place: Place) {
    let (store, room, [from, to, third]) = with_a_room(&place).await;
    store.post(place.text(room.id, &third, "aloud")).await.unwrap();
    let new = named("w", place.whisper(room.id, &from, &to, "귓속말 '; --"));
    let told = store.whisper(new.clone()).await.unwrap();
    assert!(told.first);
    let mine = Whisper {
        id: new.id,
        room: room.id,
        reader: from.session,
        is_mine: true,
        number: 1,
        after: 1,
        from: from.member.clone(),
        to: to.member.clone(),
        text: new.text.clone(),
        client_message_id: new.client_message_id.clone(),
        created_at: place.env.now(),
    };
    let theirs = Whisper { reader: to.session, is_mine: false, client_message_id: None, ..mine.clone() };
    assert_eq!(told.mine, mine);
    assert_eq!(mailbox(&store, room.id, &from).await, std::slice::from_ref(&mine));
    assert_eq!(mailbox(&store, room.id, &to).await, std::slice::from_ref(&theirs));
    assert!(mailbox(&store, room.id, &third).await.is_empty());
    assert_eq!(place.whispered(), [mine, theirs]);
    // The room knows nothing of it.
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, 1);
    assert_eq!(store.messages_after(room.id, Some(to.session), 0, 10).await.unwrap(), place.published());
    assert_eq!(store.post(place.text(room.id, &third, "next")).await.unwrap().message.seq, 2);
    store.close().await;
    let store = place.open().await;
    assert_eq!(mailbox(&store, room.id, &to).await.len(), 1);
}

async fn mailboxes_are_numbered_without_gaps(place: Place) {
    let (store, room, callers) = with_a_room(&place).await;
    let pairs = (0..60).map(|n: usize| (n % 3, (n + 1 + n / 3 % 2) % 3));
    let asked = pairs.map(|(from, to)| store.whisper(place.whisper(room.id, &callers[from], &callers[to], "psst")));
    for told in futures_util::future::join_all(asked).await {
        assert!(told.unwrap().first);
    }
    for caller in &callers {
        let numbers: Vec<i64> = mailbox(&store, room.id, caller).await.iter().map(|whisper| whisper.number).collect();
        assert!(numbers.iter().copied().eq(1..=40), "{numbers:?}");
        assert_eq!(store.whispers_head(room.id, caller.session).await.unwrap(), 40);
        let page = store.whispers_after(room.id, caller.session, 7, 2).await.unwrap();
        assert_eq!(page.iter().map(|whisper| whisper.number).collect::<Vec<_>>(), [8, 9]);
    }
}

async fn whispers_are_told_in_the_order_of_commit(place: Place) {
    let (store, room, [from, to, _]) = with_a_room(&place).await;
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    // The writer waits with the first, and finds all the others together.
    for n in 0..6 {
        store.turn().await.unwrap().post(place.text(room.id, &from, &n.to_string()), |posted| drop(posted.unwrap()));
        let new = place.whisper(room.id, &from, &to, &n.to_string());
        store.turn().await.unwrap().whisper(new, |told| drop(told.unwrap()));
    }
    stranger.unlock().await;
    store.is_gif_used(gif(0).hash).await.unwrap();
    let heard: Vec<_> = place
        .heard()
        .into_iter()
        .map(|event| match event {
            Event::Posted(message) => (message.seq, 0, 0),
            Event::Whispered(whisper) => (whisper.after, whisper.number, i64::from(whisper.reader == to.session)),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected: Vec<_> = (1..=6).flat_map(|seq| [(seq, 0, 0), (seq, seq, 0), (seq, seq, 1)]).collect();
    assert_eq!(heard, expected);
}

async fn a_retry_of_a_whisper_returns_the_first(place: Place) {
    let (store, room, [from, to, third]) = with_a_room(&place).await;
    let first = store.whisper(named("a", place.whisper(room.id, &from, &to, "one"))).await.unwrap();
    let again = store.whisper(named("a", place.whisper(room.id, &from, &third, "two"))).await.unwrap();
    assert_eq!((&again.mine, again.first), (&first.mine, false));
    // The name is the writer's own, and a message may have the same.
    assert!(store.whisper(named("a", place.whisper(room.id, &to, &from, "three"))).await.unwrap().first);
    assert!(store.post(super::place::named("a", place.text(room.id, &from, "four"))).await.unwrap().first);
    assert_eq!(mailbox(&store, room.id, &from).await.len(), 2);
    assert!(mailbox(&store, room.id, &third).await.is_empty());
    assert_eq!(place.whispered().len(), 4);
}

async fn whispers_are_read_by_place(place: Place) {
    let (store, room, [from, to, _]) = with_a_room(&place).await;
    for n in 0..4 {
        store.whisper(place.whisper(room.id, &from, &to, "psst")).await.unwrap();
        store.whisper(place.whisper(room.id, &to, &from, "what")).await.unwrap();
        store.post(place.text(room.id, &from, &n.to_string())).await.unwrap();
    }
    let numbers = async |first, last, limit| {
        let page = store.whispers_between(room.id, to.session, first, last, limit).await.unwrap();
        page.iter().map(|whisper| (whisper.after, whisper.number)).collect::<Vec<_>>()
    };
    assert_eq!(numbers(1, 2, 10).await, [(1, 3), (1, 4), (2, 5), (2, 6)]);
    assert_eq!(numbers(0, 0, 10).await, [(0, 1), (0, 2)]);
    assert_eq!(numbers(0, i64::MAX, 3).await, [(2, 6), (3, 7), (3, 8)], "the newest of them");
    assert_eq!(numbers(4, i64::MAX, 10).await, []);
}

async fn a_whisper_needs_a_room(place: Place) {
    let (store, room, [from, to, _]) = with_a_room(&place).await;
    store.whisper(place.whisper(room.id, &from, &to, "psst")).await.unwrap();
    store.remove_room(room.id).await.unwrap();
    let gone = store.whisper(place.whisper(room.id, &from, &to, "psst")).await;
    assert!(matches!(gone, Err(StoreError::NoSuchRoom)));
    assert!(mailbox(&store, room.id, &to).await.is_empty());
    assert_eq!(place.whispered().len(), 2);
}
