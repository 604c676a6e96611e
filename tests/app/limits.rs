//! Nobody does too much.

use std::time::Duration;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
async fn joins_are_slowed_for_each_session_on_every_door_together() {
    let server = Server::start_with(|config| (config.join_rate, config.join_burst) = (1.0, 3)).await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let room = one.make_room("t", 4, "").await;
    let (mut io, mut other) = (one.enter(&room).await, two.enter(&room).await);
    assert_eq!(io.call("join", json!(room)).await["recovered"], false);
    one.events(&room, None).await.snapshot().await;
    let refused = io.call("join", json!(room)).await;
    assert_eq!((&refused["error"]["code"], &refused["error"]["retryAfter"]), (&json!("too-often"), &json!(1)));
    assert_eq!(status_and_problem(one.try_events(&room, None).await).await, (429, String::from("too-often")));
    // Who is in the room goes on hearing it.
    assert_eq!(two.say(&room, "x").await.status(), 201);
    assert_eq!(io.next("chat").await["seq"], 3);
    assert_eq!(other.call("join", json!(room)).await["seq"], 3, "others are not slowed");
    server.advance(1);
    assert_eq!(io.call("join", json!(room)).await["seq"], 3);
}

#[tokio::test]
async fn a_thrown_away_cookie_gains_little() {
    let server = Server::start_with(|config| {
        (config.room_rate, config.room_burst) = (0.1, 1);
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let make = async |address: &str| {
        let request = Person::new(&server).request(Method::POST, "/room").json(&json!({"title": "t"}));
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

#[tokio::test]
async fn a_body_that_stands_still_is_given_up() {
    let server = Server::start_with(|config| config.body_timeout = Duration::from_millis(50)).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    for (path, kind) in [
        (String::from("/room"), "application/json"),
        (format!("/room/{room}/chat"), "application/x-www-form-urlencoded"),
        (format!("/room/{room}/gif"), "multipart/form-data; boundary=b"),
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n--b\r\n",
            person.cookie()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        tokio::time::timeout(crate::support::PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 408 "), "{path}: {}", String::from_utf8_lossy(&answer));
    }
}

/// Begins an upload, and sends nothing of it from the moment that the server waits for it.
async fn drip(person: &Person, server: &Server, room: &str, from: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /room/{room}/gif HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nX-Forwarded-For: {from}\r\n\
         Expect: 100-continue\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 100\r\n\r\n",
        person.cookie()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 13];
    tokio::time::timeout(crate::support::PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 ");
    stream
}

#[tokio::test]
async fn who_uploads_slowly_keeps_nobody_else_out() {
    let server = Server::start_with(|config| {
        config.body_timeout = Duration::from_secs(3600);
        config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
    })
    .await;
    let people: Vec<Person> = (0..5).map(|_| Person::new(&server)).collect();
    let room = people[0].make_room("t", 10, "").await;
    let mut here = Vec::new();
    for person in &people {
        here.push(person.enter(&room).await);
    }
    let send = async |person: &Person, from: &str| {
        let form = Form::new().part("gif", Part::bytes(GIF));
        let request = person.request(Method::POST, &format!("/room/{room}/gif")).multipart(form);
        request.header("x-forwarded-for", from).send().await.unwrap()
    };
    let mut slow = Vec::new();
    for _ in 0..3 {
        slow.push(drip(&people[0], &server, &room, "192.0.2.1").await);
    }
    let refused = send(&people[0], "192.0.2.2").await;
    assert_eq!(refused.headers()["retry-after"], "5");
    assert_eq!(status_and_problem(refused).await, (503, String::from("busy")), "a session has so many");
    for person in [1, 1, 1, 2, 2] {
        assert_eq!(send(&people[3], "192.0.2.1").await.status(), 201);
        slow.push(drip(&people[person], &server, &room, "192.0.2.1").await);
    }
    assert_eq!(send(&people[3], "192.0.2.1").await.status(), 503, "and so has an address");
    assert_eq!(send(&people[3], "192.0.2.2").await.status(), 201, "others have theirs");
    slow.remove(0);
    let sent = async || send(&people[0], "192.0.2.1").await.status() == 201;
    crate::support::eventually("who gives up has their place back", sent).await;
}
