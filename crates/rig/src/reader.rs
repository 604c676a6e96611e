//! A fresh reader: all of a room, page by page over HTTP.

use anyhow::{Context, ensure};

use crate::history::Shown;
use crate::http::Http;

const PAGE: u32 = 100;

/// Everything in the room, oldest first, as somebody reads it who has never been there.
///
/// # Errors
/// When a page cannot be had, or does not come closer to the beginning.
pub async fn read(http: &Http, room: &str) -> anyhow::Result<Vec<(i64, Shown)>> {
    let person = http.newcomer(room).await?;
    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = http.messages(room, &person, before, PAGE).await.with_context(|| format!("before {before:?}"))?;
        let Some(first) = page.first().map(|message| message.0) else { break };
        ensure!(before.is_none_or(|before| first < before), "the page before {before:?} begins with {first}");
        pages.push(page);
        before = Some(first);
        if first == 1 {
            break;
        }
    }
    pages.reverse();
    Ok(pages.concat())
}
