//! Whether the room is as if nobody had come.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::honest::{Honest, Way};
use super::raider::{self, RUBBISH, Raider};
use super::stage::Stage;
use super::talk::Talk;

/// Messages of one page of history.
const PAGE: usize = 100;
/// Raiders that try every door again.
const TRIES: usize = 10;
const TRY_TIME: Duration = Duration::from_secs(20);

impl Stage {
    /// # Errors
    /// When it cannot be looked at.
    pub async fn check_clean(&mut self, raiders: usize) -> anyhow::Result<()> {
        let honest: BTreeSet<String> = self.honest.iter().map(|honest| honest.me.clone()).collect();
        let again = Arc::new(Talk::new(1));
        let person = self.owner().person.clone();
        let owner = Honest::join(self.http(), self.room(), person, 0, Way::SocketIo, &again).await?;
        let here = owner.snapshot["members"].as_array().context("a snapshot has members")?;
        let here: BTreeSet<String> =
            here.iter().filter_map(|member| member["id"].as_str().map(ToOwned::to_owned)).collect();
        self.check("the list", here == honest, || format!("{} are here: {here:?}", here.len()));

        let history = self.history().await?;
        self.verdict.messages = history.len() as u64;
        self.check("the history", !history.is_empty(), || String::from("is empty"));
        for element in history {
            let by = element["member"].as_str().or(element["member"]["id"].as_str()).unwrap_or_default();
            let text = element["chat"].as_str().unwrap_or_default();
            let is_clean = honest.contains(by) && !text.starts_with(RUBBISH);
            self.check("the history", is_clean, || format!("has {element:.200}"));
        }
        for number in 0..raiders {
            let path = format!("/room/{}/enter", self.room());
            let request = self.http().request(Method::POST, &path, Some(&self.people[number]));
            let answer = request.json(&json!({"password": ""})).send().await?;
            let (status, problem) = (answer.status(), answer.json::<Value>().await.unwrap_or_default());
            let is_out = status == 403 && problem["type"].as_str().is_some_and(|kind| kind.ends_with("/banned"));
            self.check("a raider", is_out, || format!("who enters again is answered {status} {problem:.200}"));
        }
        for number in 0..raiders.min(TRIES) {
            let way = if number.is_multiple_of(2) { raider::Way::SocketIo } else { raider::Way::Plain };
            let join =
                Raider::join(self.http().address(), [127, 0, 0, 1].into(), way, &self.people[number], self.room());
            let joined = tokio::time::timeout(TRY_TIME, join).await;
            let is_out = matches!(&joined, Ok(Err(error)) if error.to_string() == "a join was refused");
            self.check("a raider", is_out, || format!("who joins again: {joined:?}"));
        }
        Ok(())
    }

    /// All of it, the newest first, page by page.
    async fn history(&self) -> anyhow::Result<Vec<Value>> {
        let (mut all, mut before) = (Vec::new(), String::new());
        loop {
            let path = format!("/room/{}/messages?limit={PAGE}{before}", self.room());
            let answer = self.http().request(Method::GET, &path, Some(&self.owner().person)).send().await?;
            ensure!(answer.status() == 200, "a page of history was answered {}", answer.status());
            let page: Vec<Value> = answer.json().await?;
            let Some(oldest) = page.first() else { return Ok(all) };
            before = format!("&before={}", oldest["seq"].as_i64().context("an element has a seq")?);
            all.extend(page);
        }
    }
}
