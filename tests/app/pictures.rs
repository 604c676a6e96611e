//! GIFs beyond the upload: shown again by name, told in words, served in lighter shapes.

use std::time::Duration;

use gifchat_gif::samples::Sample;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{GIF, PNG, Person, Server, eventually, status_and_problem};

#[tokio::test]
async fn a_gif_that_is_here_is_shown_by_its_name_from_every_door() {
    let server = Server::without_renditions().await;
    let (one, two) = (Person::new(&server), Person::new(&server));
    let (source, room) = (one.make_room("1", 4, "").await, one.make_room("2", 4, "").await);
    let _there = one.enter(&source).await;
    let (mut io, mut plain) = (one.enter(&room).await, two.enter_plain(&room).await);
    let gif = one.send_gif(&source, GIF).await.json::<Value>().await.unwrap()["gif"].clone();

    let acked =
        io.call("gif", json!({"room": room, "gif": gif, "alt": " an\n otter ", "clientMessageId": "g-1"})).await;
    assert_eq!((&acked["gif"], &acked["alt"], &acked["width"]), (&gif, &json!("an otter"), &json!(1)));
    let heard = plain.next("chat").await;
    assert_eq!(heard, acked);
    let again = io.call("gif", json!({"room": room, "gif": gif, "clientMessageId": "g-1"})).await;
    assert_eq!(again, acked, "a retry is the first one");

    let replied = plain.call("gif", json!({"room": room, "gif": gif, "reply": acked["seq"]})).await;
    assert_eq!((&replied["reply"]["gif"], &replied["alt"]), (&gif, &Value::Null));
    let body = json!({"type": "gif", "gif": gif});
    let posted = one.post(&format!("/room/{room}/commands"), &body).await;
    assert_eq!(posted.status(), 200);
    assert_eq!(posted.json::<Value>().await.unwrap()["gif"], gif);

    // It lives as long as any of them, and no longer.
    one.request(Method::DELETE, &format!("/room/{source}")).send().await.unwrap();
    let path = format!("/gif/{}", gif.as_str().unwrap());
    assert_eq!(one.get(&path).await.status(), 200);
    let last = io.call("gif", json!({"room": room, "gif": gif})).await;
    for message in [&acked, &replied, &last] {
        let remover = if message == &replied { &two } else { &one };
        let body = json!({"type": "remove", "target": message["seq"]});
        assert_eq!(remover.post(&format!("/room/{room}/commands"), &body).await.status(), 200);
    }
    assert_eq!(one.get(&path).await.status(), 200, "the one over HTTP is left");
    one.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    assert_eq!((one.get(&path).await.status().as_u16(), server.stored_gifs().len()), (404, 0));
}

#[tokio::test]
async fn a_gif_that_is_not_here_is_gone_and_its_name_gives_no_right() {
    let server = Server::start().await;
    let (owner, stranger) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let mut io = owner.enter(&room).await;
    let unknown = format!("{}.gif", "ab".repeat(32));
    let refused = io.call("gif", json!({"room": room, "gif": unknown})).await;
    assert_eq!((&refused["error"]["code"], &refused["error"]["status"]), (&json!("gif-gone"), &json!(410)));
    let commands = format!("/room/{room}/commands");
    let body = json!({"type": "gif", "gif": unknown});
    assert_eq!(status_and_problem(owner.post(&commands, &body).await).await, (410, String::from("gif-gone")));
    let gif = owner.send_gif(&room, GIF).await.json::<Value>().await.unwrap()["gif"].clone();
    let body = json!({"type": "gif", "gif": gif});
    assert_eq!(status_and_problem(stranger.post(&commands, &body).await).await.0, 403, "who is not in the room");
    for wrong in [json!("x.gif"), json!(5), json!("../../secret"), Value::Null] {
        let refused = io.call("gif", json!({"room": room, "gif": wrong})).await;
        assert_eq!(refused["error"]["field"], "gif", "{wrong}");
    }
}

#[tokio::test]
async fn a_gif_counts_as_something_said() {
    let server = Server::start_with(|config| (config.message_rate, config.message_burst) = (1.0, 2)).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let mut io = person.enter(&room).await;
    let gif = person.send_gif(&room, GIF).await.json::<Value>().await.unwrap()["gif"].clone();
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(io.call("gif", json!({"room": room, "gif": gif})).await["error"]["code"].clone());
    }
    assert_eq!(codes, [Value::Null, Value::Null, json!("too-often")]);
}

#[tokio::test]
async fn a_gif_is_told_in_words_that_its_sender_can_change_at_any_time() {
    let server = Server::start().await;
    let (owner, other) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("t", 4, "").await;
    let (mut io, mut theirs) = (owner.enter(&room).await, other.enter(&room).await);
    let sent = owner.send_gif_with(&room, GIF, &[("alt", "춤추는 수달"), ("clientMessageId", "c-1")]).await;
    let message: Value = sent.json().await.unwrap();
    assert_eq!((&message["alt"], &message["clientMessageId"]), (&json!("춤추는 수달"), &json!("c-1")));
    assert_eq!(theirs.next("chat").await["alt"], "춤추는 수달");
    let long = owner.send_gif_with(&room, GIF, &[("alt", &"가".repeat(501))]).await;
    assert_eq!(status_and_problem(long).await, (422, String::from("alt-too-long")));

    // Long after texts can be changed no more.
    server.advance(86_400);
    let edit = json!({"room": room, "target": message["seq"], "alt": "a \"dancing\" <otter>"});
    let edited = io.call("edit", edit.clone()).await;
    assert_eq!((&edited["kind"], &edited["alt"]), (&json!("edit"), &edit["alt"]));
    assert_eq!(theirs.next("edit").await, edited);
    let now = owner.get_json(&format!("/room/{room}/messages")).await;
    let shown = now.as_array().unwrap().iter().find(|entry| entry["seq"] == message["seq"]).unwrap().clone();
    assert_eq!((&shown["alt"], &shown["gif"]), (&edit["alt"], &message["gif"]));
    let page = owner.page(&format!("/room/{room}")).await.text().await.unwrap();
    assert!(page.contains("alt=\"a &#34;dancing&#34; &#60;otter&#62;\""), "{page}");

    // Only theirs, and only of a GIF.
    assert_eq!(theirs.call("edit", edit).await["error"]["code"], "not-yours");
    let text = io.call("chat", json!({"room": room, "chat": "hi"})).await;
    for (target, field) in [(&text["seq"], "alt"), (&message["seq"], "chat")] {
        let refused = io.call("edit", json!({"room": room, "target": target, field: "x"})).await;
        assert_eq!(refused["error"]["code"], "no-such-message", "{refused}");
    }
    let cleared = io.call("edit", json!({"room": room, "target": message["seq"], "alt": ""})).await;
    assert_eq!(cleared["alt"], "");
    // Who missed all of it is told how it is now.
    let missed = theirs.call("join", json!({"room": room, "since": {"epoch": 0, "seq": 0}})).await;
    let shown = missed["messages"].as_array().unwrap().iter().find(|entry| entry["seq"] == message["seq"]).unwrap();
    assert_eq!(shown.get("alt"), None);
}

/// Something that moves, and is lighter as WebP.
fn moving(seed: u32) -> Vec<u8> {
    Sample::new(120, 90, 8).with_seed(seed).to_gif()
}

/// The type and the caching of what is served.
async fn served(person: &Person, path: &str) -> (String, String) {
    let response = person.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    let field = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    (field("content-type"), field("cache-control"))
}

const FOR_GOOD: &str = "public, max-age=31536000, immutable";

fn stem(message: &Value) -> String {
    format!("/gif/{}", message["gif"].as_str().unwrap().strip_suffix(".gif").unwrap())
}

#[tokio::test]
async fn other_pictures_become_gifs_with_their_looks() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let message: Value = person.send_gif(&room, PNG).await.json().await.unwrap();
    assert_eq!((&message["width"], &message["height"], &message["duration"]), (&json!(3), &json!(2), &json!(0)));
    assert_eq!((&message["color"], message.get("flashes")), (&json!("#2080ff"), None));
    let gif = person.get(&format!("{}.gif", stem(&message))).await.bytes().await.unwrap();
    assert!(gif.starts_with(b"GIF89a"));
    // The poster is there as soon as the message is.
    let poster = format!("{}.poster.webp", stem(&message));
    assert_eq!(served(&person, &poster).await, (String::from("image/webp"), String::from(FOR_GOOD)));
    let moving: Value = person.send_gif(&room, &moving(1)).await.json().await.unwrap();
    assert_eq!(moving["duration"], 400);
    for broken in [&PNG[..60], b"\x89PNG\r\n\x1a\n", b"RIFF\x04\0\0\0WEBP"] {
        assert_eq!(status_and_problem(person.send_gif(&room, broken).await).await.0, 422);
    }
    assert_eq!(server.stored_gifs().len(), 2);
}

#[tokio::test]
async fn a_lighter_rendition_follows_and_goes_with_its_gif() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let gif = moving(1);
    let message: Value = person.send_gif(&room, &gif).await.json().await.unwrap();
    let path = format!("{}.webp", stem(&message));
    eventually("there is a WebP", || async { served(&person, &path).await.0 == "image/webp" }).await;
    let webp = person.get(&path).await;
    let etag = webp.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(webp.headers()["cache-control"], FOR_GOOD);
    let webp = webp.bytes().await.unwrap();
    assert!(webp.starts_with(b"RIFF") && webp.len() < gif.len(), "{} of {}", webp.len(), gif.len());
    let known = person.request(Method::GET, &path).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(known.status(), 304);
    let part = person.request(Method::GET, &path).header("range", "bytes=0-3").send().await.unwrap();
    assert_eq!((part.status().as_u16(), &part.bytes().await.unwrap()[..]), (206, &b"RIFF"[..]));
    // One pixel is no lighter as WebP: the GIF does for good.
    let pixel: Value = person.send_gif(&room, GIF).await.json().await.unwrap();
    let path = format!("{}.webp", stem(&pixel));
    let wanted = (String::from("image/gif"), String::from(FOR_GOOD));
    eventually("the GIF stands in for good", || async { served(&person, &path).await == wanted }).await;
    person.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    eventually("nothing is left", || async { server.stored_files().is_empty() }).await;
}

/// Who asks for a still may have asked for no motion.
#[tokio::test]
async fn a_still_that_is_lost_is_made_again_and_nothing_that_moves_stands_in_for_it() {
    let server = Server::without_renditions().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let message: Value = person.send_gif(&room, &moving(1)).await.json().await.unwrap();
    let path = format!("{}.poster.webp", stem(&message));
    let name = path.strip_prefix("/gif/").unwrap();
    std::fs::remove_file(server.data_path().join("gifs").join(&name[..2]).join(name)).unwrap();
    for _ in 0..2 {
        let missing = person.get(&path).await;
        assert_eq!(
            (missing.status().as_u16(), &missing.headers()["cache-control"]),
            (404, &"no-store".parse().unwrap())
        );
    }
    assert_eq!(served(&person, &format!("{}.webp", stem(&message))).await.0, "image/gif");
    // Where somebody makes them, asking for it is enough.
    let data = server.stop().await;
    let server = Server::start_in(data, 2, |_| {}).await;
    let person = person.at(&server);
    eventually("there is a still", || async { person.get(&path).await.status() == 200 }).await;
    assert_eq!(served(&person, &path).await, (String::from("image/webp"), String::from(FOR_GOOD)));
}

#[tokio::test]
async fn a_rendition_that_takes_too_long_is_given_up_for_good() {
    let server = Server::start_with(|config| config.picture_cpu = Duration::from_nanos(1)).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let message: Value = person.send_gif(&room, &moving(1)).await.json().await.unwrap();
    let path = format!("{}.webp", stem(&message));
    let wanted = (String::from("image/gif"), String::from(FOR_GOOD));
    eventually("the GIF stands in for good", || async { served(&person, &path).await == wanted }).await;
    // There would be time now, and one that was sent later gets its WebP: this one was not put into the queue again.
    let data = server.stop().await;
    let server = Server::start_in(data, 2, |_| {}).await;
    let person = person.at(&server);
    let _io = person.enter(&room).await;
    let other: Value = person.send_gif(&room, &moving(2)).await.json().await.unwrap();
    let other = format!("{}.webp", stem(&other));
    eventually("there is a WebP", || async { served(&person, &other).await.0 == "image/webp" }).await;
    assert_eq!(served(&person, &path).await, wanted);
}

#[tokio::test]
async fn what_is_not_made_yet_is_made_after_a_restart() {
    let server = Server::without_renditions().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let message: Value = person.send_gif(&room, &moving(1)).await.json().await.unwrap();
    let path = format!("{}.webp", stem(&message));
    let (kind, caching) = served(&person, &path).await;
    assert_eq!((kind.as_str(), caching.as_str()), ("image/gif", "no-cache"), "the GIF stands in");
    let data = server.stop().await;
    let server = Server::start_in(data, 2, |_| {}).await;
    let person = person.at(&server);
    eventually("there is a WebP", || async { served(&person, &path).await.0 == "image/webp" }).await;
}

#[tokio::test]
async fn what_was_sent_before_is_not_looked_through_again() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let upload = Sample::new(120, 90, 8).to_dirty_gif(b"a comment");
    let first: Value = person.send_gif(&room, &upload).await.json().await.unwrap();
    let png: Value = person.send_gif(&room, PNG).await.json().await.unwrap();
    let data = server.stop().await;
    // From here on nothing can be looked through.
    let server = Server::start_in(data, 2, |config| config.gif_cpu = Duration::from_nanos(1)).await;
    let person = person.at(&server);
    let _io = person.enter(&room).await;
    let refused = person.send_gif(&room, &moving(2)).await;
    assert_eq!(status_and_problem(refused).await, (422, String::from("gif-too-much-work")));
    let clean = person.get(&format!("{}.gif", stem(&first))).await.bytes().await.unwrap();
    for (again, gif) in [(&upload[..], &first["gif"]), (&clean, &first["gif"]), (PNG, &png["gif"])] {
        let again: Value = person.send_gif(&room, again).await.json().await.unwrap();
        assert_eq!(&again["gif"], gif);
    }
}

#[tokio::test]
async fn originals_are_kept_where_the_operator_says_so() {
    let server = Server::start_with(|config| config.keep_originals = true).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    for upload in [GIF, PNG] {
        assert_eq!(person.send_gif(&room, upload).await.status(), 201);
    }
    let originals = || server.stored_files().into_iter().filter(|name| name.ends_with(".original")).collect::<Vec<_>>();
    let [original] = &originals()[..] else { panic!("the GIF is its own: {:?}", originals()) };
    let file = server.data_path().join("gifs").join(&original[..2]).join(original);
    assert_eq!(std::fs::read(file).unwrap(), PNG);
    assert_eq!(person.get(&format!("/gif/{original}")).await.status(), 404, "and shown to nobody");
    person.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    eventually("nothing is left", || async { server.stored_files().is_empty() }).await;
}

#[tokio::test]
async fn a_start_finds_what_is_too_much_and_what_is_missing() {
    let server = Server::start().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let lost: Value = person.send_gif(&room, GIF).await.json().await.unwrap();
    let kept: Value = person.send_gif(&room, &moving(1)).await.json().await.unwrap();
    let data = server.stop().await;
    let gifs = data.path().join("data").join("gifs");
    let name = lost["gif"].as_str().unwrap();
    std::fs::remove_file(gifs.join(&name[..2]).join(name)).unwrap();
    std::fs::create_dir_all(gifs.join("ab")).unwrap();
    let left = ["gif", "webp", "poster.webp", "original"].map(|kind| format!("{}.{kind}", "ab".repeat(32)));
    for name in &left {
        std::fs::write(gifs.join("ab").join(name), b"left").unwrap();
    }
    let server = Server::start_in(data, 2, |_| {}).await;
    let person = person.at(&server);
    let _io = person.enter(&room).await;
    assert!(left.iter().all(|name| !server.stored_files().contains(name)));
    assert_eq!(person.get(&format!("{}.gif", stem(&kept))).await.status(), 200);
    let path = format!("{}.gif", stem(&lost));
    assert_eq!(person.get(&path).await.status(), 404);
    let messages = person.get_json(&format!("/room/{room}/messages")).await;
    assert!(messages.as_array().unwrap().contains(&lost), "its message stays");
    let body = json!({"type": "gif", "gif": lost["gif"]});
    let refused = person.post(&format!("/room/{room}/commands"), &body).await;
    assert_eq!(status_and_problem(refused).await, (410, String::from("gif-gone")));
    assert_eq!(person.send_gif(&room, GIF).await.status(), 201);
    assert_eq!(person.get(&path).await.status(), 200, "sent again, it is there for the old message, too");
}

/// The room goes on, and nothing is left of them. How long each takes, and in how much memory: `crates/gif/tests/hostile`.
#[tokio::test]
async fn hostile_files_are_refused_and_the_room_is_undisturbed() {
    let server = Server::start_with(|config| config.upload_rate = 0.0).await;
    let (talker, stranger) = (Person::new(&server), Person::new(&server));
    let room = talker.make_room("t", 4, "").await;
    let mut here = talker.enter(&room).await;
    let _there = stranger.enter(&room).await;
    here.next("join").await;

    let whole = moving(3);
    let mut files: Vec<Vec<u8>> = (1..16).map(|part| whole[..whole.len() * part / 16].to_vec()).collect();
    let canvas = |width: u16, height: u16| {
        let mut gif = whole.clone();
        gif[6..8].copy_from_slice(&width.to_le_bytes());
        gif[8..10].copy_from_slice(&height.to_le_bytes());
        gif
    };
    let mut png = PNG.to_vec();
    png[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    let lzw = whole.windows(2).rposition(|pair| pair == [0, 0x3b]).unwrap();
    let mut zeroes = whole.clone();
    zeroes[lzw - 40..lzw].fill(0);
    let page: &[u8] = b"<!doctype html><script>alert(1)</script>";
    files.extend([canvas(u16::MAX, u16::MAX), canvas(2049, 1), png, zeroes]);
    files.extend([page, b"", b"GIF89a", b"PK\x03\x04", b"%PDF-1.7"].map(<[u8]>::to_vec));
    for (number, file) in files.iter().enumerate() {
        let status = stranger.send_gif(&room, file).await.status();
        assert!(status.is_client_error(), "file {number} of {} bytes: {status}", file.len());
        let said: Value = talker.say(&room, &format!("after {number}")).await.json().await.unwrap();
        assert_eq!(here.next("chat").await, said);
    }
    assert_eq!(server.stored_files(), [""; 0]);
}
