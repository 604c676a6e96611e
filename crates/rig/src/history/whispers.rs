//! The end, for whispers: each is with both of its two, once, and with nobody else.

use std::collections::HashMap;

use super::verdict::{Evidence, Verdict};
use super::{Mailbox, Whisper, Wrong};

pub(super) fn check_whispers(evidence: &Evidence<'_>, verdict: &mut Verdict) {
    for Whisper { from, to, .. } in evidence.overheard {
        verdict.wrong("the fresh reader", Wrong::Leaked { from: *from, to: *to });
    }
    let mut mailboxes: HashMap<u64, &Mailbox> = HashMap::new();
    for witness in evidence.witnesses {
        if let Some(wrong) = witness.mailbox().check() {
            verdict.wrong(witness.who(), wrong);
        }
        if let Some(member) = witness.member() {
            mailboxes.insert(member, witness.mailbox());
        }
    }
    let mut said = HashMap::new();
    for sender in evidence.senders {
        for (number, whispered) in sender.whispers() {
            said.insert((whispered.to, whispered.said.text), whispered.said.client_message_id);
            let Some(acked) = whispered.acked else { continue };
            verdict.whispers += 1;
            for (who, member) in [("its writer", acked.from), ("its reader", acked.to)] {
                // Who has left has what they have.
                let Some(mailbox) = mailboxes.get(&member) else { continue };
                let times = mailbox.all().filter(|whisper| whisper.id == acked.id).count();
                if times != 1 {
                    verdict.wrong(sender.who(), Wrong::WhisperLost { number, who, times });
                }
            }
        }
    }
    for witness in evidence.witnesses.iter().chain(evidence.leavers) {
        for whisper in witness.mailbox().all() {
            // Only its writer is shown what they called it.
            let name = said.get(&(whisper.to, whisper.text));
            let is_mine = witness.member() == Some(whisper.from);
            if name.is_none_or(|name| whisper.client_message_id != if is_mine { *name } else { 0 }) {
                verdict.wrong(witness.who(), Wrong::NobodyWhispered { number: whisper.number });
            }
        }
    }
}
