//! The sentences of the product, from the same files as the browser's script: `web/src/locales/{ko,en}.json`.
//!
//! A sentence may hold places like `{n}`; [`Texts::fill`] puts values there. A test sees that both languages have
//! the same keys and places.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use crate::domain::{Lang, Refusal, Timestamp};

static KO: LazyLock<Texts> = LazyLock::new(|| Texts::read(include_str!("../../web/src/locales/ko.json")));
static EN: LazyLock<Texts> = LazyLock::new(|| Texts::read(include_str!("../../web/src/locales/en.json")));

/// All sentences of one language.
#[derive(Debug)]
pub struct Texts(HashMap<String, String>);

pub fn texts(lang: Lang) -> &'static Texts {
    match lang {
        Lang::Ko => &KO,
        Lang::En => &EN,
    }
}

impl Texts {
    fn read(json: &str) -> Self {
        Self(serde_json::from_str(json).expect("the locale files are part of the program; a test reads both"))
    }

    /// The sentence of a key. A key that does not exist shows itself: better than no page.
    pub fn text<'a>(&'a self, key: &'a str) -> &'a str {
        self.0.get(key).map_or(key, String::as_str)
    }

    /// The sentence of a key, if there is one.
    pub fn find(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The sentence with each `{name}` replaced by its value. Values are not searched for places again.
    pub fn fill(&self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        let mut rest = self.text(key);
        let mut filled = String::with_capacity(rest.len() + 16);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                filled.push('{');
                rest = after;
                continue;
            };
            match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => filled.push_str(&value.to_string()),
                None => filled.extend(["{", name, "}"]),
            }
            rest = tail;
        }
        filled.push_str(rest);
        filled
    }

    /// The sentence for a number: `<key>.one` or `<key>.other`.
    pub fn count(&self, key: &str, n: u64) -> String {
        let form = if n == 1 { "one" } else { "other" };
        self.fill(&format!("{key}.{form}"), &[("n", &n)])
    }

    /// A length of time: "10분", "1 hour 5 minutes". The script has the same rule (`lib/remaining.ts`).
    pub fn span(&self, seconds: u64) -> String {
        let seconds = seconds.max(1);
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let part = |key: &str, n: u64| if n > 0 { self.count(&format!("time.{key}"), n) } else { String::new() };
        let parts = match hours {
            0 => [part("minutes", minutes), part("seconds", rest)],
            _ => [part("hours", hours), part("minutes", minutes)],
        };
        parts.join(" ").trim().to_owned()
    }

    /// How long something has been running: "12분째", "2 h 4 min". The script has the same rule (`lib/ages.ts`).
    pub fn age(&self, since: Timestamp, now: Timestamp) -> String {
        let minutes = now.since(since).as_secs() / 60;
        let (hours, rest) = (minutes / 60, minutes % 60);
        match (hours, rest) {
            (0, 0) => self.text("age.now").to_owned(),
            (0, _) => self.fill("age.minutes", &[("m", &minutes)]),
            (24.., _) => self.fill("age.days", &[("d", &(hours / 24))]),
            (_, 0) => self.fill("age.hours", &[("h", &hours)]),
            _ => self.fill("age.hours-minutes", &[("h", &hours), ("m", &rest)]),
        }
    }

    /// Title and detail of a problem (RFC 9457) for its code; `values` fill the detail's places.
    pub fn problem(&self, code: &str, values: &[(&str, &dyn Display)]) -> (&str, String) {
        let key = format!("problem.{code}");
        let title = self.find(&key).unwrap_or_else(|| self.text("problem.internal"));
        (title, self.fill(&format!("{key}.detail"), values))
    }

    pub fn refusal(&self, refusal: &Refusal) -> (&str, String) {
        let seconds = refusal.retry_after().map_or(0.0, |wait| wait.as_secs_f64().ceil().clamp(1.0, 86_400.0));
        self.problem(refusal.code(), &[("n", &seconds)])
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{Invalid, Said, SlashCommand};

    fn places(text: &str) -> Vec<&str> {
        // What stands before the first brace is no place.
        let mut places: Vec<_> =
            text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn both_languages_say_the_same_things() {
        for (here, there) in [(&*KO, &*EN), (&*EN, &*KO)] {
            for (key, text) in &here.0 {
                let other = there.find(key).unwrap_or_else(|| panic!("{key} is missing in the other language"));
                assert_eq!(places(text), places(other), "{key}");
                assert!(!text.trim().is_empty(), "{key}");
            }
        }
    }

    #[test]
    fn a_place_is_filled_once() {
        assert_eq!(KO.fill("form.seats.strip", &[("n", &"{n}")]), "나 + 빈자리 {n}");
        assert_eq!(EN.fill("lobby.seats", &[("n", &3), ("max", &8)]), "3 of 8 seats taken");
        assert_eq!(EN.count("lobby.count.people", 1), "1 person");
        assert_eq!(EN.text("no.such.key"), "no.such.key");
    }

    #[test]
    fn spans_read_like_speech() {
        for (seconds, ko, en) in [
            (0, "1초", "1 second"),
            (45, "45초", "45 seconds"),
            (600, "10분", "10 minutes"),
            (754, "12분 34초", "12 minutes 34 seconds"),
            (3600, "1시간", "1 hour"),
            (7325, "2시간 2분", "2 hours 2 minutes"),
        ] {
            assert_eq!((KO.span(seconds), EN.span(seconds)), (ko.to_owned(), en.to_owned()), "{seconds}");
        }
    }

    #[test]
    fn ages_read_like_speech() {
        let start = Timestamp(0);
        for (seconds, ko, en) in [
            (0, "방금", "just now"),
            (59, "방금", "just now"),
            (720, "12분째", "12 min"),
            (3600, "1시간째", "1 h"),
            (7440, "2시간 4분째", "2 h 4 min"),
            (86_400, "1일째", "1 d"),
        ] {
            let now = start + Duration::from_secs(seconds);
            assert_eq!(KO.age(start, now), ko);
            assert_eq!(EN.age(start, now), en);
        }
        assert_eq!(KO.age(Timestamp(5000), start), "방금");
    }

    #[test]
    fn every_refusal_has_its_sentence() {
        let often = Refusal::TooOften { retry_after: Duration::from_millis(1200) };
        assert_eq!(KO.refusal(&often), ("너무 빨라요.", "2초 뒤에 다시 해 주세요.".to_owned()));
        assert_eq!(KO.refusal(&Refusal::NoSuchRoom).0, "존재하지 않는 방입니다.");
        assert_eq!(EN.problem("title-too-long", &[("most", &40)]).1, "Shorten the name to 40 characters.");
        let wait = Duration::from_secs(7);
        let refusals = [
            Refusal::NoSuchMember,
            Refusal::NoSuchMessage,
            Refusal::NotYours,
            Refusal::TooLate,
            Refusal::TooManyReactions,
            Refusal::NameTaken,
            Refusal::CannotSelf,
            Refusal::RoomLocked,
            Refusal::Kicked { retry_after: wait },
            Refusal::Banned { retry_after: None },
            Refusal::Muted { retry_after: Some(wait) },
            Refusal::SlowMode { retry_after: wait },
            Refusal::Newcomer { retry_after: wait },
            Refusal::WorkNeeded,
            Refusal::LibraryClosed,
            Refusal::LibraryFull,
        ];
        for texts in [&*KO, &*EN] {
            for refusal in &refusals {
                let (title, detail) = texts.refusal(refusal);
                assert_ne!(title, texts.text("problem.internal"), "{refusal}");
                assert_eq!(detail.contains('7'), refusal.retry_after().is_some(), "{detail}");
            }
        }
    }

    #[test]
    fn every_invalid_field_and_every_slash_command_has_its_sentence() {
        let invalid = [
            Invalid::Name { most: 20 },
            Invalid::Emoji,
            Invalid::Slash,
            Invalid::Preset,
            Invalid::Slow { most: 3600 },
            Invalid::Query { most: 100 },
            Invalid::Tags { most: 20 },
            Invalid::NotFlag { field: "on" },
        ];
        for texts in [&*KO, &*EN] {
            for invalid in &invalid {
                let most = invalid.most().unwrap_or_default();
                let (title, detail) = texts.problem(invalid.code(), &[("most", &most)]);
                assert_ne!(title, texts.text("problem.internal"), "{invalid}");
                assert_eq!(detail.contains(&most.to_string()), invalid.most().is_some(), "{detail}");
            }
            for command in SlashCommand::ALL {
                let usage = texts.find(&command.usage_key()).unwrap_or_default();
                assert!(texts.find(&command.text_key()).is_some(), "{command:?}");
                // What help shows can be typed.
                let said = Said::parse(usage);
                assert!(matches!(said, Ok(Said::Command(slash)) if slash.command == command), "{usage}");
            }
        }
    }
}
