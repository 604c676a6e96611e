//! Against real servers on this machine.

use std::collections::HashMap;
use std::sync::Mutex;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;
use tokio::net::TcpListener;

use super::*;

/// A provider that answers what the test wants, and remembers what it was asked.
#[derive(Clone, Default)]
struct Fake {
    answers: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    async fn open(&self) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        format!("http://{address}/v2/").parse().unwrap()
    }

    fn set(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.answers.lock().unwrap().insert(path.to_owned(), bytes.into());
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response {
    fake.asked.lock().unwrap().push(request.uri().to_string());
    if request.uri().path() == "/away" {
        return Redirect::temporary("/small.gif").into_response();
    }
    let found = fake.answers.lock().unwrap().get(request.uri().path()).cloned();
    found.map_or_else(|| http::StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}

fn provider(url: &Url, bytes: usize) -> Provider {
    let limits = gifchat_gif::Limits { bytes, ..gifchat_gif::Limits::default() };
    Provider::new(Settings { url: url.clone(), key: "a key".to_owned(), limits }).unwrap()
}

fn result(gif: &str, tiny: &str, size: usize) -> serde_json::Value {
    let media = |url: &str| json!({"url": url, "dims": [10, 20], "size": size});
    json!({"content_description": "a cat", "media_formats": {"gif": media(gif), "tinygif": media(tiny)}})
}

const GIF: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0!\xfe\x05where\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";

#[tokio::test]
async fn what_was_found_can_be_looked_at_and_sent() {
    let fake = Fake::default();
    let base = fake.open().await;
    let here = |path: &str| base.join(path).unwrap().to_string();
    fake.set(
        "/v2/search",
        json!({"results": [result(&here("/big.gif"), &here("/small.gif"), 100)], "next": "p2"}).to_string(),
    );
    fake.set("/big.gif", GIF);
    fake.set("/small.gif", GIF);
    let provider = provider(&base, 1 << 20);
    let found = provider.search("고양이 & co", Lang::Ko, "").await.unwrap();
    assert_eq!(found.next.as_deref(), Some("p2"));
    let cat = &found.remotes[0];
    assert_eq!((cat.title.as_str(), cat.width, cat.height), ("a cat", 10, 20));
    // The preview has lost its comment; the whole is for the caller to look through.
    let Preview { poster, moving } = provider.preview(cat.id).await.unwrap().unwrap();
    assert!(poster.starts_with(b"RIFF"));
    assert!(moving.is_some_and(|gif| gif.len() < GIF.len() && gif.starts_with(b"GIF89a")));
    assert_eq!(provider.fetch(cat.id).await.unwrap().unwrap(), GIF);
    let question: Url = base.join(&fake.asked()[0]).unwrap();
    let pairs: HashMap<_, _> = question.query_pairs().into_owned().collect();
    assert_eq!(
        (pairs["q"].as_str(), pairs["key"].as_str(), pairs["locale"].as_str()),
        ("고양이 & co", "a key", "ko_KR")
    );
    // Nothing is asked twice.
    provider.search("고양이 & co", Lang::Ko, "").await.unwrap();
    provider.preview(cat.id).await.unwrap().unwrap();
    assert_eq!(fake.asked().len(), 3);
    let unknown = RemoteId([7; RemoteId::LEN]);
    assert!(provider.preview(unknown).await.unwrap().is_none());
    assert!(provider.fetch(unknown).await.unwrap().is_none());
}

#[tokio::test]
async fn no_address_of_an_answer_leads_inside() {
    let (fake, inside) = (Fake::default(), Fake::default());
    let (base, secret) = (fake.open().await, inside.open().await);
    inside.set("/small.gif", GIF);
    let port = secret.port().unwrap();
    let traps = [
        format!("http://127.0.0.1:{port}/small.gif"),
        format!("https://127.0.0.1:{port}/small.gif"),
        format!("https://localhost:{port}/small.gif"),
        format!("https://[::1]:{port}/small.gif"),
        format!("https://[::ffff:127.0.0.1]:{port}/small.gif"),
        format!("https://2130706433:{port}/small.gif"),
        format!("https://0x7f.1:{port}/small.gif"),
        format!("https://user:word@127.0.0.1:{port}/small.gif"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
        format!("ftp://127.0.0.1:{port}/small.gif"),
    ];
    let results: Vec<_> = traps.iter().map(|trap| result(trap, trap, 100)).collect();
    fake.set("/v2/featured", json!({"results": results}).to_string());
    let provider = provider(&base, 1 << 20);
    let found = provider.search("", Lang::En, "").await.unwrap();
    assert_eq!(found.remotes.len(), traps.len());
    for (remote, trap) in found.remotes.iter().zip(&traps) {
        assert!(matches!(provider.preview(remote.id).await, Err(ProviderError::Address)), "{trap}");
        assert!(matches!(provider.fetch(remote.id).await, Err(ProviderError::Address)), "{trap}");
    }
    assert_eq!(inside.asked(), [""; 0]);
}

#[tokio::test]
async fn redirects_errors_and_floods_are_refused() {
    let fake = Fake::default();
    let base = fake.open().await;
    let here = |path: &str| base.join(path).unwrap().to_string();
    let results = [
        result(&here("/away"), &here("/away"), 100),
        result(&here("/none"), &here("/none"), 100),
        result(&here("/page"), &here("/page"), 100),
        // It says that it is small.
        result(&here("/flood"), &here("/flood"), 100),
        result(&here("/large"), &here("/small.gif"), 1 << 30),
    ];
    fake.set("/v2/search", json!({"results": results}).to_string());
    fake.set("/small.gif", GIF);
    fake.set("/page", "<script>");
    fake.set("/flood", vec![b'x'; 3 << 20]);
    let provider = provider(&base, 1 << 20);
    let found = provider.search("x", Lang::En, "").await.unwrap();
    let ids: Vec<_> = found.remotes.iter().map(|remote| remote.id).collect();
    assert!(matches!(provider.preview(ids[0]).await, Err(ProviderError::Status(307))));
    assert!(matches!(provider.preview(ids[1]).await, Err(ProviderError::Status(404))));
    assert!(matches!(provider.preview(ids[2]).await, Err(ProviderError::Preview(gifchat_gif::Error::NotAPicture))));
    assert!(matches!(provider.preview(ids[3]).await, Err(ProviderError::TooLarge { .. })));
    assert!(matches!(provider.fetch(ids[3]).await, Err(ProviderError::TooLarge { .. })));
    assert!(matches!(provider.fetch(ids[4]).await, Err(ProviderError::TooLarge { .. })));
    let gone = Provider::off();
    assert!(matches!(gone.search("x", Lang::En, "").await, Err(ProviderError::Off)));
}

#[tokio::test]
async fn an_answer_of_another_shape_is_not_kept() {
    let fake = Fake::default();
    let base = fake.open().await;
    fake.set("/v2/search", "[]");
    let broken = provider(&base, 1 << 20);
    for _ in 0..2 {
        assert!(matches!(broken.search("x", Lang::En, "").await, Err(ProviderError::Shape(_))));
    }
    assert_eq!(fake.asked().len(), 2);
    let away = "http://127.0.0.1:1/v2".parse().unwrap();
    let error = provider(&away, 1).search("x", Lang::En, "").await.unwrap_err();
    assert!(matches!(error, ProviderError::Away(_)));
    assert!(!format!("{error:?}").contains("a key"), "{error:?}");
}

/// The others who ask are no reason to refuse it to everybody for a while.
#[tokio::test]
async fn who_waits_in_vain_for_a_turn_leaves_no_refusal() {
    let fake = Fake::default();
    let base = fake.open().await;
    let here = |path: &str| base.join(path).unwrap().to_string();
    fake.set("/v2/search", json!({"results": [result(&here("/big.gif"), &here("/small.gif"), 100)]}).to_string());
    let provider = provider(&base, 1 << 20);
    let id = provider.search("x", Lang::En, "").await.unwrap().remotes[0].id;
    let shared = provider.shared.as_ref().unwrap();
    let turns = shared.turns.acquire_many(AT_ONCE as u32).await.unwrap();
    let waited = shared.get(&base, 100, Duration::from_millis(1)).await;
    assert!(matches!(waited, Err(ProviderError::Busy)), "{waited:?}");
    drop(turns);
    shared.turns.close();
    assert!(matches!(provider.preview(id).await, Err(ProviderError::Busy)));
    assert!(provider.is_to_be_asked_for(id));
}
