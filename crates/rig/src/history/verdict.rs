//! The end: everybody has what a fresh reader reads.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::changes::check_changes;
use super::whispers::check_whispers;
use super::{Entry, Finding, Ledger, Position, Sender, Shown, Whisper, Witness, Wrong};

/// Findings that are kept.
const MOST_FINDINGS: usize = 20;

/// All that is known of one room.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub ledger: &'a Ledger,
    pub epoch: i64,
    /// What a fresh reader read over HTTP, from seq 1: what pages show.
    pub read: &'a [(i64, Entry)],
    /// The whispers that it was shown, which it must not be.
    pub overheard: &'a [Whisper],
    /// The room's newest number, when the last of them had stopped; and what all had reached before.
    pub newest: i64,
    pub settled: i64,
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
    pub changes: u64,
    pub whispers: u64,
    pub findings: Vec<Finding>,
}

impl Verdict {
    pub const fn is_good(&self) -> bool {
        self.findings.is_empty()
    }

    pub(super) fn wrong(&mut self, who: &str, wrong: Wrong) {
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
        self.changes += other.changes;
        self.whispers += other.whispers;
        let free = MOST_FINDINGS.saturating_sub(self.findings.len());
        self.findings.extend(other.findings.into_iter().take(free));
        self
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "entries: {}", self.messages)?;
        writeln!(f, "acked: {}", self.acked)?;
        writeln!(f, "unacked: {}", self.unacked)?;
        writeln!(f, "clients checked: {}", self.witnesses)?;
        writeln!(f, "senders checked: {}", self.senders)?;
        writeln!(f, "edits, removals and reactions: {}", self.changes)?;
        writeln!(f, "whispers checked: {}", self.whispers)?;
        write!(f, "violations: {}", self.findings.len())?;
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

/// Judges one room. Everybody has stopped, after everything had been said and heard.
pub fn verdict(evidence: &Evidence<'_>) -> Verdict {
    let mut verdict = Verdict {
        messages: evidence.newest.unsigned_abs(),
        acked: evidence.senders.iter().map(|sender| sender.acked().len() as u64).sum(),
        unacked: evidence.senders.iter().map(|sender| sender.open().count() as u64).sum(),
        witnesses: (evidence.witnesses.len() + evidence.leavers.len()) as u64,
        senders: evidence.senders.len() as u64,
        changes: evidence.newest.unsigned_abs().saturating_sub(evidence.read.len() as u64),
        whispers: 0,
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
    check_changes(evidence, &mut verdict);
    check_witnesses(evidence, &mut verdict);
    check_whispers(evidence, &mut verdict);
    verdict
}

/// The fresh reader has 1, 2, 3, ... but for what only changes others, no id twice, and what others were shown.
fn check_read(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let who = "the fresh reader";
    let mut ids = HashMap::with_capacity(evidence.read.len());
    let mut names = HashMap::with_capacity(evidence.read.len());
    let mut due = 1;
    let end = std::iter::once((evidence.newest + 1, None));
    for (seq, entry) in evidence.read.iter().map(|(seq, entry)| (*seq, Some(entry))).chain(end) {
        // Everything that a page leaves out somebody has heard, and knows that it may.
        let known = |seq| evidence.ledger.entry(Position { epoch: evidence.epoch, seq });
        if seq < due || (due..seq).any(|seq| known(seq).is_none_or(|entry| entry.is_on_pages())) {
            return verdict.wrong(who, Wrong::ReadGap { due, seq });
        }
        due = seq + 1;
        let Some(entry) = entry else { break };
        if let Err(wrong) = evidence.ledger.note(Position { epoch: evidence.epoch, seq }, *entry) {
            verdict.wrong(who, wrong);
        }
        let Some(shown) = entry.said() else { continue };
        if let Some(other) = ids.insert(shown.id, seq) {
            verdict.wrong(who, Wrong::Twice { seq, other, what: "id" });
        }
        // The same clientMessageId of two people is two messages.
        if shown.client_message_id != 0
            && let Some(other) = names.insert((shown.member, shown.client_message_id), seq)
        {
            verdict.wrong(who, Wrong::Twice { seq, other, what: "clientMessageId" });
        }
    }
}

/// Every acked message is there with its `seq`, and everything that is there was said by somebody.
fn check_senders(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let by_id: HashMap<u128, (i64, &Shown)> = said(evidence).map(|(seq, shown)| (shown.id, (seq, shown))).collect();
    let mut words = HashSet::new();
    for sender in evidence.senders {
        if let Some(wrong) = sender.disorder() {
            verdict.wrong(sender.who(), wrong);
        }
        for acked in sender.acked() {
            words.insert((acked.shown.client_message_id, acked.shown.text));
            let (number, seq) = (acked.number, acked.seq);
            match by_id.get(&acked.shown.id) {
                None => verdict.wrong(sender.who(), Wrong::AckLost { number, seq }),
                Some((read, _)) if *read != seq => {
                    verdict.wrong(sender.who(), Wrong::AckMoved { number, seq, read: *read });
                }
                Some((_, read)) if !read.is_as(&acked.shown) => {
                    let (before, now) = (Box::new(Entry::Said(acked.shown)), Box::new(Entry::Said(**read)));
                    verdict.wrong(sender.who(), Wrong::Changed { seq, before, now });
                }
                Some(_) => {}
            }
        }
        words.extend(sender.edits().map(|edit| (edit.client_message_id, edit.text)));
        for (number, open) in sender.open() {
            words.insert((open.client_message_id, open.text));
            if evidence.all_acked {
                verdict.wrong(sender.who(), Wrong::Unacked { number });
            }
        }
    }
    let ids: HashSet<u64> = words.iter().map(|(id, _)| *id).collect();
    for (seq, shown) in said(evidence).filter(|_| !evidence.senders.is_empty()) {
        let word = (shown.client_message_id, shown.text);
        if if shown.text == 0 { !ids.contains(&word.0) } else { !words.contains(&word) } {
            verdict.wrong("the fresh reader", Wrong::NobodySaid { seq });
        }
    }
}

/// What was said, as the fresh reader has it.
pub(super) fn said<'a>(evidence: &Evidence<'a>) -> impl Iterator<Item = (i64, &'a Shown)> + use<'a> {
    evidence.read.iter().filter_map(|(seq, entry)| Some((*seq, entry.said()?)))
}

/// Everybody has one unbroken history, shows what was changed as it is now, and who stayed to the end has it all.
fn check_witnesses(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let by_seq: HashMap<i64, &Shown> = said(evidence).collect();
    let removed: HashSet<i64> = said(evidence).filter(|(_, shown)| shown.text == 0).map(|(seq, _)| seq).collect();
    for witness in evidence.witnesses {
        let first = if evidence.from_the_beginning { 1 } else { witness.spans().first().unwrap_or(1) };
        let last = witness.spans().last().unwrap_or(0).max(evidence.settled);
        check_spans(evidence, verdict, witness, (first, last), &removed);
        // Nothing is changed any more once all have settled.
        for seq in witness.applied().stale(&by_seq) {
            verdict.wrong(witness.who(), Wrong::Stale { seq });
        }
    }
    for witness in evidence.leavers {
        let ends = (witness.spans().first().unwrap_or(1), witness.spans().last().unwrap_or(0));
        check_spans(evidence, verdict, witness, ends, &removed);
    }
}

/// `removed`: what a room's own page does not show any more.
fn check_spans(
    evidence: &Evidence<'_>,
    verdict: &mut Verdict,
    witness: &Witness,
    (first, last): (i64, i64),
    removed: &HashSet<i64>,
) {
    let same_epoch = witness.position().is_some_and(|position| position.epoch == evidence.epoch);
    if !same_epoch || last > evidence.newest || !witness.spans().is(first..=last) {
        let due = format!("{first}..={last} of epoch {} and at most {}", evidence.epoch, evidence.newest);
        let epoch = witness.position().map_or(0, |position| position.epoch);
        verdict.wrong(witness.who(), Wrong::NotConverged { epoch, shown: witness.spans().to_string(), due });
    }
    for (seq, texts_alone) in witness.left_out() {
        let entry = evidence.ledger.entry(Position { epoch: evidence.epoch, seq: *seq });
        let may = entry.is_some_and(|entry| match entry {
            Entry::Notice { .. } => *texts_alone,
            Entry::Said(_) => *texts_alone && removed.contains(seq),
            other => !other.is_on_pages(),
        });
        if !may {
            verdict.wrong(witness.who(), Wrong::LeftOut { seq: *seq });
        }
    }
}
