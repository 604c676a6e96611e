//! Pages that say what went wrong.

use askama::Template;

use super::frame::Frame;
use crate::domain::WorkSalt;
use crate::web::texts::texts;

/// 404 for an address that leads nowhere.
#[derive(Debug, Template)]
#[template(path = "missing.html")]
pub struct NotFoundPage<'a> {
    pub frame: Frame<'a>,
}

/// Any other answer that a person may see: what happened and what to do next.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    pub frame: Frame<'a>,
    /// See [`Problem::code`](crate::web::error::Problem::code).
    pub code: &'a str,
    /// From [`Texts::problem`](crate::web::texts::Texts::problem); some codes have words of their own for a page.
    pub title: &'a str,
    pub detail: &'a str,
    /// Seconds until it is worth another try, where that is known.
    pub retry_after: Option<u64>,
}

impl ErrorPage<'_> {
    fn art(&self) -> &'static str {
        match self.code {
            "kicked" | "banned" => "cut",
            "room-locked" => "locked",
            "room-full" => "full",
            "busy" | "shutting-down" | "unavailable" => "restarting",
            _ => "ended",
        }
    }

    fn heading(&self) -> &str {
        texts(self.frame.lang).find(&format!("shut.{}.title", self.code)).unwrap_or(self.title)
    }

    fn sentence(&self) -> String {
        let texts = texts(self.frame.lang);
        let timed = format!("shut.{}.in", self.code);
        match self.retry_after {
            Some(seconds) if texts.find(&timed).is_some() => texts.fill(&timed, &[("time", &texts.span(seconds))]),
            _ => texts.find(&format!("shut.{}.text", self.code)).unwrap_or(self.detail).to_owned(),
        }
    }

    /// What the link to the same page is called, where another try may succeed.
    fn again(&self) -> Option<&str> {
        let key = match self.code {
            "kicked" | "room-locked" => "shut.again",
            "room-full" => "full.again",
            "busy" | "shutting-down" | "unavailable" => "restarting.again",
            _ => return None,
        };
        Some(texts(self.frame.lang).text(key))
    }
}

/// What a newcomer sees in a rush: their browser works for a moment, then they are in.
#[derive(Debug, Template)]
#[template(path = "work.html")]
pub struct WorkPage<'a> {
    pub frame: Frame<'a>,
    /// Where the work is handed in: `/room/<id>/enter`.
    pub enter: &'a str,
    pub salt: WorkSalt,
    pub bits: u8,
}
