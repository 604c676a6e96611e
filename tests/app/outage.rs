//! When nothing can be stored: what people see, what they do not, and how it is over again.

use reqwest::header::RETRY_AFTER;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use crate::support::{GIF, Person, Server, status_and_problem};

/// Somebody else who keeps the database locked.
struct Outage(SqliteConnection);

impl Outage {
    async fn begin(server: &Server) -> Self {
        let file = server.data_path().join("gifchat.db");
        let mut connection = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
        Self(connection)
    }

    async fn end(self) {
        self.0.close().await.unwrap();
    }
}

async fn is_told(response: Response) {
    assert_eq!(response.headers()[RETRY_AFTER], "5");
    assert_eq!(status_and_problem(response).await, (503, "unavailable".to_owned()));
}

fn is_told_in_ack(answer: &Value) {
    let error = &answer["error"];
    assert_eq!(
        (&error["code"], &error["status"], &error["retryAfter"]),
        (&json!("unavailable"), &json!(503), &json!(5))
    );
    assert!(error["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{error}");
}

#[tokio::test]
async fn posters_are_told_others_hear_nothing_and_a_retry_is_one_message() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let (mut a, mut b) = (owner.enter(&room).await, guest.enter_plain(&room).await);
    owner.say(&room, "before").await;
    let before = a.next("chat").await;
    assert_eq!(b.next("chat").await, before);

    let outage = Outage::begin(&server).await;
    let over_http = json!({"chat": "over HTTP", "clientMessageId": "h"});
    let over_io = json!({"room": room, "chat": "over Socket.IO", "clientMessageId": "i"});
    let over_ws = json!({"room": room, "chat": "over /ws", "clientMessageId": "w"});
    let path = format!("/room/{room}/chat");
    let (http, io, ws) =
        tokio::join!(owner.post(&path, &over_http), a.call("chat", over_io.clone()), b.call("chat", over_ws.clone()));
    is_told(http).await;
    is_told_in_ack(&io);
    is_told_in_ack(&ws);
    is_told(owner.send_gif(&room, GIF).await).await;
    // Reading goes on.
    assert_eq!(owner.get_json(&format!("/room/{room}/messages")).await, json!([before]));
    owner.look(&room).await;
    assert_eq!(a.call("join", json!(room)).await["seq"], 1);
    assert!(!a.heard_so_far().await.iter().any(|heard| heard.name == "chat"));
    assert!(!b.heard_so_far().await.iter().any(|heard| heard.name == "chat"));

    outage.end().await;
    let first: Value = owner.post(&path, &over_http).await.json().await.unwrap();
    let again: Value = owner.post(&path, &over_http).await.json().await.unwrap();
    let (second, third) = (a.call("chat", over_io).await, b.call("chat", over_ws).await);
    assert_eq!((&first["seq"], &again, &second["seq"], &third["seq"]), (&json!(2), &first, &json!(3), &json!(4)));
    for expected in [&first, &second, &third] {
        assert_eq!(a.next("chat").await, *expected);
        assert_eq!(b.next("chat").await, *expected);
    }
    // What the failed upload left behind goes with the next.
    let gif: Value = owner.send_gif(&room, GIF).await.json().await.unwrap();
    assert_eq!(gif["seq"], 5);
    assert_eq!(server.stored_gifs().len(), 1);
}

#[tokio::test]
async fn what_could_not_be_stored_is_not_there_and_what_could_not_be_removed_is() {
    let server = Server::start().await;
    let (owner, newcomer) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let mut lobby = owner.watch().await;

    let outage = Outage::begin(&server).await;
    let path = format!("/room/{room}");
    let another = json!({"title": "another", "max": 4});
    let (made, seen) = tokio::join!(owner.post("/room", &another), newcomer.page(&path));
    is_told(made).await;
    assert_eq!((seen.status().as_u16(), &seen.headers()[RETRY_AFTER]), (503, &"5".parse().unwrap()));
    is_told(owner.request(Method::DELETE, &path).send().await.unwrap()).await;
    assert!(!owner.page("/").await.text().await.unwrap().contains("another"));
    assert_eq!(owner.page(&path).await.status(), 200, "it is still there, with its door open");

    outage.end().await;
    let mut io = newcomer.enter(&room).await;
    assert_eq!(io.call("join", json!(room)).await["room"]["_id"], room);
    let made: Value = owner.post("/room", &another).await.json().await.unwrap();
    assert_eq!(lobby.next("newRoom").await["_id"], made["_id"], "announced once, when it is stored");
    assert_eq!(owner.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(lobby.next("removeRoom").await, json!(room));
}
