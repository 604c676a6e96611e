//! A fresh reader: all of a room, page by page over HTTP.

use anyhow::{Context, ensure};

use crate::http::Http;
use crate::wire::Elements;

const PAGE: u32 = 100;

/// Everything that a room shows, oldest first, as somebody reads it who has never been there.
///
/// # Errors
/// When a page cannot be had, or does not come closer to the beginning.
pub async fn read(http: &Http, room: &str) -> anyhow::Result<Elements> {
    let person = http.newcomer(room).await?;
    let (mut pages, mut whispers) = (Vec::new(), Vec::new());
    let mut before = None;
    loop {
        let page = http.messages(room, &person, before, PAGE).await.with_context(|| format!("before {before:?}"))?;
        whispers.extend(page.whispers);
        let Some(first) = page.entries.first().map(|entry| entry.0) else { break };
        ensure!(before.is_none_or(|before| first < before), "the page before {before:?} begins with {first}");
        pages.push(page.entries);
        before = Some(first);
        if first == 1 {
            break;
        }
    }
    pages.reverse();
    Ok(Elements { entries: pages.concat(), whispers })
}
