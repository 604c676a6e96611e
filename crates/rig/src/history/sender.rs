//! One client's posts, and whether their acks keep the rules.

use std::collections::BTreeMap;

use super::{Change, Finding, Shown, What, Whisper, Wrong};

/// Findings of one sender that are kept.
const MOST_FINDINGS: usize = 10;

/// A post that was acknowledged.
#[derive(Clone, Copy, Debug)]
pub struct Acked {
    /// The how-manieth of its sender, from 0.
    pub number: u64,
    pub seq: i64,
    /// It had been refused before, and may have lost its turn.
    pub refused: bool,
    pub shown: Shown,
}

/// What was asked to be posted: hashes of the `clientMessageId` and of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub client_message_id: u64,
    pub text: u64,
}

/// What was whispered, before and after its ack.
#[derive(Clone, Copy, Debug)]
pub struct Whispered {
    pub to: u64,
    pub said: Said,
    /// `None`: it was not acked, and may be stored or not.
    pub acked: Option<Whisper>,
}

/// What one asks to be done to a message of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// What the message says with it.
    Edit(Said),
    Remove,
    React {
        on: bool,
    },
}

/// What one client said. Posts are numbered in the order in which they were first sent.
#[derive(Debug)]
pub struct Sender {
    who: String,
    /// As soon as an answer has told it.
    member: Option<u64>,
    open: BTreeMap<u64, Said>,
    acked: Vec<Acked>,
    whispers: BTreeMap<u64, Whispered>,
    /// Changes without an ack, with their targets.
    changing: BTreeMap<u64, (i64, Wish)>,
    /// Each change that was acked, with its place.
    changed: Vec<(i64, Change)>,
    /// The targets of reactions that were said to be there before.
    reacted_before: Vec<i64>,
    /// All that it asked for, by target.
    wishes: BTreeMap<i64, Vec<Wish>>,
    findings: Vec<Finding>,
}

impl Sender {
    pub const fn new(who: String) -> Self {
        Self {
            who,
            member: None,
            open: BTreeMap::new(),
            acked: Vec::new(),
            whispers: BTreeMap::new(),
            changing: BTreeMap::new(),
            changed: Vec::new(),
            reacted_before: Vec::new(),
            wishes: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// Who it is: the `me` of an answer.
    pub const fn is(&mut self, member: u64) {
        self.member = Some(member);
    }

    /// It is about to send this for the first time.
    pub fn say(&mut self, number: u64, said: Said) {
        self.open.insert(number, said);
    }

    /// The server says that it is stored. `refused`: it had been refused before, and may have lost its turn.
    pub fn ack(&mut self, number: u64, refused: bool, seq: i64, shown: Shown) {
        let Some(said) = self.open.remove(&number) else {
            return self.wrong(Wrong::AckOther { number, what: "it was acked already" });
        };
        if shown.client_message_id != said.client_message_id {
            self.wrong(Wrong::AckOther { number, what: "its clientMessageId is another" });
        } else if shown.text != said.text {
            self.wrong(Wrong::AckOther { number, what: "its text is another" });
        } else if self.member.is_some_and(|member| member != shown.member) {
            self.wrong(Wrong::AckOther { number, what: "its member is another" });
        }
        self.acked.push(Acked { number, seq, refused, shown });
    }

    /// It is about to whisper this for the first time.
    pub fn whisper(&mut self, number: u64, to: u64, said: Said) {
        self.whispers.insert(number, Whispered { to, said, acked: None });
    }

    /// The server says that the whisper is stored, in this mailbox as that number.
    pub fn whispered(&mut self, number: u64, ack: Whisper) {
        let Some(whispered) = self.whispers.get_mut(&number) else {
            return self.wrong(Wrong::AckOther { number, what: "nothing was whispered" });
        };
        let same = Said { client_message_id: ack.client_message_id, text: ack.text } == whispered.said;
        let same = same && ack.to == whispered.to && self.member.is_none_or(|member| member == ack.from);
        whispered.acked = Some(ack);
        if !same {
            self.wrong(Wrong::AckOther { number, what: "it is another whisper" });
        }
    }

    /// It is about to change its own message for the first time.
    pub fn change(&mut self, number: u64, target: i64, wish: Wish) {
        self.changing.insert(number, (target, wish));
        self.wishes.entry(target).or_default().push(wish);
    }

    /// The server says that the change is stored with this `seq`; without one, that it was so before.
    pub fn changed(&mut self, number: u64, stored: Option<(i64, Change)>) {
        let Some((target, wish)) = self.changing.remove(&number) else {
            return self.wrong(Wrong::AckOther { number, what: "nothing was changed" });
        };
        let Some((seq, change)) = stored else {
            self.reacted_before.extend((wish == Wish::React { on: true }).then_some(target));
            return;
        };
        if change.target != target || self.member.is_some_and(|member| member != change.member) {
            self.wrong(Wrong::AckOther { number, what: "it is another change" });
        }
        self.changed.push((seq, change));
    }

    pub fn whispers(&self) -> impl Iterator<Item = (u64, &Whispered)> {
        self.whispers.iter().map(|(number, whispered)| (*number, whispered))
    }

    /// What its messages may say since they were edited.
    pub fn edits(&self) -> impl Iterator<Item = Said> {
        let edit = |wish: &Wish| if let Wish::Edit(said) = wish { Some(*said) } else { None };
        self.wishes.values().flatten().filter_map(edit)
    }

    /// Each change that was acked with its place, in the order of the acks.
    pub fn changes(&self) -> &[(i64, Change)] {
        &self.changed
    }

    /// The targets of reactions that were said to be there before.
    pub fn reacted_before(&self) -> &[i64] {
        &self.reacted_before
    }

    /// Whether it ever asked for this, answered or not.
    pub fn asked_for(&self, change: &Change) -> bool {
        let is_this = |wish: &Wish| match (wish, change.what) {
            (Wish::Edit(said), What::Edit(text)) => said.text == text,
            (Wish::Remove, What::Remove) => true,
            (Wish::React { on }, What::React { on: now, .. }) => *on == now,
            _ => false,
        };
        self.wishes.get(&change.target).is_some_and(|wishes| wishes.iter().any(is_this))
    }

    pub const fn member(&self) -> Option<u64> {
        self.member
    }

    pub fn who(&self) -> &str {
        &self.who
    }

    /// In the order of the acks.
    pub fn acked(&self) -> &[Acked] {
        &self.acked
    }

    /// The first two posts whose acks do not rise in the order in which they were sent.
    pub fn disorder(&self) -> Option<Wrong> {
        let mut posts: Vec<(u64, i64)> =
            self.acked.iter().filter(|acked| !acked.refused).map(|acked| (acked.number, acked.seq)).collect();
        posts.sort_unstable();
        let (before, after) =
            posts.windows(2).find_map(|pair| (pair[0].1 >= pair[1].1).then_some((pair[0], pair[1])))?;
        Some(Wrong::AckOrder { number: after.0, seq: after.1, before: before.1 })
    }

    /// Sent at least once, and never acked.
    pub fn open(&self) -> impl Iterator<Item = (u64, Said)> {
        self.open.iter().map(|(number, said)| (*number, *said))
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn wrong(&mut self, wrong: Wrong) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { who: self.who.clone(), wrong });
        }
    }
}
