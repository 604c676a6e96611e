//! When nothing can be stored: what people see, what they do not, and how it is over again.

use reqwest::header::RETRY_AFTER;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use crate::support::numbered::{names_of, seqs_of};
use crate::support::{Door, GIF, Person, Server, status_and_problem};

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
    let messages = format!("/room/{room}/messages");
    let page = owner.get_json(&messages).await;
    assert_eq!((names_of(&page), &page[2]), (vec!["join", "join", "chat"], &before));

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
    assert_eq!(owner.get_json(&messages).await, page);
    owner.look(&room).await;
    assert_eq!(a.call("join", json!(room)).await["seq"], 3);
    assert_eq!(a.heard_so_far().await, []);
    assert_eq!(b.heard_so_far().await, []);

    outage.end().await;
    let first: Value = owner.post(&path, &over_http).await.json().await.unwrap();
    let again: Value = owner.post(&path, &over_http).await.json().await.unwrap();
    let (second, third) = (a.call("chat", over_io).await, b.call("chat", over_ws).await);
    assert_eq!((&first["seq"], &again, &second["seq"], &third["seq"]), (&json!(4), &first, &json!(5), &json!(6)));
    for expected in [&first, &second, &third] {
        assert_eq!(a.next("chat").await, *expected);
        assert_eq!(b.next("chat").await, *expected);
    }
    // What the failed upload left behind goes with the next.
    let gif: Value = owner.send_gif(&room, GIF).await.json().await.unwrap();
    assert_eq!(gif["seq"], 7);
    assert_eq!(server.stored_gifs().len(), 1);
}

#[tokio::test]
async fn who_comes_and_goes_meanwhile_is_told_without_a_number() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let mut a = owner.enter(&room).await;
    guest.look(&room).await;
    let mut door = Door::plain(&guest).await;

    let outage = Outage::begin(&server).await;
    let since = json!({"room": room});
    let snapshot = door.call("join", since.clone()).await;
    assert_eq!((&snapshot["seq"], seqs_of(&snapshot["messages"])), (&json!(1), vec![1]), "reading goes on");
    assert_eq!(snapshot["members"].as_array().unwrap().len(), 2);
    let joined = a.next("join").await;
    assert_eq!((&joined["member"], &joined["members"]), (&snapshot["me"], &json!(2)));
    assert_eq!(joined.get("seq"), None, "nothing of it is stored");
    assert_eq!(door.call("nothing", json!({})).await["error"]["code"], "unknown-command");
    assert_eq!(door.untaken(), [], "who comes does not hear that they came");
    assert!(door.call("leave", since.clone()).await["error"].is_null(), "nobody is held back");
    let left = a.next("exit").await;
    assert_eq!((&left["member"], &left["members"], left.get("seq")), (&snapshot["me"], &json!(1), None));
    let members = owner.get_json(&format!("/room/{room}/members")).await;
    assert_eq!(members.as_array().unwrap().len(), 1, "they are gone all the same");

    outage.end().await;
    // The order goes on where it was.
    let back = door.call("join", since).await;
    assert_eq!((&back["seq"], seqs_of(&back["messages"])), (&json!(2), vec![1, 2]));
    assert_eq!(a.next("join").await, back["messages"][1]);
    assert_eq!(owner.say(&room, "after").await.json::<Value>().await.unwrap()["seq"], 3);
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
