//! Manners of the HTTP doors: kinds of answers, languages, policies.

use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE};
use serde_json::Value;

use crate::support::{Person, Server, status_and_problem};

#[tokio::test]
async fn an_unknown_path_is_a_page_or_a_problem() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let page = person.page("/nowhere").await;
    assert_eq!(page.status(), 404);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert_eq!(status_and_problem(person.get("/nowhere").await).await, (404, String::from("not-found")));
    let wrong = person.request(Method::PUT, "/room").send().await.unwrap();
    assert!(wrong.headers()["allow"].to_str().unwrap().contains("POST"));
    assert_eq!(status_and_problem(wrong).await, (405, String::from("method-not-allowed")));
}

#[tokio::test]
async fn problems_speak_the_readers_language() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let title = async |language: &str| {
        let request = person.request(Method::GET, "/nowhere").header(ACCEPT, "application/json");
        let problem: Value = request.header(ACCEPT_LANGUAGE, language).send().await.unwrap().json().await.unwrap();
        problem["title"].as_str().unwrap().to_owned()
    };
    let (korean, english) = (title("ko").await, title("en").await);
    assert!(korean.chars().any(|letter| ('가'..='힣').contains(&letter)), "{korean}");
    assert!(english.is_ascii(), "{english}");
    let chosen = person.page("/lang/ko?to=/room").await;
    assert_eq!((chosen.status().as_u16(), chosen.headers()["location"].to_str().unwrap()), (303, "/room"));
    assert_eq!(title("en").await, korean, "what was chosen here wins");
    let away = person.page("/lang/en?to=//evil.example").await;
    assert_eq!(away.headers()["location"], "/");
}

#[tokio::test]
async fn every_answer_has_its_policies() {
    let server = Server::start().await;
    let person = Person::new(&server);
    for path in ["/", "/room", "/nowhere", "/healthz", "/gif/x", "/favicon.svg", "/socket.io/?EIO=4&transport=polling"]
    {
        let answer = person.page(path).await;
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
        let permissions = headers["permissions-policy"].to_str().unwrap();
        assert!(permissions.contains("camera=(self)") && permissions.contains("microphone=()"), "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(!policy.contains("unsafe"), "{path}");
    }
    let nonce = async || {
        let page = person.page("/").await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert!(page.text().await.unwrap().contains(&nonce));
        nonce
    };
    assert_ne!(nonce().await, nonce().await);
}

#[tokio::test]
async fn pages_answer_head_and_keep_the_identity() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let head = person.request(Method::HEAD, "/").send().await.unwrap();
    assert_eq!(head.status(), 200);
    let cookie = person.cookie();
    assert!(cookie.starts_with("gifchat="));
    let again = person.page("/").await;
    assert!(again.headers()["set-cookie"].to_str().unwrap().contains("HttpOnly"), "kept for longer");
    assert_eq!(person.cookie(), cookie);
    let forged = Person::new(&server);
    let request = forged.request(Method::GET, "/").header("cookie", cookie.replace("gifchat=", "gifchat=x"));
    assert!(request.send().await.unwrap().headers().contains_key("set-cookie"), "a forged one is replaced");
}

#[tokio::test]
async fn health_is_told_without_an_identity() {
    let server = Server::start().await;
    let person = Person::new(&server);
    for path in ["/healthz", "/readyz"] {
        let answer = person.get(path).await;
        assert_eq!(answer.status(), 200);
        assert!(!answer.headers().contains_key("set-cookie"));
    }
}
