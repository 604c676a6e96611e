//! The server's library: GIFs are offered from rooms, found by words, and kept when their rooms are gone.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cli::gifchat;
use crate::support::{GIF, Person, Server, eventually, status_and_problem};

/// One pixel of a colour of one's own.
pub fn gif(color: u8) -> Vec<u8> {
    let mut gif = GIF.to_vec();
    gif[14] = color;
    gif
}

/// Runs `gifchat gifs` on the server's data; what it printed. The server, which is in this process, goes on meanwhile.
pub async fn gifs(server: &Server, args: &[&str]) -> String {
    let data = server.data_path();
    let mut command = gifchat(&[&["gifs"], args, &["--data", data.to_str().unwrap()]].concat());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Shows a GIF in a room, and offers it.
async fn offered(person: &Person, room: &str, color: u8, offer: Value) -> Value {
    let message: Value = person.send_gif(room, &gif(color)).await.json().await.unwrap();
    let mut body = json!({"room": room, "seq": message["seq"]});
    body.as_object_mut().unwrap().extend(offer.as_object().unwrap().clone());
    let answer = person.post("/library/offers", &body).await;
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

async fn found(person: &Person, query: &str) -> Vec<String> {
    let page = person.get_json(&format!("/library?{query}")).await;
    let entries = page["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_a_member_offers_is_found_once_it_is_approved() {
    let server = Server::start().await;
    let (person, other) = (Person::new(&server), Person::new(&server));
    let room = person.make_room("t", 4, "").await;
    let _here = person.enter(&room).await;
    let offer =
        json!({"title": "Happy", "tags": ["고양이", "cat"], "altKo": "고양이가 춤춘다", "altEn": "A cat dances"});
    let answer = offered(&person, &room, 1, offer).await;
    assert_eq!(answer["state"], "offered");
    let id = answer["id"].as_str().unwrap();
    assert_eq!(found(&other, "").await, [] as [&str; 0]);
    assert!(gifs(&server, &["offers"]).await.starts_with(&format!("{id}\t0\t/gif/")));
    assert_eq!(gifs(&server, &["approve", id]).await, format!("{id} approved\n"));
    for query in ["", "q=cat", "q=%EA%B3%A0%EC%96%91", "q=dance+happy"] {
        assert_eq!(found(&other, query).await, [id], "{query}");
    }
    assert_eq!(found(&other, "q=dog").await, [] as [&str; 0]);
    let page = other.get_json("/library").await;
    let entry = &page["entries"][0];
    let said = json!({"title": entry["title"], "tags": entry["tags"], "alt": entry["alt"], "uses": entry["uses"]});
    assert_eq!(
        said,
        json!({"title": "Happy", "tags": ["고양이", "cat"], "uses": 0,
            "alt": {"ko": "고양이가 춤춘다", "en": "A cat dances"}})
    );
    assert_eq!((&entry["width"], &entry["duration"]), (&json!(1), &json!(0)));
    assert_eq!(other.get_json("/library/tags?prefix=ca").await, json!({"tags": ["cat"]}));
    let again = json!({"room": room, "seq": 2, "tags": "other"});
    let again = person.post("/library/offers", &again).await;
    assert_eq!(again.status(), 200, "it is there");
    assert_eq!(again.json::<Value>().await.unwrap(), json!({"id": id, "state": "approved"}));
}

#[tokio::test]
async fn only_members_offer_what_their_room_shows() {
    let server = Server::start().await;
    let (person, stranger) = (Person::new(&server), Person::new(&server));
    let room = person.make_room("t", 4, "").await;
    let _here = person.enter(&room).await;
    let shown: Value = person.send_gif(&room, GIF).await.json().await.unwrap();
    person.say(&room, "a text").await;
    let refused = async |by: &Person, body: Value| status_and_problem(by.post("/library/offers", &body).await).await;
    let seq = &shown["seq"];
    for (by, body, status, code) in [
        (&stranger, json!({"room": room, "seq": seq}), 403, "not-in-room"),
        (&person, json!({"room": room, "seq": 3}), 404, "no-such-message"),
        (&person, json!({"room": room, "seq": 99}), 404, "no-such-message"),
        (&person, json!({"room": "x", "seq": 1}), 404, "no-such-room"),
        (&person, json!({"room": room}), 422, "not-number"),
        (&person, json!({"room": room, "seq": seq, "tags": "a ".repeat(10) + &"b".repeat(1000)}), 422, "tags-invalid"),
    ] {
        assert_eq!(refused(by, body.clone()).await, (status, code.to_owned()), "{body}");
    }
    let foreign = person.request(Method::POST, "/library/offers").header("origin", "http://evil.example");
    assert_eq!(foreign.json(&json!({"room": room, "seq": seq})).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn an_operator_decides_whether_and_how_offers_are_taken() {
    for (offers, status) in [(gifchat::config::Offers::Off, 403), (gifchat::config::Offers::Auto, 201)] {
        let server = Server::start_with(|config| config.library_offers = offers).await;
        let person = Person::new(&server);
        let room = person.make_room("t", 4, "").await;
        let _here = person.enter(&room).await;
        let shown: Value = person.send_gif(&room, GIF).await.json().await.unwrap();
        let body = json!({"room": room, "seq": shown["seq"], "tags": "cat"});
        assert_eq!(person.post("/library/offers", &body).await.status(), status);
        assert_eq!(found(&person, "q=cat").await.len(), usize::from(status == 201));
    }
    let server = Server::start_with(|config| {
        config.library_entries = 1;
        config.offer_rate = 0.001;
        config.offer_burst = 2;
    })
    .await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _here = person.enter(&room).await;
    let offer = async |color| {
        let shown: Value = person.send_gif(&room, &gif(color)).await.json().await.unwrap();
        person.post("/library/offers", &json!({"room": room, "seq": shown["seq"]})).await
    };
    assert_eq!(offer(1).await.status(), 201);
    assert_eq!(status_and_problem(offer(2).await).await, (507, String::from("library-full")));
    assert_eq!(status_and_problem(offer(3).await).await, (429, String::from("too-often")));
}

#[tokio::test]
async fn one_visitor_does_not_fill_the_list_of_offers() {
    let server = Server::start_with(|config| config.offers_per_session = 1).await;
    let room = Person::new(&server).make_room("t", 20, "").await;
    let mut answers = Vec::new();
    for color in 0..5 {
        // Who forgets their cookie is at the same address.
        let person = Person::new(&server);
        let _here = person.enter(&room).await;
        offered(&person, &room, color, json!({})).await;
        let shown: Value = person.send_gif(&room, &gif(100 + color)).await.json().await.unwrap();
        let answer = person.post("/library/offers", &json!({"room": room, "seq": shown["seq"]})).await;
        answers.push(status_and_problem(answer).await);
    }
    assert_eq!(answers, vec![(409, String::from("too-many-offers")); 5]);
    let person = Person::new(&server);
    let _here = person.enter(&room).await;
    let shown: Value = person.send_gif(&room, &gif(99)).await.json().await.unwrap();
    let answer = person.post("/library/offers", &json!({"room": room, "seq": shown["seq"]})).await;
    assert_eq!(status_and_problem(answer).await, (409, String::from("too-many-offers")));
}

#[tokio::test]
async fn a_gif_stays_with_the_library_and_goes_with_it() {
    let server = Server::without_renditions().await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _here = person.enter(&room).await;
    let ids: Vec<Value> =
        [offered(&person, &room, 1, json!({})).await, offered(&person, &room, 2, json!({})).await].into();
    let [kept, rejected] = [0, 1].map(|at| ids[at]["id"].as_str().unwrap());
    gifs(&server, &["approve", kept]).await;
    person.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    assert_eq!(server.stored_gifs().len(), 2, "the library has one, and is offered the other");
    assert!(gifs(&server, &["reject", rejected]).await.contains("and its file"));
    assert_eq!(server.stored_gifs().len(), 1);
    let entry = person.get_json("/library").await["entries"][0].clone();
    let path = format!("/gif/{}", entry["gif"].as_str().unwrap());
    assert_eq!(person.get(&path).await.status(), 200);
    assert!(gifs(&server, &["remove", kept]).await.contains("and its file"));
    assert_eq!((person.get(&path).await.status().as_u16(), server.stored_gifs().len()), (404, 0));
}

#[tokio::test]
async fn a_file_that_a_room_shows_survives_its_removal_from_the_library() {
    let server = Server::start_with(|config| config.library_offers = gifchat::config::Offers::Auto).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _here = person.enter(&room).await;
    let id = offered(&person, &room, 1, json!({})).await["id"].as_str().unwrap().to_owned();
    assert!(gifs(&server, &["remove", &id]).await.contains("a room still shows it"));
    assert_eq!(server.stored_gifs().len(), 1);
    let room = person.request(Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    assert_eq!(room.status(), 204);
    eventually("it goes with the room", || async { server.stored_gifs().is_empty() }).await;
}

#[tokio::test]
async fn a_library_is_paged_and_outlives_a_restart() {
    let server = Server::start_with(|config| config.library_offers = gifchat::config::Offers::Auto).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _here = person.enter(&room).await;
    for color in 0..5 {
        offered(&person, &room, color, json!({"tags": "cat"})).await;
        server.advance(1);
    }
    let all = found(&person, "q=cat").await;
    assert_eq!(all.len(), 5);
    let (mut paged, mut next) = (Vec::new(), String::new());
    loop {
        let page = person.get_json(&format!("/library?q=cat&limit=2&after={next}")).await;
        paged.extend(page["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
        let Some(more) = page["next"].as_str() else { break };
        next = more.to_owned();
    }
    assert_eq!(paged, all);
    for (query, field) in [("after=x", "after"), ("limit=x", "limit"), ("q=%21", "q")] {
        let refused = person.get(&format!("/library?{query}")).await;
        assert_eq!(refused.status(), 422, "{query}");
        assert_eq!(refused.json::<Value>().await.unwrap()["field"], field);
    }
    let server = Server::start_in(server.stop().await, 2, |_| {}).await;
    let person = person.at(&server);
    assert_eq!(found(&person, "q=cat").await, all);
    assert_eq!(server.stored_gifs().len(), 5, "the sweep at the start knows the library");
}

#[tokio::test]
async fn a_gif_that_is_shown_to_others_counts_once() {
    let server = Server::start_with(|config| config.library_offers = gifchat::config::Offers::Auto).await;
    let (person, other) = (Person::new(&server), Person::new(&server));
    let (room, alone) = (person.make_room("t", 4, "").await, person.make_room("u", 4, "").await);
    let (_here, _there) = (person.enter(&room).await, person.enter(&alone).await);
    let offer = async |color| offered(&person, &room, color, json!({})).await["id"].clone();
    let (one, two, three) = (offer(1).await, offer(2).await, offer(3).await);
    let entries = person.get_json("/library").await["entries"].clone();
    let gif_of =
        |id: &Value| entries.as_array().unwrap().iter().find(|entry| entry["id"] == *id).unwrap()["gif"].clone();
    let show = async |by: &Person, room: &str, gif: &Value, id: &Value, name: &str| {
        let body = json!({"type": "gif", "gif": gif, "library": id, "clientMessageId": name});
        assert_eq!(by.post(&format!("/room/{room}/commands"), &body).await.status(), 200);
    };
    show(&person, &alone, &gif_of(&one), &one, "nobody-hears").await;
    show(&person, &room, &gif_of(&one), &one, "nobody-hears-here-yet").await;
    let _guest = other.enter(&room).await;
    show(&person, &room, &gif_of(&two), &one, "forged").await;
    show(&other, &room, &gif_of(&two), &three, "forged-here-too").await;
    show(&other, &room, &gif_of(&three), &three, "good").await;
    show(&other, &room, &gif_of(&three), &three, "good").await;
    show(&person, &room, &gif_of(&three), &three, "again").await;
    let uses = async || {
        let page = person.get_json("/library").await;
        let uses = page["entries"].as_array().unwrap().iter().map(|entry| (entry["id"].clone(), entry["uses"].clone()));
        uses.filter(|(_, uses)| *uses != json!(0)).collect::<Vec<_>>()
    };
    eventually("what was used is counted", async || {
        server.advance(5);
        !uses().await.is_empty()
    })
    .await;
    assert_eq!(uses().await, [(three, json!(1))]);
}

/// A new session costs nothing, so the address is counted, too.
#[tokio::test]
async fn who_forgets_their_cookie_is_slowed_all_the_same() {
    let server = Server::start_with(|config| {
        config.search_rate = 0.001;
        config.search_burst = 1;
    })
    .await;
    let mut answers = Vec::new();
    for _ in 0..25 {
        answers.push(Person::new(&server).get("/library?q=a").await.status().as_u16());
    }
    assert_eq!(answers, [[200; 20].as_slice(), &[429; 5]].concat());
    assert_eq!(Person::new(&server).get("/library/tags?prefix=a").await.status(), 429);
}
