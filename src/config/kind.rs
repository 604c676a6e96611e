//! The kinds of values: how each is written, read and shown.
//!
//! A kind has `EXPECTS` (what an operator is told to write), `parse` (`None`: not one of its kind) and `show`, whose
//! text `parse` reads back to the same value.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

mod outside;

pub(super) use outside::{Keys, Networks, Origins, WebAddress, Word};

/// Far longer than anything here needs, and short enough that adding to a time cannot overflow.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
const MOST_BYTES: u64 = 1 << 40;
const MOST_COUNT: u64 = 1 << 40;
/// What stands for an empty list.
const NONE: &str = "none";

pub(super) struct Address;

impl Address {
    pub(super) const EXPECTS: &str = "an IP address and port like 127.0.0.1:8005 or [::]:8005";

    pub(super) fn parse(text: &str) -> Option<SocketAddr> {
        text.parse().ok()
    }

    pub(super) fn show(value: &SocketAddr) -> String {
        value.to_string()
    }
}

pub(super) struct Folder;

impl Folder {
    pub(super) const EXPECTS: &str = "the path of a folder";

    pub(super) fn parse(text: &str) -> Option<PathBuf> {
        (!text.is_empty() && !text.contains('\0')).then(|| PathBuf::from(text))
    }

    pub(super) fn show(value: &Path) -> String {
        value.display().to_string()
    }
}

pub(super) struct LogFilter;

impl LogFilter {
    pub(super) const EXPECTS: &str = "off, error, warn, info, debug, trace, or a list like info,gifchat=debug";

    pub(super) fn parse(text: &str) -> Option<String> {
        let is_level = |level: &str| tracing_subscriber::filter::LevelFilter::from_str(level).is_ok();
        let is_directive = |part: &str| part.rsplit_once('=').map_or(is_level(part), |(_, level)| is_level(level));
        let right = text.split(',').all(|part| !part.is_empty() && is_directive(part));
        (right && tracing_subscriber::EnvFilter::try_new(text).is_ok()).then(|| text.to_owned())
    }

    pub(super) fn show(value: &str) -> String {
        value.to_owned()
    }
}

/// What a message that counts as stored has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    Full,
    Normal,
}

impl Synchronous {
    pub(super) const EXPECTS: &str = "full or normal";

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Full, Self::Normal].into_iter().find(|value| Self::show(value) == text)
    }

    pub(super) fn show(value: &Self) -> String {
        match value {
            Self::Full => "full".to_owned(),
            Self::Normal => "normal".to_owned(),
        }
    }
}

/// Whether members can offer GIFs to the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    Off,
    Review,
    Auto,
}

impl Offers {
    pub(super) const EXPECTS: &str = "off, review or auto";

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Off, Self::Review, Self::Auto].into_iter().find(|value| Self::show(value) == text)
    }

    pub(super) fn show(value: &Self) -> String {
        match value {
            Self::Off => "off",
            Self::Review => "review",
            Self::Auto => "auto",
        }
        .to_owned()
    }
}

fn list<T>(text: &str, item: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let text = text.trim();
    if text == NONE || text.is_empty() {
        return Some(Vec::new());
    }
    text.split(',').map(|part| item(part.trim())).collect()
}

fn show_list(items: &[impl Display]) -> String {
    if items.is_empty() {
        return NONE.to_owned();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

pub(super) struct Time;

impl Time {
    pub(super) const EXPECTS: &str = "a time like 500ms, 60s, 1m or 2h";

    pub(super) fn parse(text: &str) -> Option<Duration> {
        let (number, unit) = number_and_unit(text)?;
        let milliseconds = match unit {
            "ms" => number,
            "s" => number.checked_mul(1000)?,
            "m" => number.checked_mul(60 * 1000)?,
            "h" => number.checked_mul(60 * 60 * 1000)?,
            "d" => number.checked_mul(24 * 60 * 60 * 1000)?,
            _ if number == 0 => 0,
            _ => return None,
        };
        Some(Duration::from_millis(milliseconds)).filter(|time| *time <= LONGEST)
    }

    pub(super) fn show(value: &Duration) -> String {
        match value.as_millis() {
            0 => "0s".to_owned(),
            time if time % (60 * 60 * 1000) == 0 => format!("{}h", time / (60 * 60 * 1000)),
            // A minute is more readable as 60s; more than two are not.
            time if time % (60 * 1000) == 0 && time > 60 * 1000 => format!("{}m", time / (60 * 1000)),
            time if time % 1000 == 0 => format!("{}s", time / 1000),
            time => format!("{time}ms"),
        }
    }
}

pub(super) struct TimeAboveZero;

impl TimeAboveZero {
    pub(super) const EXPECTS: &str = "a time above zero like 500ms, 60s, 1m or 2h";

    pub(super) fn parse(text: &str) -> Option<Duration> {
        Time::parse(text).filter(|time| !time.is_zero())
    }

    pub(super) fn show(value: &Duration) -> String {
        Time::show(value)
    }
}

const BYTE_UNITS: [(&str, u64); 6] =
    [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)];

pub(super) struct Bytes;

impl Bytes {
    pub(super) const EXPECTS: &str = "a size above zero like 5MiB, 64KiB, 100kB or 4096";

    pub(super) fn parse(text: &str) -> Option<usize> {
        let (number, unit) = number_and_unit(text)?;
        let unit = match unit {
            "" | "B" => 1,
            unit => BYTE_UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1,
        };
        let bytes = number.checked_mul(unit).filter(|bytes| (1..=MOST_BYTES).contains(bytes))?;
        usize::try_from(bytes).ok()
    }

    pub(super) fn show(value: &usize) -> String {
        let bytes = *value as u64;
        let unit = BYTE_UNITS.iter().find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit));
        unit.map_or_else(|| bytes.to_string(), |(name, unit)| format!("{}{name}", bytes / unit))
    }
}

pub(super) struct BytesOrZero;

impl BytesOrZero {
    pub(super) const EXPECTS: &str = "a size like 500MiB or 10GiB, or 0 for no limit";

    pub(super) fn parse(text: &str) -> Option<usize> {
        if text == "0" { Some(0) } else { Bytes::parse(text) }
    }

    pub(super) fn show(value: &usize) -> String {
        if *value == 0 { "0".to_owned() } else { Bytes::show(value) }
    }
}

pub(super) struct Flag;

impl Flag {
    pub(super) const EXPECTS: &str = "true or false";

    pub(super) fn parse(text: &str) -> Option<bool> {
        text.parse().ok()
    }

    pub(super) fn show(value: &bool) -> String {
        value.to_string()
    }
}

pub(super) struct HeaderBytes;

impl HeaderBytes {
    pub(super) const EXPECTS: &str = "a size from 8KiB to 1MiB";

    pub(super) fn parse(text: &str) -> Option<usize> {
        Bytes::parse(text).filter(|bytes| (8 * 1024..=1024 * 1024).contains(bytes))
    }

    pub(super) fn show(value: &usize) -> String {
        Bytes::show(value)
    }
}

pub(super) struct Count;

impl Count {
    pub(super) const EXPECTS: &str = "a whole number above zero";

    pub(super) fn parse<T: TryFrom<u64>>(text: &str) -> Option<T> {
        whole(text).filter(|count| (1..=MOST_COUNT).contains(count)).and_then(|count| T::try_from(count).ok())
    }

    pub(super) fn show(value: &impl Display) -> String {
        value.to_string()
    }
}

pub(super) struct CountOrZero;

impl CountOrZero {
    pub(super) const EXPECTS: &str = "a whole number";

    pub(super) fn parse<T: TryFrom<u64>>(text: &str) -> Option<T> {
        whole(text).filter(|count| *count <= MOST_COUNT).and_then(|count| T::try_from(count).ok())
    }

    pub(super) fn show(value: &impl Display) -> String {
        value.to_string()
    }
}

pub(super) struct Members;

impl Members {
    pub(super) const EXPECTS: &str = "a whole number from 2 to 100000";

    pub(super) fn parse(text: &str) -> Option<u32> {
        Count::parse(text).filter(|members| (2..=100_000).contains(members))
    }

    pub(super) fn show(value: &u32) -> String {
        value.to_string()
    }
}

pub(super) struct PerSecond;

impl PerSecond {
    pub(super) const EXPECTS: &str = "a rate like 20/s, 30/m or 5/h, or 0 for no limit";

    pub(super) fn parse(text: &str) -> Option<f64> {
        let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit.trim() {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        let plain = number.trim().bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let number: f64 = number.trim().parse().ok().filter(|_| plain)?;
        Some(number / seconds).filter(|rate| *rate <= 1e6 && (*rate == 0.0 || *rate >= 1e-6))
    }

    pub(super) fn show(value: &f64) -> String {
        let units = [(1.0, 's'), (60.0, 'm'), (3600.0, 'h')];
        let whole = |seconds: f64| (value * seconds - (value * seconds).round()).abs() < 1e-9;
        match units.into_iter().find(|(seconds, _)| whole(*seconds)) {
            _ if *value == 0.0 => "0".to_owned(),
            Some((seconds, unit)) => format!("{}/{unit}", (value * seconds).round()),
            None => format!("{value}/s"),
        }
    }
}

fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim()))
}
