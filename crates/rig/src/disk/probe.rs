//! Somebody who looks whether reading goes on, and how posting is refused, while the disk fails. In a room of their own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::ensure;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::Common;
use crate::client::{Client, Door};
use crate::clock::now;
use crate::http::{Http, Person};
use crate::scene::Room;

/// How long an answer may take that has to wait for the writer: the server itself waits 2 s for a lock, and somebody may
/// have been before us.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// How long reading may take, which waits for nobody.
const READ_TIME: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub struct Probe {
    http: Http,
    room: Room,
    /// So that the owner is in the room.
    _seat: Client,
    tally: Mutex<Tally>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    posts: u32,
    pub stored: u32,
    /// What each refusal of a post took, in microseconds.
    pub refused_micros: Vec<u32>,
    pub reads: u32,
    pub joins: u32,
}

impl Probe {
    pub async fn enter(common: &Common, http: &Http) -> anyhow::Result<Self> {
        let room = Room::make(common, http, 10).await?;
        let seat = Client::start(room.options_of(http, 0, Door::Plain, room.owner.clone()));
        seat.joined().await?;
        Ok(Self { http: http.clone(), room, _seat: seat, tally: Mutex::default() })
    }

    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts once: it is stored, or refused with problem details that say so.
    ///
    /// # Errors
    /// When it is answered otherwise, or too late.
    pub async fn post(&self) -> anyhow::Result<()> {
        let number = {
            let mut tally = self.tally();
            tally.posts += 1;
            tally.posts
        };
        let text = json!({"chat": format!("probe {number}"), "clientMessageId": format!("probe-{number}")});
        let path = format!("/room/{}/chat", self.room.id);
        let request = self.http.request(Method::POST, &path, Some(&self.room.owner)).json(&text);
        let asked = now();
        let answer = request.timeout(ANSWER_TIME).send().await?;
        if answer.status() == 201 {
            self.tally().stored += 1;
            return Ok(());
        }
        self.tally().refused_micros.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        expect_unavailable(answer, "posting").await
    }

    /// Uploads a GIF that was never there: it is stored, or refused like a text.
    ///
    /// # Errors
    /// When it is answered otherwise, or too late.
    pub async fn post_gif(&self) -> anyhow::Result<()> {
        let [red, green, ..] = {
            let mut tally = self.tally();
            tally.posts += 1;
            tally.posts.to_le_bytes()
        };
        // One pixel of a colour of its own.
        let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0rgb\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec();
        bytes[13..15].copy_from_slice(&[red, green]);
        let form = Form::new().part("gif", Part::bytes(bytes).file_name("pixel.gif"));
        let path = format!("/room/{}/gif", self.room.id);
        let request = self.http.request(Method::POST, &path, Some(&self.room.owner)).multipart(form);
        let answer = request.timeout(ANSWER_TIME).send().await?;
        if answer.status() == 201 { Ok(()) } else { expect_unavailable(answer, "posting a GIF").await }
    }

    /// Somebody who was never here: admitted, or told that it cannot be now.
    ///
    /// # Errors
    /// When it is answered otherwise, or too late.
    pub async fn newcomer(&self) -> anyhow::Result<()> {
        let path = format!("/room/{}/enter", self.room.id);
        let request = self.http.request(Method::POST, &path, None).json(&json!({"password": ""}));
        let answer = request.timeout(ANSWER_TIME).send().await?;
        if answer.status() == 200 { Ok(()) } else { expect_unavailable(answer, "admission").await }
    }

    /// Reads a room: history, members, the page as a browser sees it, the lobby.
    ///
    /// # Errors
    /// When something cannot be read.
    pub async fn read(&self, room: &Room, person: &Person) -> anyhow::Result<()> {
        let id = &room.id;
        for (path, accept) in [
            (format!("/room/{id}/messages?limit=50"), "application/json"),
            (format!("/room/{id}/members"), "application/json"),
            (format!("/room/{id}"), "text/html"),
            (String::from("/"), "text/html"),
            (String::from("/readyz"), "*/*"),
        ] {
            let request = self.http.request(Method::GET, &path, Some(person)).header(ACCEPT, accept);
            let answer = request.timeout(READ_TIME).send().await?;
            let status = answer.status();
            let body = answer.text().await?;
            // Whether it is ready while it cannot store is for it to say.
            ensure!(status == 200 || path == "/readyz", "{path} was answered {status}: {body:.200}");
            self.tally().reads += 1;
        }
        Ok(())
    }

    /// Somebody who was admitted before joins, over this door, and is shown the room.
    ///
    /// # Errors
    /// When they are not let in in time.
    pub async fn join(&self, room: &Room, number: usize, door: Door, person: Person) -> anyhow::Result<Arc<Client>> {
        let client = Client::start(room.options_of(&self.http, number, door, person));
        tokio::time::timeout(ANSWER_TIME, client.joined()).await??;
        self.tally().joins += 1;
        Ok(Arc::new(client))
    }
}

async fn expect_unavailable(answer: reqwest::Response, what: &str) -> anyhow::Result<()> {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.text().await?;
    ensure!(status == 503, "{what} was answered {status}: {body:.200}");
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    ensure!(kind == "application/problem+json", "{what} was refused with {kind}: {body:.200}");
    let problem: Value = serde_json::from_str(&body)?;
    ensure!(problem["type"] == "/problems/unavailable", "{what} was refused with {problem}");
    for text in ["title", "detail"] {
        ensure!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{what}: no {text} in {problem}");
    }
    ensure!(headers.contains_key(RETRY_AFTER), "{what} was refused without saying when to try again");
    Ok(())
}
