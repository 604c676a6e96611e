//! When the database refuses: an error for the posters, nothing published, reading goes on, and it heals.

use super::on_both;
use super::place::{MANY, Place};
use crate::domain::{Caller, Room};
use crate::store::{OpenError, Store, StoreError};

on_both! {
    a_failed_statement_stores_and_publishes_nothing,
    a_failed_commit_stores_and_publishes_nothing,
    a_locked_database_refuses_and_heals,
    a_lost_connection_heals,
    reading_does_not_wait_for_a_writer,
    a_database_of_a_newer_version_is_refused,
    a_listener_that_panics_harms_nobody,
}

async fn a_failed_statement_stores_and_publishes_nothing(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let mut stranger = place.stranger().await;
    stranger
        .run(
            "CREATE TRIGGER spoil BEFORE INSERT ON messages WHEN NEW.text = 'spoiled' BEGIN SELECT RAISE(ABORT, 'no'); END",
            "CREATE FUNCTION spoil() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql;
             CREATE TRIGGER spoil BEFORE INSERT ON messages FOR EACH ROW WHEN (NEW.text = 'spoiled')
                 EXECUTE FUNCTION spoil()",
        )
        .await;
    all_fail(&place, &store, &room, &caller, "spoiled").await;
    heals(&place, &store, &room, &caller).await;
}

async fn a_failed_commit_stores_and_publishes_nothing(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let mut stranger = place.stranger().await;
    // A foreign key that is checked at the commit and is never met.
    stranger
        .run(
            "CREATE TABLE spoiled (room TEXT REFERENCES rooms (id) DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER spoil AFTER INSERT ON messages WHEN NEW.text = 'spoiled'
                 BEGIN INSERT INTO spoiled VALUES ('nowhere'); END",
            "CREATE TABLE spoiled (room TEXT REFERENCES rooms (id) DEFERRABLE INITIALLY DEFERRED);
             CREATE FUNCTION spoil() RETURNS trigger AS
                 $$ BEGIN INSERT INTO spoiled VALUES ('nowhere'); RETURN NEW; END $$ LANGUAGE plpgsql;
             CREATE TRIGGER spoil AFTER INSERT ON messages FOR EACH ROW WHEN (NEW.text = 'spoiled')
                 EXECUTE FUNCTION spoil()",
        )
        .await;
    all_fail(&place, &store, &room, &caller, "spoiled").await;
    heals(&place, &store, &room, &caller).await;
}

async fn a_locked_database_refuses_and_heals(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    all_fail(&place, &store, &room, &caller, "text").await;
    stranger.unlock().await;
    heals(&place, &store, &room, &caller).await;
}

async fn a_lost_connection_heals(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let mut stranger = place.stranger().await;
    // A file has no connection that could be lost.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'gifchat'";
    stranger.run("SELECT 1", cut).await;
    let mut posted = Vec::new();
    for _ in 0..3 {
        posted.extend(store.post(place.text(room.id, &caller, "text")).await.ok().map(|posted| posted.message));
    }
    assert!(posted.len() >= 2, "one failure tells the writer, then it connects anew");
    assert_eq!(place.published(), posted);
    assert_eq!(store.messages_after(room.id, None, 0, 10).await.unwrap(), posted);
}

async fn reading_does_not_wait_for_a_writer(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let kept = store.post(place.text(room.id, &caller, "kept")).await.unwrap();
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    stranger.run("DELETE FROM messages", "DELETE FROM messages").await;
    assert_eq!(store.messages_before(room.id, None, None, 10).await.unwrap(), [kept.message]);
    assert_eq!(store.rooms().await.unwrap().len(), 1);
}

async fn a_database_of_a_newer_version_is_refused(place: Place) {
    let (store, ..) = with_a_room(&place).await;
    store.close().await;
    let mut stranger = place.stranger().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    stranger.run(newer, newer).await;
    let refused = place.try_open().await.unwrap_err();
    assert!(matches!(refused, OpenError::Newer(9999)), "{refused:?}");
    assert!(refused.to_string().contains("newer version") && !refused.to_string().contains('\n'), "{refused}");
}

async fn a_listener_that_panics_harms_nobody(place: Place) {
    let on_commit = std::sync::Arc::new(|_| panic!("a listener's own mistake"));
    let store = Store::open(place.database.clone(), place.env.clone(), on_commit, |work| work()).await.unwrap();
    let (room, caller) = (place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    for seq in 1..3 {
        assert_eq!(store.post(place.text(room.id, &caller, "text")).await.unwrap().message.seq, seq);
    }
}

async fn with_a_room(place: &Place) -> (Store, Room, Caller) {
    let (store, room) = (place.open().await, place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    (store, room, place.caller())
}

/// Posts some messages whose transaction must fail, in however many transactions the writer takes them.
async fn all_fail(place: &Place, store: &Store, room: &Room, caller: &Caller, text: &str) {
    let posts = (0..4).map(|_| store.post(place.text(room.id, caller, text)));
    for posted in futures_util::future::join_all(posts).await {
        assert!(matches!(posted, Err(StoreError::Unavailable(_))), "{posted:?}");
    }
    assert!(place.published().is_empty());
    assert!(store.messages_after(room.id, None, 0, 10).await.unwrap().is_empty());
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, 0);
}

async fn heals(place: &Place, store: &Store, room: &Room, caller: &Caller) {
    let posted = store.post(place.text(room.id, caller, "text")).await.unwrap();
    assert_eq!(posted.message.seq, 1, "a failure leaves no gap");
    assert_eq!(place.published(), [posted.message]);
}
