//! Who is muted without knowing it: what they show looks to them as always.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{GIF, Person, Server, eventually};

/// What somebody is answered who is not heard: late.
async fn answer(server: &Server, request: RequestBuilder) -> Value {
    let mut sent = std::pin::pin!(request.send());
    loop {
        tokio::select! {
            biased;
            answer = &mut sent => return answer.unwrap().json().await.unwrap(),
            () = tokio::task::yield_now() => server.env.advance(Duration::from_millis(1)),
        }
    }
}

#[tokio::test]
async fn a_gif_that_nobody_hears_of_looks_like_any_other_to_who_sends_it() {
    let server = Server::without_renditions().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let (mut io, _there) = (owner.enter(&room).await, guest.enter_plain(&room).await);
    io.call("raid", json!({"room": room, "on": true})).await;
    let mut refused = 0;
    while refused < 10 {
        refused += u32::from(guest.say(&room, "flood").await.status() == 429);
    }
    io.heard_so_far().await;

    let form = Form::new().text("clientMessageId", "g-1").text("alt", "red").part("gif", Part::bytes(GIF));
    let upload = guest.request(Method::POST, &format!("/room/{room}/gif")).multipart(form);
    let uploaded = answer(&server, upload).await;
    assert_eq!((uploaded.get("removed"), &uploaded["width"], &uploaded["alt"]), (None, &json!(1), &json!("red")));
    assert_eq!(uploaded["clientMessageId"], "g-1");
    let path = format!("/gif/{}", uploaded["gif"].as_str().unwrap());
    assert_eq!(guest.get(&path).await.status(), 200, "their page loads it");

    let mut other = GIF.to_vec();
    other[14] = 7;
    let shown: Value = owner.send_gif(&room, &other).await.json().await.unwrap();
    assert_eq!(io.next("chat").await, shown, "nobody heard theirs");
    let body = json!({"type": "gif", "gif": shown["gif"], "clientMessageId": "g-2"});
    let named = answer(&server, guest.request(Method::POST, &format!("/room/{room}/commands")).json(&body)).await;
    assert_eq!((named.get("removed"), &named["gif"]), (None, &shown["gif"]));
    assert_eq!(io.heard_so_far().await, []);

    owner.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    eventually("nothing is left of either", async || {
        server.advance(1);
        server.stored_files().is_empty()
    })
    .await;
}
