//! What outlives the process.

use serde_json::{Value, json};

use crate::support::{GIF, Person, Server};

#[tokio::test]
async fn rooms_messages_and_identities_survive_a_restart() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "x").await;
    guest.submit(&format!("/room/{room}/enter"), &[("password", "x")]).await;
    let mut io = owner.enter(&room).await;
    let me = io.call("join", json!(room)).await["me"].clone();
    let text: Value = owner.say(&room, "before").await.json().await.unwrap();
    let gif: Value = owner.send_gif(&room, GIF).await.json().await.unwrap();
    let data = server.stop().await;

    let server = Server::start_in(data, 2, |_| {}).await;
    let (owner, guest) = (owner.at(&server), guest.at(&server));
    assert_eq!(owner.get_json(&format!("/room/{room}/messages")).await, json!([text, gif]));
    assert_eq!(owner.get(&format!("/gif/{}", gif["gif"].as_str().unwrap())).await.status(), 200);
    let mut io = guest.enter(&room).await;
    let since = json!({"epoch": io.call("join", json!(room)).await["epoch"], "seq": 1});
    let back = io.call("join", json!({"room": room, "since": since})).await;
    assert_eq!((&back["recovered"], back["messages"].as_array().unwrap().len()), (&json!(true), 1));
    let mut owners = owner.enter(&room).await;
    assert_eq!(owners.call("join", json!(room)).await["me"], me);
    let after: Value = owner.say(&room, "after").await.json().await.unwrap();
    assert_eq!(after["seq"], 3);
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

#[tokio::test]
async fn an_orderly_end_ends_connections_too() {
    let server = Server::start().await;
    let owner = Person::new(&server);
    let room = owner.make_room("t", 4, "").await;
    let _io = owner.enter(&room).await;
    let polling = owner.connect(crate::support::Transport::Polling).await;
    server.stop().await;
    drop(polling);
}
