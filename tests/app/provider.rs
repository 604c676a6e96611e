//! The operator's provider of GIFs: a real server of its own that speaks the Tenor v2 API.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, RawQuery, State};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};

use crate::support::{GIF, Person, Server, status_and_problem};

/// What it was asked for.
pub type Asked = Arc<Mutex<Vec<String>>>;

/// Says where it is; it has one GIF, and an entry without a file.
pub async fn provider() -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let found = |base: String| {
        let media = |name: &str| json!({"url": format!("{base}/{name}"), "dims": [1, 1], "size": GIF.len()});
        json!({"next": "more", "results": [
            {"content_description": "red", "media_formats": {"gif": media("red.gif"), "tinygif": media("red.gif")}},
            {"content_description": "none", "media_formats": {"gif": media("none.gif"), "tinygif": media("none.gif")}},
        ]})
    };
    let answer = found(base.clone());
    let search = async move |State(asked): State<Asked>, RawQuery(query): RawQuery| {
        asked.lock().await.push(query.unwrap_or_default());
        axum::Json(answer)
    };
    let router = Router::new()
        .route("/v2/search", get(search.clone()))
        .route("/v2/featured", get(search))
        .route("/red.gif", get(async || GIF))
        .with_state(Arc::clone(&asked));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (base + "/v2", asked)
}

async fn found(person: &Person, query: &str) -> Value {
    let answer = person.get(&format!("/provider/search?{query}")).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

async fn show(person: &Person, room: &str, remote: &Value) -> reqwest::Response {
    let id = remote["id"].as_str().unwrap();
    let body = json!({"remote": id, "clientMessageId": format!("p-{id}")});
    person.post(&format!("/room/{room}/provider"), &body).await
}

#[tokio::test]
async fn what_the_provider_has_is_found_seen_and_shown() {
    let (url, asked) = provider().await;
    let server = Server::start_with(|config| {
        config.provider_url = Some(url.parse().unwrap());
        config.provider_key = "k".to_owned();
    })
    .await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let page = found(&person, "q=%EB%B9%A8%EA%B0%95").await;
    assert_eq!((&page["next"], page["remotes"].as_array().unwrap().len()), (&json!("more"), 2));
    let red = &page["remotes"][0];
    assert_eq!((&red["title"], &red["width"], &red["height"]), (&json!("red"), &json!(1), &json!(1)));
    assert!(asked.lock().await[0].contains("key=k") && asked.lock().await[0].contains("q=%EB%B9%A8%EA%B0%95"));
    found(&person, "after=more").await;
    assert!(asked.lock().await[1].contains("pos=more"));

    let preview = person.get(red["preview"].as_str().unwrap()).await;
    assert_eq!((preview.status().as_u16(), &preview.headers()["content-type"]), (200, &"image/gif".parse().unwrap()));
    assert_eq!(preview.headers()["content-security-policy"], "default-src 'none'; sandbox");
    assert_eq!(&preview.bytes().await.unwrap()[..], GIF);

    let poster = person.get(red["poster"].as_str().unwrap()).await;
    assert_eq!((poster.status().as_u16(), &poster.headers()["content-type"]), (200, &"image/webp".parse().unwrap()));

    let outside = show(&person, &room, red).await;
    assert_eq!(status_and_problem(outside).await, (403, "not-in-room".to_owned()));
    let mut io = person.enter(&room).await;
    let message: Value = show(&person, &room, red).await.json().await.unwrap();
    assert_eq!(io.next("chat").await, message);
    let gif = person.get(&format!("/gif/{}", message["gif"].as_str().unwrap())).await;
    assert_eq!(&gif.bytes().await.unwrap()[..], GIF);
    // Once more is a retry.
    let again: Value = show(&person, &room, red).await.json().await.unwrap();
    assert_eq!(again["_id"], message["_id"]);

    let none = &page["remotes"][1];
    assert_eq!(status_and_problem(show(&person, &room, none).await).await, (502, "provider-away".to_owned()));
    assert_eq!(person.get(none["preview"].as_str().unwrap()).await.status(), 502);
    let unknown = json!({"id": "0".repeat(24)});
    assert_eq!(status_and_problem(show(&person, &room, &unknown).await).await, (404, "remote-gone".to_owned()));
    let wrong = json!({"id": "../../etc"});
    assert_eq!(show(&person, &room, &wrong).await.status(), 422);
}

/// What others have looked at costs nothing.
#[tokio::test]
async fn looks_that_ask_the_provider_are_slowed_like_searches() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let answer = {
        let base = base.clone();
        async move |Query(asked): Query<HashMap<String, String>>| {
            let media =
                |at: usize| json!({"url": format!("{base}/{}{at}.gif", asked["q"]), "dims": [1, 1], "size": 50});
            let result = |at| json!({"media_formats": {"gif": media(at), "tinygif": media(at)}});
            axum::Json(json!({"results": (0..30).map(result).collect::<Vec<_>>()}))
        }
    };
    let router = Router::new().route("/v2/search", get(answer)).route("/{name}", get(async || GIF));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let server = Server::start_with(|config| {
        config.provider_url = Some(format!("{base}/v2").parse().unwrap());
        (config.search_rate, config.search_burst) = (0.001, 1);
    })
    .await;
    let (person, other) = (Person::new(&server), Person::new(&server));
    let looks = async |person: &Person, query: &str| {
        let page = found(person, query).await;
        page["remotes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|remote| remote["preview"].as_str().unwrap().to_owned())
            .collect()
    };
    let (mine, theirs): (Vec<String>, Vec<String>) = (looks(&person, "q=a").await, looks(&other, "q=b").await);
    assert_eq!((mine.len(), theirs.len()), (30, 30));
    for path in &mine {
        assert_eq!(person.get(path).await.status(), 200, "a page of them for each search");
    }
    assert_eq!(status_and_problem(person.get(&theirs[0]).await).await, (429, "too-often".to_owned()));
    assert_eq!(other.get(&theirs[0]).await.status(), 200);
    for path in [&theirs[0], &mine[0]] {
        assert_eq!(person.get(path).await.status(), 200, "it is here");
    }
}

#[tokio::test]
async fn without_a_provider_there_is_none() {
    let server = Server::start().await;
    let person = Person::new(&server);
    assert_eq!(person.get("/provider/search?q=x").await.status(), 404);
    assert_eq!(person.get(&format!("/provider/{}.gif", "0".repeat(24))).await.status(), 404);
}

/// What keeps others from uploading is bytes that are here, not another server that is slow.
#[tokio::test]
async fn a_slow_provider_keeps_nobody_from_uploading() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let media = json!({"url": format!("{base}/slow.gif"), "dims": [1, 1], "size": GIF.len()});
    let answer = json!({"results": [{"media_formats": {"gif": media, "tinygif": media}}]});
    let (asked, given) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let slow = {
        let (asked, given) = (Arc::clone(&asked), Arc::clone(&given));
        async move || {
            asked.add_permits(1);
            given.acquire().await.unwrap().forget();
            GIF
        }
    };
    let router = Router::new().route("/v2/search", get(async || axum::Json(answer))).route("/slow.gif", get(slow));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let server = Server::start_with(|config| config.provider_url = Some(format!("{base}/v2").parse().unwrap())).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let page = found(&person, "q=x").await;
    let body = json!({"remote": page["remotes"][0]["id"]});
    let path = format!("/room/{room}/provider");
    let shown = futures_util::future::join_all((0..3).map(|_| person.post(&path, &body)));
    let upload = async {
        asked.acquire_many(3).await.unwrap().forget();
        let status = person.send_gif(&room, GIF).await.status();
        given.add_permits(3);
        status
    };
    let (shown, uploaded) = tokio::join!(shown, upload);
    assert_eq!(uploaded, 201);
    assert!(shown.iter().all(|shown| shown.status() == 201));
}
