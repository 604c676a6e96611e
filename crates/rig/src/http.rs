//! Plain requests: people, rooms, pages of history. Connections are kept and shared.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use reqwest::header::{ACCEPT, COOKIE, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::wire::{self, Elements};
use crate::work;

/// How long a request may take that has no reason to take long.
const REQUEST_TIME: Duration = Duration::from_secs(60);
/// Connections that wait for the next request.
const IDLE: usize = 256;

/// Requests to one address.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    address: SocketAddr,
}

/// Somebody with a session: their cookie, as `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub cookie: String,
}

impl Http {
    /// # Errors
    /// When the system's TLS or DNS settings cannot be read, although neither is used.
    pub fn new(address: SocketAddr) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).pool_max_idle_per_host(IDLE).build()?;
        Ok(Self { client, address })
    }

    /// The same, with the same connections where the address is the same.
    #[must_use]
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { client: self.client.clone(), address }
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn request(&self, method: Method, path: &str, person: Option<&Person>) -> RequestBuilder {
        let request = self.client.request(method, format!("http://{}{path}", self.address));
        let request = request.header(ACCEPT, "application/json");
        match person {
            Some(person) => request.header(COOKIE, &person.cookie),
            None => request,
        }
    }

    /// A new room, and the session that owns it.
    ///
    /// # Errors
    /// When it was not made.
    pub async fn make_room(&self, title: &str, max: u32) -> anyhow::Result<(String, Person)> {
        let room = json!({"title": title, "max": max, "password": ""});
        let answer = self.send(self.request(Method::POST, "/room", None).json(&room)).await?;
        let status = answer.status();
        let owner = cookie(&answer);
        let room: Value = answer.json().await.with_context(|| format!("a new room was answered {status}"))?;
        ensure!(status == 201, "a new room was answered {status}: {room}");
        let id = room["_id"].as_str().context("a new room has an _id")?.to_owned();
        Ok((id, owner.context("who makes a room gets a cookie")?))
    }

    /// Somebody new who may join the room.
    ///
    /// # Errors
    /// When they were not admitted.
    pub async fn newcomer(&self, room: &str) -> anyhow::Result<Person> {
        self.enter(room, None).await?.context("who is new gets a cookie")
    }

    /// Admits somebody again, or somebody new, with the work that is asked for when many come at once; their cookie if they
    /// got one.
    ///
    /// # Errors
    /// When they were not admitted.
    pub async fn enter(&self, room: &str, person: Option<&Person>) -> anyhow::Result<Option<Person>> {
        let path = format!("/room/{room}/enter");
        let answer = self.send(self.request(Method::POST, &path, person).json(&json!({"password": ""}))).await?;
        let (status, new) = (answer.status(), cookie(&answer));
        let body = answer.text().await?;
        if status == 200 {
            return Ok(new);
        }
        let (salt, bits) =
            wire::challenge(&body).with_context(|| format!("entering was answered {status}: {body:.300}"))?;
        let who = person.or(new.as_ref()).context("who is new gets a cookie")?;
        let shown = json!({"password": "", "work": {"nonce": work::solve(&salt, bits)?, "salt": salt}});
        let answer = self.send(self.request(Method::POST, &path, Some(who)).json(&shown)).await?;
        ensure!(answer.status() == 200, "entering with work done was answered {}", answer.status());
        answer.bytes().await?;
        Ok(new)
    }

    /// The room's page as a browser gets it, for somebody new.
    ///
    /// # Errors
    /// When it is not the page.
    pub async fn page(&self, room: &str) -> anyhow::Result<(String, Person)> {
        let person = self.newcomer(room).await?;
        Ok((self.page_of(room, &person).await?, person))
    }

    /// The same for somebody who was admitted.
    ///
    /// # Errors
    /// When it is not the page.
    pub async fn page_of(&self, room: &str, person: &Person) -> anyhow::Result<String> {
        let request = self.client.get(format!("http://{}/room/{room}", self.address)).header(ACCEPT, "text/html");
        let answer = self.send(request.header(COOKIE, &person.cookie)).await?;
        ensure!(answer.status() == 200, "the page was answered {}", answer.status());
        Ok(answer.text().await?)
    }

    /// A page of history, oldest first.
    ///
    /// # Errors
    /// When it is no page of history.
    pub async fn messages(
        &self,
        room: &str,
        person: &Person,
        before: Option<i64>,
        limit: u32,
    ) -> anyhow::Result<Elements> {
        let before = before.map_or_else(String::new, |before| format!("&before={before}"));
        let path = format!("/room/{room}/messages?limit={limit}{before}");
        let answer = self.send(self.request(Method::GET, &path, Some(person))).await?;
        let status = answer.status();
        let body = answer.text().await?;
        ensure!(status == 200, "a page of history was answered {status}: {body}");
        wire::history(&body).context("a page of history has another shape")
    }

    async fn send(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        match tokio::time::timeout(REQUEST_TIME, request.send()).await {
            Ok(answer) => Ok(answer?),
            Err(_) => bail!("no answer within {REQUEST_TIME:?}"),
        }
    }
}

/// The session cookie that an answer sets.
fn cookie(answer: &Response) -> Option<Person> {
    let fields = answer.headers().get_all(SET_COOKIE).iter().filter_map(|field| field.to_str().ok());
    let cookies = fields.filter_map(|field| field.split(';').next());
    cookies.filter(|cookie| cookie.starts_with("gifchat=")).map(|cookie| Person { cookie: cookie.to_owned() }).next()
}
