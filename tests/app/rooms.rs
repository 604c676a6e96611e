//! Making rooms and removing them.

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};

use crate::support::{Person, Server, status_and_problem};

#[tokio::test]
async fn a_form_makes_a_room_and_leads_there() {
    let server = Server::start().await;
    let person = Person::new(&server);
    assert_eq!(person.page("/room").await.status(), 200);
    let made = person.submit("/room", &[("title", " 점심  뭐 먹지 "), ("max", "4"), ("password", "")]).await;
    assert_eq!(made.status(), 303);
    let path = made.headers()["location"].to_str().unwrap().to_owned();
    let room = person.get_json(&path).await;
    assert_eq!((&room["title"], &room["max"], &room["password"]), (&json!("점심 뭐 먹지"), &json!(4), &json!(false)));
    assert_eq!(person.page(&path).await.status(), 200);
    assert!(person.page("/").await.text().await.unwrap().contains("점심 뭐 먹지"));
}

#[tokio::test]
async fn json_makes_a_room_and_gets_it() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let made = person.post("/room", &json!({"title": "t", "max": 3, "password": "x"})).await;
    assert_eq!(made.status(), 201);
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    let room: Value = made.json().await.unwrap();
    assert_eq!(location, format!("/room/{}", room["_id"].as_str().unwrap()));
    assert_eq!((&room["max"], &room["password"], &room["members"]), (&json!(3), &json!(true), &json!(0)));
    let default: Value = person.post("/room", &json!({"title": "t"})).await.json().await.unwrap();
    assert_eq!(default["max"], 10);
}

#[tokio::test]
async fn only_the_owner_removes_a_room_and_everybody_hears() {
    let server = Server::start().await;
    let (owner, guest, watcher) = (Person::new(&server), Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let (mut inside, mut lobby) = (guest.enter(&room).await, watcher.watch().await);
    let path = format!("/room/{room}");
    let refused = guest.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(status_and_problem(refused).await, (403, String::from("not-owner")));
    let removed = owner.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(removed.status(), 204);
    assert_eq!(inside.next("removeRoom").await, json!(room));
    assert_eq!(lobby.next("removeRoom").await, json!(room));
    assert_eq!(status_and_problem(guest.say(&room, "x").await).await, (404, String::from("no-such-room")));
    let again = owner.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!(status_and_problem(again).await.0, 404);
    let rejoin = inside.call("join", json!(room)).await;
    assert_eq!(rejoin["error"]["code"], "no-such-room");
}

#[tokio::test]
async fn a_wrong_form_comes_back_filled_in_with_the_reason_at_the_field() {
    let server = Server::start().await;
    let person = Person::new(&server);
    for max in ["2.5", "1e9", "abc", "1", "-3", "1001", ""] {
        let answer = person.submit("/room", &[("title", "내 방"), ("max", max)]).await;
        assert_eq!(answer.status(), 422, "{max}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("내 방") && page.contains(r#"action="/room""#), "{page}");
        let problem = person.post("/room", &json!({"title": "t", "max": max})).await;
        let problem: Value = problem.json().await.unwrap();
        assert_eq!((&problem["field"], &problem["status"]), (&json!("max"), &json!(422)), "{max}");
    }
    for title in [json!(""), json!("  "), json!({"a": 1}), json!(["x"]), json!(null), json!(1)] {
        let problem: Value = person.post("/room", &json!({"title": title})).await.json().await.unwrap();
        assert_eq!(problem["field"], "title", "{title}");
    }
    assert_eq!(person.request(Method::POST, "/room").header(ACCEPT, "text/html").send().await.unwrap().status(), 422);
}

#[tokio::test]
async fn somebody_owns_only_so_many_rooms() {
    let server = Server::start_with(|config| (config.rooms_per_session, config.rooms) = (2, 3)).await;
    let (one, other) = (Person::new(&server), Person::new(&server));
    one.make_room("1", 2, "").await;
    one.make_room("2", 2, "").await;
    let refused = one.post("/room", &json!({"title": "3"})).await;
    assert_eq!(status_and_problem(refused).await, (409, String::from("too-many-own-rooms")));
    other.make_room("3", 2, "").await;
    let refused = other.post("/room", &json!({"title": "4"})).await;
    assert_eq!(status_and_problem(refused).await, (503, String::from("too-many-rooms")));
    assert_eq!(other.submit("/room", &[("title", "4"), ("max", "2")]).await.status(), 503);
}

#[tokio::test]
async fn what_is_said_while_a_room_is_removed_is_heard_before_or_refused() {
    let server = Server::start().await;
    let owner = Arc::new(Person::new(&server));
    for _ in 0..5 {
        let room = owner.make_room("t", 4, "").await;
        let mut inside = owner.enter(&room).await;
        let says = (0..40).map(|number| {
            let (owner, room) = (Arc::clone(&owner), room.clone());
            tokio::spawn(async move { owner.say(&room, &number.to_string()).await.status().as_u16() })
        });
        let says: Vec<_> = says.collect();
        assert_eq!(owner.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap().status(), 204);
        let mut stored = 0;
        for said in says {
            let status = said.await.unwrap();
            assert!(status == 201 || status == 404, "{status}");
            stored += usize::from(status == 201);
        }
        let heard = inside.heard_so_far().await;
        let (last, before) = heard.split_last().unwrap();
        assert_eq!(last.name, "removeRoom", "the last thing that is heard");
        assert_eq!(before.iter().filter(|heard| heard.name == "chat").count(), stored);
    }
}
