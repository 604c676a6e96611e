//! What people do in a room, over `/ws` with nothing but a WebSocket client: every command, its answer and every event
//! is as `/asyncapi.yaml` says.

use std::collections::BTreeSet;

use gifchat::domain::Event;
use gifchat::wire;
use serde_json::{Value, json};

use crate::asyncapi::Described;
use crate::support::schema::assert_fits;
use crate::support::{GIF, Heard, Person, Plain, Server};

/// Somebody in the room, and what they saw described.
struct Somebody<'a> {
    described: &'a Described,
    plain: Plain,
    room: String,
    asked: BTreeSet<String>,
    heard: BTreeSet<String>,
}

impl<'a> Somebody<'a> {
    async fn enter(described: &'a Described, person: &Person, room: &str) -> (Self, Value) {
        person.look(room).await;
        let (plain, none) = (person.plain().await, BTreeSet::new);
        let mut somebody = Self { described, plain, room: room.to_owned(), asked: none(), heard: none() };
        let snapshot = somebody.ask("join", json!({})).await;
        assert!(snapshot["me"].is_object(), "{snapshot}");
        (somebody, snapshot)
    }

    /// Asks, and holds the answer to the document.
    async fn ask(&mut self, command: &str, mut fields: Value) -> Value {
        fields["room"] = json!(self.room);
        let answer = self.plain.call(command, fields).await;
        self.described.check_ack(command, &answer);
        self.asked.insert(command.to_owned());
        answer
    }

    async fn done(&mut self, command: &str, fields: Value) -> Value {
        let answer = self.ask(command, fields).await;
        assert!(answer.get("error").is_none(), "{command}: {answer}");
        answer
    }

    fn check(&mut self, heard: Vec<Heard>) {
        for heard in heard {
            self.described.check("chat", &heard);
            self.heard.insert(heard.name);
        }
    }

    /// Holds all that was heard to the document.
    async fn listen(&mut self) {
        let heard = self.plain.heard_so_far().await;
        self.check(heard);
    }
}

#[tokio::test]
async fn what_is_done_in_a_room_is_as_described() {
    let server = Server::start().await;
    let described = Described::read();
    let [host, friend, pest] = [(); 3].map(|()| Person::new(&server));
    let room = host.make_room("점심", 5, "").await;
    let (mut owner, _) = Somebody::enter(&described, &host, &room).await;
    let (mut guest, came) = Somebody::enter(&described, &friend, &room).await;
    let (mut third, third_came) = Somebody::enter(&described, &pest, &room).await;
    let (them, it) = (came["me"]["id"].clone(), third_came["me"]["id"].clone());

    // Names, and what is said with them.
    guest.done("nick", json!({"name": "Whale"})).await;
    assert_eq!(third.ask("nick", json!({"name": "WHALE"})).await["error"]["code"], "name-taken");
    let said = owner.done("chat", json!({"chat": "hello @Whale", "clientMessageId": "c-1"})).await;
    assert_eq!(said["mentions"], json!([them]));
    let reply = guest.done("chat", json!({"chat": "hi", "reply": said["seq"]})).await;
    assert_eq!(reply["reply"]["seq"], said["seq"]);
    let gif: Value = friend.send_gif(&room, GIF).await.json().await.unwrap();
    let to_gif = owner.done("chat", json!({"chat": "ha", "reply": gif["seq"]})).await;
    assert!(to_gif["reply"]["gif"].is_string(), "{to_gif}");
    assert_eq!(guest.done("edit", json!({"target": reply["seq"], "chat": "hey"})).await["kind"], "edit");
    for (on, kind) in [(true, json!("react")), (true, Value::Null), (false, json!("react"))] {
        let answer = guest.done("react", json!({"target": said["seq"], "emoji": "👍", "on": on})).await;
        assert_eq!(answer["kind"], kind, "{answer}");
    }
    owner.done("react", json!({"target": said["seq"], "emoji": "❤️"})).await;
    assert_eq!(guest.ask("edit", json!({"target": said["seq"], "chat": "x"})).await["error"]["code"], "not-yours");
    let again = owner.done("gif", json!({"gif": gif["gif"], "alt": "an otter", "reply": said["seq"]})).await;
    assert_eq!((&again["gif"], &again["alt"]), (&gif["gif"], &json!("an otter")));
    assert_eq!(owner.done("edit", json!({"target": again["seq"], "alt": ""})).await["alt"], "");
    let gone = format!("{}.gif", "ab".repeat(32));
    assert_eq!(owner.ask("gif", json!({"gif": gone})).await["error"]["code"], "gif-gone");
    guest.done("remove", json!({"target": gif["seq"]})).await;

    // To one other.
    let whisper = owner.done("whisper", json!({"to": them, "chat": "psst", "clientMessageId": "w-1"})).await;
    assert_eq!((&whisper["whisper"]["number"], &whisper["there"]), (&json!(1), &json!(true)));
    let typed = guest.done("chat", json!({"chat": format!("/w {} ok", said["name"].as_str().unwrap())})).await;
    assert_eq!(typed["command"], "whisper");
    for slash in ["/nick Blue Whale", "/help"] {
        guest.done("chat", json!({"chat": slash})).await;
    }
    assert_eq!(guest.ask("chat", json!({"chat": "/dance"})).await["error"]["code"], "unknown-slash");

    // What is asked and what is only shown.
    for (command, fields) in [
        ("typing", json!({})),
        ("away", json!({"away": true})),
        ("away", json!({"away": false})),
        ("members", json!({})),
        ("help", json!({})),
        ("search", json!({"q": "hello"})),
    ] {
        guest.done(command, fields).await;
    }
    assert_eq!(guest.ask("bans", json!({})).await["error"]["code"], "not-owner");

    // The owner's.
    for settings in [
        json!({"title": "Dinner", "max": 6, "password": "sesame", "locked": true, "slow": 0, "preset": "open"}),
        json!({"password": "", "locked": false}),
    ] {
        owner.done("settings", settings).await;
    }
    owner.done("mute", json!({"member": them, "seconds": 60})).await;
    let refused = guest.ask("chat", json!({"chat": "mm"})).await;
    assert_eq!((&refused["error"]["code"], &refused["error"]["retryAfter"]), (&json!("muted"), &json!(60)));
    owner.done("members", json!({})).await;
    owner.done("unmute", json!({"member": them})).await;
    for on in [true, false] {
        owner.done("raid", json!({"on": on})).await;
    }
    third.done("chat", json!({"chat": "spam"})).await;
    third.listen().await;
    owner.done("kick", json!({"member": it})).await;
    let (last, _) = third.plain.rest().await;
    assert_eq!(last.last().map(|heard| heard.name.as_str()), Some("kick"));
    third.check(last);
    assert_eq!(owner.done("bans", json!({})).await["bans"][0]["kind"], "kick");
    let mut again = pest.plain().await;
    let refused = again.call("join", json!({"room": room})).await;
    assert_eq!(refused["error"]["code"], "kicked");
    described.check_ack("join", &refused);
    owner.done("unban", json!({"member": it})).await;
    let (mut third, _) = Somebody::enter(&described, &pest, &room).await;
    owner.done("ban", json!({"member": it, "purge": true})).await;
    let (last, _) = third.plain.rest().await;
    third.check(last);
    assert_eq!(owner.done("bans", json!({})).await["bans"][0]["kind"], "ban");
    assert_eq!(again.call("join", json!({"room": room})).await["error"]["code"], "banned");

    // Everything again, for who missed it; and as a page.
    let since = json!({"since": {"epoch": came["epoch"], "seq": 0, "whispers": 0}});
    let missed = guest.done("join", since).await;
    assert_eq!(missed["recovered"], true);
    let kinds: BTreeSet<&str> =
        missed["messages"].as_array().unwrap().iter().filter_map(|entry| entry["kind"].as_str()).collect();
    for kind in ["purged", "purge", "whisper", "edit", "remove", "react", "nick", "ban"] {
        assert!(kinds.contains(kind), "{kind} is missing: {kinds:?}");
    }
    guest.done("join", json!({})).await;

    // Another owner, and the end.
    assert_eq!(owner.done("owner", json!({"member": them})).await["code"], "owner-handed");
    owner.listen().await;
    owner.done("leave", json!({})).await;
    guest.listen().await;
    guest.done("close", json!({})).await;
    guest.listen().await;

    // What needs a crowd, a silent room or the end of the server.
    let event = Event::RaidWatch {
        room: room.parse().unwrap(),
        owner: gifchat::domain::Member {
            id: them.as_str().unwrap().parse().unwrap(),
            name: String::new(),
            color: "#1f932d".parse().unwrap(),
        },
        joins: 20,
    };
    let (name, payload) = wire::event(&event);
    described.check("chat", &Heard { name: name.to_owned(), payload: serde_json::to_value(payload).unwrap() });
    let by_others = ["head", "shutdown", name].map(String::from);

    let heard: BTreeSet<String> = [owner.heard, guest.heard].into_iter().flatten().chain(by_others).collect();
    let channel = described.at("/channels/chat/messages").as_object().unwrap();
    let events = channel.keys().filter(|key| !key.ends_with("Ack") && !key.ends_with("Command")).cloned();
    assert_eq!(heard, events.collect::<BTreeSet<_>>(), "every event of a room was heard");
    let asked: BTreeSet<String> = [owner.asked, guest.asked].into_iter().flatten().collect();
    let all = wire::command::COMMANDS.into_iter().chain(["join", "chat"]).map(String::from);
    assert_eq!(asked, all.collect::<BTreeSet<_>>(), "every command was asked");
}

#[test]
fn every_command_is_taken_as_described() {
    let described = Described::read();
    let (room, member) = ("abababababababababababab", "0011223344556677");
    let gif = format!("{}.gif", "cd".repeat(32));
    let cases = [
        ("whisper", json!({"to": member, "chat": "psst"}), true),
        ("whisper", json!({"to": member, "chat": "psst", "clientMessageId": "a b"}), false),
        ("whisper", json!({"to": "somebody", "chat": "psst"}), false),
        ("whisper", json!({"to": member}), false),
        ("nick", json!({"name": "Whale"}), true),
        ("nick", json!({"name": ""}), false),
        ("nick", json!({"name": 5}), false),
        ("gif", json!({"gif": gif}), true),
        ("gif", json!({"gif": gif, "alt": "", "reply": 3, "clientMessageId": "g-1"}), true),
        ("gif", json!({"gif": gif.replace(".gif", ".webp")}), false),
        ("gif", json!({"gif": gif, "alt": 5}), false),
        ("gif", json!({"alt": "an otter"}), false),
        ("edit", json!({"target": 7, "chat": "x"}), true),
        ("edit", json!({"target": 7, "alt": "an otter"}), true),
        ("edit", json!({"target": 7, "alt": ""}), true),
        ("edit", json!({"target": 7, "alt": "x".repeat(501)}), false),
        ("edit", json!({"chat": "x"}), false),
        ("edit", json!({"target": -7, "chat": "x"}), false),
        ("remove", json!({"target": 7}), true),
        ("remove", json!({"target": 7.5}), false),
        ("react", json!({"target": 7, "emoji": "👍"}), true),
        ("react", json!({"target": 7, "emoji": "👍", "on": null}), true),
        ("react", json!({"target": 7, "emoji": "👍", "on": 1}), false),
        ("react", json!({"target": 7, "emoji": ""}), false),
        ("away", json!({}), true),
        ("away", json!({"away": false}), true),
        ("away", json!({"away": 0}), false),
        ("typing", json!({}), true),
        ("leave", json!({}), true),
        ("members", json!({}), true),
        ("help", json!({}), true),
        ("bans", json!({}), true),
        ("close", json!({}), true),
        ("owner", json!({"member": member}), true),
        ("owner", json!({}), false),
        ("kick", json!({"member": 5}), false),
        ("unban", json!({"member": member}), true),
        ("unmute", json!({"member": member}), true),
        ("settings", json!({}), true),
        ("settings", json!({"title": null, "max": 5, "slow": 3600, "preset": "strict", "password": ""}), true),
        ("settings", json!({"title": ""}), false),
        ("settings", json!({"max": 1}), false),
        ("settings", json!({"slow": 3601}), false),
        ("settings", json!({"preset": "lax"}), false),
        ("settings", json!({"locked": "maybe"}), false),
        ("ban", json!({"member": member, "seconds": 60, "purge": true}), true),
        ("ban", json!({"member": member, "seconds": -1}), false),
        ("mute", json!({"member": member, "seconds": null}), true),
        ("mute", json!({"member": member, "seconds": "soon"}), false),
        ("raid", json!({"on": false, "clean": true}), true),
        ("raid", json!({"clean": 1}), false),
        ("search", json!({"q": "x", "from": member, "before": 7}), true),
        ("search", json!({"q": ""}), false),
        ("search", json!({"q": "x", "from": 7}), false),
        ("search", json!({"q": "x", "before": -1}), false),
    ];
    let mut asked = BTreeSet::new();
    for (command, mut fields, fits) in cases {
        asked.insert(command);
        let taken = wire::command::read(command, &fields, 1000).unwrap().is_ok();
        fields["room"] = json!(room);
        assert_eq!(taken, fits, "{command} {fields}");
        assert_eq!(
            described.fits(described.message(&format!("{command}Command")), &fields),
            fits,
            "{command} {fields}"
        );
        fields["type"] = json!(command);
        let frame = described.message(&format!("{command}CommandFrame"));
        assert_eq!(described.fits(frame, &fields), fits, "{fields}");
        fields["ref"] = json!(1);
        if fits {
            assert_fits(&described.document, frame, &fields);
        }
    }
    assert_eq!(asked, wire::command::COMMANDS.into_iter().collect());
}
