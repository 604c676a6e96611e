//! Commands that are typed where one writes.

use std::time::Duration;

use unicode_normalization::UnicodeNormalization;

use super::{Invalid, Slow, fold};

/// What somebody meant with the text they sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    /// To be said as it is: `//x` has become `/x`.
    Text(&'a str),
    Command(Slash<'a>),
}

/// A slash command. Its arguments stay text until it is known who is here: names may contain spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slash<'a> {
    pub command: SlashCommand,
    /// What follows the command's word, without the white space around it.
    pub rest: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlashCommand {
    Whisper,
    Nick,
    Kick,
    Ban,
    Unban,
    Mute,
    Unmute,
    Slow,
    Lock,
    Unlock,
    Help,
}

/// The longest word of a command, in bytes, with room for one typed in parts.
const WORD_MOST: usize = 64;

impl<'a> Said<'a> {
    /// Reads a text that has been trimmed. A text is a command when it begins with one slash and a word without
    /// another one: `/usr/bin` and a lone `/` are texts.
    ///
    /// # Errors
    /// [`Invalid::Slash`] for a word that is no command.
    pub fn parse(text: &'a str) -> Result<Self, Invalid> {
        let Some(line) = text.strip_prefix('/') else { return Ok(Self::Text(text)) };
        if line.starts_with('/') {
            return Ok(Self::Text(line));
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if word.is_empty() || word.contains('/') {
            return Ok(Self::Text(text));
        }
        let command = SlashCommand::of_word(word).ok_or(Invalid::Slash)?;
        Ok(Self::Command(Slash { command, rest: rest.trim() }))
    }
}

impl SlashCommand {
    /// In the order in which help tells them.
    pub const ALL: [Self; 11] = [
        Self::Whisper,
        Self::Nick,
        Self::Kick,
        Self::Ban,
        Self::Unban,
        Self::Mute,
        Self::Unmute,
        Self::Slow,
        Self::Lock,
        Self::Unlock,
        Self::Help,
    ];

    /// The words that call it: the English one, the Korean one, and others people may try.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Whisper => &["w", "귓", "귓속말", "whisper"],
            Self::Nick => &["nick", "이름"],
            Self::Kick => &["kick", "강퇴"],
            Self::Ban => &["ban", "차단"],
            Self::Unban => &["unban", "차단해제"],
            Self::Mute => &["mute", "음소거"],
            Self::Unmute => &["unmute", "음소거해제"],
            Self::Slow => &["slow", "느리게"],
            Self::Lock => &["lock", "잠금"],
            Self::Unlock => &["unlock", "잠금해제"],
            Self::Help => &["help", "도움", "도움말"],
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        let word: String = (word.len() <= WORD_MOST).then(|| word.nfc().flat_map(char::to_lowercase).collect())?;
        Self::ALL.into_iter().find(|command| command.words().contains(&word.as_str()))
    }

    /// The command of the contract that does it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whisper => "whisper",
            Self::Nick => "nick",
            Self::Kick => "kick",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::Mute => "mute",
            Self::Unmute => "unmute",
            Self::Slow | Self::Lock | Self::Unlock => "settings",
            Self::Help => "help",
        }
    }

    /// Whether only the owner may.
    pub const fn is_the_owners(self) -> bool {
        !matches!(self, Self::Whisper | Self::Nick | Self::Help)
    }

    /// The key of how it is written, in the locale files.
    pub fn usage_key(self) -> String {
        format!("slash.{}.usage", self.words()[0])
    }

    /// The key of what it does.
    pub fn text_key(self) -> String {
        format!("slash.{}.text", self.words()[0])
    }
}

/// The member named first in `rest`, by their place in `names`, and what follows, trimmed: the longest name that fits
/// and after which a word ends. Case does not matter; an `@` may stand before the name. Costs one look at each name.
pub fn split_name<'a, 'n>(rest: &'a str, names: impl Iterator<Item = &'n str>) -> Option<(usize, &'a str)> {
    let rest = rest.trim();
    let bare = rest.strip_prefix('@').unwrap_or(rest);
    let fits = names.enumerate().filter_map(|(index, name)| {
        let behind = fold::strip_prefix(rest, name).or_else(|| fold::strip_prefix(bare, name))?;
        let ends = !name.is_empty() && (behind.is_empty() || behind.starts_with(char::is_whitespace));
        ends.then_some((index, behind))
    });
    fits.min_by_key(|(_, behind)| behind.len()).map(|(index, behind)| (index, behind.trim_start()))
}

/// The longest time a command can name: 30 days.
const MINUTES_MOST: u64 = 30 * 24 * 60;

/// How long: `10`, `10m` or `10분`; `None` when nothing is said.
///
/// # Errors
/// [`Invalid::Slash`] for anything but 1 minute to 30 days.
pub fn minutes(rest: &str) -> Result<Option<Duration>, Invalid> {
    let rest = rest.trim();
    if rest.is_empty() {
        return Ok(None);
    }
    let digits = rest.strip_suffix(['m', '분']).unwrap_or(rest).trim_end();
    let minutes = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten();
    let minutes = minutes.filter(|minutes| (1..=MINUTES_MOST).contains(minutes)).ok_or(Invalid::Slash)?;
    Ok(Some(Duration::from_secs(60 * minutes)))
}

/// What follows `/slow`: seconds (`10`, `10s`, `10초`), or `off`, `끄기`.
///
/// # Errors
/// [`Invalid::Slow`].
pub fn slow(rest: &str) -> Result<Slow, Invalid> {
    match rest.trim() {
        "끄기" | "끔" => Ok(Slow::OFF),
        off if off.eq_ignore_ascii_case("off") => Ok(Slow::OFF),
        seconds => Slow::parse(seconds.strip_suffix(['s', '초']).unwrap_or(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn command(command: SlashCommand, rest: &str) -> Result<Said<'_>, Invalid> {
        Ok(Said::Command(Slash { command, rest }))
    }

    #[test]
    fn a_slash_and_a_word_are_a_command() {
        assert_eq!(
            Said::parse("/w 졸린 고래 안녕\n잘 지내?"),
            command(SlashCommand::Whisper, "졸린 고래 안녕\n잘 지내?")
        );
        assert_eq!(Said::parse("/귓 고래 안녕"), command(SlashCommand::Whisper, "고래 안녕"));
        assert_eq!(Said::parse("/KICK   Otter "), command(SlashCommand::Kick, "Otter"));
        assert_eq!(Said::parse("/lock"), command(SlashCommand::Lock, ""));
        assert_eq!(
            Said::parse("/\u{1103}\u{1169}\u{110b}\u{116e}\u{11b7}"),
            command(SlashCommand::Help, ""),
            "typed in parts"
        );
        for (word, meant) in [
            ("이름", "nick"),
            ("강퇴", "kick"),
            ("차단", "ban"),
            ("음소거", "mute"),
            ("느리게", "settings"),
            ("잠금", "settings"),
        ] {
            let text = format!("/{word} x");
            assert!(matches!(Said::parse(&text), Ok(Said::Command(slash)) if slash.command.name() == meant), "{word}");
        }
    }

    #[test]
    fn the_rest_is_text_or_unknown() {
        for text in ["hello", "a /w b", "/", "/ w", "/usr/bin ls", "/w/x", "", "1/2"] {
            assert_eq!(Said::parse(text), Ok(Said::Text(text)), "{text}");
        }
        assert_eq!(Said::parse("//w x"), Ok(Said::Text("/w x")));
        assert_eq!(Said::parse("///"), Ok(Said::Text("//")));
        let long = format!("/{}", "가".repeat(1999));
        for text in ["/wat", "/:)", "/w:", "/귓말", long.as_str()] {
            assert_eq!(Said::parse(text), Err(Invalid::Slash), "{text}");
        }
    }

    #[test]
    fn a_word_calls_one_command_only() {
        let mut seen = std::collections::HashSet::new();
        for command in SlashCommand::ALL {
            for word in command.words() {
                assert!(seen.insert(*word), "{word}");
                assert_eq!(SlashCommand::of_word(word), Some(command));
            }
        }
    }

    #[test]
    fn the_longest_name_that_fits_is_meant() {
        let names = ["졸린", "졸린 고래", "Sleepy Otter", "@me", "졸린 고래 2", ""];
        let split = |rest: &'static str| split_name(rest, names.iter().copied());
        assert_eq!(split("졸린 고래 안녕"), Some((1, "안녕")));
        assert_eq!(split("@졸린 고래"), Some((1, "")));
        assert_eq!(split("졸린 고래 2 10"), Some((4, "10")));
        assert_eq!(split("졸린 고래 20"), Some((1, "20")));
        assert_eq!(split("졸린 고래\n안녕"), Some((1, "안녕")));
        assert_eq!(split("sleepy OTTER  hi  there"), Some((2, "hi  there")));
        assert_eq!(split("@me x"), Some((3, "x")));
        assert_eq!(split("졸린고래 안녕"), None);
        assert_eq!(split("졸린이 안녕"), None);
        assert_eq!(split(""), None);
    }

    #[test]
    fn times_are_minutes_and_slow_mode_seconds() {
        assert_eq!(minutes(" "), Ok(None));
        assert_eq!(minutes("10"), Ok(Some(Duration::from_secs(600))));
        assert_eq!(minutes("10m"), minutes("10 분"));
        for wrong in ["0", "-1", "1.5", "x", "m", "10 고래", "43201", "99999999999999999999"] {
            assert_eq!(minutes(wrong), Err(Invalid::Slash), "{wrong}");
        }
        assert_eq!(slow("OFF"), Ok(Slow::OFF));
        assert_eq!(slow("끄기"), Ok(Slow::OFF));
        assert_eq!(slow("30초"), Slow::new(30));
        assert_eq!(slow("30"), Slow::new(30));
        assert!(slow("").is_err() && slow("s").is_err() && slow("빨리").is_err());
    }

    proptest! {
        #[test]
        fn every_text_can_be_said(text in ".{0,60}|/{0,3}[wW귓 가]{0,20}") {
            // With one more slash whatever begins with one is text again.
            if text.starts_with('/') {
                let escaped = format!("/{text}");
                prop_assert_eq!(Said::parse(&escaped), Ok(Said::Text(&text)));
            } else {
                prop_assert_eq!(Said::parse(&text), Ok(Said::Text(&text)));
            }
            let _ = Said::parse(&text);
            let _ = (minutes(&text), slow(&text));
        }

        #[test]
        fn a_name_before_a_text_is_found(at in "@?", which in 0..3_usize, text in "[가a]{1,9}( [가b]{1,9})?") {
            let names = ["졸린 고래", "졸린", "Sleepy Otter"];
            let rest = format!("{at}{} {text}", names[which]);
            prop_assert_eq!(split_name(&rest, names.iter().copied()), Some((which, text.as_str())));
        }
    }
}
