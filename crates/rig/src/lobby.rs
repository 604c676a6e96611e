//! What somebody sees of rooms and people from outside: it has to outlive the process.

use anyhow::{Context, ensure};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::http::{Http, Person};

/// What of a room does not change when nobody changes it.
const LASTING: [&str; 6] = ["_id", "title", "max", "owner", "password", "createdAt"];

/// All rooms, by id, without what comes and goes with its members.
///
/// # Errors
/// When `/ws` does not answer as its manual says.
pub async fn rooms(http: &Http) -> anyhow::Result<Vec<Value>> {
    let (mut socket, _) = tokio_tungstenite::connect_async(format!("ws://{}/ws", http.address())).await?;
    socket.send(Message::text(json!({"type": "rooms", "ref": 1}).to_string())).await?;
    loop {
        let message = socket.next().await.context("the connection stays open until it is answered")??;
        let Message::Text(text) = message else { continue };
        let mut frame: Value = serde_json::from_str(&text)?;
        if frame["type"] != "ack" {
            continue;
        }
        let rooms = frame["rooms"].as_array_mut().with_context(|| format!("no rooms: {text:.300}"))?;
        let lasting = |room: &Value| LASTING.iter().map(|name| ((*name).to_owned(), room[name].clone())).collect();
        let mut rooms: Vec<Value> = rooms.iter().map(|room| Value::Object(lasting(room))).collect();
        rooms.sort_by_key(|room| room["_id"].to_string());
        return Ok(rooms);
    }
}

/// Who is in a room: ids, names and colours, sorted.
///
/// # Errors
/// When it is not told.
pub async fn members(http: &Http, room: &str, person: &Person) -> anyhow::Result<Vec<String>> {
    let answer = http.request(Method::GET, &format!("/room/{room}/members"), Some(person)).send().await?;
    ensure!(answer.status() == 200, "the members of a room were answered {}", answer.status());
    let members: Vec<Value> = serde_json::from_str(&answer.text().await?)?;
    let mut members: Vec<String> = members.iter().map(Value::to_string).collect();
    members.sort_unstable();
    Ok(members)
}
