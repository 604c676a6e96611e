//! What outlives the process.

use std::os::unix::fs::MetadataExt;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::numbered::{names_of, seqs_of};
use crate::support::{GIF, Person, Server, Transport};

#[tokio::test]
async fn rooms_messages_and_identities_survive_a_restart() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "x").await;
    guest.submit(&format!("/room/{room}/enter"), &[("password", "x")]).await;
    let mut io = owner.enter(&room).await;
    let snapshot = io.call("join", json!(room)).await;
    let (me, came) = (&snapshot["me"], &snapshot["messages"][0]);
    let text: Value = owner.say(&room, "before").await.json().await.unwrap();
    let gif: Value = owner.send_gif(&room, GIF).await.json().await.unwrap();
    let data = server.stop().await;

    let server = Server::start_in(data, 2, |_| {}).await;
    let (owner, guest) = (owner.at(&server), guest.at(&server));
    assert_eq!(owner.get_json(&format!("/room/{room}/messages")).await, json!([came, text, gif]));
    assert_eq!(owner.get(&format!("/gif/{}", gif["gif"].as_str().unwrap())).await.status(), 200);
    let mut io = guest.enter(&room).await;
    let since = json!({"epoch": io.call("join", json!(room)).await["epoch"], "seq": 2});
    let back = io.call("join", json!({"room": room, "since": since})).await;
    assert_eq!((&back["recovered"], &back["messages"][0]), (&json!(true), &gif));
    assert_eq!((seqs_of(&back["messages"]), names_of(&back["messages"])), (vec![3, 4], vec!["chat", "join"]));
    let mut owners = owner.enter(&room).await;
    assert_eq!(owners.call("join", json!(room)).await["me"], *me);
    let after: Value = owner.say(&room, "after").await.json().await.unwrap();
    assert_eq!(after["seq"], 6);
}

#[tokio::test]
async fn empty_rooms_get_their_grace_again() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = owner.make_room("t", 4, "").await;
    server.advance(59);
    let data = server.stop().await;

    let server = Server::start_in(data, 2, |_| {}).await;
    let owner = owner.at(&server);
    let mut lobby = owner.watch().await;
    server.advance(59);
    assert_eq!(owner.get(&format!("/room/{room}")).await.status(), 200);
    server.advance(1);
    assert_eq!(lobby.next("removeRoom").await, json!(room));
    let data = server.stop().await;

    let server = Server::start_in(data, 3, |_| {}).await;
    assert_eq!(owner.at(&server).get(&format!("/room/{room}")).await.status(), 404);
}

/// Starts in the data folder again after something was done to it, and comes back with `since`.
async fn back(data: TempDir, seed: u64, owner: &Person, room: &str, since: &Value) -> (Server, Value) {
    let server = Server::start_in(data, seed, |_| {}).await;
    let mut io = owner.at(&server).connect(Transport::WebSocket).await;
    let snapshot = io.call("join", json!({"room": room, "since": since})).await;
    (server, snapshot)
}

#[tokio::test]
async fn positions_are_void_when_the_machine_went_down_or_the_database_is_another() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = owner.make_room("t", 4, "").await;
    let mut io = owner.enter(&room).await;
    owner.say(&room, "1").await;
    let first = io.call("join", json!(room)).await;
    let since = json!({"epoch": first["epoch"], "seq": 2});
    let data = server.stop().await;

    let (server, same) = back(data, 2, &owner, &room, &since).await;
    assert_eq!((&same["recovered"], &same["epoch"]), (&json!(true), &first["epoch"]));
    assert_eq!(seqs_of(&same["messages"]), [3], "their coming");
    let folder = server.data_path();
    let data = server.stop().await;

    // As if the server had been running when the machine went down.
    let state = std::fs::read_to_string(folder.join("state")).unwrap();
    let words: Vec<&str> = state.split_whitespace().collect();
    assert_eq!(words[0], "closed");
    std::fs::write(folder.join("state"), format!("running another-boot {} {}", words[2], words[3])).unwrap();
    let (server, crashed) = back(data, 3, &owner, &room, &since).await;
    assert_eq!(crashed["recovered"], false);
    assert!(crashed["epoch"].as_i64() > first["epoch"].as_i64(), "{crashed}");
    assert_eq!((&crashed["room"], &crashed["messages"][1]["chat"]), (&first["room"], &json!("1")));
    assert_eq!(seqs_of(&crashed["messages"]), [1, 2, 3, 4]);
    let data = server.stop().await;

    // As if a backup had been put in its place.
    std::fs::copy(folder.join("gifchat.db"), folder.join("backup")).unwrap();
    std::fs::rename(folder.join("backup"), folder.join("gifchat.db")).unwrap();
    let since = json!({"epoch": crashed["epoch"], "seq": 1});
    let (server, restored) = back(data, 4, &owner, &room, &since).await;
    assert_eq!(restored["recovered"], false);
    assert!(restored["epoch"].as_i64() > crashed["epoch"].as_i64(), "{restored}");
    let said: Value = owner.at(&server).say(&room, "2").await.json().await.unwrap();
    assert_eq!(said["seq"], 6);
    server.stop().await;
}

#[tokio::test]
async fn an_end_without_a_goodbye_keeps_positions() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = owner.make_room("t", 4, "").await;
    let mut io = owner.enter(&room).await;
    owner.say(&room, "1").await;
    let since = json!({"epoch": io.call("join", json!(room)).await["epoch"], "seq": 0});
    // What kill -9 leaves: the files as they are while the server runs. (Their copy is another file, as the state says.)
    let copy = TempDir::new().unwrap();
    std::fs::create_dir(copy.path().join("data")).unwrap();
    for name in ["secret", "gifchat.db", "gifchat.db-wal"] {
        std::fs::copy(server.data_path().join(name), copy.path().join("data").join(name)).unwrap();
    }
    let state = std::fs::read_to_string(server.data_path().join("state")).unwrap();
    let words: Vec<&str> = state.split_whitespace().collect();
    let inode = std::fs::metadata(copy.path().join("data/gifchat.db")).unwrap().ino();
    assert_eq!((words[0], words.len()), ("running", 4));
    let state = format!("running {} {} {inode}", words[1], words[2]);
    std::fs::write(copy.path().join("data/state"), state).unwrap();

    let (killed, back) = back(copy, 2, &owner, &room, &since).await;
    assert_eq!((&back["recovered"], &back["epoch"]), (&json!(true), &since["epoch"]));
    assert_eq!((seqs_of(&back["messages"]), &back["messages"][1]["chat"]), (vec![1, 2, 3], &json!("1")));
    killed.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn an_orderly_end_ends_connections_too() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = owner.make_room("t", 4, "").await;
    let _io = owner.enter(&room).await;
    let polling = owner.connect(Transport::Polling).await;
    server.stop().await;
    drop(polling);
}
