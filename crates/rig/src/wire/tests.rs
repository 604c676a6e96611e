//! What is read of what the manual says.

use super::*;
use crate::history::{Entry, What, hash};

const MESSAGE: &str = r##"{"_id":"0a","room":"r","user":"#1f932d","chat":"h\"i","createdAt":"","seq":7,"member":"b","name":"n","clientMessageId":"c-1"}"##;

fn said() -> Shown {
    Shown { id: 10, member: 11, client_message_id: hash("c-1"), text: hash("h\"i"), edited: false, reactions: 0 }
}

#[test]
fn messages_are_read() {
    assert_eq!(element(MESSAGE).unwrap(), Element::Entry(7, Entry::Said(said())));
    let list = history(&format!("[{MESSAGE}]")).unwrap();
    assert_eq!((list.entries, list.whispers), (vec![(7, Entry::Said(said()))], vec![]));
    for broken in
        [MESSAGE.replace(":7", ":0"), MESSAGE.replace("\"0a\"", "\"xyz\""), MESSAGE.replace("\"chat\"", "\"text\"")]
    {
        assert!(element(&broken).is_err(), "{broken}");
    }
    let edited = MESSAGE.replace(
        "\"seq\"",
        r#""editedAt":"","reactions":[{"emoji":"a","count":2,"mine":true},{"emoji":"b","count":1}],"seq""#,
    );
    let expected = Shown { edited: true, reactions: 3, ..said() };
    assert_eq!(element(&edited).unwrap(), Element::Entry(7, Entry::Said(expected)));
    let removed = MESSAGE.replace("\"chat\":\"h\\\"i\"", "\"removed\":true");
    assert_eq!(element(&removed).unwrap(), Element::Entry(7, Entry::Said(Shown { text: 0, ..said() })));
}

#[test]
fn changes_notices_and_whispers_are_read() {
    let change = |what| Element::Entry(8, Entry::Change(Change { target: 7, member: 11, what }));
    let of = |fields: &str| element(&format!(r#"{{"room":"r","seq":8,"target":7,"member":"b",{fields}}}"#)).unwrap();
    assert_eq!(of(r#""kind":"edit","chat":"x","editedAt":"""#), change(What::Edit(hash("x"))));
    assert_eq!(of(r#""kind":"remove""#), change(What::Remove));
    let react = What::React { emoji: hash("👍"), on: true, count: 1 };
    assert_eq!(of(r#""kind":"react","emoji":"👍","on":true,"count":1,"name":"n""#), change(react));
    assert_eq!(element(r#"{"kind":"purged","room":"r","seq":8}"#).unwrap(), Element::Entry(8, Entry::Purged));
    let notice = r#"{"kind":"exit","room":"r","seq":8,"user":"system","chat":"s","code":"left","member":{"id":"b","name":"n","color":"c"},"members":1,"createdAt":""}"#;
    assert!(matches!(element(notice).unwrap(), Element::Entry(8, Entry::Notice { member: 11, here: Some(false), .. })));
    let passing = element(&notice.replace("\"seq\":8,", "")).unwrap();
    assert_eq!(passing, Element::Passing { member: 11, here: Some(false) });
    let whisper = r#"{"kind":"whisper","_id":"0a","room":"r","after":7,"number":3,"user":"c","member":"b","name":"n","to":{"id":"c","name":"m","color":"c"},"chat":"x","createdAt":"","clientMessageId":"w"}"#;
    let expected = Whisper { id: 10, number: 3, from: 11, to: 12, client_message_id: hash("w"), text: hash("x") };
    assert_eq!(element(whisper).unwrap(), Element::Whisper(expected));
    let told = answer(Some(4), &format!(r#"{{"whisper":{whisper},"there":true}}"#)).unwrap();
    assert!(matches!(told, Heard::Whispered { number: 4, whisper } if whisper == expected));
    assert!(matches!(answer(Some(4), r#"{"seq":null,"count":1}"#).unwrap(), Heard::Changed { stored: None, .. }));
}

#[test]
fn events_and_answers_are_read() {
    assert!(matches!(event("chat", MESSAGE).unwrap(), Heard::Event(Element::Entry(7, Entry::Said(_)))));
    let head = event("head", r#"{"room":"r","epoch":5,"seq":9}"#).unwrap();
    assert!(matches!(head, Heard::Head(Position { epoch: 5, seq: 9 })));
    let shutdown = event("shutdown", r#"{"reconnectionDelay":1500}"#).unwrap();
    assert!(matches!(shutdown, Heard::Shutdown(delay) if delay == Duration::from_millis(1500)));
    assert!(matches!(event("removeRoom", "\"r\"").unwrap(), Heard::RoomRemoved));
    assert!(matches!(event("later", "1").unwrap(), Heard::Other));
    assert!(event("chat", "1").is_err());

    assert!(matches!(answer(Some(3), MESSAGE).unwrap(), Heard::Acked { number: 3, seq: 7, .. }));
    let refused = r#"{"error":{"code":"room-full","title":"","status":409,"detail":""}}"#;
    assert!(matches!(answer(None, refused).unwrap(), Heard::NotJoined(code) if code == "room-full"));
    assert!(matches!(answer(Some(3), refused).unwrap(), Heard::NotAcked { number: 3, .. }));
    let snapshot = format!(
        r##"{{"room":{{}},"me":{{"id":"f","name":"n","color":"#"}},"members":[{{"id":"a"}},{{"id":"f"}}],"messages":[{MESSAGE}],"seq":7,"epoch":5,"whispers":2,"recovered":true}}"##
    );
    let Heard::Joined { answer, me: 15, others } = answer(None, &snapshot).unwrap() else { panic!() };
    assert_eq!((answer.position, answer.entries.len(), answer.follow), (Position { epoch: 5, seq: 7 }, 1, false));
    assert_eq!((answer.whispers, others), (2, vec![10]));
    let problem_of_work = r#"{"type":"/problems/work-needed","challenge":{"salt":"ab","bits":3}}"#;
    assert_eq!(challenge(problem_of_work), Some((String::from("ab"), 3)));
    assert_eq!(problem(r#"{"type":"/problems/too-often","title":""}"#).as_deref(), Some("too-often"));
    assert_eq!(problem("<html>"), None);
}

#[test]
fn packets_are_read() {
    let event = packet(r#"/chat,["chat",{"a":1}]"#, true).unwrap().unwrap();
    assert_eq!((event.id, event.name.as_deref(), event.argument), (None, Some("chat"), r#"{"a":1}"#));
    let ack = packet(r#"/chat,12[{"a":1}]"#, false).unwrap().unwrap();
    assert_eq!((ack.id, ack.name, ack.argument), (Some(12), None, r#"{"a":1}"#));
    assert!(packet("/room,[\"x\",1]", true).unwrap().is_none());
    assert!(packet("/chat,12", false).is_err());
}

#[test]
fn a_page_says_where_its_history_ends() {
    let html = r#"<chat-room class="room" data-room="x" data-epoch="5" data-seq="8" data-owner="o">
        <article class="msg" data-id="a" data-seq="7"><p>data-seq="9"</p></article><article data-seq="8"></article>
        </chat-room><template><article class="msg u" data-id="" data-seq=""></article></template>"#;
    assert_eq!(page(html).unwrap(), (Position { epoch: 5, seq: 8 }, vec![7, 8]));
    assert!(page("<chat-room data-seq=\"8\">").is_err());
    assert!(page("").is_err());
}
