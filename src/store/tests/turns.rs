//! Posting without waiting for the disk: order, bounds, and an answer for everybody, whatever happens.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::on_both;
use super::place::{MANY, Place, named};
use crate::store::{NewMessage, Posted, Store, StoreError};

on_both! {
    a_burst_is_stored_in_the_order_in_which_it_was_said,
    a_retry_in_the_same_burst_is_answered_with_the_first_message,
    a_burst_for_many_rooms_is_numbered_in_each,
    everybody_has_been_told_before_the_poster_is,
    a_failed_transaction_answers_each_once,
    an_end_answers_each_once,
    a_full_queue_makes_who_comes_wait,
    an_answer_that_panics_harms_nobody,
}

/// What was answered, each with what its asker calls it.
type Answers = mpsc::Receiver<(usize, Result<Posted, StoreError>)>;

/// Begins to post all of them, one after another, and waits for none.
async fn burst(store: &Store, news: impl IntoIterator<Item = NewMessage>) -> Answers {
    let news: Vec<_> = news.into_iter().collect();
    // Twice the room that is needed: an answer that comes twice is found, and none has to wait.
    let (sender, answers) = mpsc::channel((2 * news.len()).max(1));
    for (number, new) in news.into_iter().enumerate() {
        let sender = sender.clone();
        store.turn().await.unwrap().post(new, move |posted| sender.try_send((number, posted)).unwrap());
    }
    answers
}

/// All answers, once nobody is left who could give one.
async fn all(mut answers: Answers) -> Vec<(usize, Result<Posted, StoreError>)> {
    let mut all = Vec::new();
    while let Some(answer) = answers.recv().await {
        all.push(answer);
    }
    all
}

async fn a_burst_is_stored_in_the_order_in_which_it_was_said(place: Place) {
    const CLIENTS: usize = 5;
    const EACH: usize = 150;
    let (store, room) = (place.open().await, place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    let clients = (0..CLIENTS).map(|_| {
        let (store, caller) = (store.clone(), place.caller());
        let news: Vec<_> = (0..EACH).map(|n| place.text(room.id, &caller, &n.to_string())).collect();
        tokio::spawn(async move { all(burst(&store, news).await).await })
    });
    let mut seqs = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        let answers = client.await.unwrap();
        assert!(answers.iter().map(|(number, _)| *number).eq(0..EACH), "answered in order, each once");
        let own: Vec<i64> = answers.into_iter().map(|(_, posted)| posted.unwrap().message.seq).collect();
        assert!(own.is_sorted(), "{own:?}");
        seqs.extend(own);
    }
    seqs.sort_unstable();
    assert!(seqs.into_iter().eq(1..=(CLIENTS * EACH) as i64), "without gaps");
}

async fn a_retry_in_the_same_burst_is_answered_with_the_first_message(place: Place) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    // The writer waits with the first, and finds all the others together.
    let names = ["w", "a", "b", "a", "c", "b"];
    let news = names.iter().map(|name| named(name, place.text(room.id, &caller, name)));
    let answers = burst(&store, news).await;
    stranger.unlock().await;
    let said: Vec<_> = all(answers).await.into_iter().map(|(_, posted)| posted.unwrap()).collect();
    let said: Vec<_> = said.iter().map(|posted| (posted.message.seq, posted.first)).collect();
    assert_eq!(said, [(1, true), (2, true), (3, true), (2, false), (4, true), (3, false)]);
    assert_eq!(place.published().len(), 4);
}

async fn a_burst_for_many_rooms_is_numbered_in_each(place: Place) {
    let (store, caller) = (place.open().await, place.caller());
    // More than a statement moves on at once, and not a multiple of it; every third of them is not there.
    let rooms: Vec<_> = (0..37).map(|_| place.room()).collect();
    let there = |number: usize| number % 3 != 2;
    for (_, room) in rooms.iter().enumerate().filter(|(number, _)| there(*number)) {
        store.create_room(room.clone(), MANY).await.unwrap();
    }
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    let news = (0..111).map(|n| place.text(rooms[n % 37].id, &caller, &n.to_string()));
    let answers = burst(&store, news).await;
    stranger.unlock().await;
    for (number, posted) in all(answers).await {
        match posted {
            Ok(posted) => assert_eq!(posted.message.seq, (number / 37) as i64 + 1),
            Err(error) => assert!(matches!(error, StoreError::NoSuchRoom) && !there(number % 37)),
        }
    }
    for room in store.rooms().await.unwrap() {
        assert_eq!(room.head, 3);
    }
    assert_eq!(place.published().len(), 25 * 3);
}

async fn everybody_has_been_told_before_the_poster_is(place: Place) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let place = Arc::new(place);
    for n in 0..20 {
        let (told, answer) = tokio::sync::oneshot::channel();
        let heard = Arc::clone(&place);
        let done = move |posted: Result<Posted, StoreError>| {
            let _ = told.send(heard.published().contains(&posted.unwrap().message));
        };
        store.turn().await.unwrap().post(place.text(room.id, &caller, &n.to_string()), done);
        assert!(answer.await.unwrap());
    }
}

async fn a_failed_transaction_answers_each_once(place: Place) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    // The lock is held until all have failed.
    let answers = burst(&store, (0..20).map(|_| place.text(room.id, &caller, "lost"))).await;
    let answers = all(answers).await;
    stranger.unlock().await;
    assert!(answers.iter().map(|(number, _)| *number).eq(0..20));
    assert!(answers.iter().all(|(_, posted)| matches!(posted, Err(StoreError::Unavailable(_)))));
    assert!(place.published().is_empty());
    let kept = all(burst(&store, [place.text(room.id, &caller, "kept")]).await).await;
    assert_eq!(kept[0].1.as_ref().unwrap().message.seq, 1);
}

async fn an_end_answers_each_once(place: Place) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let answers = burst(&store, (0..20).map(|_| place.text(room.id, &caller, "in time"))).await;
    store.close().await;
    let answers = all(answers).await;
    assert!(answers.iter().map(|(number, _)| *number).eq(0..20));
    assert!(answers.iter().all(|(_, posted)| posted.is_ok()), "what was accepted is done before the end");
    assert!(matches!(store.turn().await, Err(StoreError::Unavailable(_))));
}

async fn a_full_queue_makes_who_comes_wait(place: Place) {
    const PLACES: usize = 2;
    let (store, room, caller) = (place.open_with(PLACES).await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    // However many of them the writer has taken already, it takes no more than its queue had room for at once.
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut accepted = 0;
    let waiting = loop {
        let mut turn = Box::pin(store.turn());
        match futures_util::poll!(&mut turn) {
            std::task::Poll::Ready(turn) => {
                let order = Arc::clone(&order);
                let done = move |posted: Result<Posted, StoreError>| {
                    order.lock().unwrap_or_else(PoisonError::into_inner).push(posted.unwrap().message.seq);
                };
                turn.unwrap().post(place.text(room.id, &caller, "early"), done);
                accepted += 1;
                assert!(accepted <= 2 * PLACES, "a queue is bounded");
            }
            std::task::Poll::Pending => break turn,
        }
    };
    assert!(accepted >= PLACES);
    stranger.unlock().await;
    let (told, late) = tokio::sync::oneshot::channel();
    waiting.await.unwrap().post(place.text(room.id, &caller, "late"), move |posted| drop(told.send(posted)));
    assert_eq!(late.await.unwrap().unwrap().message.seq, accepted as i64 + 1);
    assert!(order.lock().unwrap().iter().copied().eq(1..=accepted as i64));
}

async fn an_answer_that_panics_harms_nobody(place: Place) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    for _ in 0..3 {
        store.turn().await.unwrap().post(place.text(room.id, &caller, "1"), |_| panic!("a door's own mistake"));
    }
    assert_eq!(store.post(place.text(room.id, &caller, "2")).await.unwrap().message.seq, 4);
}
