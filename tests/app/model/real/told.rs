//! What people are told is what the model says.

use serde_json::{Value, json};

use super::super::{Entry, Model, Said};
use super::{Answer, Scene, called};
use crate::support::numbered::name_of;

impl Scene {
    pub(super) fn answer(&mut self, who: usize, snapshot: &Value) -> Answer {
        let me = &snapshot["me"]["id"];
        assert!(me.is_string() && (self.ids[who].is_null() || self.ids[who] == *me), "the same person as ever");
        self.ids[who] = me.clone();
        let epoch = snapshot["epoch"].as_i64().unwrap();
        assert!(self.epoch == 0 || self.epoch == epoch, "the epoch stays");
        self.epoch = epoch;
        Answer {
            recovered: snapshot["recovered"].as_bool().unwrap(),
            messages: snapshot["messages"].as_array().unwrap().clone(),
            seq: snapshot["seq"].as_i64().unwrap(),
        }
    }

    /// The answer to somebody who joins is what the model says.
    pub(super) fn expect(&mut self, model: &Model, position: Option<usize>, answer: &Answer) {
        let (recovered, first) = model.answer_from(position);
        assert_eq!((answer.recovered, answer.seq), (recovered, model.log.len() as i64), "from {position:?}");
        assert_eq!(answer.messages.len(), model.log.len() - first);
        for (seq, message) in (first + 1..).zip(&answer.messages) {
            self.expect_entry(seq, message);
        }
    }

    pub(super) fn expect_entry(&mut self, seq: usize, entry: &Value) {
        assert_eq!(entry["seq"], seq, "{entry}");
        let of = |who: usize, code: &str, members: usize| {
            assert_eq!((&entry["member"]["id"], &entry["code"]), (&self.ids[who], &json!(code)), "{entry}");
            assert_eq!(entry["members"], members, "{entry}");
        };
        let name = match self.log[seq - 1] {
            Entry::Said(said) => {
                assert_eq!(entry["clientMessageId"], called(said), "{entry}");
                "chat"
            }
            Entry::Came { who, members } => {
                of(who, "joined", members);
                "join"
            }
            Entry::Went { who, members } => {
                of(who, "left", members);
                "exit"
            }
        };
        assert_eq!(name_of(entry), name, "{entry}");
        self.see(entry);
    }

    /// The same number is the same entry, for everybody and always.
    pub(super) fn see(&mut self, entry: &Value) {
        let seq = entry["seq"].as_i64().unwrap_or_else(|| panic!("no entry: {entry}"));
        let of = |field: &str| entry[field].clone();
        let same = [json!(name_of(entry)), of("_id"), of("member"), of("clientMessageId")];
        assert_eq!(self.seen.entry(seq).or_insert_with(|| same.clone()), &same, "number {seq}");
    }

    pub(super) fn expect_stored(&mut self, said: &[Said], answers: &[Value]) {
        assert_eq!(said.len(), answers.len());
        for (said, answer) in said.iter().zip(answers) {
            let at = self.log.iter().position(|other| *other == Entry::Said(*said)).unwrap();
            self.expect_entry(at + 1, answer);
        }
    }
}
