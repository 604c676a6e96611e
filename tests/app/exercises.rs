//! The chapter's five exercises, with nothing but a WebSocket: who is here, system messages that are kept, whispers, an
//! owner who hands over, and kicking.

use serde_json::{Value, json};

use crate::support::{Person, Plain, Server};

/// Three people in a room; the first one owns it.
struct Three {
    server: Server,
    people: [Person; 3],
    ids: [String; 3],
    room: String,
}

impl Three {
    async fn meet() -> (Self, [Plain; 3]) {
        let server = Server::start().await;
        let people: [Person; 3] = std::array::from_fn(|_| Person::new(&server));
        let room = people[0].make_room("t", 8, "").await;
        let mut ids = Vec::new();
        let mut lines = Vec::new();
        for person in &people {
            person.look(&room).await;
            let mut line = person.plain().await;
            let snapshot = line.call("join", json!({"room": room})).await;
            ids.push(snapshot["me"]["id"].as_str().unwrap().to_owned());
            lines.push(line);
        }
        let three = Self { server, people, ids: ids.try_into().unwrap(), room };
        (three, lines.try_into().ok().unwrap())
    }

    fn with(&self, mut fields: Value) -> Value {
        fields["room"] = json!(self.room);
        fields
    }

    async fn history(&self, who: usize) -> Vec<Value> {
        let page = self.people[who].get_json(&format!("/room/{}/messages?limit=100", self.room)).await;
        page.as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn everybody_sees_who_is_here_the_owner_first() {
    let (three, [mut one, mut two, mut three_line]) = Three::meet().await;
    let list = three.people[2].get_json(&format!("/room/{}/members", three.room)).await;
    let listed: Vec<_> = list.as_array().unwrap().iter().map(|member| member["id"].as_str().unwrap()).collect();
    assert_eq!(listed, three.ids.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(list[0]["owner"], true);
    assert!(list[1]["owner"].is_null());
    assert_eq!(three_line.call("members", three.with(json!({}))).await["members"], list, "over the socket, too");

    two.call("away", three.with(json!({"away": true}))).await;
    assert_eq!(one.next("away").await, json!({"room": three.room, "member": three.ids[1], "away": true}));
    two.call("typing", three.with(json!({}))).await;
    let typing = one.next("typing").await;
    assert_eq!((&typing["member"], &typing["room"]), (&json!(three.ids[1]), &json!(three.room)));

    two.call("leave", three.with(json!({}))).await;
    assert_eq!(one.next("exit").await["member"]["id"], json!(three.ids[1]), "without damping");
    let list = one.call("members", three.with(json!({}))).await;
    assert_eq!(list["members"].as_array().unwrap().len(), 2);
    one.call("chat", three.with(json!({"chat": "he is gone"}))).await;
    assert!(two.heard_so_far().await.iter().all(|heard| heard.payload["chat"] != "he is gone"), "and hears no more");
    assert_eq!(two.call("chat", three.with(json!({"chat": "x"}))).await["error"]["code"], "not-in-room");
    // Who left and is not let in again hears nothing, either.
    assert!(one.call("settings", three.with(json!({"locked": true}))).await["error"].is_null());
    assert_eq!(two.call("join", three.with(json!({}))).await["error"]["code"], "room-locked");
    one.call("chat", three.with(json!({"chat": "behind the door"}))).await;
    assert_eq!(two.heard_so_far().await, []);
}

#[tokio::test]
async fn system_messages_are_kept_with_code_and_parameters() {
    let (three, [mut one, mut two, _three]) = Three::meet().await;
    let before = two.call("members", three.with(json!({}))).await["members"][1]["name"].clone();
    let me = two.call("nick", three.with(json!({"name": " 새  이름 "}))).await;
    assert_eq!(me["me"]["name"], "새 이름");
    let told = one.next("nick").await;
    assert_eq!(
        (&told["code"], &told["value"], &told["member"]["name"]),
        (&json!("renamed"), &before, &json!("새 이름"))
    );
    for settings in
        [json!({"slow": 7}), json!({"locked": true}), json!({"title": "다른 제목", "locked": false, "slow": 0})]
    {
        let done = one.call("settings", three.with(settings)).await;
        assert!(done["error"].is_null(), "{done}");
    }
    let history = three.history(2).await;
    let codes: Vec<_> = history.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    let expected = ["joined", "joined", "joined", "renamed", "slow", "locked", "title", "unlocked", "slow"];
    let (mut sorted, mut wanted) = (codes.clone(), expected.to_vec());
    sorted.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted, "{codes:?}");
    assert_eq!(history[3], told, "as it was heard");
    let seqs: Vec<_> = history.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=9).collect::<Vec<_>>(), "numbered like everything else");
    assert!(history.iter().all(|entry| entry["user"] == "system" && !entry["chat"].as_str().unwrap().is_empty()));

    let taken = one.call("nick", three.with(json!({"name": "새이름"}))).await;
    assert_eq!(taken["error"]["code"], "name-taken", "{taken}");
    for name in ["", "\u{200b}", "시스템", "방장", "a\u{202e}b\u{0}", &"x".repeat(21)] {
        let refused = one.call("nick", three.with(json!({"name": name}))).await;
        if name == "a\u{202e}b\u{0}" {
            continue;
        }
        assert_eq!(refused["error"]["code"], "name-invalid", "{name:?}: {refused}");
    }
    let stranger = two.call("settings", three.with(json!({"title": "mine"}))).await;
    assert_eq!(stranger["error"]["code"], "not-owner");
}

#[tokio::test]
async fn a_whisper_reaches_both_and_nobody_else() {
    let (three, [mut one, mut two, mut third]) = Three::meet().await;
    let mut tab = three.people[1].enter_plain(&three.room).await;
    let whisper = three.with(json!({"to": three.ids[1], "chat": "우리끼리 비밀", "clientMessageId": "w-1"}));
    let told = one.call("whisper", whisper.clone()).await;
    assert_eq!((&told["there"], &told["whisper"]["number"]), (&json!(true), &json!(1)), "{told}");
    assert_eq!(one.call("whisper", whisper).await["whisper"], told["whisper"], "a retry is the first one");
    for line in [&mut two, &mut tab] {
        let heard = line.next("whisper").await;
        assert_eq!((&heard["chat"], &heard["_id"]), (&json!("우리끼리 비밀"), &told["whisper"]["_id"]));
        assert!(heard["clientMessageId"].is_null());
    }
    assert_eq!(one.next("whisper").await, told["whisper"]);
    // By hand, with a name.
    let name = two.call("members", three.with(json!({}))).await["members"][0]["name"].clone();
    let text = format!("/w {} 답장", name.as_str().unwrap());
    let answer = two.call("chat", three.with(json!({"chat": text}))).await;
    assert_eq!((&answer["command"], &answer["whisper"]["chat"]), (&json!("whisper"), &json!("답장")));

    let everything = |lists: Vec<Value>| serde_json::to_string(&lists).unwrap();
    for secret in ["우리끼리", "답장", told["whisper"]["_id"].as_str().unwrap()] {
        assert!(everything(three.history(0).await).contains(secret));
        assert!(everything(three.history(1).await).contains(secret));
        assert!(!everything(three.history(2).await).contains(secret));
    }
    let heard: Vec<_> =
        third.heard_so_far().await.into_iter().map(|heard| json!([heard.name, heard.payload])).collect();
    assert!(!everything(heard).contains("비밀"));
    let found = third.call("search", three.with(json!({"q": "비밀"}))).await;
    assert_eq!(found["messages"], json!([]));
    let seqs: Vec<_> = three.history(2).await.iter().map(|entry| entry["seq"].clone()).collect();
    assert_eq!(seqs, [json!(1), json!(2), json!(3)], "it leaves no gap: {:?}", three.history(2).await);

    // Who was away for a moment has it when they are back, also whispers that came meanwhile.
    let epoch = tab.call("join", three.with(json!({}))).await["epoch"].clone();
    let since = json!({"epoch": epoch, "seq": 3, "whispers": 1});
    let back = tab.call("join", three.with(json!({"since": since}))).await;
    assert_eq!(back["recovered"], true);
    assert_eq!(back["messages"].as_array().unwrap().len(), 1);
    assert_eq!((&back["messages"][0]["chat"], &back["whispers"]), (&json!("답장"), &json!(2)));

    for (to, code) in
        [(json!(three.ids[0]), "cannot-self"), (json!("0123456789abcdef"), "no-such-member"), (json!(7), "id-invalid")]
    {
        let refused = one.call("whisper", three.with(json!({"to": to, "chat": "x"}))).await;
        assert_eq!(refused["error"]["code"], code);
    }
}

#[tokio::test]
async fn an_owner_hands_over_and_one_who_leaves_is_followed_by_the_longest_here() {
    let (three, [mut one, mut two, mut third]) = Three::meet().await;
    assert_eq!(two.call("owner", three.with(json!({"member": three.ids[1]}))).await["error"]["code"], "not-owner");
    let handed = one.call("owner", three.with(json!({"member": three.ids[2]}))).await;
    assert_eq!((&handed["code"], &handed["whom"]["id"]), (&json!("owner-handed"), &json!(three.ids[2])));
    assert_eq!(third.next("owner").await, handed);
    let list = two.call("members", three.with(json!({}))).await["members"].clone();
    assert_eq!((&list[0]["id"], &list[0]["owner"]), (&json!(three.ids[2]), &json!(true)));
    assert_eq!(list.as_array().unwrap().iter().filter(|member| member["owner"] == true).count(), 1);
    // The owner is cut off: for a while they stay it.
    let listed = three.with(json!({}));
    drop(third);
    let mut list = Value::Null;
    while list[0]["away"] != true {
        list = two.call("members", listed.clone()).await["members"].clone();
        assert_eq!((&list[0]["id"], &list[0]["owner"]), (&json!(three.ids[2]), &json!(true)));
    }
    three.server.advance(29);
    assert_eq!(two.call("members", listed.clone()).await["members"][0]["id"], json!(three.ids[2]));
    assert_eq!(two.next("owner").await, handed);
    three.server.advance(2);
    let taken = two.next("owner").await;
    assert_eq!((&taken["code"], &taken["member"]["id"]), (&json!("owner-left"), &json!(three.ids[0])), "{taken}");
    assert_eq!(taken["whom"]["id"], json!(three.ids[2]));
    // Who returns does not seize it back.
    let mut back = three.people[2].enter_plain(&three.room).await;
    assert_eq!(back.call("settings", three.with(json!({"locked": true}))).await["error"]["code"], "not-owner");
    assert!(one.call("settings", three.with(json!({"locked": true}))).await["error"].is_null());
}

#[tokio::test]
async fn who_is_kicked_is_out_for_a_while_and_who_is_banned_for_good() {
    let (three, [mut one, mut two, third]) = Three::meet().await;
    assert_eq!(two.call("kick", three.with(json!({"member": three.ids[2]}))).await["error"]["code"], "not-owner");
    assert_eq!(one.call("kick", three.with(json!({"member": three.ids[0]}))).await["error"]["code"], "cannot-self");
    let kicked = one.call("kick", three.with(json!({"member": three.ids[2]}))).await;
    assert!(kicked["until"].is_string(), "{kicked}");
    let mut third = third;
    let (heard, _) = third.rest().await;
    let last = heard.last().unwrap();
    assert_eq!((last.name.as_str(), &last.payload["whom"]["id"]), ("kick", &json!(three.ids[2])), "their last word");
    assert_eq!(two.next("kick").await["whom"]["id"], json!(three.ids[2]));

    let out = &three.people[2];
    let mut again = out.plain().await;
    assert_eq!(again.call("join", three.with(json!({}))).await["error"]["code"], "kicked");
    assert_eq!(out.say(&three.room, "hello?").await.status(), 403);
    assert_eq!(out.get(&format!("/room/{}/messages", three.room)).await.status(), 403);
    assert_eq!(out.try_events(&three.room, None).await.status(), 403);
    three.server.advance(600);
    let mut again = three.people[2].enter_plain(&three.room).await;

    again.call("chat", three.with(json!({"chat": "rubbish"}))).await;
    let banned = one.call("ban", three.with(json!({"member": three.ids[2], "purge": true}))).await;
    assert!(banned["error"].is_null() && banned["until"].is_null(), "{banned}");
    let history = serde_json::to_string(&three.history(1).await).unwrap();
    assert!(!history.contains("rubbish"), "what they wrote went with them: {history}");
    three.server.advance(100_000);
    let mut again = out.plain().await;
    assert_eq!(again.call("join", three.with(json!({}))).await["error"]["code"], "banned");
    let bans = one.call("bans", three.with(json!({}))).await;
    assert_eq!(bans["bans"][0]["member"]["id"], json!(three.ids[2]), "{bans}");
    // Somebody new from the same place stays out, too; who was here before does not.
    let stranger = Person::new(&three.server);
    assert_eq!(stranger.get(&format!("/room/{}/members", three.room)).await.status(), 403);
    let page = stranger.page(&format!("/room/{}", three.room)).await;
    assert_eq!(page.status(), 403);
    let _two = three.people[1].enter_plain(&three.room).await;
    let lifted = one.call("unban", three.with(json!({"member": three.ids[2]}))).await;
    assert!(lifted["error"].is_null(), "{lifted}");
    let mut again = out.plain().await;
    assert!(again.call("join", three.with(json!({}))).await["error"].is_null());
    stranger.look(&three.room).await;
}

#[tokio::test]
async fn messages_are_answered_edited_removed_and_reacted_to_in_one_order() {
    let (three, [mut one, mut two, mut third]) = Three::meet().await;
    let said = one.call("chat", three.with(json!({"chat": "처음"}))).await;
    let seq = said["seq"].as_i64().unwrap();
    let reply = two.call("chat", three.with(json!({"chat": "답", "reply": seq}))).await;
    assert_eq!((&reply["reply"]["seq"], &reply["reply"]["chat"]), (&json!(seq), &json!("처음")));
    let react = json!({"target": seq, "emoji": "👍", "on": true});
    let first = two.call("react", three.with(react.clone())).await;
    assert_eq!((&first["count"], &first["on"]), (&json!(1), &json!(true)));
    let again = two.call("react", three.with(react)).await;
    assert_eq!(again, json!({"seq": null, "count": 1}), "set, not toggled");
    let mine = third.call("react", three.with(json!({"target": seq, "emoji": "❤", "on": true}))).await;
    assert_eq!(mine["emoji"], "❤️");
    let edit = one.call("edit", three.with(json!({"target": seq, "chat": "고침"}))).await;
    assert_eq!((&edit["kind"], &edit["target"], &edit["chat"]), (&json!("edit"), &json!(seq), &json!("고침")));
    assert_eq!(two.call("edit", three.with(json!({"target": seq, "chat": "x"}))).await["error"]["code"], "not-yours");
    assert_eq!(two.call("remove", three.with(json!({"target": seq}))).await["error"]["code"], "not-yours");
    assert_eq!(
        two.call("edit", three.with(json!({"target": 999, "chat": "x"}))).await["error"]["code"],
        "no-such-message"
    );
    let history = three.history(2).await;
    let now = history.iter().find(|entry| entry["seq"] == seq).unwrap();
    assert_eq!(
        (&now["chat"], &now["reactions"]),
        (&json!("고침"), &json!([{"emoji": "👍", "count": 1}, {"emoji": "❤️", "count": 1, "mine": true}]))
    );
    assert!(now["editedAt"].is_string());
    // The owner removes what another one said.
    let reply_seq = reply["seq"].as_i64().unwrap();
    let removed = one.call("remove", three.with(json!({"target": reply_seq}))).await;
    assert_eq!((&removed["kind"], &removed["target"]), (&json!("remove"), &json!(reply_seq)));
    // Too late for one's own, never for the owner.
    three.server.advance(16 * 60);
    let late = two.call("chat", three.with(json!({"chat": "new"}))).await["seq"].clone();
    three.server.advance(16 * 60);
    assert_eq!(two.call("remove", three.with(json!({"target": late}))).await["error"]["code"], "too-late");
    assert!(one.call("remove", three.with(json!({"target": late}))).await["error"].is_null());

    // Everybody heard the same, in the same order, without a gap; and who comes back reads the same end.
    let numbered = |heard: Vec<crate::support::Heard>| -> Vec<i64> {
        heard.iter().filter_map(|heard| heard.payload["seq"].as_i64()).collect()
    };
    let third_heard = numbered(third.heard_so_far().await);
    assert_eq!(third_heard, (4..=third_heard.last().copied().unwrap()).collect::<Vec<_>>());
    let snapshot = third.call("join", three.with(json!({"since": {"epoch": 0, "seq": 0}}))).await;
    let since = json!({"epoch": snapshot["epoch"], "seq": 3, "whispers": 0});
    let back = third.call("join", three.with(json!({"since": since}))).await;
    assert_eq!(back["recovered"], true);
    let seqs: Vec<_> =
        back["messages"].as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, third_heard);
    assert!(!serde_json::to_string(&back).unwrap().contains("처음"), "what was edited is gone");
    assert!(!serde_json::to_string(&back).unwrap().contains("\"답\""), "what was removed is gone");
}

#[tokio::test]
async fn slash_commands_work_where_one_writes_on_every_door() {
    let (three, [mut one, mut two, _third]) = Three::meet().await;
    let chat = format!("/room/{}/chat", three.room);
    let answer: Value = three.people[1].post(&chat, &json!({"chat": "/nick 멋쟁이"})).await.json().await.unwrap();
    assert_eq!((&answer["command"], &answer["me"]["name"]), (&json!("nick"), &json!("멋쟁이")), "{answer}");
    let commands = format!("/room/{}/commands", three.room);
    let answer: Value =
        three.people[1].post(&commands, &json!({"type": "nick", "name": "더 멋쟁이"})).await.json().await.unwrap();
    assert_eq!(answer["me"]["name"], "더 멋쟁이", "{answer}");
    let help = one.call("chat", three.with(json!({"chat": "/help"}))).await;
    assert!(help["commands"].as_array().unwrap().len() > 8, "{help}");
    assert!(one.call("chat", three.with(json!({"chat": "/slow 30"}))).await["error"].is_null());
    assert_eq!(two.call("chat", three.with(json!({"chat": "/lock"}))).await["error"]["code"], "not-owner");
    assert!(two.call("chat", three.with(json!({"chat": "//한 줄"}))).await["chat"] == "/한 줄");
    let slow = two.call("chat", three.with(json!({"chat": "/usr/bin"}))).await;
    assert_eq!(slow["error"]["code"], "slow-mode", "a path is a text, and too early");
    assert!(slow["error"]["retryAfter"].as_u64().unwrap() <= 30);
    assert_eq!(two.call("chat", three.with(json!({"chat": "/nonsense"}))).await["error"]["code"], "unknown-slash");
    let muted = one.call("chat", three.with(json!({"chat": "/mute 더 멋쟁이 5"}))).await;
    assert!(muted["until"].is_string(), "{muted}");
    three.server.advance(60);
    for command in [json!({"chat": "x"})] {
        assert_eq!(two.call("chat", three.with(command)).await["error"]["code"], "muted");
    }
    let whisper = three.with(json!({"to": three.ids[0], "chat": "x"}));
    assert_eq!(two.call("whisper", whisper).await["error"]["code"], "muted");
    assert!(one.call("chat", three.with(json!({"chat": "/unmute 더 멋쟁이"}))).await["error"].is_null());
    assert_eq!(two.call("chat", three.with(json!({"chat": "다시"}))).await["chat"], "다시");
    let kicked = one.call("chat", three.with(json!({"chat": "/강퇴 더 멋쟁이"}))).await;
    assert_eq!((&kicked["command"], kicked["until"].is_string()), (&json!("kick"), true), "{kicked}");
}
