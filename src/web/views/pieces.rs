//! A text on a page: its links can be followed, and the people it calls by `@name` stand out.

/// A run of text, a link in it, or somebody who is called (`@name`).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Link(String),
    Mention(String),
}

/// `names`: of the people who are called; the longest that fits is meant. The script has the same rule (`lib/marks.ts`).
pub(super) fn pieces(text: &str, names: &[&str]) -> Vec<Piece> {
    let mut longest = names.to_vec();
    longest.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut pieces = Vec::new();
    for (part, link) in links(text) {
        if link {
            pieces.push(Piece::Link(part.to_owned()));
        } else {
            mentions(part, &longest, &mut pieces);
        }
    }
    pieces
}

fn mentions(text: &str, names: &[&str], pieces: &mut Vec<Piece>) {
    let mut push = |piece: fn(String) -> Piece, text: &str| {
        if !text.is_empty() {
            pieces.push(piece(text.to_owned()));
        }
    };
    let mut from = 0;
    for (at, _) in text.match_indices('@') {
        if at < from || text[..at].ends_with(char::is_alphanumeric) {
            continue;
        }
        let Some(length) = names.iter().find_map(|name| starts(&text[at + 1..], name)) else { continue };
        push(Piece::Text, &text[from..at]);
        from = at + 1 + length;
        push(Piece::Mention, &text[at..from]);
    }
    push(Piece::Text, &text[from..]);
}

/// How many bytes of the text are this name, whatever its case.
fn starts(text: &str, name: &str) -> Option<usize> {
    let mut rest = text.chars();
    let same = |c: char| rest.next().is_some_and(|other| other.to_lowercase().eq(c.to_lowercase()));
    (!name.is_empty() && name.chars().all(same)).then(|| text.len() - rest.as_str().len())
}

/// The text in pieces, and which of them are links: `http://` or `https://` up to white space, without punctuation that
/// ends a sentence. The script has the same rule (`lib/links.ts`).
fn links(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut plain = 0;
    let mut from = 0;
    while let Some(found) = text[from..].find("http") {
        let start = from + found;
        let rest = &text[start..];
        let scheme = ["https://", "http://"].iter().find(|scheme| rest.starts_with(**scheme));
        let at_word = !text[..start].ends_with(|c: char| c.is_alphanumeric());
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"'`".contains(c)).unwrap_or(rest.len());
        let link = rest[..end].trim_end_matches(['.', ',', '!', '?', ':', ';', ')', ']', '…']);
        match scheme {
            Some(scheme) if at_word && link.len() > scheme.len() => {
                pieces.extend([(&text[plain..start], false), (link, true)]);
                plain = start + link.len();
                from = plain;
            }
            _ => from = start + "http".len(),
        }
    }
    pieces.push((&text[plain..], false));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, names: &[&str]) -> Vec<String> {
        let marked = |piece| match piece {
            Piece::Text(_) => None,
            Piece::Link(text) | Piece::Mention(text) => Some(text),
        };
        pieces(text, names).into_iter().filter_map(marked).collect()
    }

    #[test]
    fn links_and_mentions_are_found_and_nothing_is_lost() {
        for text in [
            "보세요 https://a.example/b?c=d. 끝",
            "http://",
            "xhttp://a",
            "http https://é/방, http://b)",
            "",
            "httphttp://x",
            "@",
            "@@수달 @",
            "x@수달 @수달@수달",
        ] {
            let joined: String = pieces(text, &["수달"])
                .into_iter()
                .map(|piece| match piece {
                    Piece::Text(text) | Piece::Link(text) | Piece::Mention(text) => text,
                })
                .collect();
            assert_eq!(joined, text);
        }
        assert_eq!(found("보세요 https://a.example/b?c=d. 끝", &[]), ["https://a.example/b?c=d"]);
        assert_eq!(found("(http://b) https://é/방, javascript:http", &[]), ["http://b", "https://é/방"]);
        assert!(found("http:// xhttp://a https", &[]).is_empty());
    }

    #[test]
    fn the_longest_name_is_called() {
        let names = ["졸린 고래", "졸린 고래 2", "Quiet Heron"];
        assert_eq!(found("@졸린 고래 2야 https://a.b/@졸린", &names), ["@졸린 고래 2", "https://a.b/@졸린"]);
        assert_eq!(found("@quiet heron! me@Quiet Heron @nobody", &names), ["@quiet heron"]);
    }
}
