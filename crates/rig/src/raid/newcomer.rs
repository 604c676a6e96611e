//! Somebody who comes in the middle of a raid: is asked for a proof of work, does it, and is let in.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::honest::{Honest, Way};
use super::talk::Talk;
use crate::clock::now;
use crate::http::{Http, Person};

/// How long solving took. They leave again.
///
/// # Errors
/// When it went any other way.
pub async fn comes(http: Http, room: String) -> anyhow::Result<Duration> {
    let path = format!("/room/{room}/enter");
    let answer = http.request(Method::POST, &path, None).json(&json!({"password": ""})).send().await?;
    let status = answer.status();
    let cookies = answer.headers().get_all(SET_COOKIE).iter().filter_map(|field| field.to_str().ok());
    let cookie = cookies.filter_map(|field| field.split(';').next()).find(|cookie| cookie.starts_with("gifchat="));
    let person = Person { cookie: cookie.context("who is new gets a cookie")?.to_owned() };
    let problem: Value = answer.json().await?;
    let is_asked = status == 403 && problem["type"].as_str().is_some_and(|kind| kind.ends_with("/work-needed"));
    ensure!(is_asked, "a newcomer was answered {status}: {problem}");
    let challenge = &problem["challenge"];
    let salt = challenge["salt"].as_str().context("a challenge has a salt")?.to_owned();
    let bits = challenge["bits"].as_u64().context("a challenge has bits")?;

    let begin = now();
    let work = salt.clone();
    let nonce = tokio::task::spawn_blocking(move || solve(&work, bits)).await?;
    let solved = begin.elapsed();
    let work = json!({"salt": salt, "nonce": nonce});
    let answer =
        http.request(Method::POST, &path, Some(&person)).json(&json!({"password": "", "work": work})).send().await?;
    ensure!(answer.status() == 200, "who solved the challenge was answered {}", answer.status());
    let talk = Arc::new(Talk::new(1));
    let newcomer = Honest::join(&http, &room, person, 0, Way::Plain, &talk).await?;
    let left = newcomer.order("leave", json!({})).await?;
    ensure!(left.get("error").is_none(), "leaving was answered {left}");
    Ok(solved)
}

fn solve(salt: &str, bits: u64) -> String {
    let mut nonce = 0_u64;
    loop {
        let hash = Sha256::digest(format!("{salt}:{nonce}"));
        let head = u64::from_be_bytes(std::array::from_fn(|at| hash[at]));
        if u64::from(head.leading_zeros()) >= bits {
            return nonce.to_string();
        }
        nonce += 1;
    }
}
