//! Who is called by name in a text.

use std::collections::HashMap;

use super::{MemberId, Nick, fold};

/// How many people one message may call.
const MOST: usize = 20;
/// How many `@` are looked at in one message: what comes behind them calls nobody.
const LOOKS: usize = 200;

/// The members called as `@name`, in the order of their first call, each once, at most 20.
///
/// The longest name wins, case does not matter, and behind it a word must end; a Korean title or particle may come in
/// between ("@졸린 고래님은"). An `@` behind a letter, a digit or another `@` begins no name: that is an address.
///
/// Costs one pass over the text, and, if there is a call in it at all, one over the names and at most 20 look-ups for
/// each of at most 200 `@`.
pub fn mentioned<'a>(text: &str, members: impl IntoIterator<Item = (MemberId, &'a str)>) -> Vec<MemberId> {
    let calls: Vec<&str> = calls(text).take(LOOKS).collect();
    if calls.is_empty() {
        return Vec::new();
    }
    let names: HashMap<String, MemberId> = members.into_iter().map(|(id, name)| (fold::small(name), id)).collect();
    let mut called = Vec::new();
    for id in calls.into_iter().filter_map(|call| who(call, &names)) {
        if !called.contains(&id) {
            called.push(id);
        }
        if called.len() == MOST {
            break;
        }
    }
    called
}

/// What follows each `@` that begins a word.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('@').filter_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let begins = before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '@' | '_'));
        begins.then(|| &text[at + 1..])
    })
}

/// The longest name with which `call` begins.
fn who(call: &str, names: &HashMap<String, MemberId>) -> Option<MemberId> {
    let mut small = String::new();
    // For each character: how long the small letters up to it are, and what is left behind it.
    let mut ends = Vec::with_capacity(Nick::MOST);
    for (at, c) in call.char_indices().take(Nick::MOST) {
        small.extend(c.to_lowercase());
        ends.push((small.len(), &call[at + c.len_utf8()..]));
    }
    ends.iter().rev().find_map(|&(end, rest)| names.get(&small[..end]).filter(|_| word_ends(rest)).copied())
}

/// What Koreans put behind a name before the word ends: one of each, in this order.
const TITLES: [&str; 3] = ["", "님", "씨"];
const PARTICLES: [&str; 24] = [
    "", "아", "야", "이", "가", "을", "를", "의", "와", "과", "께", "께서", "에게", "한테", "보고", "이랑", "랑",
    "하고", "나", "부터", "까지", "처럼", "보다", "들",
];
const TOPICS: [&str; 6] = ["", "은", "는", "도", "만", "요"];

fn behind<'a>(rest: &'a str, words: &'static [&str]) -> impl Iterator<Item = &'a str> {
    words.iter().filter_map(move |word| rest.strip_prefix(word))
}

fn word_ends(rest: &str) -> bool {
    behind(rest, &TITLES)
        .flat_map(|rest| behind(rest, &PARTICLES))
        .flat_map(|rest| behind(rest, &TOPICS))
        .any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 8] = ["졸린 고래", "졸린 고래 2", "졸린", "Sleepy Otter", "고래", "고래야", "O'Neil", "ΑΛΕΞΗΣ"];

    fn id(number: usize) -> MemberId {
        MemberId::from_bytes((number as u64).to_be_bytes())
    }

    fn names_in(text: &str) -> Vec<&'static str> {
        let called = mentioned(text, NAMES.iter().enumerate().map(|(number, name)| (id(number), *name)));
        called.into_iter().map(|who| NAMES[u64::from_be_bytes(*who.as_bytes()) as usize]).collect()
    }

    #[test]
    fn a_name_behind_an_at_calls() {
        for (text, names) in [
            ("@졸린 고래 안녕", &["졸린 고래"] as &[_]),
            ("안녕 @졸린 고래", &["졸린 고래"]),
            ("@졸린 고래 2 안녕", &["졸린 고래 2"]),
            ("@졸린 고래 23", &["졸린 고래"]),
            ("@졸린 고래야 일어나", &["졸린 고래"]),
            ("@졸린 고래님", &["졸린 고래"]),
            ("@졸린 고래님께서는", &["졸린 고래"]),
            ("@졸린 고래고기", &["졸린"]),
            ("@졸린 고래님은, @고래는?", &["졸린 고래", "고래"]),
            ("@고래야", &["고래야"]),
            ("@고래야야", &["고래야"]),
            ("@졸린 사람", &["졸린"]),
            ("@SLEEPY otter!", &["Sleepy Otter"]),
            ("@sleepy otter한테 물어봐", &["Sleepy Otter"]),
            ("@Sleepy Otter's", &["Sleepy Otter"]),
            ("@o'neil.", &["O'Neil"]),
            ("@ΑΛΕΞΗΣ", &["ΑΛΕΞΗΣ"]),
            ("(@고래)\n@고래 @졸린", &["고래", "졸린"]),
        ] {
            assert_eq!(names_in(text), names, "{text}");
        }
    }

    #[test]
    fn an_address_or_half_a_word_calls_nobody() {
        for text in [
            "",
            "@",
            "me@고래",
            "안녕@고래",
            "a_@고래",
            "@@고래",
            "@ 고래",
            "고래",
            "@고래고기",
            "@sleepy otters",
            "@고래_",
        ] {
            assert_eq!(names_in(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn a_text_full_of_calls_is_bounded() {
        let names: Vec<String> = (0..1000).map(|number| format!("사람 {number}")).collect();
        let members = || names.iter().enumerate().map(|(number, name)| (id(number), name.as_str()));
        let everybody: String = names.iter().map(|name| format!("@{name} ")).collect();
        assert_eq!(mentioned(&everybody, members()), (0..20).map(id).collect::<Vec<_>>());
        let late = format!("{}@사람 1", "@x ".repeat(199));
        assert_eq!(mentioned(&late, members()), [id(1)]);
        let too_late = format!("{}@사람 1", "@x ".repeat(200));
        assert_eq!(mentioned(&too_late, members()), []);
    }

    proptest! {
        #[test]
        fn whoever_is_called_stands_there(text in "(@|[ a가고래님야졸린\\PC]|고래|졸린 고래){0,60}") {
            let called = names_in(&text);
            for name in &called {
                prop_assert!(text.to_lowercase().contains(&format!("@{}", name.to_lowercase())), "{}", name);
            }
        }

        #[test]
        fn between_spaces_every_name_is_found(before in "[가a!? ]{0,10}", which in 0..NAMES.len(), after in "[!?,.]{0,3}") {
            prop_assert_eq!(names_in(&format!("{before} @{}{after}", NAMES[which])), [NAMES[which]]);
        }
    }
}
