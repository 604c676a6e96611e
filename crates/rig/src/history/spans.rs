//! Which messages somebody has, as few ranges.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

/// Ranges of `seq` that neither touch nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(BTreeMap<i64, i64>);

impl Spans {
    pub fn add(&mut self, range: RangeInclusive<i64>) {
        let (mut first, mut last) = range.into_inner();
        if first > last {
            return;
        }
        // Almost always: the next one.
        if let Some(mut newest) = self.0.last_entry()
            && *newest.get() + 1 == first
        {
            newest.insert(last);
            return;
        }
        while let Some((begin, end)) = self.0.range(..=last + 1).next_back().map(|(begin, end)| (*begin, *end))
            && end + 1 >= first
        {
            self.0.remove(&begin);
            first = first.min(begin);
            last = last.max(end);
        }
        self.0.insert(first, last);
    }

    pub fn has(&self, seq: i64) -> bool {
        self.0.range(..=seq).next_back().is_some_and(|(_, end)| *end >= seq)
    }

    pub fn first(&self) -> Option<i64> {
        self.0.keys().next().copied()
    }

    pub fn last(&self) -> Option<i64> {
        self.0.values().next_back().copied()
    }

    /// What is missing between what it has, and before it from 1 on: the newest first.
    pub fn holes(&self) -> Vec<RangeInclusive<i64>> {
        let mut before = 0;
        let mut holes = Vec::new();
        for (first, last) in &self.0 {
            if *first > before + 1 {
                holes.push(before + 1..=first - 1);
            }
            before = *last;
        }
        holes.reverse();
        holes
    }

    /// Whether it is exactly this one range.
    pub fn is(&self, range: RangeInclusive<i64>) -> bool {
        if range.is_empty() { self.0.is_empty() } else { self.0.iter().eq([(range.start(), range.end())]) }
    }
}

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 8;
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (index, (first, last)) in self.0.iter().take(MOST).enumerate() {
            write!(f, "{}{first}..={last}", if index == 0 { "" } else { ", " })?;
        }
        if self.0.len() > MOST { write!(f, ", and {} more ranges", self.0.len() - MOST) } else { Ok(()) }
    }
}
