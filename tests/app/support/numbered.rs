//! The one order of a room: everything that is stored there has the next number, whatever its kind.

use serde_json::Value;

use super::{Heard, Person};

/// The numbers of all that was heard and has one.
pub fn seqs(heard: &[Heard]) -> Vec<i64> {
    heard.iter().filter_map(Heard::seq).collect()
}

/// The numbers of the elements of a list, which all must have one.
pub fn seqs_of(list: &Value) -> Vec<i64> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|entry| entry["seq"].as_i64().unwrap_or_else(|| panic!("no number: {entry}"))).collect()
}

/// The events that tell of the elements of a list.
pub fn names_of(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(name_of).collect()
}

/// The event that tells of an element: its kind, which messages do not have.
pub fn name_of(entry: &Value) -> &str {
    entry.get("kind").map_or("chat", |kind| kind.as_str().unwrap())
}

/// The whole history of a room where nothing was changed: every number from 1 on, once.
pub async fn history(person: &Person, room: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let before = all.first().map_or(i64::MAX, |first| first["seq"].as_i64().unwrap());
        let page = person.get_json(&format!("/room/{room}/messages?limit=100&before={before}")).await;
        let Value::Array(mut page) = page else { panic!("no page: {page}") };
        if page.is_empty() {
            break;
        }
        page.append(&mut all);
        all = page;
    }
    let seqs = all.iter().map(|entry| entry["seq"].as_i64().unwrap());
    assert!(seqs.eq(1..=all.len() as i64), "no gap, and nothing twice: {all:?}");
    all
}
