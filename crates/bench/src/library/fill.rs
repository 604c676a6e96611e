//! A library of made-up entries, written past the program: without files, which a search does not look at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, params};

/// Different words beside those that the queries ask for. Of rank n are about 1/n as many as of the first.
const WORDS: u32 = 8000;

/// Fills the tables. Says what they hold.
pub fn fill(database: &Path, entries: u32) -> anyhow::Result<String> {
    let mut connection = Connection::open(database)?;
    let tx = connection.transaction()?;
    let mut dice = Dice(42);
    let mut tags = BTreeMap::<String, i64>::new();
    let mut rows = 0;
    for number in 0..entries {
        let words = words_of(number, &mut dice);
        let id = dice.next();
        // As the program numbers a new entry.
        let (own_number, id, hash) = (id.cast_signed(), format!("{id:016x}"), format!("{number:064x}"));
        tx.prepare_cached(
            "INSERT INTO gifs (hash, width, height, frames, duration_ms, bytes) VALUES (?, 320, 240, 20, 2000, 500000)",
        )?
        .execute(params![hash])?;
        // Most are hardly used, a few very often.
        let uses = 20_000 / i64::from(1 + dice.below(20_000));
        let text = words.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        tx.prepare_cached(
            "INSERT INTO library (id, number, gif, state, title, tags, alt_ko, alt_en, uses, created_at)
             VALUES (?, ?, ?, 'approved', NULL, ?, NULL, NULL, ?, ?)",
        )?
        .execute(params![id, own_number, hash, text, uses, 1_700_000_000_000_i64 + i64::from(number)])?;
        for word in words {
            let coded: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
            tx.prepare_cached("INSERT INTO library_words (word, entry) VALUES (?, ?)")?
                .execute(params![coded, own_number])?;
            *tags.entry(coded).or_default() += 1;
            rows += 1;
        }
    }
    for (tag, count) in &tags {
        tx.prepare_cached("INSERT INTO library_tags (tag, entries) VALUES (?, ?)")?.execute(params![tag, count])?;
    }
    tx.commit()?;
    let different = tags.len();
    Ok(format!("{entries} entries with {rows} words in all, {different} different ones"))
}

fn words_of(number: u32, dice: &mut Dice) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (every, word) in [(12, "고양이"), (10, "cat"), (25, "dance"), (30, "고래"), (15, "category")] {
        if dice.below(every) == 0 {
            words.insert(word.to_owned());
        }
    }
    if number.is_multiple_of(1000) {
        words.insert("unused".to_owned());
    }
    words.insert(if number.is_multiple_of(2) { "even" } else { "odd" }.to_owned());
    for _ in 0..8 {
        // Zipf's: the rank is spread evenly over the orders of magnitude.
        let rank = f64::from(WORDS).powf(f64::from(dice.below(1 << 20)) / f64::from(1 << 20)) as u32;
        words.insert(format!("w{rank}"));
    }
    words
}

/// The same numbers every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u32) -> u32 {
        (self.next() % u64::from(most)) as u32
    }
}
