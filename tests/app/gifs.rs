//! GIFs: sent, cleaned, kept once, served safely, freed.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::{GIF, Person, Server, eventually, status_and_problem};

#[tokio::test]
async fn a_gif_is_told_with_its_size_and_served_for_ever() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let sent = person.send_gif(&room, GIF).await;
    assert_eq!(sent.status(), 201);
    let message: Value = sent.json().await.unwrap();
    assert_eq!((&message["width"], &message["height"], &message["chat"]), (&json!(1), &json!(1), &Value::Null));
    assert_eq!(io.next("chat").await, message);
    let path = format!("/gif/{}", message["gif"].as_str().unwrap());
    let gif = person.get(&path).await;
    assert_eq!(gif.status(), 200);
    for (name, value) in [
        ("content-type", "image/gif"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(gif.headers()[name], value, "{name}");
    }
    assert!(gif.headers().get("set-cookie").is_none());
    let etag = gif.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(&gif.bytes().await.unwrap()[..], GIF);
    let with = async |method: Method, name: &str, value: &str| {
        person.request(method, &path).header(name, value).send().await.unwrap()
    };
    assert_eq!(with(Method::GET, "if-none-match", &format!("\"x\", {etag}")).await.status(), 304);
    let part = with(Method::GET, "range", "bytes=0-5").await;
    let range = part.headers()["content-range"].to_str().unwrap().to_owned();
    assert_eq!((part.status().as_u16(), range), (206, format!("bytes 0-5/{}", GIF.len())));
    assert_eq!(&part.bytes().await.unwrap()[..], b"GIF89a");
    let beyond = with(Method::GET, "range", "bytes=9999-").await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(beyond.headers()["content-range"], format!("bytes */{}", GIF.len()).as_str());
    let head = with(Method::HEAD, "accept", "*/*").await;
    assert_eq!(head.headers()["content-length"], GIF.len().to_string().as_str());
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn only_gifs_are_taken_whatever_they_are_called() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let page = person.send_gif(&room, b"<html><script>alert(1)</script>").await;
    assert_eq!(status_and_problem(page).await, (415, String::from("gif-not-a-picture")));
    let polyglot = [GIF, b"<script>alert(1)</script>"].concat();
    let message: Value = person.send_gif(&room, &polyglot).await.json().await.unwrap();
    let served = person.get(&format!("/gif/{}", message["gif"].as_str().unwrap())).await.bytes().await.unwrap();
    assert_eq!(&served[..], GIF, "what comes after the trailer is gone");
    assert_eq!(status_and_problem(person.send_gif(&room, &GIF[..20]).await).await.0, 422);
    assert_eq!(status_and_problem(person.send_gif(&room, b"").await).await.0, 415);
    eventually("nothing refused is kept", || async { server.stored_gifs().len() == 1 }).await;
}

#[tokio::test]
async fn an_upload_is_one_file_in_its_field() {
    let server = Server::start_with(|config| config.gif_bytes = 1000).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let path = format!("/room/{room}/gif");
    let send = async |form: Form| {
        let response = person.request(Method::POST, &path).multipart(form).send().await.unwrap();
        if response.status() == 201 { (201, String::new()) } else { status_and_problem(response).await }
    };
    let gif = || Part::bytes(GIF).file_name("a#b?c.gif");
    assert_eq!(send(Form::new().text("clientMessageId", "c-1").part("gif", gif())).await.0, 201);
    assert_eq!(send(Form::new().part("gif", gif()).part("gif", gif())).await, (400, String::from("bad-request")));
    assert_eq!(send(Form::new().part("file", gif())).await, (422, String::from("gif-missing")));
    assert_eq!(send(Form::new().part("gif", Part::bytes(vec![0; 1001]))).await, (413, String::from("gif-too-large")));
    assert_eq!(
        send(Form::new().part("gif", Part::bytes(vec![0; 100_000]))).await,
        (413, String::from("gif-too-large"))
    );
    assert_eq!(send(Form::new().text("clientMessageId", "a b").part("gif", gif())).await.0, 422);
    let form = person.request(Method::POST, &path).form(&[("gif", "x")]).send().await.unwrap();
    assert_eq!(status_and_problem(form).await, (415, String::from("unsupported-type")));
}

#[tokio::test]
async fn the_same_gif_is_kept_once_and_freed_with_its_last_message() {
    let server = Server::without_renditions().await;
    let person = Person::new(&server);
    let (one, two) = (person.make_room("1", 4, "").await, person.make_room("2", 4, "").await);
    let (_a, _b) = (person.enter(&one).await, person.enter(&two).await);
    let first: Value = person.send_gif(&one, GIF).await.json().await.unwrap();
    let second: Value = person.send_gif(&two, GIF).await.json().await.unwrap();
    assert_eq!(first["gif"], second["gif"]);
    assert_eq!(server.stored_gifs().len(), 1);
    let path = format!("/gif/{}", first["gif"].as_str().unwrap());
    person.request(Method::DELETE, &format!("/room/{one}")).send().await.unwrap();
    assert_eq!(person.get(&path).await.status(), 200);
    person.request(Method::DELETE, &format!("/room/{two}")).send().await.unwrap();
    assert_eq!(person.get(&path).await.status(), 404);
    assert_eq!(server.stored_gifs().len(), 0);
}

/// As a rendition of another GIF in the same folder does, or an import.
#[tokio::test]
async fn a_file_whose_folder_is_held_goes_as_soon_as_it_can() {
    let server = Server::without_renditions().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _here = person.enter(&room).await;
    let shown: Value = person.send_gif(&room, GIF).await.json().await.unwrap();
    let shelf = server.data_path().join("gifs").join(&shown["gif"].as_str().unwrap()[..2]);
    let held = std::fs::File::open(shelf).unwrap();
    held.lock_shared().unwrap();
    assert_eq!(person.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap().status(), 204);
    assert_eq!(server.stored_gifs().len(), 1);
    drop(held);
    eventually("it is gone", async || {
        server.advance(2);
        server.stored_gifs().is_empty()
    })
    .await;
}

#[tokio::test]
async fn names_lead_nowhere_else() {
    let server = Server::start().await;
    let person = Person::new(&server);
    for name in [
        "x.gif",
        "..%2f..%2fsecret",
        "%00.gif",
        &format!("{}.gif", "AB".repeat(32)),
        &format!("{}.gif", "ab".repeat(32)),
    ] {
        assert_eq!(person.get(&format!("/gif/{name}")).await.status(), 404, "{name}");
    }
}
