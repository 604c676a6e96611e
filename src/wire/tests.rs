use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::{
    AltText, Caller, Content, Edited, Gif, GifHash, Lang, Listed, Member, MemberLimit, Message, MessageId, Position,
    Preset, Right, SessionId, Slow,
};

fn member() -> Member {
    Caller::new(SessionId::from_bytes([1; 16]), MemberId::from_bytes([0; 8]), Lang::En).member
}

fn summary() -> RoomSummary {
    RoomSummary {
        id: RoomId::from_bytes([0xab; 12]),
        title: Title::parse("점심").unwrap(),
        limit: MemberLimit::new(8, 1000).unwrap(),
        owner: "#123456".parse().unwrap(),
        owner_name: String::from("Easygoing Otter"),
        owner_member: MemberId::from_bytes([0; 8]),
        locked: false,
        slow: Slow::default(),
        preset: Preset::default(),
        raid: false,
        private: true,
        created_at: Timestamp(1_700_000_000_120),
        members: 3,
    }
}

fn message(content: Content, client: Option<&str>) -> Message {
    Message {
        id: MessageId::from_bytes([1; 12]),
        room: RoomId::from_bytes([0xab; 12]),
        seq: 7,
        session: SessionId::from_bytes([0x5e; 16]),
        member: member(),
        content,
        reply: None,
        mentions: Vec::new(),
        edited_at: None,
        reactions: Vec::new(),
        client_message_id: client.map(|id| ClientMessageId::parse(id).unwrap()),
        created_at: Timestamp(1_700_000_000_120),
    }
}

fn json_of(event: &Event) -> (&'static str, Value) {
    let (name, payload) = super::event(event);
    (name, serde_json::to_value(payload).unwrap())
}

#[test]
fn rooms_have_exactly_the_fields_of_the_contract() {
    let room = json!({
        "_id": "abababababababababababab", "title": "점심", "max": 8, "owner": "#123456", "password": true,
        "createdAt": "2023-11-14T22:13:20.120Z", "members": 3, "locked": false, "slow": 0, "preset": "normal", "raid": false,
        "ownerMember": "0000000000000000",
    });
    assert_eq!(json_of(&Event::RoomCreated(summary())), ("newRoom", room.clone()));
    assert_eq!(json_of(&Event::RoomUpdated(summary())), ("updateRoom", room));
    let id = RoomId::from_bytes([0xab; 12]);
    assert_eq!(json_of(&Event::RoomRemoved(id)), ("removeRoom", json!("abababababababababababab")));
    let answer = serde_json::to_value(RoomView::with_owner_name(&summary())).unwrap();
    assert_eq!(answer["ownerName"], "Easygoing Otter");
}

#[test]
fn notices_have_exactly_the_fields_of_the_contract() {
    let room = RoomId::from_bytes([0xab; 12]);
    let color = member().color.to_string();
    let person = json!({"id": "0000000000000000", "name": "Easygoing Otter", "color": color});
    assert_eq!(
        json_of(&Event::Joined { room, member: member(), members: 2 }),
        (
            "join",
            json!({"kind": "join", "room": room, "code": "joined", "user": "system", "chat": format!("{color}님이 입장하셨습니다."), "member": person, "members": 2})
        )
    );
    assert_eq!(
        json_of(&Event::Left { room, member: member(), members: 1 }),
        (
            "exit",
            json!({"kind": "exit", "room": room, "code": "left", "user": "system", "chat": format!("{color}님이 퇴장하셨습니다."), "member": person, "members": 1})
        )
    );
}

fn merged(mut one: Value, more: &Value) -> Value {
    one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    one
}

#[test]
fn messages_have_exactly_the_fields_of_the_contract() {
    let color = member().color.to_string();
    let text = message(Content::Text(ChatText::parse("안녕").unwrap()), None);
    let common = json!({
        "_id": "010101010101010101010101", "room": "abababababababababababab", "user": color,
        "createdAt": "2023-11-14T22:13:20.120Z", "seq": 7, "member": "0000000000000000", "name": "Easygoing Otter",
    });
    let with = |more: Value| merged(common.clone(), &more);
    assert_eq!(json_of(&Event::Posted(text)), ("chat", with(json!({"chat": "안녕"}))));
    let color = Color::from_rgb([1, 2, 0xab]);
    let gif = Gif {
        hash: GifHash::from_bytes([0xcd; 32]),
        width: 3,
        height: 4,
        frames: 2,
        duration_ms: 9,
        bytes: 5,
        color,
        flashes: false,
    };
    let shown = message(Content::Gif { gif, alt: None }, Some("c-1"));
    let name = format!("{}.gif", "cd".repeat(32));
    let looks = json!({"gif": name, "width": 3, "height": 4, "color": "#0102ab", "duration": 9});
    let wanted = with(json!({"clientMessageId": "c-1"}));
    assert_eq!(json_of(&Event::Posted(shown)), ("chat", merged(wanted, &looks)));
    let alt = AltText::parse("수달").unwrap();
    let shown = message(Content::Gif { gif: Gif { frames: 1, flashes: true, ..gif }, alt: alt.clone() }, None);
    let wanted = merged(with(looks), &json!({"duration": 0, "alt": "수달", "flashes": true}));
    assert_eq!(json_of(&Event::Posted(shown)), ("chat", wanted));
    for (edited, field) in [(Edited::Alt(alt), json!({"alt": "수달"})), (Edited::Alt(None), json!({"alt": ""}))] {
        let edit = Content::Edit { target: 3, edited, edited_at: Timestamp(1_700_000_000_120), right: Right::Any };
        let wanted = json!({
            "kind": "edit", "room": "abababababababababababab", "seq": 7, "target": 3, "member": "0000000000000000",
            "editedAt": "2023-11-14T22:13:20.120Z",
        });
        assert_eq!(json_of(&Event::Posted(message(edit, None))), ("edit", merged(wanted, &field)));
    }
}

#[test]
fn nothing_on_the_wire_holds_a_session() {
    let text = message(Content::Text(ChatText::parse("hi").unwrap()), None);
    let secret = text.session.expose();
    let listed = Listed { member: member(), is_owner: true, is_away: false, is_muted: false };
    let snapshot = Snapshot {
        room: summary(),
        me: listed.clone(),
        members: vec![listed],
        items: vec![crate::domain::Item::Message(text)],
        whispers: 0,
        position: Position { epoch: 5, seq: 7 },
        recovered: false,
    };
    let written = serde_json::to_value(SnapshotView::new(&snapshot)).unwrap();
    assert!(!written.to_string().contains(&secret));
    let keys: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["room", "me", "members", "messages", "seq", "epoch", "whispers", "recovered"] {
        assert!(keys.contains(&key), "{key}");
    }
    assert_eq!((written["seq"].as_i64(), written["epoch"].as_i64(), keys.len()), (Some(7), Some(5), 8));
}

#[test]
fn a_join_has_a_short_and_a_long_form() {
    let room = RoomId::from_bytes([0xab; 12]);
    let id = room.to_string();
    let read = |value: Value| Join::read(&value);
    assert_eq!(read(json!(id)), Ok(Join { room, since: None }));
    assert_eq!(read(json!({"room": id, "since": null})), Ok(Join { room, since: None }));
    let since = |epoch, seq| Ok(Join { room, since: Some(Since { epoch, seq, whispers: None }) });
    assert_eq!(read(json!({"room": id, "since": 12})), since(None, 12));
    assert_eq!(read(json!({"room": id, "since": {"epoch": 3, "seq": 12}})), since(Some(3), 12));
    for wrong in [json!(-1), json!(1.5), json!("1"), json!([1]), json!({"seq": 1}), json!({"epoch": {}, "seq": 1})] {
        assert_eq!(read(json!({"room": id, "since": wrong})), Err(Invalid::NotNumber { field: "since" }), "{wrong}");
    }
    for wrong in [json!(null), json!(7), json!({}), json!([id]), json!("x"), json!({"room": {"$ne": null}})] {
        assert_eq!(read(wrong.clone()), Err(Invalid::Id { field: "room" }), "{wrong}");
    }
}

#[test]
fn a_chat_is_text_and_nothing_else() {
    let read = |value: Value| command::new_text(&value);
    assert_eq!(read(json!({"chat": " hi "})).unwrap().text.as_str(), "hi");
    for shape in [json!({"a": 1}), json!(["x"]), json!(5), json!(true)] {
        assert_eq!(read(json!({"chat": shape})), Err(Invalid::NotText { field: "chat" }), "{shape}");
    }
    for missing in [json!({}), json!({"chat": null}), json!({"chat": "  "}), json!([]), json!("chat"), json!(1)] {
        assert_eq!(read(missing.clone()), Err(Invalid::TextEmpty), "{missing}");
    }
    let odd = json!({"chat": "x", "clientMessageId": {"toString": 1}});
    assert_eq!(read(odd), Err(Invalid::NotText { field: "clientMessageId" }));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let key = prop_oneof![
            Just(String::from("room")),
            Just(String::from("since")),
            Just(String::from("chat")),
            Just(String::from("epoch")),
            Just(String::from("seq")),
            Just(String::from("clientMessageId")),
            prop::sample::select(vec!["to", "name", "target", "emoji", "member", "slow", "max", "seconds", "q", "on"])
                .prop_map(String::from),
            ".{0,8}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..5).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_a_command_or_a_named_field(value in any_json()) {
        let fields = [
            "room", "since", "chat", "clientMessageId", "reply", "to", "name", "target", "emoji", "on", "away", "member",
            "title", "max", "password", "locked", "slow", "preset", "seconds", "purge", "clean", "q", "from", "before", "gif",
            "alt",
        ];
        if let Err(invalid) = Join::read(&value) {
            prop_assert!(fields.contains(&invalid.field()));
        }
        match command::new_text(&value) {
            Ok(chat) => prop_assert!(!chat.text.as_str().is_empty()),
            Err(invalid) => prop_assert!(fields.contains(&invalid.field())),
        }
        for name in command::COMMANDS {
            if let Err(invalid) = command::read(name, &value, 1000).expect("every name of the list is a command") {
                prop_assert!(fields.contains(&invalid.field()), "{name}: {invalid}");
            }
        }
    }
}
