//! Pages of other origins can neither change anything nor connect.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::json;

use crate::support::{Person, Server, Transport, status_and_problem};

fn fields(name: &'static str, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, value.parse().unwrap());
    headers
}

#[tokio::test]
async fn a_foreign_page_changes_nothing() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let own = server.url("");
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for (method, path) in [
            (Method::POST, String::from("/room")),
            (Method::POST, format!("/room/{room}/chat")),
            (Method::POST, format!("/room/{room}/gif")),
            (Method::POST, format!("/room/{room}/enter")),
            (Method::DELETE, format!("/room/{room}")),
        ] {
            let request =
                person.request(method.clone(), &path).header(name, value).json(&json!({"title": "x", "chat": "x"}));
            let refused = status_and_problem(request.send().await.unwrap()).await;
            assert_eq!(refused, (403, String::from("cross-origin")), "{method} {path} {value}");
        }
        for transport in [Transport::WebSocket, Transport::Polling] {
            assert_eq!(
                person.try_connect(transport, fields(name, value)).await.err(),
                Some(403),
                "{transport:?} {value}"
            );
        }
    }
    let request = person.request(Method::POST, &format!("/room/{room}/chat")).header("origin", &own);
    assert_eq!(request.json(&json!({"chat": "x"})).send().await.unwrap().status(), 201);
    for transport in [Transport::WebSocket, Transport::Polling] {
        assert!(person.try_connect(transport, fields("origin", &own)).await.is_ok());
    }
}

#[tokio::test]
async fn an_allowed_origin_is_allowed() {
    let allowed =
        |config: &mut gifchat::config::Config| config.allowed_origins = vec![String::from("https://friend.example")];
    let server = Server::start_with(allowed).await;
    let person = Person::new(&server);
    assert!(person.try_connect(Transport::WebSocket, fields("origin", "https://friend.example")).await.is_ok());
    assert_eq!(
        person.try_connect(Transport::WebSocket, fields("origin", "https://friend.example.evil")).await.err(),
        Some(403)
    );
}

#[tokio::test]
async fn behind_a_trusted_proxy_its_word_counts() {
    let trust = |config: &mut gifchat::config::Config| config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let server = Server::start_with(trust).await;
    let person = Person::new(&server);
    let request = person.request(Method::POST, "/room").json(&json!({"title": "t"}));
    let request = request.header("x-forwarded-proto", "https").header("x-forwarded-host", "chat.example");
    let made = request.header("origin", "https://chat.example").send().await.unwrap();
    assert_eq!(made.status(), 201);
    let cookie = made.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-gifchat=") && cookie.contains("Secure"), "{cookie}");

    let distrusting = Server::start().await;
    let request = Person::new(&distrusting).request(Method::POST, "/room").json(&json!({"title": "t"}));
    let request = request.header("x-forwarded-host", "chat.example").header("origin", "https://chat.example");
    assert_eq!(request.send().await.unwrap().status(), 403);
}
