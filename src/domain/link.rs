//! Whether a text wants its readers to go somewhere.

use unicode_normalization::UnicodeNormalization;

use super::text::is_unseen;

/// Ends of bare host names that count as links without a scheme or a path. Others ("main.rs", "e.g") are more often
/// no links.
const ENDS: [&str; 24] = [
    "com", "net", "org", "info", "biz", "io", "gg", "me", "kr", "jp", "cn", "ru", "tv", "ly", "xyz", "top", "site",
    "shop", "online", "link", "club", "app", "dev", "live",
];

/// Whether a link stands in it, or what a reader would type into an address bar: a scheme with `://`, a host that
/// begins with `www.`, a host with a path, or one with a widely used ending. For those who may not post links yet:
/// rather one too many than one too few. Costs two passes over the text.
pub fn contains_link(text: &str) -> bool {
    let plain: String = text.nfkc().filter(|&c| !is_unseen(c)).flat_map(char::to_lowercase).collect();
    has_scheme(&plain) || plain.split(|c: char| !is_of_host(c) && c != '/' && c != ':').any(is_address)
}

fn has_scheme(text: &str) -> bool {
    text.match_indices("://").any(|(at, sign)| {
        let before = text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        before && text[at + sign.len()..].starts_with(char::is_alphanumeric)
    })
}

fn is_of_host(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// `host`, `host/path` or `host:port`, where a part of the host begins with an ASCII ending; a Korean particle may
/// stand behind that.
fn is_address(word: &str) -> bool {
    let end = word.find(['/', ':']).unwrap_or(word.len());
    let (host, behind) = (word[..end].trim_matches('.'), &word[end..]);
    let is_port = |port: &str| port.starts_with(|c: char| c.is_ascii_digit());
    let goes_on = behind.starts_with('/') || behind.strip_prefix(':').is_some_and(is_port);
    let clear = goes_on || host.starts_with("www.") || host.contains("xn--");
    // The part before the first dot is the name.
    host.split_once('.').is_some_and(|(_, ends)| ends.split('.').map(in_ascii).any(|end| is_ending(end, clear)))
}

fn in_ascii(label: &str) -> &str {
    label.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}

fn is_ending(end: &str, clear: bool) -> bool {
    ENDS.contains(&end) || (clear && end.len() >= 2 && end.starts_with(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_are_seen_in_many_dresses() {
        for text in [
            "https://example.org",
            "여기 http://x.y 봐",
            "HTTPS://EXAMPLE",
            "ftp://host/file",
            "https://한글.한국",
            "www.example.museum",
            "example.com",
            "여기example.com에",
            "discord.gg/abc",
            "t.me/room",
            "bit.ly/2",
            "host.zip/x",
            "host.zip:8080",
            "(example.co.kr)",
            "ｅｘａｍｐｌｅ．ｃｏｍ",
            "exam\u{200b}ple.com",
            "example\u{ad}.com",
            "xn--bcher-kva.example",
            "me@example.com",
            "example.com.",
        ] {
            assert!(contains_link(text), "{text}");
        }
    }

    #[test]
    fn ordinary_words_are_no_links() {
        for text in [
            "",
            "안녕",
            "e.g. this",
            "main.rs 고쳤어",
            "3.14",
            "1.2.3.4",
            "ㅋㅋ...ㅎㅎ",
            "그래.그럼",
            "a/b",
            "10:30",
            "http:// 라고 쓰면",
            "://",
            "and/or",
            "v1.2/v1.3",
            "...com",
            ".com",
        ] {
            assert!(!contains_link(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_around_a_link(before in "[가나 !?(]{0,10}", after in "([ 가!?)].{0,10})?") {
            prop_assert!(contains_link(&format!("{before}https://example.org/x{after}")), "{before}{after}");
            prop_assert!(contains_link(&format!("{before}example.org{after}")), "{before}{after}");
        }

        #[test]
        fn nothing_makes_it_panic(text in ".{0,60}|[a.:/@\\-www가]{0,60}") {
            contains_link(&text);
        }
    }
}
