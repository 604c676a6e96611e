//! The library, read by a program that was written for Tenor's API, version 2: the shapes below are what its
//! documentation said of a response, and nothing of ours.

use std::collections::HashMap;

use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::Value;

use crate::library::{gif, gifs};
use crate::support::{Person, Server};

#[derive(Debug, Deserialize)]
struct Page {
    results: Vec<Post>,
    next: String,
}

#[derive(Debug, Deserialize)]
struct Posts {
    results: Vec<Post>,
}

#[derive(Debug, Deserialize)]
struct Words {
    results: Vec<String>,
}

/// Each field as documented, none optional.
#[derive(Debug, Deserialize)]
struct Post {
    id: String,
    title: String,
    content_description: String,
    created: f64,
    hasaudio: bool,
    hascaption: bool,
    flags: String,
    bg_color: String,
    itemurl: String,
    url: String,
    tags: Vec<String>,
    media_formats: HashMap<String, Media>,
}

#[derive(Debug, Deserialize)]
struct Media {
    url: String,
    dims: (u32, u32),
    duration: f32,
    size: u64,
}

const KEY: &str = "friend-of-ours";

/// A chat somewhere else, as it would ask Tenor.
struct Reader {
    http: reqwest::Client,
    base: String,
}

impl Reader {
    fn new(server: &Server) -> Self {
        Self { http: reqwest::Client::new(), base: server.url("/tenor/v2") }
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, endpoint: &str, query: &[(&str, &str)]) -> T {
        let mut url = Url::parse(&format!("{}/{endpoint}", self.base)).unwrap();
        url.query_pairs_mut().append_pair("key", KEY).append_pair("client_key", "test").extend_pairs(query);
        let answer = self.http.get(url.clone()).header("origin", "https://elsewhere.example").send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert!(!answer.headers().contains_key("set-cookie"));
        answer.json().await.unwrap()
    }
}

/// Three GIFs with descriptions, brought by the operator.
async fn with_gifs() -> Server {
    let server =
        Server::start_with(|config| config.tenor_keys = vec![String::from("another-key"), KEY.to_owned()]).await;
    let folder = tempfile::tempdir().unwrap();
    let csv = "file,title,tags,alt_ko,alt_en\n1.gif,Happy,cat 고양이,고양이가 웃는다,A cat smiles\n2.gif,,cat,,\n3.gif,,dog,,A dog";
    std::fs::write(folder.path().join("library.csv"), csv).unwrap();
    for number in 1..=3 {
        std::fs::write(folder.path().join(format!("{number}.gif")), gif(number)).unwrap();
    }
    gifs(&server, &["import", "--approve", folder.path().to_str().unwrap()]).await;
    server
}

#[tokio::test]
async fn a_client_written_for_tenor_reads_the_library() {
    let server = with_gifs().await;
    let reader = Reader::new(&server);
    let page: Page = reader.get("search", &[("q", "고양이"), ("locale", "ko_KR"), ("limit", "8")]).await;
    assert_eq!((page.results.len(), page.next.as_str()), (1, ""));
    let post = &page.results[0];
    assert_eq!((post.title.as_str(), post.content_description.as_str()), ("Happy", "고양이가 웃는다"));
    assert_eq!((&post.tags[..], post.flags.as_str()), (&["cat".to_owned(), "고양이".to_owned()][..], "static"));
    assert!(!post.hasaudio && !post.hascaption && post.created > 1e9 && post.bg_color.starts_with('#'));
    assert_eq!(post.itemurl, post.url);
    for format in ["gif", "mediumgif", "tinygif", "nanogif", "webp", "preview", "gifpreview"] {
        let media = &post.media_formats[format];
        assert_eq!((media.dims, media.duration), ((1, 1), 0.0), "{format}");
        let file = reader.http.get(Url::parse(&media.url).unwrap()).send().await.unwrap();
        assert_eq!(file.status(), 200, "{format}");
        assert_eq!(file.headers()["cross-origin-resource-policy"], "cross-origin");
        assert!(file.headers()["content-type"].to_str().unwrap().starts_with("image/"));
        let bytes = file.bytes().await.unwrap();
        assert!(format != "gif" || (bytes.len() as u64 == media.size && bytes.starts_with(b"GIF89a")));
    }
    let english: Page = reader.get("search", &[("q", "cat smile"), ("media_filter", "tinygif,gif")]).await;
    assert_eq!(english.results[0].content_description, "A cat smiles");
    let mut formats: Vec<_> = english.results[0].media_formats.keys().map(String::as_str).collect();
    formats.sort_unstable();
    assert_eq!(formats, ["gif", "tinygif"]);

    let first: Page = reader.get("featured", &[("limit", "2")]).await;
    let rest: Page = reader.get("featured", &[("limit", "2"), ("pos", &first.next)]).await;
    assert_eq!((first.results.len(), rest.results.len(), rest.next.as_str()), (2, 1, ""));
    let ids: Vec<&str> = first.results.iter().chain(&rest.results).map(|post| post.id.as_str()).collect();
    let posts: Posts = reader.get("posts", &[("ids", &format!("{},nothing,{}", ids[2], ids[0]))]).await;
    assert_eq!(posts.results.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), [ids[2], ids[0]]);
    let words: Words = reader.get("autocomplete", &[("q", "ca")]).await;
    assert_eq!(words.results, ["cat"]);
}

#[tokio::test]
async fn a_stranger_is_refused_and_without_keys_there_is_nothing() {
    let server = with_gifs().await;
    let person = Person::new(&server);
    for (query, status, name) in [
        ("search?q=cat", 403, "PERMISSION_DENIED"),
        ("search?q=cat&key=wrong", 403, "PERMISSION_DENIED"),
        ("search?key=friend-of-ours", 400, "INVALID_ARGUMENT"),
        ("search?q=cat&limit=x&key=friend-of-ours", 400, "INVALID_ARGUMENT"),
        ("featured?pos=x&key=friend-of-ours", 400, "INVALID_ARGUMENT"),
    ] {
        let answer = person.get(&format!("/tenor/v2/{query}")).await;
        assert_eq!(answer.status(), status, "{query}");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*", "also why not can be read");
        let error: Value = answer.json().await.unwrap();
        assert_eq!((&error["error"]["code"], &error["error"]["status"]), (&status.into(), &name.into()));
    }
    let asked = person.request(Method::OPTIONS, "/tenor/v2/search").send().await.unwrap();
    assert_eq!(
        (asked.status().as_u16(), &asked.headers()["access-control-allow-methods"]),
        (204, &"GET".parse().unwrap())
    );

    let closed = Server::start().await;
    let person = Person::new(&closed);
    for path in ["/tenor/v2/search?q=cat&key=", "/tenor/v2/featured", "/tenor/v2/posts?ids=1", "/tenor/media/x.gif"] {
        assert_eq!(person.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_key_is_slowed_and_others_are_not() {
    let server = Server::start_with(|config| {
        config.tenor_keys = vec![String::from("another-key"), KEY.to_owned()];
        config.tenor_rate = 0.001;
        config.tenor_burst = 1;
    })
    .await;
    let person = Person::new(&server);
    let ask = async |key: &str| person.get(&format!("/tenor/v2/featured?key={key}")).await;
    assert_eq!(ask(KEY).await.status(), 200);
    let slowed = ask(KEY).await;
    assert_eq!(slowed.status(), 429);
    assert!(slowed.headers().contains_key("retry-after"));
    assert_eq!(ask("another-key").await.status(), 200);
}

/// What a room shows is for the room: only the library's files are open to pages of every origin.
#[tokio::test]
async fn nothing_else_is_open_to_other_pages() {
    let server = with_gifs().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _here = person.enter(&room).await;
    let shown: Value = person.send_gif(&room, &gif(9)).await.json().await.unwrap();
    let name = shown["gif"].as_str().unwrap();
    assert_eq!(person.get(&format!("/tenor/media/{name}")).await.status(), 404);
    for path in [format!("/gif/{name}"), "/library".to_owned(), "/healthz".to_owned()] {
        let answer =
            person.request(Method::GET, &path).header("origin", "https://elsewhere.example").send().await.unwrap();
        assert_eq!(answer.headers()["cross-origin-resource-policy"], "same-origin", "{path}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
    }
}
