//! The lobby, live.

use serde_json::json;

use crate::support::{Person, Server};

/// What the lobby knows of a room, and no more: nothing of what is said in it.
const KEYS: [&str; 12] = [
    "_id",
    "title",
    "max",
    "owner",
    "password",
    "createdAt",
    "members",
    "locked",
    "slow",
    "preset",
    "raid",
    "ownerMember",
];

#[tokio::test]
async fn the_lobby_hears_of_rooms_and_their_members() {
    let server = Server::start().await;
    let (watcher, person) = (Person::new(&server), Person::new(&server));
    let mut lobby = watcher.watch().await;
    let room = person.make_room("t", 4, "geheim").await;
    let created = lobby.next("newRoom").await;
    let keys: Vec<_> = created.as_object().unwrap().keys().map(String::as_str).collect();
    for key in KEYS {
        assert!(keys.contains(&key), "{key}");
    }
    assert_eq!((keys.len(), &created["_id"], &created["password"]), (KEYS.len(), &json!(room), &json!(true)));
    assert!(!created.to_string().contains("geheim"));
    let io = person.enter(&room).await;
    let updated = lobby.next("updateRoom").await;
    assert_eq!((&updated["members"], updated.as_object().unwrap().len()), (&json!(1), KEYS.len()));
    io.close();
    crate::presence::left(&server, &person, &room).await;
    assert_eq!(lobby.next("updateRoom").await["members"], 0);
    server.advance(60);
    assert_eq!(lobby.next("removeRoom").await, json!(room));
    assert!(!watcher.page("/").await.text().await.unwrap().contains(&room));
}

#[tokio::test]
async fn an_owners_name_can_be_asked_for() {
    let server = Server::start().await;
    let (watcher, person) = (Person::new(&server), Person::new(&server));
    let room = person.make_room("t", 4, "").await;
    let summary = watcher.get_json(&format!("/room/{room}")).await;
    assert!(summary["ownerName"].as_str().is_some_and(|name| !name.is_empty()));
    assert_eq!(summary.as_object().unwrap().len(), KEYS.len() + 1);
}
