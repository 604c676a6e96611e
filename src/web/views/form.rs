//! The form for a new room, and the one that asks for a room's password.

use askama::Template;

use super::frame::{Frame, color_class, color_rules};
use super::lobby::{default_seats, longest_title, seats};
use crate::domain::{Invalid, Refusal, RoomSummary, Timestamp};
use crate::web::texts::texts;

/// `GET /room`, and the answer to a `POST /room` that could not be done.
#[derive(Debug, Template)]
#[template(path = "form.html")]
pub struct FormPage<'a> {
    pub frame: Frame<'a>,
    /// What was sent, as it was sent; `None` at first.
    pub title: Option<&'a str>,
    pub max: Option<&'a str>,
    /// All fields at fault.
    pub invalid: &'a [Invalid],
    /// Why a well-formed request was refused.
    pub refusal: Option<&'a Refusal>,
    /// The server's limit for one room.
    pub most_seats: u32,
}

impl FormPage<'_> {
    fn colors(&self) -> String {
        color_rules([self.frame.me.color])
    }

    fn form(&self) -> Fields<'_> {
        let error = |field: &str| {
            self.invalid.iter().find(|invalid| invalid.field() == field).map(|invalid| {
                let most = invalid.most().unwrap_or_default();
                texts(self.frame.lang).fill(&format!("form.error.{}", invalid.code()), &[("most", &most)])
            })
        };
        Fields {
            title: self.title.unwrap_or_default(),
            max: self.max.map_or_else(|| default_seats().min(self.most_seats).to_string(), str::to_owned),
            title_error: error("title"),
            max_error: error("max"),
            password_error: error("password"),
            notice: match (self.refusal, self.invalid.len()) {
                (Some(refusal), _) => Some(texts(self.frame.lang).refusal(refusal).1),
                (None, 2..) => Some(self.frame.fill("form.summary", "n", self.invalid.len())),
                _ => None,
            },
            ..Fields::empty(self.frame, self.most_seats)
        }
    }
}

/// The fields, on the page and in the lobby's dialog.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    pub title: &'a str,
    pub max: String,
    pub title_error: Option<String>,
    pub max_error: Option<String>,
    pub password_error: Option<String>,
    pub notice: Option<String>,
    pub most_seats: u32,
    pub most_title: usize,
    pub seats: Vec<&'static str>,
    pub free: u32,
    pub my_class: String,
}

impl Fields<'_> {
    pub(super) fn empty(frame: Frame<'_>, most_seats: u32) -> Self {
        let max = default_seats().min(most_seats);
        Self {
            title: "",
            max: max.to_string(),
            title_error: None,
            max_error: None,
            password_error: None,
            notice: None,
            most_seats,
            most_title: longest_title(),
            seats: seats(1, max),
            free: max.saturating_sub(1),
            my_class: color_class(frame.me.color),
        }
    }
}

/// `GET /room/<id>` of a private room by somebody who was not admitted, and a wrong `POST /room/<id>/enter`.
#[derive(Debug, Template)]
#[template(path = "password.html")]
pub struct PasswordPage<'a> {
    pub frame: Frame<'a>,
    pub room: &'a RoomSummary,
    pub now: Timestamp,
    /// Why the last try failed.
    pub refusal: Option<&'a Refusal>,
}

impl PasswordPage<'_> {
    fn colors(&self) -> String {
        color_rules([self.room.owner])
    }

    fn owner_class(&self) -> String {
        color_class(self.room.owner)
    }

    fn seats(&self) -> Vec<&'static str> {
        seats(self.room.members, self.room.limit.get())
    }

    fn age(&self) -> String {
        texts(self.frame.lang).age(self.room.created_at, self.now)
    }

    fn seats_text(&self) -> String {
        texts(self.frame.lang).fill("lobby.seats", &[("n", &self.room.members), ("max", &self.room.limit.get())])
    }

    fn error(&self) -> Option<String> {
        self.refusal.map(|refusal| match refusal {
            Refusal::WrongPassword => self.frame.t("password.wrong").to_owned(),
            Refusal::TooOften { retry_after } => {
                self.frame.fill("password.too-often", "n", retry_after.as_secs().saturating_add(1).min(86_400))
            }
            other => texts(self.frame.lang).refusal(other).1,
        })
    }
}
