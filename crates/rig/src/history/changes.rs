//! What was changed is as its newest change left it.
//!
//! The newest change is not always one whose place its sender was told: its answer can get lost with the server, or a commit
//! that was refused can be found in the log after a crash. Asked for again, a reaction is then "so before", and a removal is
//! of no message. But what is stored has a place in the order of the room, and everybody is shown it there. So each ack says
//! what has to be in the order, and the order says what is the newest.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::verdict::said;
use super::{Change, Entry, Evidence, Position, Sender, Shown, Verdict, What, Wrong};

/// Every acked change has a place, each change was asked for, and a fresh reader sees the newest.
pub(super) fn check_changes(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    let order = evidence.ledger.changes(evidence.epoch, evidence.newest);
    let reacted = |(_, change): &(i64, Change)| {
        matches!(change.what, What::React { on: true, .. }).then_some((change.member, change.target))
    };
    let reacted: HashSet<(u64, i64)> = order.iter().filter_map(reacted).collect();
    for sender in evidence.senders {
        for (seq, change) in sender.changes() {
            let there = evidence.ledger.entry(Position { epoch: evidence.epoch, seq: *seq });
            if there.is_none_or(|there| !there.is_as(&Entry::Change(*change))) {
                verdict.wrong(sender.who(), Wrong::ChangeMoved { target: change.target, seq: *seq });
            }
        }
        for target in sender.reacted_before() {
            if sender.member().is_none_or(|member| !reacted.contains(&(member, *target))) {
                verdict.wrong(sender.who(), Wrong::NeverReacted { target: *target });
            }
        }
    }
    let senders: HashMap<u64, &Sender> =
        evidence.senders.iter().filter_map(|sender| Some((sender.member()?, *sender))).collect();
    // Texts (and their end) apart from reactions.
    let mut newest: BTreeMap<(i64, bool), (i64, Change, &Sender)> = BTreeMap::new();
    for (seq, change) in order {
        let Some(sender) = senders.get(&change.member) else { continue };
        if !sender.asked_for(&change) {
            verdict.wrong(sender.who(), Wrong::NobodyChanged { target: change.target, seq });
        }
        newest.insert((change.target, matches!(change.what, What::React { .. })), (seq, change, *sender));
    }
    let read: HashMap<i64, &Shown> = said(evidence).collect();
    for ((target, _), (seq, change, sender)) in newest {
        if !read.get(&target).is_some_and(|shown| holds(change.what, shown)) {
            verdict.wrong(sender.who(), Wrong::ChangeLost { target, seq });
        }
    }
}

/// Whether the message is as its newest change left it.
fn holds(what: What, shown: &Shown) -> bool {
    match what {
        What::Edit(text) => shown.text == text && shown.edited,
        What::Remove => shown.text == 0 && shown.reactions == 0,
        // Only its author reacts to it. What was removed has none.
        What::React { on, .. } => shown.text == 0 || shown.reactions == u32::from(on),
    }
}
