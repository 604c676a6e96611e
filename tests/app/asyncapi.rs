//! `/asyncapi.yaml` says what is said live: it names every event there is and no other, and what is really heard and
//! taken is as it says, on each transport.

use std::collections::BTreeSet;
use std::time::Duration;

use gifchat::domain::{ChatText, ClientMessageId, Event, Position, Title};
use gifchat::wire;
use serde_json::{Map, Value, json};

use crate::support::schema::{assert_fits, misfit, resolved};
use crate::support::{GIF, Heard, Person, Server, Transport};

/// Of the plain WebSocket and of server-sent events alone.
const NOT_SOCKET_IO: [&str; 4] = ["ack", "rooms", "snapshot", "purged"];

pub struct Described {
    pub document: Value,
}

impl Described {
    pub fn read() -> Self {
        Self { document: yaml_serde::from_str(include_str!("../../docs/asyncapi.yaml")).unwrap() }
    }

    pub fn at(&self, pointer: &str) -> &Value {
        let found = self.document.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}"));
        resolved(&self.document, found)
    }

    pub fn message(&self, name: &str) -> &Value {
        &self.at(&format!("/components/messages/{name}"))["payload"]
    }

    pub fn schema(&self, name: &str) -> Value {
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    pub fn fits(&self, schema: &Value, value: &Value) -> bool {
        misfit(&self.document, schema, value).is_none()
    }

    /// An event in the lobby or in a room: as Socket.IO has it, and as a frame and a server-sent event have it.
    pub fn check(&self, channel: &str, heard: &Heard) {
        let Heard { name, payload } = heard;
        let message = self.at(&format!("/channels/{channel}/messages/{name}"));
        assert_eq!(message["name"], *name);
        assert_fits(&self.document, &message["payload"], payload);
        let frame = self.message(&format!("{name}Frame"));
        assert_fits(&self.document, frame, &framed(name, payload));
        assert!(!self.fits(frame, &framed("ack", payload)), "a frame's type is its name");
        if channel == "chat" {
            assert_fits(&self.document, self.message(&format!("{name}Event")), payload);
        }
    }

    /// An acknowledgement: as Socket.IO has it, and as a frame has it.
    pub fn check_ack(&self, command: &str, answer: &Value) {
        assert_fits(&self.document, self.message(&format!("{command}Ack")), answer);
        let mut frame = framed("ack", answer);
        assert!(!self.fits(self.message(&format!("{command}AckFrame")), &frame), "without ref nothing is answered");
        frame["ref"] = json!("r-1");
        assert_fits(&self.document, self.message(&format!("{command}AckFrame")), &frame);
    }
}

/// What the plain WebSocket makes of a payload.
pub fn framed(name: &str, payload: &Value) -> Value {
    let mut frame = Map::from_iter([(String::from("type"), json!(name))]);
    match payload {
        Value::Object(fields) => frame.extend(fields.clone()),
        other => {
            frame.insert(String::from("data"), other.clone());
        }
    }
    Value::Object(frame)
}

/// Every name in `wire::name`.
fn names() -> BTreeSet<&'static str> {
    let wire = include_str!("../../src/wire.rs");
    let names = wire.split("pub mod name {").nth(1).unwrap().split("\n}").next().unwrap();
    let names: BTreeSet<_> = names.lines().filter_map(|line| line.split('"').nth(1)).collect();
    assert!(names.contains(wire::name::CHAT) && names.len() >= 6, "{names:?}");
    names
}

#[test]
fn every_event_is_described_and_no_other() {
    let described = Described::read();
    let messages = described.at("/components/messages").as_object().unwrap();
    let documented: BTreeSet<_> = messages.values().filter_map(|message| message["name"].as_str()).collect();
    let all: BTreeSet<_> = names().into_iter().chain(NOT_SOCKET_IO).collect();
    assert_eq!(documented, all);
    for channel in ["lobby", "chat"] {
        for (key, message) in described.at(&format!("/channels/{channel}/messages")).as_object().unwrap() {
            let name = resolved(&described.document, message)["name"].as_str();
            assert!(name.map_or(key.ends_with("Ack"), |name| names().contains(name)), "{channel} {key}");
        }
    }
    for command in wire::command::COMMANDS {
        assert_eq!(described.at(&format!("/channels/chat/messages/{command}Command"))["name"], command);
        assert_eq!(described.at(&format!("/channels/websocket/messages/{command}AckFrame"))["name"], "ack");
    }
    assert_eq!(described.at("/channels/lobby")["address"], "/room");
    assert_eq!(described.at("/channels/chat")["address"], "/chat");
}

#[test]
fn every_reference_points_somewhere_and_every_part_is_used() {
    let described = Described::read();
    let mut used = BTreeSet::new();
    let mut open = vec![&described.document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    resolved(&described.document, value);
                    used.insert(reference.to_owned());
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    for kind in ["messages", "schemas"] {
        for name in described.at(&format!("/components/{kind}")).as_object().unwrap().keys() {
            assert!(used.contains(&format!("#/components/{kind}/{name}")), "nothing refers to {name}");
        }
    }
    let mut examples = 0;
    for message in described.at("/components/messages").as_object().unwrap().values() {
        for example in message["examples"].as_array().into_iter().flatten() {
            assert_fits(&described.document, &message["payload"], &example["payload"]);
            examples += 1;
        }
    }
    assert!(examples >= 7, "{examples}");
    assert_eq!(described.at("/info")["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn what_is_heard_is_as_described() {
    let server = Server::start().await;
    let described = Described::read();
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let mut lobby = owner.watch().await;
    let room = owner.make_room("점심", 2, "").await;
    let made = lobby.hear().await;
    assert_eq!(made.name, wire::name::NEW_ROOM);
    described.check("lobby", &made);
    let rooms = json!({"type": "ack", "ref": 3, "rooms": [made.payload]});
    assert_fits(&described.document, described.message("roomsAckFrame"), &rooms);

    owner.look(&room).await;
    let mut io = owner.connect(Transport::WebSocket).await;
    let snapshot = io.call("join", json!(room)).await;
    described.check_ack("join", &snapshot);
    assert_fits(&described.document, described.message("snapshotEvent"), &snapshot);
    let updated = lobby.hear().await;
    assert_eq!(updated.name, wire::name::UPDATE_ROOM);
    described.check("lobby", &updated);

    let said = io.call("chat", json!({"room": room, "chat": "안녕", "clientMessageId": "c-1"})).await;
    described.check_ack("chat", &said);
    described.check("chat", &io.hear().await);
    assert_eq!(owner.send_gif(&room, GIF).await.status(), 201);
    let shown = io.hear().await;
    assert!(shown.payload["gif"].is_string());
    described.check("chat", &shown);

    let position = Position { epoch: snapshot["epoch"].as_i64().unwrap(), seq: 2 };
    let head = Event::Head { room: room.parse().unwrap(), position };
    let (name, payload) = wire::event(&head);
    assert_eq!(name, wire::name::HEAD);
    described.check("chat", &Heard { name: String::from(name), payload: serde_json::to_value(payload).unwrap() });

    let mut other = guest.enter(&room).await;
    let came = io.hear().await;
    assert_eq!(came.name, wire::name::JOIN);
    described.check("chat", &came);
    let since = json!({"room": room, "since": {"epoch": snapshot["epoch"], "seq": 1}});
    let back = other.call("join", since).await;
    assert_eq!(back["recovered"], true);
    described.check_ack("join", &back);
    let third = Person::new(&server);
    for (command, wrong) in [("join", json!(room)), ("join", json!(5)), ("chat", json!({"room": room, "chat": "x"}))] {
        let refused = third.connect(Transport::WebSocket).await.call(command, wrong).await;
        assert!(refused["error"]["code"].is_string(), "{refused}");
        described.check_ack(command, &refused);
    }
    other.close();
    // First they are away, and after the damping gone.
    let left = loop {
        server.env.advance(Duration::from_millis(250));
        let heard = io.heard_so_far().await;
        if let Some(left) = heard.into_iter().find(|heard| heard.name == wire::name::EXIT) {
            break left;
        }
    };
    described.check("chat", &left);

    for channel in ["lobby", "chat"] {
        let payload = serde_json::to_value(wire::ShutdownView::new(Duration::from_millis(2718))).unwrap();
        described.check(channel, &Heard { name: String::from(wire::name::SHUTDOWN), payload });
    }

    let removed = owner.request(reqwest::Method::DELETE, &format!("/room/{room}")).send().await.unwrap();
    assert_eq!(removed.status(), 204);
    let gone = io.next(wire::name::REMOVE_ROOM).await;
    described.check("chat", &Heard { name: String::from(wire::name::REMOVE_ROOM), payload: gone });
    let gone = lobby.next(wire::name::REMOVE_ROOM).await;
    described.check("lobby", &Heard { name: String::from(wire::name::REMOVE_ROOM), payload: gone });
}

#[test]
fn what_is_taken_is_as_described() {
    let described = Described::read();
    let id = "abababababababababababab";
    let joins = [
        json!(id),
        json!({"room": id}),
        json!({"room": id, "since": null}),
        json!({"room": id, "since": 0}),
        json!({"room": id, "since": {"epoch": 5, "seq": 7}}),
        json!({"room": id, "since": -1}),
        json!({"room": id, "since": "7"}),
        json!({"room": id, "since": {"seq": 7}}),
        json!({"room": id, "since": {"epoch": -5, "seq": 7}}),
        json!({"room": id, "since": {"epoch": 5, "seq": 7, "whispers": 0}}),
        json!({"room": id, "since": {"epoch": 5, "seq": 7, "whispers": -1}}),
        json!({"room": 7}),
        json!({"room": id.to_uppercase()}),
        json!({}),
        json!([id]),
        json!(null),
        json!("x"),
    ];
    for join in joins {
        let taken = wire::Join::read(&join).is_ok();
        assert_eq!(described.fits(&described.schema("Join"), &join), taken, "{join}");
        if join.is_object() {
            let mut frame = framed("join", &join);
            assert_eq!(described.fits(described.message("joinCommandFrame"), &frame), taken, "{frame}");
            frame["ref"] = json!(1);
            assert_eq!(described.fits(described.message("joinCommandFrame"), &frame), taken, "{frame}");
            frame["ref"] = json!({});
            assert!(!described.fits(described.message("joinCommandFrame"), &frame), "{frame}");
        }
    }
    let chats = [
        json!({"room": id, "chat": "hi"}),
        json!({"room": id, "chat": "hi", "clientMessageId": null}),
        json!({"room": id, "chat": "hi", "clientMessageId": "x".repeat(64)}),
        json!({"room": id, "chat": "hi", "clientMessageId": "x".repeat(65)}),
        json!({"room": id, "chat": "hi", "clientMessageId": "a b"}),
        json!({"room": id, "chat": "hi", "clientMessageId": ""}),
        json!({"room": id, "chat": "hi", "reply": 7}),
        json!({"room": id, "chat": "hi", "reply": null}),
        json!({"room": id, "chat": "hi", "reply": -7}),
        json!({"room": id, "chat": "hi", "reply": [7]}),
        json!({"room": id, "chat": ""}),
        json!({"room": id, "chat": ["hi"]}),
        json!({"room": id}),
        json!({"chat": "hi"}),
        json!("hi"),
    ];
    for chat in chats {
        let taken = wire::command::addressed(&chat).is_ok() && wire::command::new_text(&chat).is_ok();
        assert_eq!(described.fits(&described.schema("Chat"), &chat), taken, "{chat}");
        if chat.is_object() {
            let frame = framed("chat", &chat);
            assert_eq!(described.fits(described.message("chatCommandFrame"), &frame), taken, "{frame}");
        }
    }
    assert!(described.fits(described.message("roomsFrame"), &json!({"type": "rooms"})));
}

/// The same shapes stand in both documents, and in the code.
#[tokio::test]
async fn both_documents_and_the_code_agree() {
    let server = Server::start().await;
    let described = Described::read();
    let http = Person::new(&server).get_json("/openapi.json").await;
    let of_http = |name: &str| &http["components"]["schemas"][name];
    for name in ["RoomId", "MessageId", "MemberId", "Color", "Timestamp", "ClientMessageId"] {
        let ours = described.at(&format!("/components/schemas/{name}"));
        for rule in ["type", "pattern", "format", "minLength", "maxLength"] {
            assert_eq!(ours[rule], of_http(name)[rule], "{name} {rule}");
        }
    }
    let schema = |pointer: &str| described.at(&format!("/components/schemas/{pointer}")).clone();
    assert_eq!(schema("Room/properties/title/maxLength"), Title::MOST);
    assert_eq!(schema("Message/properties/chat/maxLength"), ChatText::MOST);
    assert_eq!(schema("ClientMessageId/maxLength"), ClientMessageId::MOST);
    assert!(schema("Text/description").as_str().unwrap().contains(&ChatText::MOST.to_string()));
    let config = gifchat::config::Config::default();
    let about = described.at("/info/description").as_str().unwrap();
    let server = described.at("/servers/websocket/description").as_str().unwrap();
    assert_eq!((config.websocket_bytes, config.outbox_frames, config.outbox_bytes), (64 << 10, 16384, 4 << 20));
    assert!(about.contains("64 KiB") && about.contains("16384 events or 4 MiB"), "{about}");
    for (time, text) in [(config.exit_damping, about), (config.stall_limit, about), (config.ping_interval, server)] {
        assert!(text.contains(&format!("{} s", time.as_secs())), "{time:?}: {text}");
    }
    let sentences: Value = serde_json::from_str(include_str!("../../web/src/locales/en.json")).unwrap();
    for code in schema("Problem/properties/code/examples").as_array().unwrap() {
        let code = code.as_str().unwrap();
        let is_known = sentences.get(format!("problem.{code}")).is_some();
        assert!(is_known, "{code} is nobody's code");
    }
}
