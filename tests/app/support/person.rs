//! Somebody with a browser's cookies.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::{ACCEPT, COOKIE, HeaderMap};
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde_json::{Value, json};

use super::{Events, Heard, Io, PATIENCE, Plain, Server, Transport};

pub struct Person {
    http: Client,
    jar: Arc<Jar>,
    base: Url,
}

impl Person {
    /// Has not been here before. Redirects are not followed.
    pub fn new(server: &Server) -> Self {
        Self::at_address(server.address)
    }

    /// The same at a program.
    pub fn at_address(address: SocketAddr) -> Self {
        let jar = Arc::new(Jar::default());
        let http = Client::builder()
            .cookie_provider(Arc::clone(&jar))
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self { http, jar, base: format!("http://{address}/").parse().unwrap() }
    }

    /// The same cookies at another (restarted) server.
    pub fn at(&self, server: &Server) -> Self {
        self.moved_to(server.address)
    }

    pub fn moved_to(&self, address: SocketAddr) -> Self {
        let other = Self::at_address(address);
        other.jar.add_cookie_str(&self.cookie(), &other.base);
        other
    }

    pub fn cookie(&self) -> String {
        self.jar.cookies(&self.base).map(|field| field.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.base.join(path).unwrap())
    }

    /// As a browser asks for a page.
    pub async fn page(&self, path: &str) -> Response {
        self.request(Method::GET, path).header(ACCEPT, "text/html").send().await.unwrap()
    }

    /// As a program asks.
    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).header(ACCEPT, "application/json").send().await.unwrap()
    }

    pub async fn get_json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.unwrap()
    }

    pub async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.request(Method::POST, path).header(ACCEPT, "text/html").form(form).send().await.unwrap()
    }

    /// Makes a room; its id.
    pub async fn make_room(&self, title: &str, max: u32, password: &str) -> String {
        let response = self.post("/room", &json!({"title": title, "max": max, "password": password})).await;
        assert_eq!(response.status(), 201);
        let room: Value = response.json().await.unwrap();
        room["_id"].as_str().unwrap().to_owned()
    }

    /// Looks at the room's page, which admits to a public room.
    pub async fn look(&self, room: &str) {
        assert_eq!(self.page(&format!("/room/{room}")).await.status(), 200);
    }

    /// Opens the room's page and joins.
    pub async fn enter(&self, room: &str) -> Io {
        self.look(room).await;
        let mut io = self.connect(Transport::WebSocket).await;
        let snapshot = io.call("join", json!(room)).await;
        assert_eq!(snapshot["room"]["_id"], room, "{snapshot}");
        io
    }

    /// Connects and is in `/chat`, and in no room.
    pub async fn connect(&self, transport: Transport) -> Io {
        let mut io = self.try_connect(transport, HeaderMap::new()).await.unwrap();
        io.attach("/chat").await;
        io
    }

    /// The status of the refusal, if it is one.
    pub async fn try_connect(&self, transport: Transport, mut headers: HeaderMap) -> Result<Io, u16> {
        headers.extend(self.headers());
        Io::connect(&self.host(), transport, headers).await
    }

    /// Connects to `/ws`.
    pub async fn plain(&self) -> Plain {
        Plain::connect(&self.host(), self.headers()).await.unwrap()
    }

    /// Joins over `/ws`.
    pub async fn enter_plain(&self, room: &str) -> Plain {
        self.look(room).await;
        let mut plain = self.plain().await;
        let snapshot = plain.call("join", json!({"room": room})).await;
        assert_eq!(snapshot["room"]["_id"], room, "{snapshot}");
        plain
    }

    /// Asks for the room's events.
    pub async fn try_events(&self, room: &str, last: Option<&str>) -> Response {
        self.try_events_at(room, "", last).await
    }

    pub async fn try_events_at(&self, room: &str, query: &str, last: Option<&str>) -> Response {
        let mut request = self.request(Method::GET, &format!("/room/{room}/events{query}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        // It goes on for as long as the test does.
        request.timeout(PATIENCE * 100).send().await.unwrap()
    }

    /// Reads the room's events.
    pub async fn events(&self, room: &str, last: Option<&str>) -> Events {
        Events::of(self.try_events(room, last).await)
    }

    /// The same with a position in the address.
    pub async fn events_at(&self, room: &str, query: &str, last: Option<&str>) -> Events {
        Events::of(self.try_events_at(room, query, last).await)
    }

    pub fn host(&self) -> String {
        format!("{}:{}", self.base.host_str().unwrap(), self.base.port().unwrap())
    }

    /// The cookie, if there is one.
    pub fn headers(&self) -> HeaderMap {
        let cookie = Some(self.cookie()).filter(|cookie| !cookie.is_empty());
        cookie.map(|cookie| (COOKIE, cookie.parse().unwrap())).into_iter().collect()
    }

    /// Watches the lobby.
    pub async fn watch(&self) -> Io {
        let mut io = self.try_connect(Transport::WebSocket, HeaderMap::new()).await.unwrap();
        io.attach("/room").await;
        io
    }

    pub async fn say(&self, room: &str, text: &str) -> Response {
        self.post(&format!("/room/{room}/chat"), &json!({"chat": text})).await
    }

    pub async fn send_gif(&self, room: &str, bytes: &[u8]) -> Response {
        self.send_gif_with(room, bytes, &[]).await
    }

    /// With other fields before it.
    pub async fn send_gif_with(&self, room: &str, bytes: &[u8], fields: &[(&'static str, &str)]) -> Response {
        let part = Part::bytes(bytes.to_vec()).file_name("x.html").mime_str("text/html").unwrap();
        let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, (*value).to_owned()));
        let form = form.part("gif", part);
        self.request(Method::POST, &format!("/room/{room}/gif")).multipart(form).send().await.unwrap()
    }
}

/// The status and the code of problem details.
pub async fn status_and_problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json", "{status}");
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status);
    for text in ["title", "detail"] {
        assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
    }
    (status, problem["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned())
}

impl Io {
    /// The next event of that name; others before it are skipped.
    pub async fn next(&mut self, name: &str) -> Value {
        loop {
            let Heard { name: heard, payload } = self.hear().await;
            if heard == name {
                return payload;
            }
        }
    }

    /// The next event that has a number, of whatever kind; others before it are skipped.
    pub async fn next_numbered(&mut self) -> Heard {
        loop {
            let heard = self.hear().await;
            if heard.seq().is_some() {
                return heard;
            }
        }
    }
}
