//! Changes and whispers that are told right, and each way in which they can be told wrong.

use std::sync::Arc;

use super::super::{Change, What, Whisper};
use super::{
    Answer, EPOCH, Entry, Evidence, Ledger, Position, RULES, Said, Sender, Shown, Wish, Witness, Wrong, answer, entry,
    hash, shown, verdict, wrongs,
};

fn change(what: What) -> Entry {
    Entry::Change(Change { target: 1, member: 7, what })
}

fn whisper(number: i64) -> Whisper {
    Whisper { id: 50 + number.unsigned_abs() as u128, number, from: 7, to: 8, client_message_id: 0, text: 2 }
}

/// Two people: 7 has said something and changed it as the entries after it say, and 8 heard it. Changes were answered with
/// their `seq`, or without.
fn end(changes: &[Entry], read: &[(i64, Entry)], answered: &[(Option<i64>, What)]) -> Vec<Wrong> {
    let ledger = Arc::new(Ledger::default());
    let mut witness = Witness::new(String::from("w"), RULES, Arc::clone(&ledger));
    witness.is(8);
    witness.ask();
    witness.answer(&answer(false, 1, 0));
    witness.event(1, entry(1));
    (2..).zip(changes).for_each(|(seq, change)| witness.event(seq, *change));
    let mut sender = Sender::new(String::from("s"));
    sender.is(7);
    let said = Said { client_message_id: shown(1).client_message_id, text: hash("hi") };
    sender.say(0, said);
    sender.ack(0, false, 1, shown(1));
    for (number, (seq, what)) in (1..).zip(answered) {
        let wish = match *what {
            What::Edit(text) => Wish::Edit(Said { text, ..said }),
            What::Remove => Wish::Remove,
            What::React { on, .. } => Wish::React { on },
        };
        sender.change(number, 1, wish);
        sender.changed(number, seq.map(|seq| (seq, Change { target: 1, member: 7, what: *what })));
    }
    let newest = 1 + changes.len() as i64;
    let evidence = Evidence {
        ledger: &ledger,
        epoch: EPOCH,
        read,
        overheard: &[],
        newest,
        settled: newest,
        witnesses: &[&witness],
        senders: &[&sender],
        leavers: &[],
        from_the_beginning: true,
        all_acked: true,
    };
    verdict(&evidence).findings.into_iter().map(|finding| finding.wrong).collect()
}

#[test]
fn changes_are_applied_and_kept() {
    let (edit, react) = (What::Edit(9), What::React { emoji: 3, on: true, count: 1 });
    let now = Entry::Said(Shown { text: 9, edited: true, reactions: 1, ..shown(1) });
    let changes = [change(edit), change(react)];
    assert_eq!(end(&changes, &[(1, now)], &[(Some(2), edit), (Some(3), react)]), []);
    let wrongs = end(&changes, &[(1, entry(1))], &[(Some(2), edit), (Some(3), react)]);
    assert_eq!(
        wrongs,
        [Wrong::ChangeLost { target: 1, seq: 2 }, Wrong::ChangeLost { target: 1, seq: 3 }, Wrong::Stale { seq: 1 }]
    );
    // Removed, nothing of it is left.
    let gone = Entry::Said(Shown { text: 0, ..shown(1) });
    let removed = [change(edit), change(What::Remove)];
    assert_eq!(end(&removed, &[(1, gone)], &[(Some(2), edit), (Some(3), What::Remove)]), []);
    assert_eq!(end(&removed, &[(1, now)], &[(Some(2), edit), (Some(3), What::Remove)]).len(), 2, "it is still there");
    // Heard by nobody, it may not be left out.
    assert!(
        end(&[change(edit), entry(3)], &[(1, now)], &[(Some(2), edit)]).contains(&Wrong::ReadGap { due: 2, seq: 4 })
    );
}

/// The answer got lost with the server, and the change was asked for again.
#[test]
fn what_was_so_before_is_judged_by_its_place_in_the_order() {
    let react = |on| What::React { emoji: 3, on, count: u32::from(on) };
    let read = |reactions| [(1, Entry::Said(Shown { reactions, ..shown(1) }))];
    let order = [change(react(true)), change(react(false))];
    let answered = [(Some(2), react(true)), (None, react(false))];
    let (lost, stale) = (|seq| Wrong::ChangeLost { target: 1, seq }, Wrong::Stale { seq: 1 });
    assert_eq!(end(&order, &read(0), &answered), [], "it was taken back, with an answer that got lost");
    assert_eq!(end(&order, &read(1), &answered), [lost(3), stale.clone()], "what was so before is lost");
    assert_eq!(end(&order[..1], &read(1), &answered), [], "it was so before it was put there");
    assert_eq!(end(&order[..1], &read(0), &answered), [lost(2), stale], "nothing came after what was acked");
    let unasked = Wrong::NobodyChanged { target: 1, seq: 3 };
    assert_eq!(end(&order, &read(0), &answered[..1]), [unasked], "nobody took it back");
    let elsewhere = [(Some(3), react(true)), (None, react(false))];
    assert_eq!(end(&order, &read(0), &elsewhere), [Wrong::ChangeMoved { target: 1, seq: 3 }]);
    assert_eq!(end(&order[..1], &read(1), &[(None, react(true))]), [], "everybody was told where");
    let never = [Wrong::NeverReacted { target: 1 }];
    assert_eq!(end(&[], &[(1, entry(1))], &[(None, react(true))]), never, "said to be so, and stored nowhere");

    let removed = [change(react(true)), change(What::Remove)];
    let answered = [(Some(2), react(true)), (None, What::Remove)];
    let gone = Entry::Said(Shown { text: 0, ..shown(1) });
    assert_eq!(end(&removed, &[(1, gone)], &answered), []);
    assert!(end(&removed, &read(1), &answered).contains(&lost(3)), "it is still there");
}

#[test]
fn told_late_a_change_may_say_what_came_of_it() {
    let late = |first: What, then: What| {
        let ledger = Ledger::default();
        let at = Position { epoch: EPOCH, seq: 2 };
        ledger.note(at, change(first)).unwrap();
        ledger.note(at, change(then)).is_ok()
    };
    let react = |on, count| What::React { emoji: 3, on, count };
    assert!(
        late(What::Edit(1), What::Edit(2)) && late(What::Edit(1), What::Remove) && late(react(true, 1), react(true, 0))
    );
    assert!(!late(react(true, 1), react(false, 1)) && !late(What::Remove, react(true, 1)));
    let ledger = Ledger::default();
    ledger.note(Position { epoch: EPOCH, seq: 2 }, change(What::Remove)).unwrap();
    assert!(ledger.note(Position { epoch: EPOCH, seq: 2 }, entry(2)).is_err());
}

/// Somebody who is 8, with these whispers in the answer and as events.
fn hears(letters: &[Whisper], newest: i64, events: &[Whisper]) -> Witness {
    let mut witness = Witness::new(String::from("w"), RULES, Arc::default());
    witness.is(8);
    witness.ask();
    let answer = Answer { whispers: newest, letters: letters.to_vec(), ..answer(false, 1, 0) };
    witness.answer(&answer);
    events.iter().for_each(|event| witness.whisper(*event));
    witness
}

#[test]
fn whispers_come_in_turn_and_to_nobody_else() {
    assert_eq!(wrongs(&hears(&[whisper(1), whisper(2)], 2, &[whisper(3)])), []);
    assert_eq!(wrongs(&hears(&[], 2, &[whisper(3)])), [], "the older ones are on older pages");
    assert_eq!(wrongs(&hears(&[whisper(1)], 2, &[])), [Wrong::WhisperGap { due: 2, number: 3 }]);
    assert_eq!(wrongs(&hears(&[], 0, &[whisper(2)])), [Wrong::WhisperGap { due: 1, number: 2 }]);
    assert_eq!(wrongs(&hears(&[whisper(1)], 1, &[whisper(1)])), [Wrong::WhisperDouble { due: 2, number: 1 }]);
    let foreign = Whisper { to: 9, ..whisper(1) };
    let leaked = [Wrong::Leaked { from: 7, to: 9 }];
    assert_eq!(wrongs(&hears(&[foreign], 1, &[])), leaked);
    assert_eq!(wrongs(&hears(&[], 0, &[foreign])), leaked);

    let back = |letters: &[Whisper], newest| {
        let mut witness = hears(&[], 0, &[whisper(1)]);
        witness.lost();
        witness.ask();
        assert_eq!(witness.since().map(|since| since.whispers), Some(1));
        witness.answer(&Answer { whispers: newest, letters: letters.to_vec(), ..answer(true, 1, 0) });
        wrongs(&witness)
    };
    assert_eq!(back(&[whisper(2)], 2), []);
    assert_eq!(back(&[], 2), [Wrong::WhisperGap { due: 2, number: 3 }]);
    assert_eq!(back(&[whisper(1), whisper(2)], 2), [Wrong::WhisperDouble { due: 2, number: 1 }]);

    let mut outside = hears(&[], 0, &[]);
    outside.lost();
    outside.whisper(whisper(1));
    assert_eq!(wrongs(&outside), [Wrong::WhisperOutside { number: 1 }]);
}

#[test]
fn in_the_end_both_have_it_once_and_a_reader_none() {
    let case = |reader: &[Whisper], overheard: &[Whisper]| {
        let ledger = Arc::new(Ledger::default());
        let mut witness = hears(&[], 0, reader);
        witness.event(1, entry(1));
        ledger.note(Position { epoch: EPOCH, seq: 1 }, entry(1)).unwrap();
        let mut sender = Sender::new(String::from("s"));
        sender.is(7);
        sender.say(0, Said { client_message_id: shown(1).client_message_id, text: hash("hi") });
        sender.ack(0, false, 1, shown(1));
        sender.whisper(1, 8, Said { client_message_id: 1, text: 2 });
        sender.whispered(1, Whisper { client_message_id: 1, ..whisper(1) });
        let evidence = Evidence {
            ledger: &ledger,
            epoch: EPOCH,
            read: &[(1, entry(1))],
            overheard,
            newest: 1,
            settled: 1,
            witnesses: &[&witness],
            senders: &[&sender],
            leavers: &[],
            from_the_beginning: true,
            all_acked: true,
        };
        verdict(&evidence).findings.into_iter().map(|finding| finding.wrong).collect::<Vec<_>>()
    };
    assert_eq!(case(&[whisper(1)], &[]), []);
    assert_eq!(case(&[], &[]), [Wrong::WhisperLost { number: 1, who: "its reader", times: 0 }]);
    assert_eq!(case(&[whisper(1)], &[whisper(1)]), [Wrong::Leaked { from: 7, to: 8 }]);
    let twice = case(&[whisper(1), Whisper { number: 2, ..whisper(1) }], &[]);
    assert!(twice.contains(&Wrong::WhisperLost { number: 1, who: "its reader", times: 2 }), "{twice:?}");
    let nobody = case(&[whisper(1), Whisper { text: 3, ..whisper(2) }], &[]);
    assert_eq!(nobody, [Wrong::NobodyWhispered { number: 2 }]);
}
