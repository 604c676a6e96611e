//! How much space GIFs may take: in a room, of a session, on the server, on the disk. The count is exact, also in a race.

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::support::{GIF, Person, Server, status_and_problem};

/// One more pixel of another colour: another GIF of the same size.
fn pixel(number: u8) -> Vec<u8> {
    let mut gif = GIF.to_vec();
    gif[14] = number;
    gif
}

async fn told(response: reqwest::Response) -> (u16, String) {
    match response.status().as_u16() {
        ok @ (200 | 201) => (ok, String::new()),
        _ => status_and_problem(response).await,
    }
}

fn full(code: &str) -> (u16, String) {
    (507, code.to_owned())
}

#[tokio::test]
async fn a_room_is_full_of_gifs_and_has_space_again_when_some_go() {
    let server = Server::start_with(|config| config.gif_bytes_per_room = 2 * GIF.len()).await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let (room, other) = (owner.make_room("1", 4, "").await, owner.make_room("2", 4, "").await);
    let (mut io, _there) = (owner.enter(&room).await, owner.enter(&other).await);
    let mut theirs = guest.enter(&room).await;
    let first: Value = owner.send_gif(&room, GIF).await.json().await.unwrap();
    // The same once more counts once more: it is shown once more.
    let commands = format!("/room/{room}/commands");
    let again = json!({"type": "gif", "gif": first["gif"]});
    assert_eq!(told(guest.post(&commands, &again).await).await.0, 200);
    for _ in 0..2 {
        assert_eq!(told(owner.post(&commands, &again).await).await, full("room-full-of-gifs"));
        assert_eq!(told(owner.send_gif(&room, &pixel(1)).await).await, full("room-full-of-gifs"));
    }
    assert_eq!(owner.send_gif(&other, &pixel(1)).await.status(), 201, "another room has space");
    assert!(owner.say(&room, "but we can talk").await.status().is_success());
    io.call("remove", json!({"room": room, "target": first["seq"]})).await;
    assert_eq!(owner.send_gif(&room, &pixel(2)).await.status(), 201);
    assert_eq!(told(owner.send_gif(&room, &pixel(3)).await).await, full("room-full-of-gifs"));
    // With somebody who is banned goes what they have shown.
    let them = theirs.call("join", json!({"room": room})).await["me"]["id"].clone();
    let banned = io.call("ban", json!({"room": room, "member": them, "purge": true})).await;
    assert!(banned.get("error").is_none(), "{banned}");
    assert_eq!(owner.send_gif(&room, &pixel(3)).await.status(), 201);
    assert_eq!(told(owner.send_gif(&room, &pixel(4)).await).await, full("room-full-of-gifs"));
}

#[tokio::test]
async fn a_session_shows_so_much_in_all_its_rooms() {
    let server = Server::start_with(|config| config.gif_bytes_per_session = 2 * GIF.len()).await;
    let (person, other) = (Person::new(&server), Person::new(&server));
    let rooms = [person.make_room("1", 4, "").await, person.make_room("2", 4, "").await];
    let (_one, _two, _three) =
        (person.enter(&rooms[0]).await, person.enter(&rooms[1]).await, other.enter(&rooms[0]).await);
    for room in &rooms {
        assert_eq!(person.send_gif(room, GIF).await.status(), 201);
    }
    let refused = told(person.send_gif(&rooms[0], &pixel(1)).await).await;
    assert_eq!(refused, (413, String::from("too-much-shown")));
    assert_eq!(other.send_gif(&rooms[0], &pixel(1)).await.status(), 201, "others are others");
    person.request(Method::DELETE, &format!("/room/{}", rooms[1])).send().await.unwrap();
    assert_eq!(person.send_gif(&rooms[0], &pixel(2)).await.status(), 201);
}

#[tokio::test]
async fn the_server_holds_so_much_and_counts_each_gif_once() {
    // Two and their posters, but not three.
    let server = Server::start_with(|config| {
        (config.gif_bytes_on_server, config.picture_workers) = (2 * (GIF.len() + 100), 0);
    })
    .await;
    let person = Person::new(&server);
    let rooms = [person.make_room("1", 4, "").await, person.make_room("2", 4, "").await];
    let (_one, _two) = (person.enter(&rooms[0]).await, person.enter(&rooms[1]).await);
    let first: Value = person.send_gif(&rooms[0], GIF).await.json().await.unwrap();
    let mut stored = 1;
    while person.send_gif(&rooms[1], &pixel(stored)).await.status() == 201 {
        stored += 1;
        assert!(stored < 100);
    }
    assert_eq!(server.stored_gifs().len(), usize::from(stored), "what was refused left nothing");
    let again = json!({"type": "gif", "gif": first["gif"]});
    let shown = person.post(&format!("/room/{}/commands", rooms[1]), &again).await;
    assert_eq!(shown.status(), 200, "what is here takes nothing more");
    assert_eq!(told(person.send_gif(&rooms[1], &pixel(200)).await).await, full("server-full-of-gifs"));
    person.request(Method::DELETE, &format!("/room/{}", rooms[1])).send().await.unwrap();
    assert_eq!(person.send_gif(&rooms[0], &pixel(200)).await.status(), 201);
}

#[tokio::test]
async fn in_a_race_nobody_gets_the_last_byte_twice() {
    let server = Server::start_with(|config| config.gif_bytes_per_room = 7 * GIF.len()).await;
    let people: Vec<Person> = (0..4).map(|_| Person::new(&server)).collect();
    let room = people[0].make_room("t", 10, "").await;
    let mut ios = Vec::new();
    for person in &people {
        ios.push(person.enter(&room).await);
    }
    let uploads = (0..24).map(|number| {
        let (person, room) = (&people[usize::from(number) % people.len()], &room);
        async move {
            loop {
                match told(person.send_gif(room, &pixel(number / 2)).await).await {
                    // So many at once are too many.
                    (503, _) => {}
                    other => break other,
                }
            }
        }
    });
    let told = join_all(uploads).await;
    assert_eq!(told.iter().filter(|(status, _)| *status == 201).count(), 7, "{told:?}");
    assert!(told.iter().all(|(status, code)| *status == 201 || code == "room-full-of-gifs"), "{told:?}");
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_refuses_uploads_before_they_are_read() {
    let server = Server::start_with(|config| config.disk_reserve = usize::MAX).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    // Nobody looks whether it is a picture.
    for upload in [GIF, b"no picture"] {
        assert_eq!(told(person.send_gif(&room, upload).await).await, full("disk-full"));
    }
    assert!(person.say(&room, "we can still talk").await.status().is_success());
    assert!(server.stored_files().is_empty());
}

/// The answer to the first got lost: everybody sees the GIF, and whoever sent it is told so.
#[tokio::test]
async fn a_retry_of_what_is_stored_needs_no_space() {
    let server = Server::start_with(|config| config.gif_bytes_per_room = GIF.len()).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    let _io = person.enter(&room).await;
    let send = async |id| person.send_gif_with(&room, GIF, &[("clientMessageId", id)]).await;
    let first: Value = send("a").await.json().await.unwrap();
    assert_eq!(told(send("b").await).await, full("room-full-of-gifs"));
    let again = send("a").await;
    assert_eq!(again.status(), 201);
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    let last = Form::new().part("gif", Part::bytes(GIF)).text("clientMessageId", "a");
    let again = person.request(Method::POST, &format!("/room/{room}/gif")).multipart(last).send().await.unwrap();
    assert_eq!(again.json::<Value>().await.unwrap(), first, "wherever the form has it");
}
