//! Who may enter what.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Person, Server, Transport, status_and_problem};

const NO_SUCH_ROOM: &str =
    "/?error=%EC%A1%B4%EC%9E%AC%ED%95%98%EC%A7%80%20%EC%95%8A%EB%8A%94%20%EB%B0%A9%EC%9E%85%EB%8B%88%EB%8B%A4%2E";

fn location(response: &reqwest::Response) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_private_room_asks_for_its_password() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("secret", 4, "p&w+#%41 가").await;
    let path = format!("/room/{room}");
    assert_eq!(owner.page(&path).await.status(), 200);
    let page = guest.page(&path).await;
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains(&format!(r#"action="/room/{room}/enter""#)));
    let wrong = guest.submit(&format!("{path}/enter"), &[("password", "p&w+#A 가")]).await;
    assert_eq!(wrong.status(), 403);
    assert!(wrong.text().await.unwrap().contains(r#"name="password""#));
    for door in ["messages", "members"] {
        let refused = guest.get(&format!("{path}/{door}")).await;
        assert_eq!(status_and_problem(refused).await, (403, String::from("not-admitted")));
    }
    let right = guest.submit(&format!("{path}/enter"), &[("password", "p&w+#%41 가")]).await;
    assert_eq!((right.status().as_u16(), location(&right)), (303, path.clone()));
    assert_eq!(guest.get_json(&format!("{path}/messages")).await, json!([]));
    guest.enter(&room).await;
}

#[tokio::test]
async fn links_of_the_book_work_and_lose_their_password() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("secret", 4, "a&b").await;
    let wrong = guest.page(&format!("/room/{room}?password=ab")).await;
    assert_eq!(wrong.status(), 303);
    assert!(location(&wrong).starts_with("/?error=%EB%B9%84%EB%B0%80"));
    let right = guest.page(&format!("/room/{room}?password=a%26b")).await;
    assert_eq!((right.status().as_u16(), location(&right)), (303, format!("/room/{room}")));
    guest.enter(&room).await;
}

#[tokio::test]
async fn a_room_that_is_not_there_leads_back_to_the_lobby() {
    let server = Server::start().await;
    let person = Person::new(&server);
    for id in ["0123456789abcdef01234567", "xyz", "%F0%9F%98%80", "..%2f"] {
        let away = person.page(&format!("/room/{id}")).await;
        assert_eq!((away.status().as_u16(), location(&away)), (303, String::from(NO_SUCH_ROOM)), "{id}");
        assert_eq!(status_and_problem(person.get(&format!("/room/{id}")).await).await.0, 404);
    }
    let page = person.page(NO_SUCH_ROOM).await.text().await.unwrap();
    assert!(page.contains("존재하지 않는 방입니다."), "{page}");
    let odd = person.page("/?error=%3Cscript%3Ealert(1)%3C/script%3E").await.text().await.unwrap();
    assert!(!odd.contains("<script>alert"), "an error is text");
}

#[tokio::test]
async fn programs_are_admitted_with_json() {
    let server = Server::start().await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("secret", 4, "x").await;
    let enter = format!("/room/{room}/enter");
    for wrong in [json!({"password": "y"}), json!({"password": ""}), json!({}), json!({"password": "y".repeat(300)})] {
        let refused = status_and_problem(guest.post(&enter, &wrong).await).await;
        assert_eq!(refused, (403, String::from("wrong-password")), "{wrong}");
    }
    let admitted = guest.post(&enter, &json!({"password": "x"})).await;
    assert_eq!(admitted.status(), 200);
    assert_eq!(admitted.json::<Value>().await.unwrap()["_id"], room);
}

#[tokio::test]
async fn an_id_is_no_right() {
    let server = Server::start().await;
    let (owner, stranger) = (Person::new(&server), Person::new(&server));
    let private = owner.make_room("secret", 4, "x").await;
    let public = owner.make_room("open", 4, "").await;
    stranger.page("/").await;
    let mut io = stranger.connect(Transport::WebSocket).await;
    for room in [&private, &public] {
        assert_eq!(io.call("join", json!(room)).await["error"]["code"], "not-admitted", "its page was not seen");
    }
    let mut nobody = Person::new(&server).connect(Transport::WebSocket).await;
    assert_eq!(nobody.call("join", json!(public)).await["error"]["code"], "not-admitted");
    let mut inside = owner.enter(&private).await;
    owner.say(&private, "only for us").await;
    inside.next("chat").await;
    assert_eq!(io.heard_so_far().await, []);
}

#[tokio::test]
async fn guesses_are_slowed_for_each_room_and_address() {
    let server = Server::start_with(|config| (config.password_rate, config.password_burst) = (0.1, 2)).await;
    let owner = Person::new(&server);
    let (room, other) = (owner.make_room("a", 4, "x").await, owner.make_room("b", 4, "x").await);
    let guess = async |room: &str, password: &str| {
        let guesser = Person::new(&server);
        guesser.post(&format!("/room/{room}/enter"), &json!({"password": password})).await
    };
    assert_eq!(guess(&room, "1").await.status(), 403);
    assert_eq!(guess(&room, "2").await.status(), 403);
    let slowed = guess(&room, "x").await;
    assert_eq!(slowed.headers()["retry-after"], "10");
    assert_eq!(status_and_problem(slowed).await, (429, String::from("too-often")));
    assert_eq!(guess(&other, "x").await.status(), 200);
    server.advance(10);
    assert_eq!(guess(&room, "x").await.status(), 200);
    let again = owner.request(Method::GET, &format!("/room/{room}?password=wrong")).header("accept", "text/html");
    assert_eq!(again.send().await.unwrap().status(), 303, "who is admitted does not guess");
}
