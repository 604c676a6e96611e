//! One client, and whether what it is shown keeps the rules.

use std::sync::Arc;

use super::spans::Spans;
use super::{Finding, Ledger, Position, Shown, Wrong};

/// Findings of one client that are kept. The first is what matters.
const MOST_FINDINGS: usize = 10;
/// Events before an answer that a server without exact joins may send.
const MOST_EARLY: usize = 100_000;

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
    pub recovered: bool,
    /// In the order of the answer.
    pub messages: Vec<(i64, Shown)>,
    /// The missed messages are not in it, but follow as events: event streams do so when they recovered.
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
    /// Messages that came as events.
    pub events: u64,
    /// Messages in answers.
    pub in_answers: u64,
    /// Messages on older pages.
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
        early: Vec<(i64, Shown)>,
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

    /// It was shown a page with this history, whose end is `position`, before it joined.
    pub fn begin(&mut self, position: Position, messages: &[i64]) {
        self.position = Some(position);
        for pair in messages.windows(2) {
            if pair[0] + 1 != pair[1] {
                self.wrong(Wrong::Gap { due: pair[0] + 1, seq: pair[1] });
            }
        }
        let (first, last) = (messages.first().copied().unwrap_or(1), messages.last().copied().unwrap_or(0));
        if last != position.seq || (messages.is_empty() && position.seq != 0) {
            self.wrong(Wrong::Answer { answer: position.seq, first, last, since: None });
        }
        self.counts.in_answers += messages.len() as u64;
        self.spans.add(first..=last);
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
        }
        if since.is_some_and(|since| since.epoch != answer.position.epoch) {
            self.spans = Spans::default();
        }
        self.counts.in_answers += answer.messages.len() as u64;
        let mut due = begins;
        for (number, shown) in &answer.messages {
            due = self.take(answer.position.epoch, due, *number, *shown);
        }
        if !answer.follow {
            due = due.max(seq + 1);
        }
        self.position = Some(Position { epoch: answer.position.epoch, seq: due - 1 });
        self.stay = Stay::Inside { due, merging: !self.rules.exact_joins };
        for (number, shown) in early {
            self.event(number, shown);
        }
    }

    /// Says with which `seq` the answer has to begin.
    fn check_answer(&mut self, answer: &Answer, since: Option<Position>) -> i64 {
        let Position { epoch, seq } = answer.position;
        let first = answer.messages.first().map_or(seq + 1, |message| message.0);
        let last = answer.messages.last().map_or(seq, |message| message.0);
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
                if last != seq || (seq > 0 && answer.messages.is_empty()) {
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

    /// A message came as an event.
    pub fn event(&mut self, seq: i64, shown: Shown) {
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

    /// An older page over HTTP, to fill what a new beginning has left out.
    pub fn page(&mut self, messages: &[(i64, Shown)]) {
        let Some(epoch) = self.position.map(|position| position.epoch) else { return };
        for (seq, shown) in messages {
            self.counts.paged += 1;
            let noted = self.ledger.note(Position { epoch, seq: *seq }, *shown);
            self.noted(noted);
            self.spans.add(*seq..=*seq);
        }
    }

    /// What it says itself was wrong.
    pub fn wrong(&mut self, wrong: Wrong) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { who: self.who.clone(), wrong });
        }
    }

    /// Takes the next message of a stay, and says which is due after it.
    fn take(&mut self, epoch: i64, due: i64, seq: i64, shown: Shown) -> i64 {
        if seq > due {
            self.wrong(Wrong::Gap { due, seq });
        } else if seq < due && self.spans.has(seq) {
            self.wrong(Wrong::Double { due, seq });
        } else if seq < due {
            self.wrong(Wrong::Inversion { due, seq });
        }
        let noted = self.ledger.note(Position { epoch, seq }, shown);
        self.noted(noted);
        self.spans.add(seq..=seq);
        due.max(seq + 1)
    }

    fn noted(&mut self, noted: Result<(), Wrong>) {
        if let Err(wrong) = noted {
            self.wrong(wrong);
        }
    }
}
