//! What a client makes of what it hears.

use tokio::time::Instant;

use super::{LONGEST_WAIT, Runner, TRY_AGAIN, micros};
use crate::client::link::{Act, Loss};
use crate::clock::now;
use crate::history::{Entry, Position, Shown};
use crate::wire::{Element, Heard};

impl Runner {
    pub(super) fn hear(&mut self, heard: Heard) -> Result<(), Loss> {
        match heard {
            Heard::Event(element) => self.event(element),
            Heard::Acked { number, seq, shown } => self.acked(number, seq, shown),
            Heard::NotAcked { number, code } => {
                self.refused(&code);
                let act = self.outgoing.act(number).unwrap_or(Act::Say);
                // They left, or it was removed; a retry after its answer was lost finds it so.
                let is_moot = match act {
                    Act::Say => false,
                    Act::Whisper { .. } => code == "no-such-member",
                    Act::Edit { .. } | Act::Remove { .. } | Act::React { .. } => code == "no-such-message",
                };
                if is_moot {
                    self.answered(number);
                    return Ok(());
                }
                self.told.send_modify(|progress| progress.refused += 1);
                if matches!(&*code, "no-such-room" | "invalid" | "not-yours" | "too-late") || code.starts_with("text-")
                {
                    return Err(self.give_up(format!("post {number} was refused: {code}")));
                }
                self.outgoing.refused(number, now() + TRY_AGAIN);
            }
            Heard::Whispered { number, whisper } => {
                self.sender.whispered(number, whisper);
                if self.answered(number) {
                    self.options.ledger.whispered(whisper.from, whisper.to);
                }
            }
            Heard::Changed { number, stored } => {
                self.sender.changed(number, stored);
                if let Some((seq, change)) = stored {
                    self.note(seq, Entry::Change(change));
                }
                self.answered(number);
            }
            Heard::Joined { answer, me, others } => {
                self.sender.is(me);
                self.witness.is(me);
                others.into_iter().for_each(|other| self.mix.came(other));
                self.witness.answer(&answer);
                let since = |then: Instant| micros(now() - then);
                if let Some(lost_at) = self.lost_at.take() {
                    self.statistics.return_micros.push(since(lost_at));
                    self.statistics.replay_micros.push(since(self.asked_at));
                }
                self.statistics.join_micros.get_or_insert_with(|| since(self.asked_at));
                self.inside = true;
                self.tell();
            }
            Heard::NotJoined(code) => return Err(self.refused_door(Loss::Refused(code))),
            Heard::Head(head) => {
                self.statistics.heads += 1;
                let Some(Position { epoch, seq }) = self.witness.position() else { return Ok(()) };
                if self.inside && (head.epoch != epoch || head.seq > seq) {
                    return Err(Loss::BehindHead);
                }
            }
            Heard::Shutdown(wait) => {
                self.statistics.shutdowns += 1;
                self.wait = Some(wait.min(LONGEST_WAIT));
            }
            Heard::RoomRemoved => return Err(self.give_up(String::from("the room was removed"))),
            Heard::Other => {}
        }
        Ok(())
    }

    fn event(&mut self, element: Element) {
        let present = match element {
            Element::Entry(seq, entry) => {
                self.witness.event(seq, entry);
                if let Entry::Notice { member, here, .. } = entry { Some((member, here)) } else { None }
            }
            Element::Whisper(whisper) => {
                self.witness.whisper(whisper);
                None
            }
            Element::Passing { member, here } => Some((member, here)),
        };
        match present {
            Some((member, Some(true))) if self.witness.member() != Some(member) => self.mix.came(member),
            Some((member, Some(false))) => self.mix.left(member),
            _ => {}
        }
        self.tell();
    }

    fn acked(&mut self, number: u64, seq: i64, shown: Shown) {
        let done = self.outgoing.acked(number, now());
        self.note(seq, Entry::Said(shown));
        self.sender.ack(number, done.as_ref().is_some_and(|done| done.refused), seq, shown);
        if let Some(done) = done {
            self.mix.said(seq, shown.client_message_id);
            self.statistics.ack_micros.push(micros(done.took));
            self.told.send_modify(|progress| progress.acked += 1);
        }
    }

    /// Something beside texts has its answer; false when it had one.
    fn answered(&mut self, number: u64) -> bool {
        let done = self.outgoing.acked(number, now()).is_some();
        self.told.send_modify(|progress| progress.open -= u64::from(done));
        done
    }

    /// What an ack shows is in the order like everything else.
    fn note(&mut self, seq: i64, entry: Entry) {
        if let Some(position) = self.witness.position()
            && let Err(wrong) = self.options.ledger.note(Position { seq, ..position }, entry)
        {
            self.witness.wrong(wrong);
        }
    }
}
