//! The end: everybody has what a fresh reader reads.

use std::collections::HashMap;
use std::fmt;

use super::{Finding, Ledger, Position, Sender, Shown, Witness, Wrong};

/// Findings that are kept.
const MOST_FINDINGS: usize = 20;

/// All that is known of one room.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub ledger: &'a Ledger,
    pub epoch: i64,
    /// What a fresh reader read over HTTP, from seq 1.
    pub read: &'a [(i64, Shown)],
    pub witnesses: &'a [&'a Witness],
    pub senders: &'a [&'a Sender],
    /// Those who left before the end: what they have is one unbroken piece of the history.
    pub leavers: &'a [&'a Witness],
    /// Each witness has everything from seq 1 (it was there from the beginning, and filled what it could not recover);
    /// otherwise from the first message that it was shown.
    pub from_the_beginning: bool,
    /// Every post was acked in the end.
    pub all_acked: bool,
}

/// How much was checked, and what was wrong.
#[derive(Debug, Default)]
pub struct Verdict {
    pub messages: u64,
    pub acked: u64,
    pub unacked: u64,
    pub witnesses: u64,
    pub senders: u64,
    pub findings: Vec<Finding>,
}

impl Verdict {
    pub const fn is_good(&self) -> bool {
        self.findings.is_empty()
    }

    fn wrong(&mut self, who: &str, wrong: Wrong) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { who: who.to_owned(), wrong });
        }
    }

    /// Two rooms together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.messages += other.messages;
        self.acked += other.acked;
        self.unacked += other.unacked;
        self.witnesses += other.witnesses;
        self.senders += other.senders;
        let free = MOST_FINDINGS.saturating_sub(self.findings.len());
        self.findings.extend(other.findings.into_iter().take(free));
        self
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "messages: {}", self.messages)?;
        writeln!(f, "acked: {}", self.acked)?;
        writeln!(f, "unacked: {}", self.unacked)?;
        writeln!(f, "clients checked: {}", self.witnesses)?;
        writeln!(f, "senders checked: {}", self.senders)?;
        write!(f, "violations: {}", self.findings.len())?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

/// Judges one room. Everybody has stopped, after everything had been said and heard.
pub fn verdict(evidence: &Evidence<'_>) -> Verdict {
    let mut verdict = Verdict {
        messages: evidence.read.len() as u64,
        acked: evidence.senders.iter().map(|sender| sender.acked().len() as u64).sum(),
        unacked: evidence.senders.iter().map(|sender| sender.open().count() as u64).sum(),
        witnesses: (evidence.witnesses.len() + evidence.leavers.len()) as u64,
        senders: evidence.senders.len() as u64,
        findings: Vec::new(),
    };
    // What was found on the way came first.
    let found = evidence.witnesses.iter().chain(evidence.leavers).flat_map(|witness| witness.findings());
    let found: Vec<_> = found.chain(evidence.senders.iter().flat_map(|sender| sender.findings())).collect();
    verdict.findings.extend(found.into_iter().take(MOST_FINDINGS).cloned());
    for (nothing, what) in [
        (evidence.read.is_empty(), "no messages"),
        (evidence.witnesses.is_empty(), "no clients"),
        (evidence.witnesses.iter().all(|witness| witness.counts().events == 0), "nobody heard an event"),
        (!evidence.senders.is_empty() && verdict.acked == 0, "no post was acked"),
    ] {
        if nothing {
            verdict.wrong("the rig", Wrong::Nothing(what));
        }
    }
    check_read(evidence, &mut verdict);
    check_senders(evidence, &mut verdict);
    check_witnesses(evidence, &mut verdict);
    verdict
}

/// The fresh reader has 1, 2, 3, ..., no id twice, and the messages that others were shown.
fn check_read(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let who = "the fresh reader";
    let mut ids = HashMap::with_capacity(evidence.read.len());
    let mut names = HashMap::with_capacity(evidence.read.len());
    for (due, (seq, shown)) in (1..).zip(evidence.read) {
        if *seq != due {
            return verdict.wrong(who, Wrong::ReadGap { due, seq: *seq });
        }
        if let Some(other) = ids.insert(shown.id, *seq) {
            verdict.wrong(who, Wrong::Twice { seq: *seq, other, what: "id" });
        }
        // The same clientMessageId of two people is two messages.
        if shown.client_message_id != 0
            && let Some(other) = names.insert((shown.member, shown.client_message_id), *seq)
        {
            verdict.wrong(who, Wrong::Twice { seq: *seq, other, what: "clientMessageId" });
        }
        if let Err(wrong) = evidence.ledger.note(Position { epoch: evidence.epoch, seq: *seq }, *shown) {
            verdict.wrong(who, wrong);
        }
    }
}

/// Every acked message is there with its `seq`, and everything that is there was said by somebody.
fn check_senders(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let by_id: HashMap<u128, (i64, &Shown)> =
        evidence.read.iter().map(|(seq, shown)| (shown.id, (*seq, shown))).collect();
    let mut said = HashMap::new();
    for sender in evidence.senders {
        if let Some(wrong) = sender.disorder() {
            verdict.wrong(sender.who(), wrong);
        }
        for acked in sender.acked() {
            said.insert((acked.shown.client_message_id, acked.shown.text), ());
            let (number, seq) = (acked.number, acked.seq);
            match by_id.get(&acked.shown.id) {
                None => verdict.wrong(sender.who(), Wrong::AckLost { number, seq }),
                Some((read, _)) if *read != seq => {
                    verdict.wrong(sender.who(), Wrong::AckMoved { number, seq, read: *read });
                }
                Some((_, read)) if **read != acked.shown => {
                    let (before, now) = (Box::new(acked.shown), Box::new(**read));
                    verdict.wrong(sender.who(), Wrong::Changed { seq, before, now });
                }
                Some(_) => {}
            }
        }
        for (number, open) in sender.open() {
            said.insert((open.client_message_id, open.text), ());
            if evidence.all_acked {
                verdict.wrong(sender.who(), Wrong::Unacked { number });
            }
        }
    }
    for (seq, shown) in evidence.read {
        if !evidence.senders.is_empty() && !said.contains_key(&(shown.client_message_id, shown.text)) {
            verdict.wrong("the fresh reader", Wrong::NobodySaid { seq: *seq });
        }
    }
}

/// Everybody has one unbroken history, and who stayed to the end has it up to the newest message.
fn check_witnesses(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let newest = evidence.read.last().map_or(0, |message| message.0);
    for witness in evidence.witnesses {
        let first = if evidence.from_the_beginning { 1 } else { witness.spans().first().unwrap_or(1) };
        let same_epoch = witness.position().is_some_and(|position| position.epoch == evidence.epoch);
        if !same_epoch || !witness.spans().is(first..=newest) {
            let (shown, due) = (witness.spans().to_string(), format!("{first}..={newest} of epoch {}", evidence.epoch));
            let epoch = witness.position().map_or(0, |position| position.epoch);
            verdict.wrong(witness.who(), Wrong::NotConverged { epoch, shown, due });
        }
    }
    for witness in evidence.leavers {
        let (first, last) = (witness.spans().first().unwrap_or(1), witness.spans().last().unwrap_or(0));
        let same_epoch = witness.position().is_some_and(|position| position.epoch == evidence.epoch);
        if !same_epoch || last > newest || !witness.spans().is(first..=last) {
            let (shown, due) = (witness.spans().to_string(), format!("one piece of 1..={newest}"));
            let epoch = witness.position().map_or(0, |position| position.epoch);
            verdict.wrong(witness.who(), Wrong::NotConverged { epoch, shown, due });
        }
    }
}
