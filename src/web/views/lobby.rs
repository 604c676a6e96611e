//! The list of rooms.

use askama::Template;

use super::frame::{Frame, color_class, color_rules};
use crate::domain::{Lang, MemberLimit, RoomSummary, Timestamp, Title};
use crate::web::texts::texts;

/// What the address bar's `?error=` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LobbyError {
    NoSuchRoom,
    WrongPassword,
    RoomFull,
    /// Any other text, at most [`LobbyError::MOST`] characters of it.
    Other(String),
}

impl LobbyError {
    pub const MOST: usize = 200;

    /// Knows our own three sentences in either language.
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).take(Self::MOST).collect();
        let known = [Self::NoSuchRoom, Self::WrongPassword, Self::RoomFull]
            .into_iter()
            .find(|error| [Lang::Ko, Lang::En].iter().any(|lang| error.sentence(*lang) == text));
        known.or_else(|| (!text.is_empty()).then_some(Self::Other(text)))
    }

    /// What the redirect to the lobby carries.
    pub fn sentence(&self, lang: Lang) -> &str {
        match self {
            Self::Other(text) => text,
            known => texts(lang).find(&format!("lobby.error.{}", known.code())).unwrap_or_default(),
        }
    }

    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchRoom => "no-such-room",
            Self::WrongPassword => "wrong-password",
            Self::RoomFull => "room-full",
            Self::Other(_) => "",
        }
    }

    pub(super) fn title_key(&self) -> String {
        format!("lobby.error.{}.title", self.code())
    }

    pub(super) fn text_key(&self) -> String {
        format!("lobby.error.{}.text", self.code())
    }
}

/// `GET /`
#[derive(Debug, Template)]
#[template(path = "lobby.html")]
pub struct LobbyPage<'a> {
    pub frame: Frame<'a>,
    /// In the order to show them.
    pub rooms: &'a [RoomSummary],
    pub now: Timestamp,
    pub error: Option<LobbyError>,
    /// The server's limit for one room, for the form in the dialog.
    pub most_seats: u32,
}

impl LobbyPage<'_> {
    fn people(&self) -> usize {
        self.rooms.iter().map(|room| room.members as usize).sum()
    }

    fn rows(&self) -> Vec<Row> {
        self.rooms.iter().map(|room| Row::new(room, self.frame.lang, self.now)).collect()
    }

    fn template_row(&self) -> Row {
        Row::blank(self.frame.lang)
    }

    fn colors(&self) -> String {
        color_rules(self.rooms.iter().map(|room| room.owner).chain([self.frame.me.color]))
    }

    /// The error that takes the place of the headline.
    fn known_error(&self) -> Option<&LobbyError> {
        self.error.as_ref().filter(|error| !matches!(error, LobbyError::Other(_)))
    }

    fn error_sentence(&self) -> &str {
        self.error.as_ref().map_or("", |error| error.sentence(self.frame.lang))
    }

    fn other_error(&self) -> Option<&str> {
        match &self.error {
            Some(LobbyError::Other(text)) => Some(text),
            _ => None,
        }
    }

    fn form(&self) -> super::form::Fields<'_> {
        super::form::Fields::empty(self.frame, self.most_seats)
    }
}

/// One room's strip, and the blank one that the script clones.
#[derive(Debug)]
pub(super) struct Row {
    pub id: String,
    pub href: String,
    pub title: String,
    pub max: u32,
    pub members: u32,
    pub color: String,
    pub class: String,
    pub owner: String,
    pub private: bool,
    pub full: bool,
    pub created_at: String,
    pub age: String,
    pub seats_text: String,
    pub seats: Vec<&'static str>,
}

impl Row {
    fn new(room: &RoomSummary, lang: Lang, now: Timestamp) -> Self {
        let max = room.limit.get();
        Self {
            id: room.id.to_string(),
            href: format!("/room/{}", room.id),
            title: room.title.to_string(),
            max,
            members: room.members,
            color: room.owner.to_string(),
            class: color_class(room.owner),
            owner: room.owner_name.clone(),
            private: room.private,
            full: room.is_full(),
            created_at: room.created_at.rfc3339(),
            age: texts(lang).age(room.created_at, now),
            seats_text: texts(lang).fill("lobby.seats", &[("n", &room.members), ("max", &max)]),
            seats: seats(room.members, max),
        }
    }

    fn blank(lang: Lang) -> Self {
        Self {
            id: String::new(),
            href: String::new(),
            title: String::new(),
            max: 0,
            members: 0,
            color: String::new(),
            class: String::new(),
            owner: String::new(),
            private: false,
            full: false,
            created_at: String::new(),
            age: texts(lang).text("age.now").to_owned(),
            seats_text: String::new(),
            seats: Vec::new(),
        }
    }
}

/// Holes of a strip: one for each seat up to 16, in proportion above. The owner's is the first taken one; the
/// script has the same rule (`lib/seats.ts`).
pub(super) fn seats(members: u32, max: u32) -> Vec<&'static str> {
    const HOLES: u32 = 16;
    let holes = max.min(HOLES);
    let taken = if max <= HOLES { members.min(holes) } else { (members * HOLES).div_ceil(max).min(holes) };
    (0..holes)
        .map(|hole| match hole {
            0 if taken > 0 => "owner",
            hole if hole < taken => "on",
            _ => "off",
        })
        .collect()
}

/// The number that the form starts with.
pub(super) const fn default_seats() -> u32 {
    MemberLimit::DEFAULT.get()
}

pub(super) const fn longest_title() -> usize {
    Title::MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_sentences_are_known_in_both_languages() {
        assert_eq!(LobbyError::parse("존재하지 않는 방입니다."), Some(LobbyError::NoSuchRoom));
        assert_eq!(LobbyError::parse("The password is wrong."), Some(LobbyError::WrongPassword));
        assert_eq!(LobbyError::parse("허용 인원이 초과하였습니다."), Some(LobbyError::RoomFull));
        assert_eq!(LobbyError::parse(" <b> "), Some(LobbyError::Other("<b>".to_owned())));
        assert_eq!(LobbyError::parse(" \n "), None);
        let Some(LobbyError::Other(long)) = LobbyError::parse(&"가".repeat(500)) else { panic!("a text") };
        assert_eq!(long.chars().count(), LobbyError::MOST);
    }

    #[test]
    fn holes_show_the_seats() {
        assert_eq!(seats(2, 3), ["owner", "on", "off"]);
        assert_eq!(seats(0, 2), ["off", "off"]);
        let taken = |members, max| seats(members, max).iter().filter(|hole| **hole != "off").count();
        assert_eq!(taken(7, 20), 6);
        assert_eq!(taken(1, 1000), 1);
        assert_eq!(taken(1000, 1000), 16);
        assert_eq!(seats(9, 2).len(), 2);
    }
}
