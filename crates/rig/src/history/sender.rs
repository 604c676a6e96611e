//! One client's posts, and whether their acks keep the rules.

use std::collections::BTreeMap;

use super::{Finding, Shown, Wrong};

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

/// What one client said. Posts are numbered in the order in which they were first sent.
#[derive(Debug)]
pub struct Sender {
    who: String,
    /// As soon as an answer has told it.
    member: Option<u64>,
    open: BTreeMap<u64, Said>,
    acked: Vec<Acked>,
    findings: Vec<Finding>,
}

impl Sender {
    pub const fn new(who: String) -> Self {
        Self { who, member: None, open: BTreeMap::new(), acked: Vec::new(), findings: Vec::new() }
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
