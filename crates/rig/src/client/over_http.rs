//! What a client does with plain requests: posting beside its connection, and reading older pages.

use std::pin::Pin;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::link::{Act, Loss, Post, Target};
use crate::history::{Witness, Wrong};
use crate::wire::{self, Elements, Heard};

/// A page of history, how often each is asked for before the client gives up, and how long it waits in between.
const PAGE: u32 = 100;
const PAGE_TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(500);

pub type HttpPost = Pin<Box<dyn Future<Output = (u64, Result<Heard, Loss>)> + Send>>;

/// Reads what is missing between what it was shown.
pub async fn fill(target: &Target, witness: &mut Witness) {
    for hole in witness.spans().holes() {
        let mut before = *hole.end() + 1;
        let mut tries = 0;
        // One page more than the hole: whispers stand after what was said before them.
        while before >= *hole.start() && before > 1 {
            match target.http.messages(&target.room, &target.person, Some(before), PAGE).await {
                Ok(Elements { entries, whispers }) if entries.last().is_some_and(|last| last.0 < before) => {
                    witness.page(before, &entries, &whispers);
                    before = entries.first().map_or(0, |first| first.0);
                }
                Ok(_) => {
                    return witness
                        .wrong(Wrong::Refused(format!("the page before {before} is empty, or not before it")));
                }
                Err(error) if tries >= PAGE_TRIES => {
                    return witness.wrong(Wrong::Refused(format!("the page before {before}: {error:#}")));
                }
                Err(_) => {
                    tries += 1;
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

/// `POST /room/<id>/chat`, or `/commands` for what is no text to all, for so long at most.
pub fn http_post(target: &Target, post: Post, most: Duration) -> HttpPost {
    let (name, mut body) = post.command(&target.room);
    let (door, done) = if post.act == Act::Say { ("chat", 201) } else { ("commands", 200) };
    body["type"] = json!(name);
    let path = format!("/room/{}/{door}", target.room);
    let request = target.http.request(Method::POST, &path, Some(&target.person)).json(&body);
    let number = post.number;
    Box::pin(async move {
        let answered = timeout(most, async {
            let answer = request.send().await.map_err(Loss::network)?;
            let status = answer.status();
            let body = answer.text().await.map_err(Loss::network)?;
            if status != done {
                let code = wire::problem(&body).unwrap_or_else(|| status.as_u16().to_string());
                return Ok(Heard::NotAcked { number, code });
            }
            wire::answer(Some(number), &body).map_err(|error| Loss::Nonsense(format!("{error:#}")))
        });
        (number, answered.await.unwrap_or(Err(Loss::NoAck)))
    })
}
