//! What a client makes of changes: the messages that were changed, as it shows them now.

use std::collections::{BTreeMap, HashMap};

use super::{Entry, Shown, What};

/// What it was last told of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Latest {
    text: Option<u64>,
    reactions: Option<u32>,
}

/// By the number of the message; those that nobody changed are not in it.
#[derive(Clone, Debug, Default)]
pub struct Applied(BTreeMap<i64, Latest>);

impl Applied {
    /// Takes what is shown next.
    pub fn take(&mut self, seq: i64, entry: &Entry) {
        match entry {
            Entry::Said(shown) => {
                let latest = Latest { text: Some(shown.text), reactions: Some(shown.reactions) };
                if shown.is_changed() || shown.reactions > 0 {
                    self.0.insert(seq, latest);
                } else if let Some(before) = self.0.get_mut(&seq) {
                    *before = latest;
                }
            }
            Entry::Change(change) => {
                let latest = self.0.entry(change.target).or_default();
                match change.what {
                    What::Edit(text) => latest.text = Some(text),
                    What::Remove => *latest = Latest { text: Some(0), reactions: Some(0) },
                    What::React { count, .. } => latest.reactions = Some(count),
                }
            }
            Entry::Notice { .. } | Entry::Purge | Entry::Purged => {}
        }
    }

    /// The messages that others see otherwise.
    pub fn stale<'a>(&'a self, read: &'a HashMap<i64, &Shown>) -> impl Iterator<Item = i64> + 'a {
        let is_stale = |(seq, latest): (&i64, &Latest)| {
            let shown = read.get(seq);
            let same = shown.is_some_and(|shown| {
                latest.text.is_none_or(|text| text == shown.text)
                    && latest.reactions.is_none_or(|count| count == shown.reactions)
            });
            (!same).then_some(*seq)
        };
        self.0.iter().filter_map(is_stale)
    }
}
