//! One client, and whether what it is shown keeps the rules.

use std::sync::Arc;

use super::spans::Spans;
use super::{Applied, Entry, Finding, Ledger, Mailbox, Position, Since, Whisper, Wrong};

/// Findings of one client that are kept. The first is what matters.
const MOST_FINDINGS: usize = 10;
/// Events before an answer that a server without exact joins may send.
const MOST_EARLY: usize = 100_000;
/// Numbers in a row that a page leaves out because they only change others. More is a gap.
const MOST_LEFT_OUT: i64 = 10_000;

/// What the server promises.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// No event of the room between the request to join and its answer, and after an answer with `seq` S nothing up to S.
    /// When false, events around the answer are merged by `seq`.
    pub exact_joins: bool,
    /// Who has missed as many messages or fewer gets them, and never `recovered: false` (in the same epoch).
    pub recovery_messages: i64,
}

/// Strict, unless a server is tested that does not have exact joins yet.
pub const RULES: Rules = Rules { exact_joins: true, recovery_messages: 1000 };

impl Default for Rules {
    fn default() -> Self {
        RULES
    }
}

/// The answer to a `join`, or an event stream's snapshot.
#[derive(Clone, Debug)]
pub struct Answer {
    pub position: Position,
    /// The number of the newest whisper.
    pub whispers: i64,
    pub recovered: bool,
    /// In the order of the answer.
    pub entries: Vec<(i64, Entry)>,
    /// The whispers among them.
    pub letters: Vec<Whisper>,
    /// What was missed is not in it, but follows as events: event streams do so when they recovered.
    pub follow: bool,
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Answers to a join.
    pub stays: u64,
    /// Of these: with a claimed position, and everything since then.
    pub recovered: u64,
    /// Of these: with a claimed position, but begun anew.
    pub begun_anew: u64,
    /// Entries that came as events.
    pub events: u64,
    /// Entries in answers.
    pub in_answers: u64,
    /// Entries on older pages.
    pub paged: u64,
    /// Around an answer, where the rules allow it: dropped doubles.
    pub doubles: u64,
}

#[derive(Debug)]
enum Stay {
    Outside,
    /// It has asked to join, and has no answer yet.
    Asked {
        since: Option<Position>,
        early: Vec<(i64, Entry)>,
    },
    Inside {
        due: i64,
        merging: bool,
    },
}

/// What one client was shown. Its calls follow each other as its connection had them: `ask`, `answer`, `event`..., `lost`.
#[derive(Debug)]
pub struct Witness {
    who: String,
    rules: Rules,
    ledger: Arc<Ledger>,
    stay: Stay,
    position: Option<Position>,
    /// Of the epoch of `position`.
    spans: Spans,
    /// Who it is, as soon as an answer has told it.
    member: Option<u64>,
    mailbox: Mailbox,
    applied: Applied,
    /// What pages did not show: a number, and whether the page shows texts alone.
    left_out: Vec<(i64, bool)>,
    counts: Counts,
    findings: Vec<Finding>,
}

impl Witness {
    pub fn new(who: String, rules: Rules, ledger: Arc<Ledger>) -> Self {
        Self {
            who,
            rules,
            ledger,
            stay: Stay::Outside,
            position: None,
            spans: Spans::default(),
            member: None,
            mailbox: Mailbox::default(),
            applied: Applied::default(),
            left_out: Vec::new(),
            counts: Counts::default(),
            findings: Vec::new(),
        }
    }

    pub fn who(&self) -> &str {
        &self.who
    }

    /// Where it is: what to claim when joining again.
    pub const fn position(&self) -> Option<Position> {
        self.position
    }

    /// What it claims to have.
    pub fn since(&self) -> Option<Since> {
        let Position { epoch, seq } = self.position?;
        Some(Since { epoch, seq, whispers: self.mailbox.newest() })
    }

    /// Who it is: the `me` of an answer.
    pub const fn is(&mut self, member: u64) {
        self.member = Some(member);
    }

    pub const fn member(&self) -> Option<u64> {
        self.member
    }

    pub const fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    pub const fn applied(&self) -> &Applied {
        &self.applied
    }

    pub fn left_out(&self) -> &[(i64, bool)] {
        &self.left_out
    }

    pub const fn counts(&self) -> Counts {
        self.counts
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What it has, all stays and pages together.
    pub const fn spans(&self) -> &Spans {
        &self.spans
    }

    /// It was shown a page with these messages, whose end is `position`, before it joined. System messages are on it without
    /// their numbers.
    pub fn begin(&mut self, position: Position, messages: &[i64]) {
        self.position = Some(position);
        let Some((first, last)) = messages.first().copied().zip(messages.last().copied()) else { return };
        if last > position.seq || messages.windows(2).any(|pair| pair[0] >= pair[1]) {
            return self.wrong(Wrong::Answer { answer: position.seq, first, last, since: None });
        }
        let mut due = first;
        for seq in messages {
            due = self.leave_out(due, *seq, true) + 1;
        }
        self.leave_out(due, position.seq + 1, true);
        self.counts.in_answers += messages.len() as u64;
        self.spans.add(first..=position.seq);
    }

    /// It asks to join, with its position if it has one.
    pub fn ask(&mut self) {
        self.stay = Stay::Asked { since: self.position, early: Vec::new() };
    }

    /// The connection is gone, in whatever state.
    pub fn lost(&mut self) {
        self.stay = Stay::Outside;
    }

    pub fn answer(&mut self, answer: &Answer) {
        let Stay::Asked { since, early } = std::mem::replace(&mut self.stay, Stay::Outside) else {
            return self.wrong(Wrong::Refused(format!("an answer with seq {} to no question", answer.position.seq)));
        };
        self.counts.stays += 1;
        let seq = answer.position.seq;
        let begins = self.check_answer(answer, since);
        if answer.recovered {
            self.counts.recovered += 1;
        } else if since.is_some() {
            self.counts.begun_anew += 1;
            // What it showed goes: nobody tells it what has become of that in the meantime.
            self.applied = Applied::default();
        }
        if since.is_some_and(|since| since.epoch != answer.position.epoch) {
            self.spans = Spans::default();
            self.applied = Applied::default();
        }
        self.counts.in_answers += answer.entries.len() as u64;
        let mut due = begins;
        for (number, entry) in &answer.entries {
            if !answer.recovered {
                due = self.leave_out(due, *number, false);
            }
            due = self.take(answer.position.epoch, due, *number, *entry);
        }
        if !answer.recovered {
            due = self.leave_out(due, seq + 1, false);
        }
        if !answer.follow {
            due = due.max(seq + 1);
        }
        let claimed = answer.recovered.then(|| self.mailbox.newest());
        answer.letters.iter().for_each(|letter| self.check_leak(letter));
        let wrongs = self.mailbox.answer(&answer.letters, answer.whispers, claimed, answer.follow);
        wrongs.into_iter().for_each(|wrong| self.wrong(wrong));
        self.position = Some(Position { epoch: answer.position.epoch, seq: due - 1 });
        self.stay = Stay::Inside { due, merging: !self.rules.exact_joins };
        for (number, shown) in early {
            self.event(number, shown);
        }
    }

    /// Says with which `seq` the answer has to begin.
    fn check_answer(&mut self, answer: &Answer, since: Option<Position>) -> i64 {
        let Position { epoch, seq } = answer.position;
        let first = answer.entries.first().map_or(seq + 1, |entry| entry.0);
        let last = answer.entries.last().map_or(seq, |entry| entry.0);
        let claimed = since.filter(|since| since.epoch == epoch);
        let wrong_shape = Wrong::Answer { answer: seq, first, last, since: claimed.map(|since| since.seq) };
        if let (Some(since), None) = (since, claimed) {
            self.wrong(Wrong::OtherEpoch { before: since.epoch, now: epoch });
        }
        if let Some(since) = claimed.filter(|since| since.seq > seq) {
            self.wrong(Wrong::Backwards { shown: since.seq, answer: seq });
        }
        match (answer.recovered, claimed) {
            (true, None) => {
                let claimed = since.map(|since| (since.epoch, since.seq));
                self.wrong(Wrong::RecoveredNothing { claimed, epoch });
                first
            }
            (true, Some(since)) => {
                let complete = answer.follow || (first == since.seq + 1 && last == seq);
                if !complete {
                    self.wrong(wrong_shape);
                }
                since.seq + 1
            }
            (false, claimed) => {
                // Its end may only change what is before.
                if last > seq || (seq > 0 && answer.entries.is_empty()) {
                    self.wrong(wrong_shape);
                }
                if let Some(since) = claimed
                    && (0..=self.rules.recovery_messages).contains(&(seq - since.seq))
                {
                    self.wrong(Wrong::NotRecovered { since: since.seq, answer: seq });
                }
                first
            }
        }
    }

    /// An entry came as an event.
    pub fn event(&mut self, seq: i64, shown: Entry) {
        let epoch = self.position.map_or(0, |position| position.epoch);
        match &mut self.stay {
            Stay::Outside => self.wrong(Wrong::Outside { seq }),
            Stay::Asked { early, .. } if !self.rules.exact_joins && early.len() < MOST_EARLY => {
                early.push((seq, shown))
            }
            Stay::Asked { .. } => self.wrong(Wrong::Early { seq }),
            Stay::Inside { due, merging: true } if seq < *due => {
                self.counts.doubles += 1;
                let noted = self.ledger.note(Position { epoch, seq }, shown);
                self.noted(noted);
            }
            Stay::Inside { due, .. } => {
                let due = *due;
                self.counts.events += 1;
                let due = self.take(epoch, due, seq, shown);
                self.stay = Stay::Inside { due, merging: false };
                self.position = Some(Position { epoch, seq: due - 1 });
            }
        }
    }

    /// A whisper came as an event.
    pub fn whisper(&mut self, whisper: Whisper) {
        self.check_leak(&whisper);
        match self.stay {
            Stay::Inside { .. } if self.rules.exact_joins => {
                let wrongs = self.mailbox.event(whisper);
                wrongs.into_iter().for_each(|wrong| self.wrong(wrong));
            }
            Stay::Asked { .. } | Stay::Outside if self.rules.exact_joins => {
                self.wrong(Wrong::WhisperOutside { number: whisper.number });
            }
            _ => drop(self.mailbox.keep(whisper)),
        }
    }

    fn check_leak(&mut self, whisper: &Whisper) {
        let Whisper { from, to, .. } = *whisper;
        if self.member.is_none_or(|me| me != from && me != to) {
            self.wrong(Wrong::Leaked { from, to });
        }
    }

    /// The page over HTTP that ends before a number, to fill what a new beginning has left out.
    pub fn page(&mut self, before: i64, entries: &[(i64, Entry)], letters: &[Whisper]) {
        let Some(epoch) = self.position.map(|position| position.epoch) else { return };
        for letter in letters {
            self.check_leak(letter);
            if let Some(wrong) = self.mailbox.keep(*letter) {
                self.wrong(wrong);
            }
        }
        let Some(first) = entries.first().map(|entry| entry.0) else { return };
        let mut due = first;
        for (seq, entry) in entries {
            self.counts.paged += 1;
            due = self.leave_out(due, *seq, false) + 1;
            let noted = self.ledger.note(Position { epoch, seq: *seq }, *entry);
            self.noted(noted);
            self.applied.take(*seq, entry);
        }
        self.leave_out(due, before, false);
        self.spans.add(first..=before - 1);
    }

    /// A page that should go on with `due` does so with `next`: what is between is looked at in the end.
    fn leave_out(&mut self, due: i64, next: i64, texts_alone: bool) -> i64 {
        if next - due > MOST_LEFT_OUT {
            self.wrong(Wrong::Gap { due, seq: next });
        } else {
            self.left_out.extend((due..next).map(|seq| (seq, texts_alone)));
            if due < next {
                self.spans.add(due..=next - 1);
            }
        }
        due.max(next)
    }

    /// What it says itself was wrong.
    pub fn wrong(&mut self, wrong: Wrong) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { who: self.who.clone(), wrong });
        }
    }

    /// Takes the next message of a stay, and says which is due after it.
    fn take(&mut self, epoch: i64, due: i64, seq: i64, shown: Entry) -> i64 {
        if seq > due {
            self.wrong(Wrong::Gap { due, seq });
        } else if seq < due && self.spans.has(seq) {
            self.wrong(Wrong::Double { due, seq });
        } else if seq < due {
            self.wrong(Wrong::Inversion { due, seq });
        }
        let noted = self.ledger.note(Position { epoch, seq }, shown);
        self.noted(noted);
        self.applied.take(seq, &shown);
        self.spans.add(seq..=seq);
        due.max(seq + 1)
    }

    fn noted(&mut self, noted: Result<(), Wrong>) {
        if let Err(wrong) = noted {
            self.wrong(wrong);
        }
    }
}
