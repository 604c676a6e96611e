//! Histories that are right, and each way in which one can be broken.

mod changes;

use std::sync::Arc;

use super::{
    Answer, Entry, Evidence, Ledger, Position, RULES, Rules, Said, Sender, Shown, Verdict, Wish, Witness, Wrong, hash,
    verdict,
};

const EPOCH: i64 = 5;

fn shown(seq: i64) -> Shown {
    let name = hash(&format!("a-{}", seq - 1));
    let id = 1000 + seq.unsigned_abs() as u128;
    Shown { id, member: 7, client_message_id: name, text: hash("hi"), edited: false, reactions: 0 }
}

fn entry(seq: i64) -> Entry {
    Entry::Said(shown(seq))
}

/// With the messages from `first` to `last`, none when `last` is before `first`.
fn answer(recovered: bool, first: i64, last: i64) -> Answer {
    let entries = (first..=last).map(|seq| (seq, entry(seq))).collect();
    let position = Position { epoch: EPOCH, seq: last };
    Answer { position, whispers: 0, recovered, entries, letters: Vec::new(), follow: false }
}

fn witness() -> Witness {
    Witness::new(String::from("w"), RULES, Arc::default())
}

/// Somebody who was there from the beginning.
fn inside() -> Witness {
    let mut witness = witness();
    witness.ask();
    witness.answer(&answer(false, 1, 0));
    witness
}

fn events(witness: &mut Witness, seqs: &[i64]) {
    seqs.iter().for_each(|seq| witness.event(*seq, entry(*seq)));
}

fn wrongs(witness: &Witness) -> Vec<Wrong> {
    witness.findings().iter().map(|finding| finding.wrong.clone()).collect()
}

/// Three messages, and nobody stays or leaves: each test breaks one thing.
struct Case {
    read: Vec<(i64, Entry)>,
    acks: Vec<(u64, i64, Shown)>,
    heard: Vec<i64>,
    left: Vec<i64>,
    unacked: u64,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            read: (1..=3).map(|seq| (seq, entry(seq))).collect(),
            acks: (1..=3_i64).map(|seq| (seq.unsigned_abs() - 1, seq, shown(seq))).collect(),
            heard: vec![1, 2, 3],
            left: vec![1, 2],
            unacked: 0,
        }
    }
}

impl Case {
    fn verdict(&self) -> Verdict {
        let ledger = Arc::new(Ledger::default());
        let [stayed, left] = [&self.heard, &self.left].map(|heard| {
            let mut witness = Witness::new(String::from("w"), RULES, Arc::clone(&ledger));
            witness.ask();
            witness.answer(&answer(false, 1, 0));
            events(&mut witness, heard);
            witness
        });
        let mut sender = Sender::new(String::from("s"));
        sender.is(7);
        for number in 0..3 + self.unacked {
            sender.say(number, Said { client_message_id: hash(&format!("a-{number}")), text: hash("hi") });
        }
        self.acks.iter().for_each(|(number, seq, shown)| sender.ack(*number, false, *seq, *shown));
        verdict(&Evidence {
            ledger: &ledger,
            epoch: EPOCH,
            read: &self.read,
            overheard: &[],
            newest: self.read.last().map_or(0, |entry| entry.0),
            settled: self.read.last().map_or(0, |entry| entry.0),
            witnesses: &[&stayed],
            leavers: &[&left],
            senders: &[&sender],
            from_the_beginning: true,
            all_acked: true,
        })
    }

    fn wrongs(&self) -> Vec<Wrong> {
        self.verdict().findings.into_iter().map(|finding| finding.wrong).collect()
    }
}

#[test]
fn a_whole_history_is_good() {
    let verdict = Case::default().verdict();
    assert!(verdict.is_good(), "{verdict}");
    assert_eq!((verdict.messages, verdict.acked, verdict.witnesses, verdict.senders), (3, 3, 2, 1));
}

#[test]
fn coming_back_continues_or_begins_anew() {
    let mut witness = inside();
    events(&mut witness, &[1, 2]);
    witness.lost();
    witness.ask();
    witness.answer(&answer(true, 3, 5));
    events(&mut witness, &[6]);
    witness.lost();
    witness.ask();
    witness.answer(&answer(true, 7, 6));
    witness.lost();
    witness.ask();
    witness.answer(&answer(false, 1960, 2009));
    events(&mut witness, &[2010]);
    assert_eq!(wrongs(&witness), []);
    assert_eq!(witness.spans().holes(), [7..=1959]);
    witness.page(1960, &(7..=1959).map(|seq| (seq, entry(seq))).collect::<Vec<_>>(), &[]);
    assert!(witness.spans().is(1..=2010));
    let counts = witness.counts();
    assert_eq!((counts.stays, counts.recovered, counts.begun_anew, counts.paged), (4, 2, 1, 1953));
}

#[test]
fn gaps_doubles_and_inversions_are_seen() {
    let mut witness = inside();
    events(&mut witness, &[1, 3, 2, 3, 4]);
    assert_eq!(
        wrongs(&witness),
        [Wrong::Gap { due: 2, seq: 3 }, Wrong::Inversion { due: 4, seq: 2 }, Wrong::Double { due: 4, seq: 3 }]
    );
    let mut witness = inside();
    events(&mut witness, &[1, 1]);
    assert_eq!(wrongs(&witness), [Wrong::Double { due: 2, seq: 1 }]);
}

#[test]
fn another_message_with_the_same_seq_is_seen() {
    for changed in [
        Shown { text: hash("other"), ..shown(1) },
        Shown { id: 1, ..shown(1) },
        Shown { member: 8, ..shown(1) },
        Shown { client_message_id: 0, ..shown(1) },
    ] {
        let ledger = Arc::new(Ledger::default());
        ledger.note(Position { epoch: EPOCH, seq: 1 }, entry(1)).unwrap();
        let mut other = Witness::new(String::from("o"), RULES, ledger);
        other.ask();
        other.answer(&Answer { entries: vec![(1, Entry::Said(changed))], ..answer(false, 1, 1) });
        let expected = Wrong::Changed { seq: 1, before: Box::new(entry(1)), now: Box::new(Entry::Said(changed)) };
        assert_eq!(wrongs(&other), [expected]);
    }
}

#[test]
fn answers_that_do_not_fit_are_seen() {
    let back = |answer: &Answer| {
        let mut witness = inside();
        events(&mut witness, &[1, 2]);
        witness.lost();
        witness.ask();
        witness.answer(answer);
        wrongs(&witness)
    };
    assert_eq!(back(&answer(true, 3, 4)), []);
    assert!(matches!(back(&answer(true, 4, 5))[..], [Wrong::Answer { .. }, Wrong::Gap { due: 3, seq: 4 }]));
    assert!(matches!(back(&answer(true, 2, 5))[..], [Wrong::Answer { .. }, Wrong::Double { due: 3, seq: 2 }]));
    let mut short = answer(true, 3, 5);
    short.entries.pop();
    assert!(matches!(back(&short)[..], [Wrong::Answer { .. }]));
    assert_eq!(back(&answer(false, 1, 4)), [Wrong::NotRecovered { since: 2, answer: 4 }]);
    assert!(back(&answer(false, 1, 1)).contains(&Wrong::Backwards { shown: 2, answer: 1 }));
    let mut other = answer(false, 1, 3);
    other.position.epoch = 6;
    assert_eq!(back(&other), [Wrong::OtherEpoch { before: EPOCH, now: 6 }]);
    other.recovered = true;
    assert!(back(&other).contains(&Wrong::RecoveredNothing { claimed: Some((EPOCH, 2)), epoch: 6 }));
    let mut new = witness();
    new.ask();
    new.answer(&answer(true, 1, 3));
    assert_eq!(wrongs(&new), [Wrong::RecoveredNothing { claimed: None, epoch: EPOCH }]);
}

#[test]
fn a_stream_that_recovers_goes_on_where_it_was() {
    let follow = Answer { entries: Vec::new(), follow: true, ..answer(true, 3, 5) };
    let back = |seqs: &[i64]| {
        let mut witness = inside();
        events(&mut witness, &[1, 2]);
        witness.lost();
        witness.ask();
        witness.answer(&follow);
        events(&mut witness, seqs);
        wrongs(&witness)
    };
    assert_eq!(back(&[3, 4, 5, 6]), []);
    assert_eq!(back(&[6]), [Wrong::Gap { due: 3, seq: 6 }]);
    assert_eq!(back(&[2, 3]), [Wrong::Double { due: 3, seq: 2 }]);
}

#[test]
fn exact_joins_are_held_to_it_and_others_merged() {
    let join = |rules: Rules, early: &[i64], late: &[i64]| {
        let mut witness = Witness::new(String::from("w"), rules, Arc::default());
        witness.ask();
        events(&mut witness, early);
        witness.answer(&answer(false, 1, 3));
        events(&mut witness, late);
        (wrongs(&witness), witness.counts().doubles)
    };
    let merging = Rules { exact_joins: false, ..RULES };
    assert_eq!(join(RULES, &[], &[4]), (vec![], 0));
    assert_eq!(join(RULES, &[3], &[4]), (vec![Wrong::Early { seq: 3 }], 0));
    assert_eq!(join(RULES, &[], &[3, 4]), (vec![Wrong::Double { due: 4, seq: 3 }], 0));
    assert_eq!(join(merging, &[2, 3], &[4]), (vec![], 2));
    assert_eq!(join(merging, &[3, 4], &[5]), (vec![], 1));
    assert_eq!(join(merging, &[], &[3, 4]), (vec![], 1));
    assert_eq!(join(merging, &[3, 4], &[4]), (vec![Wrong::Double { due: 5, seq: 4 }], 1), "only around the answer");
    assert_eq!(join(merging, &[3, 5], &[]), (vec![Wrong::Gap { due: 4, seq: 5 }], 1));
}

#[test]
fn nothing_is_heard_outside_of_a_stay() {
    let mut witness = inside();
    witness.lost();
    events(&mut witness, &[1]);
    assert_eq!(wrongs(&witness), [Wrong::Outside { seq: 1 }]);
}

#[test]
fn a_page_fits_its_first_join() {
    let begin = |position: i64, messages: &[i64]| {
        let mut witness = witness();
        witness.begin(Position { epoch: EPOCH, seq: position }, messages);
        witness.ask();
        witness.answer(&answer(true, position + 1, 9));
        wrongs(&witness)
    };
    assert_eq!(begin(7, &[5, 6, 7]), []);
    assert_eq!(begin(0, &[]), []);
    assert!(matches!(begin(7, &[5, 8])[..], [Wrong::Answer { answer: 7, last: 8, .. }, ..]));
    assert!(matches!(begin(7, &[6, 5])[..], [Wrong::Answer { answer: 7, .. }, ..]));
    // What it leaves out is looked at in the end.
    let mut left_out = witness();
    left_out.begin(Position { epoch: EPOCH, seq: 7 }, &[4, 6]);
    assert_eq!((wrongs(&left_out), left_out.left_out()), (vec![], &[(5, true), (7, true)][..]));
}

#[test]
fn who_has_not_everything_has_not_converged() {
    for heard in [vec![1, 2], vec![]] {
        let wrongs = Case { heard, ..Case::default() }.wrongs();
        assert!(matches!(wrongs.last(), Some(Wrong::NotConverged { .. })), "{wrongs:?}");
    }
    let wrongs = Case { read: (1..=2).map(|seq| (seq, entry(seq))).collect(), ..Case::default() }.wrongs();
    assert!(wrongs.iter().any(|wrong| matches!(wrong, Wrong::NotConverged { .. })), "shown, but not to be read");
    let wrongs = Case { left: vec![1, 3], ..Case::default() }.wrongs();
    assert!(wrongs.iter().any(|wrong| matches!(wrong, Wrong::NotConverged { .. })), "a leaver with a hole");
}

#[test]
fn lost_and_moved_acks_are_seen() {
    let case = |change: fn(&mut Case)| {
        let mut case = Case::default();
        change(&mut case);
        case.wrongs()
    };
    let lost = case(|case| {
        case.read.pop();
        (case.heard, case.left) = (vec![1, 2], vec![1]);
    });
    assert_eq!(lost, [Wrong::AckLost { number: 2, seq: 3 }]);
    assert!(case(|case| case.acks[2].1 = 4).contains(&Wrong::AckMoved { number: 2, seq: 4, read: 3 }));
    assert_eq!(case(|case| case.unacked = 1), [Wrong::Unacked { number: 3 }]);
    let other = case(|case| case.acks[1].2 = Shown { text: hash("x"), ..shown(2) });
    assert!(matches!(other[0], Wrong::AckOther { number: 1, .. }), "{other:?}");
    let twice = case(|case| case.acks.push((1, 2, shown(2))));
    assert!(matches!(twice[0], Wrong::AckOther { number: 1, .. }), "{twice:?}");
    let nobody = case(|case| {
        case.read.push((4, entry(4)));
        case.heard.push(4);
    });
    assert_eq!(nobody, [Wrong::NobodySaid { seq: 4 }]);
}

#[test]
fn acks_rise_in_the_order_of_their_posts() {
    let disorder = |acks: &[(u64, bool, i64)]| {
        let mut sender = Sender::new(String::from("s"));
        for (number, refused, seq) in acks {
            sender.say(*number, Said { client_message_id: shown(*seq).client_message_id, text: hash("hi") });
            sender.ack(*number, *refused, *seq, shown(*seq));
        }
        sender.disorder()
    };
    assert_eq!(disorder(&[(0, false, 1), (2, false, 3), (1, false, 2)]), None, "acks may come in any order");
    let expected = Wrong::AckOrder { number: 1, seq: 2, before: 3 };
    assert_eq!(disorder(&[(0, false, 3), (1, false, 2)]), Some(expected));
    assert_eq!(disorder(&[(0, true, 3), (1, false, 2)]), None, "who was refused has lost its turn");
}

#[test]
fn a_reader_that_reads_nonsense_is_seen() {
    let read = |read: Vec<(i64, Entry)>| Case { read, ..Case::default() }.wrongs();
    let gap = read(vec![(1, entry(1)), (3, entry(3))]);
    assert!(gap.contains(&Wrong::ReadGap { due: 2, seq: 3 }), "{gap:?}");
    let same = Shown { id: shown(1).id, ..shown(2) };
    let twice = read(vec![(1, entry(1)), (2, Entry::Said(same)), (3, entry(3))]);
    assert!(twice.contains(&Wrong::Twice { seq: 2, other: 1, what: "id" }), "{twice:?}");
    let same = Shown { client_message_id: shown(1).client_message_id, ..shown(2) };
    let twice = read(vec![(1, entry(1)), (2, Entry::Said(same)), (3, entry(3))]);
    assert!(twice.contains(&Wrong::Twice { seq: 2, other: 1, what: "clientMessageId" }), "{twice:?}");
    let changed = Shown { text: hash("x"), ..shown(2) };
    let wrongs = read(vec![(1, entry(1)), (2, Entry::Said(changed)), (3, entry(3))]);
    assert!(wrongs.iter().any(|wrong| matches!(wrong, Wrong::Changed { seq: 2, .. })), "{wrongs:?}");
}

#[test]
fn nothing_to_check_is_wrong() {
    let nothing = Case { read: vec![], acks: vec![], heard: vec![], left: vec![], unacked: 0 }.wrongs();
    let names: Vec<_> = nothing.iter().filter(|wrong| matches!(wrong, Wrong::Nothing(_))).collect();
    assert_eq!(names.len(), 3, "{nothing:?}");
}
