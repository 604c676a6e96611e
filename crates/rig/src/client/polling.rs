//! Socket.IO over long polling: one GET that waits, one POST at a time with all that is to be sent.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, pending};
use std::pin::Pin;

use reqwest::Method;

use super::link::{Loss, Post, Target};
use super::socketio::{self, CONNECT, Meaning};
use crate::history::Since;
use crate::wire::Heard;

const SEPARATOR: char = '\u{1e}';
/// Bytes of one POST: well below what the server takes (100 kB).
const MOST_BODY: usize = 50_000;

type Request = Pin<Box<dyn Future<Output = Result<String, Loss>> + Send>>;

pub struct Polling {
    target: Target,
    path: String,
    poll: Request,
    post: Option<Request>,
    /// Packets that wait for the POST before them.
    unsent: VecDeque<String>,
    heard: VecDeque<Heard>,
}

impl fmt::Debug for Polling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Polling").field("unsent", &self.unsent.len()).finish_non_exhaustive()
    }
}

impl Polling {
    pub async fn open(target: &Target, since: Option<Since>) -> Result<Self, Loss> {
        let path = "/socket.io/?EIO=4&transport=polling";
        let opened = request(target, Method::GET, path, None).await?;
        let Meaning::Open(sid) = socketio::read(opened.split(SEPARATOR).next().unwrap_or_default())? else {
            return Err(Loss::Nonsense(format!("the first packet does not open: {opened:.100}")));
        };
        let path = format!("{path}&sid={sid}");
        request(target, Method::POST, &path, Some(CONNECT.to_owned())).await?;
        let connected = request(target, Method::GET, &path, None).await?;
        let Meaning::Connected = socketio::read(connected.split(SEPARATOR).next().unwrap_or_default())? else {
            return Err(Loss::Nonsense(format!("the namespace was not joined: {connected:.100}")));
        };
        let poll = Box::pin(request(target, Method::GET, &path, None));
        let mut link = Self {
            target: target.clone(),
            path,
            poll,
            post: None,
            unsent: VecDeque::from([socketio::join(&target.room, since)]),
            heard: VecDeque::new(),
        };
        link.take(&connected, 1)?;
        link.send();
        Ok(link)
    }

    pub async fn next(&mut self) -> Result<Heard, Loss> {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return Ok(heard);
            }
            let post = async {
                match &mut self.post {
                    Some(post) => post.await,
                    None => pending().await,
                }
            };
            tokio::select! {
                polled = &mut self.poll => {
                    let polled = polled?;
                    self.poll = Box::pin(request(&self.target, Method::GET, &self.path, None));
                    self.take(&polled, 0)?;
                }
                posted = post => {
                    self.post = None;
                    posted?;
                }
            }
            self.send();
        }
    }

    pub fn post(&mut self, room: &str, post: &Post) {
        self.unsent.push_back(socketio::post(room, post));
        self.send();
    }

    /// Reads the packets of a body but for the first few.
    fn take(&mut self, body: &str, but: usize) -> Result<(), Loss> {
        for packet in body.split(SEPARATOR).collect::<Vec<_>>().get(but..).unwrap_or_default() {
            match socketio::read(packet)? {
                Meaning::Heard(heard) => self.heard.push_back(heard),
                Meaning::Ping => self.unsent.push_back(String::from("3")),
                Meaning::Open(_) | Meaning::Connected => {}
            }
        }
        // Whoever waits for a sign of life has one.
        self.heard.push_back(Heard::Other);
        Ok(())
    }

    /// Posts what waits, if nothing is on its way.
    fn send(&mut self) {
        if self.post.is_some() {
            return;
        }
        let Some(mut body) = self.unsent.pop_front() else { return };
        while let Some(packet) = self.unsent.front()
            && body.len() + packet.len() < MOST_BODY
        {
            body.push(SEPARATOR);
            body.push_str(packet);
            self.unsent.pop_front();
        }
        self.post = Some(Box::pin(request(&self.target, Method::POST, &self.path, Some(body))));
    }
}

/// One request; it goes out when it is first polled.
fn request(
    target: &Target,
    method: Method,
    path: &str,
    body: Option<String>,
) -> impl Future<Output = Result<String, Loss>> + Send + use<> {
    let mut request = target.http.request(method, path, Some(&target.person));
    if let Some(body) = body {
        request = request.header("content-type", "text/plain;charset=UTF-8").body(body);
    }
    async move {
        let answer = request.send().await.map_err(Loss::network)?;
        let status = answer.status();
        let body = answer.text().await.map_err(Loss::network)?;
        if status == 200 { Ok(body) } else { Err(Loss::Refused(format!("{} {body:.60}", status.as_u16()))) }
    }
}
