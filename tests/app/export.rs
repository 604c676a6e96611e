//! A room as a file: everything its reader may see, nothing else, and a page that is safe wherever it is opened.

use serde_json::{Value, json};

use crate::support::{GIF, Person, Plain, Server, status_and_problem};

async fn json_of(person: &Person, room: &str) -> Value {
    person.get_json(&format!("/room/{room}/export")).await
}

async fn html_of(person: &Person, room: &str) -> String {
    let response = person.page(&format!("/room/{room}/export?format=html")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    response.text().await.unwrap()
}

fn messages(export: &Value) -> &[Value] {
    export["messages"].as_array().unwrap()
}

async fn done(plain: &mut Plain, room: &str, command: &str, mut fields: Value) -> Value {
    fields["room"] = json!(room);
    let answer = plain.call(command, fields).await;
    assert!(answer.get("error").is_none(), "{command}: {answer}");
    answer
}

/// What a browser would load or run, or where it would go by itself.
fn assert_keeps_to_itself(html: &str) {
    for tag in html.split('<').filter_map(|piece| piece.split('>').next()) {
        let name = tag.split([' ', '\n']).next().unwrap_or_default();
        let unsafe_tag = ["script", "iframe", "object", "embed", "link", "form", "base", "svg"].contains(&name);
        assert!(!unsafe_tag && !tag.contains(" on"), "<{tag}>");
    }
    for wrong in ["@import", "url(", "srcset", "://"] {
        assert!(!html.contains(wrong), "{wrong}");
    }
    for attribute in ["src=\"", "href=\""] {
        for value in html.split(attribute).collect::<Vec<_>>().split_off(1) {
            assert!(value.starts_with("data:image/gif;base64,"), "{attribute}{}", &value[..value.len().min(80)]);
        }
    }
}

#[tokio::test]
async fn it_holds_what_its_reader_may_see_in_order() {
    let server = Server::start().await;
    let [host, friend, third] = [(); 3].map(|()| Person::new(&server));
    let room = host.make_room("점심 / 밤?", 4, "").await;
    let mut owner = host.enter_plain(&room).await;
    let mut guest = friend.enter_plain(&room).await;
    let _third = third.enter_plain(&room).await;
    let snapshot = done(&mut guest, &room, "join", json!({})).await;
    let evil = "<script>alert(1)</script> <img src=x onerror=alert(1)> \" ' & javascript:x";
    let said = done(&mut owner, &room, "chat", json!({"chat": evil})).await;
    done(&mut guest, &room, "chat", json!({"chat": "old words", "reply": said["seq"]})).await;
    let mine = done(&mut guest, &room, "chat", json!({"chat": "will change"})).await;
    let gone = done(&mut guest, &room, "chat", json!({"chat": "never mind"})).await;
    let me = snapshot["me"]["id"].clone();
    for number in 0..120 {
        done(&mut owner, &room, "whisper", json!({"to": me, "chat": format!("secret {number}")})).await;
        if number % 60 == 0 {
            done(&mut owner, &room, "chat", json!({"chat": format!("loud {number}")})).await;
        }
    }
    assert_eq!(friend.send_gif(&room, GIF).await.status(), 201);
    done(&mut guest, &room, "nick", json!({"name": "O\"Neill <b>"})).await;
    done(&mut guest, &room, "edit", json!({"target": mine["seq"], "chat": "changed"})).await;
    done(&mut guest, &room, "remove", json!({"target": gone["seq"]})).await;
    done(&mut guest, &room, "react", json!({"target": said["seq"], "emoji": "👍"})).await;

    let export = json_of(&friend, &room).await;
    assert_eq!((&export["room"]["_id"], &export["exportedBy"]["id"]), (&json!(room), &me));
    assert_eq!(export["exportedBy"]["name"], "O\"Neill <b>");
    let all = messages(&export);
    let seqs: Vec<i64> = all.iter().filter_map(|entry| entry["seq"].as_i64()).collect();
    assert!(seqs.is_sorted() && !seqs.is_empty(), "{seqs:?}");
    let numbers: Vec<i64> = all.iter().filter_map(|entry| entry["number"].as_i64()).collect();
    assert_eq!(numbers, (1..=120).collect::<Vec<_>>());
    let mut newest = 0;
    for entry in all {
        match entry["after"].as_i64() {
            Some(after) => assert!(after >= newest, "{entry} stands after its message"),
            None => newest = entry["seq"].as_i64().unwrap(),
        }
    }
    let of = |seq: &Value| all.iter().find(|entry| entry["seq"] == *seq).unwrap();
    assert_eq!(of(&said["seq"])["reactions"], json!([{"emoji": "👍", "count": 1, "mine": true}]));
    assert_eq!(of(&mine["seq"])["chat"], "changed");
    assert!(of(&mine["seq"])["editedAt"].is_string());
    assert_eq!(of(&gone["seq"])["removed"], true);
    assert!(all.iter().any(|entry| entry["gif"].is_string() && entry["width"] == 1 && entry["height"] == 1));
    assert!(all.iter().any(|entry| entry["code"] == "renamed"));

    let html = html_of(&friend, &room).await;
    assert_keeps_to_itself(&html);
    for shown in
        ["secret 119", "changed", "&#60;script&#62;alert", "O&#34;Neill", "data:image/gif;base64,R0lGODlh", "👍 1"]
    {
        assert!(html.contains(shown), "{shown}");
    }
    assert!(!html.contains("never mind") && !html.contains("will change"));

    // Who is neither of the two sees no whisper, in neither form.
    let theirs = json_of(&third, &room).await;
    assert!(messages(&theirs).iter().all(|entry| entry["kind"] != "whisper"));
    assert_eq!(messages(&theirs).len() + 120, all.len());
    assert!(!theirs.to_string().contains("secret") && !html_of(&third, &room).await.contains("secret"));
}

#[tokio::test]
async fn it_is_a_file_with_a_good_name_that_runs_nothing() {
    let server = Server::start().await;
    let (owner, stranger) = (Person::new(&server), Person::new(&server));
    let room = owner.make_room("점심 / \"밤\"?.", 4, "sesame").await;
    for (format, extension) in [("", "json"), ("?format=json", "json"), ("?format=html", "html")] {
        let response = owner.get(&format!("/room/{room}/export{format}")).await;
        assert_eq!(response.status(), 200, "{format}");
        let headers = response.headers();
        let name = format!(
            "attachment; filename=\"gifchat-{room}.{extension}\"; \
             filename*=UTF-8''%EC%A0%90%EC%8B%AC%20_%20_%EB%B0%A4__.{extension}"
        );
        assert_eq!(headers["content-disposition"].to_str().unwrap(), name);
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';") && policy.contains("sandbox"), "{policy}");
        assert!(!policy.contains("script") && !policy.contains("http"), "{policy}");
    }
    let refused = owner.get(&format!("/room/{room}/export?format=pdf")).await;
    assert_eq!(status_and_problem(refused).await, (400, String::from("bad-request")));
    let refused = stranger.get(&format!("/room/{room}/export")).await;
    assert_eq!(status_and_problem(refused).await, (403, String::from("not-admitted")));
}

#[tokio::test]
async fn a_long_room_is_whole_and_a_ban_ends_it() {
    let server = Server::start().await;
    let (host, friend) = (Person::new(&server), Person::new(&server));
    let room = host.make_room("t", 4, "").await;
    let mut owner = host.enter_plain(&room).await;
    let mut guest = friend.enter_plain(&room).await;
    let mut asked = Vec::new();
    for number in 0..500 {
        asked.push(guest.ask("chat", json!({"room": room, "chat": format!("message {number}.")})).await);
        if number % 100 == 0 {
            assert_eq!(friend.send_gif(&room, GIF).await.status(), 201);
        }
    }
    for reference in asked {
        assert!(guest.answer(&reference).await.get("error").is_none());
    }
    let export = json_of(&friend, &room).await;
    let texts: Vec<&str> = messages(&export).iter().filter_map(|entry| entry["chat"].as_str()).collect();
    let said: Vec<String> = (0..500).map(|number| format!("message {number}.")).collect();
    assert_eq!(texts.into_iter().filter(|text| text.starts_with("message")).collect::<Vec<_>>(), said);
    let html = html_of(&friend, &room).await;
    assert_keeps_to_itself(&html);
    assert_eq!(html.matches("data:image/gif;base64,R0lGODlhAQABA").count(), 5);
    assert!(said.iter().all(|text| html.contains(text.as_str())));

    let me = done(&mut guest, &room, "join", json!({})).await["me"]["id"].clone();
    done(&mut owner, &room, "ban", json!({"member": me})).await;
    for format in ["json", "html"] {
        let refused = friend.get(&format!("/room/{room}/export?format={format}")).await;
        assert_eq!(status_and_problem(refused).await, (403, String::from("banned")));
    }
}

#[tokio::test]
async fn it_is_asked_for_no_oftener_than_one_may_search() {
    let server = Server::start_with(|config| (config.search_rate, config.search_burst) = (1.0, 2)).await;
    let person = Person::new(&server);
    let room = person.make_room("t", 4, "").await;
    for _ in 0..2 {
        json_of(&person, &room).await;
    }
    let refused = person.get(&format!("/room/{room}/export")).await;
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(status_and_problem(refused).await, (429, String::from("too-often")));
}
