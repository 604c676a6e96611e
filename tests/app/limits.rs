//! Nobody does too much.

use serde_json::json;

use crate::support::{GIF, Person, Server, status_and_problem};

#[tokio::test]
async fn messages_uploads_and_rooms_are_slowed_for_each_session() {
    let server = Server::start_with(|config| {
        (config.message_rate, config.message_burst) = (1.0, 3);
        (config.upload_rate, config.upload_burst) = (0.5, 1);
        (config.room_rate, config.room_burst) = (0.1, 1);
    })
    .await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    one.page("/").await;
    let room = one.make_room("t", 4, "").await;
    let refused = one.post("/room", &json!({"title": "t"})).await;
    assert_eq!(refused.headers()["retry-after"], "10");
    assert_eq!(status_and_problem(refused).await, (429, String::from("too-often")));
    let (mut io, _two) = (one.enter(&room).await, two.enter(&room).await);
    for _ in 0..3 {
        assert_eq!(one.say(&room, "x").await.status(), 201);
    }
    assert_eq!(one.say(&room, "x").await.status(), 429);
    let refused = io.call("chat", json!({"room": room, "chat": "x"})).await;
    assert_eq!((&refused["error"]["code"], &refused["error"]["retryAfter"]), (&json!("too-often"), &json!(1)));
    assert_eq!(two.say(&room, "x").await.status(), 201, "others are not slowed");
    assert_eq!(one.send_gif(&room, GIF).await.status(), 201);
    assert_eq!(one.send_gif(&room, GIF).await.status(), 429);
    server.advance(2);
    assert_eq!(one.say(&room, "x").await.status(), 201);
    assert_eq!(one.send_gif(&room, GIF).await.status(), 201);
}

#[tokio::test]
async fn a_thrown_away_cookie_gains_little() {
    let server = Server::start_with(|config| {
        (config.room_rate, config.room_burst) = (0.1, 1);
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let make = async |address: &str| {
        let request = Person::new(&server).request(reqwest::Method::POST, "/room").json(&json!({"title": "t"}));
        request.header("x-forwarded-for", address).send().await.unwrap().status().as_u16()
    };
    let mut made = 0;
    while make("192.0.2.1").await == 201 {
        made += 1;
        assert!(made <= 20, "an address has a bound");
    }
    assert_eq!(made, 20);
    assert_eq!(make("192.0.2.2").await, 201);
    assert_eq!(make("6.6.6.6, 192.0.2.1").await, 429, "what the client says of itself does not count");
}
