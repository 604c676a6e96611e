//! Looking for entries by the beginnings of their words, the most used first.
//!
//! Which way is short depends on how many rows the words have:
//!
//! - one has few: its entries are gathered, the others are asked of each, and what is left is put in order;
//! - some have many: then most entries have those, and a page is full soon when the entries are gone through in the order
//!   of their use. The words with the fewest rows are made sets of beforehand, which is quick to ask; the others are looked
//!   up for each entry that is in the sets. But they may be frequent only among what nobody uses, or never together: so
//!   that ends after some hundreds;
//! - else, and after that: a set is made of the entries that have all of the words, from the word with the fewest rows on,
//!   and the entries are gone through until the page is full. That looks at each row of the words once.
//!
//! Each is exact; they differ in time alone (`gifchat-bench library`).

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::coded::range;
use super::row::{EntryRow, columns};
use crate::domain::{LibraryCursor, Terms};
use crate::store::limits;
use crate::store::sql::{Arg, Sql, args};

/// A page of everything. `$1` to `$3`: behind which place; `$4`: how many.
const POPULAR: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM library l JOIN gifs g ON g.hash = l.gif
     WHERE l.state = 'approved' AND (l.uses, l.created_at, l.id) < ($1, $2, $3)
     ORDER BY l.uses DESC, l.created_at DESC, l.id DESC LIMIT $4"
);

/// The place so many behind another.
const AHEAD: &str = "SELECT uses, created_at, id FROM library
     WHERE state = 'approved' AND (uses, created_at, id) < ($1, $2, $3)
     ORDER BY uses DESC, created_at DESC, id DESC LIMIT 1 OFFSET $4";

const COUNT: &str = "SELECT COUNT(*) FROM (
         SELECT 1 FROM library_words WHERE word >= $1 AND word < $2 LIMIT $3) AS found";

/// For 1 to so many words. `$1` to `$3`: behind which place; `$4`: how many; from `$5` on two for each word, the one with
/// the fewest rows first.
///
/// CROSS JOIN: SQLite shall not go through the whole library and ask whether each entry is among them.
static GATHER: LazyLock<[String; Terms::MOST]> = LazyLock::new(|| {
    std::array::from_fn(|more| {
        let (columns, has) = (columns!(), has("f.entry", 7, more));
        format!(
            "SELECT {columns} FROM library l JOIN gifs g ON g.hash = l.gif
             WHERE l.number IN (SELECT number FROM (
                 SELECT l.number
                 FROM (SELECT DISTINCT f.entry FROM library_words f WHERE f.word >= $5 AND f.word < $6{has}) f
                     CROSS JOIN library l
                 WHERE l.number = f.entry AND l.state = 'approved' AND (l.uses, l.created_at, l.id) < ($1, $2, $3)
                 ORDER BY l.uses DESC, l.created_at DESC, l.id DESC LIMIT $4) page)
             ORDER BY l.uses DESC, l.created_at DESC, l.id DESC"
        )
    })
});

/// The same for 1 to so many words, of none or more of which sets are made, but not of all; and `$5` to `$7`: up to which
/// place; words from `$8` on.
static WALK: LazyLock<[[String; Terms::MOST]; Terms::MOST]> =
    LazyLock::new(|| std::array::from_fn(|more| std::array::from_fn(|sets| walk_some(sets.min(more), more + 1))));

/// The same, with one set of what has all of the words.
static WALK_ALL: LazyLock<[String; Terms::MOST]> = LazyLock::new(|| std::array::from_fn(|more| walk_all(more + 1)));

fn walk_some(sets: usize, words: usize) -> String {
    let is_in: String = (0..sets).map(|nth| is_in("l.number", 8 + 2 * nth, "")).collect();
    walk(&(is_in + &has("l.number", 8 + 2 * sets, words - sets)))
}

fn walk_all(words: usize) -> String {
    walk(&(0..words).fold(String::new(), |inner, nth| {
        is_in(if nth + 1 == words { "l.number" } else { "entry" }, 8 + 2 * nth, &inner)
    }))
}

/// CROSS JOIN and `+`: SQLite shall go through the library in the order asked for, and through nothing else.
fn walk(which: &str) -> String {
    let columns = columns!();
    format!(
        "SELECT {columns} FROM library l CROSS JOIN gifs g
         WHERE g.hash = l.gif AND l.state = 'approved' AND (l.uses, l.created_at, l.id) < ($1, $2, $3)
             AND (l.uses, l.created_at, l.id) >= ($5, $6, $7){which}
         ORDER BY l.uses DESC, l.created_at DESC, l.id DESC LIMIT $4"
    )
}

/// That an entry is in the set of those with a word, whose parameters begin with `first`, for which `inner` holds as well.
fn is_in(entry: &str, first: usize, inner: &str) -> String {
    let before = first + 1;
    format!(" AND +{entry} IN (SELECT entry FROM library_words WHERE word >= ${first} AND word < ${before}{inner})")
}

/// That an entry has some more words, whose parameters begin with this; asked in this order. (SQLite makes a join of an
/// EXISTS, in an order of its own.)
fn has(entry: &str, first: usize, words: usize) -> String {
    (0..words).fold(String::new(), |mut all, nth| {
        let (from, before) = (first + 2 * nth, first + 1 + 2 * nth);
        let _ = write!(
            all,
            " AND (SELECT 1 FROM library_words w
                  WHERE w.entry = {entry} AND w.word >= ${from} AND w.word < ${before} LIMIT 1) = 1"
        );
        all
    })
}

/// A place in the order of use.
type Place = (i64, i64, String);

/// At most `limit` approved entries with all of these words, behind `after`.
pub(super) async fn find(
    sql: &mut Sql<'_>,
    terms: &Terms,
    after: Option<&LibraryCursor>,
    limit: u32,
) -> Result<Vec<EntryRow>, sqlx::Error> {
    let first = (i64::MAX, i64::MAX, String::from("g"));
    let place = after.map_or(first, |after| (after.uses, after.created_at.0, after.id.to_string()));
    let mut words = count(sql, terms, limits::LIBRARY_SETS).await?;
    let Some((fewest, more)) = words.split_first().map(|((rows, ..), more)| (*rows, more.len())) else {
        return sql.all(POPULAR, behind(&place, limit)).await;
    };
    if fewest <= i64::from(limits::LIBRARY_FEW) {
        let args = behind(&place, limit).into_iter().chain(ranges(&words)).collect();
        return sql.all(GATHER[more].as_str(), args).await;
    }
    let walk = |upto: Place, words: &[Word]| -> Vec<Arg> {
        let (uses, created_at, id) = upto;
        behind(&place, limit).into_iter().chain(args![uses, created_at, id.as_str()]).chain(ranges(words)).collect()
    };
    let end = (i64::MIN, i64::MIN, String::new());
    let sets = sets(words.iter().map(|(rows, ..)| *rows));
    if sets <= more {
        let ahead: Option<Place> = sql.first(AHEAD, behind(&place, limits::LIBRARY_WALK)).await?;
        let is_all = ahead.is_none();
        let args = walk(ahead.unwrap_or(end.clone()), &words);
        let found: Vec<EntryRow> = sql.all(WALK[more][sets].as_str(), args).await?;
        if is_all || found.len() as u64 >= u64::from(limit) {
            return Ok(found);
        }
        // Which has the fewest matters more now, and those beyond the limit were all alike.
        words = count(sql, terms, limits::LIBRARY_COUNT).await?;
    }
    sql.all(WALK_ALL[more].as_str(), walk(end, &words)).await
}

/// How many rows a word has, up to a limit, and the range that they are in.
type Word = (i64, String, String);

/// The words, the one with the fewest rows first; a word with more than `most` has one more.
async fn count(sql: &mut Sql<'_>, terms: &Terms, most: u32) -> Result<Vec<Word>, sqlx::Error> {
    let mut words = Vec::new();
    for word in terms.as_slice() {
        let (from, before) = range(word);
        let counted: Option<(i64,)> = sql.first(COUNT, args![from.as_str(), before.as_str(), most + 1]).await?;
        words.push((counted.unwrap_or_default().0, from, before));
    }
    words.sort();
    Ok(words)
}

fn ranges(words: &[Word]) -> impl Iterator<Item = Arg> {
    words.iter().flat_map(|(_, from, before)| [Arg::from(from.as_str()), Arg::from(before.as_str())])
}

/// Of how many words, the one with the fewest rows first, sets are made that have so many rows together.
fn sets(rows: impl Iterator<Item = i64>) -> usize {
    let together = rows.scan(0, |sum, rows| {
        *sum += rows;
        Some(*sum)
    });
    together.take_while(|sum| *sum <= i64::from(limits::LIBRARY_SETS)).count()
}

fn behind((uses, created_at, id): &Place, limit: u32) -> Vec<Arg> {
    args![*uses, *created_at, id.as_str(), limit]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan::{empty, plan};

    /// In another order each of these may take ten times as long.
    #[tokio::test]
    async fn sqlite_goes_the_way_it_is_told() {
        let mut connection = empty().await;
        for (words, texts) in (1..).zip(WALK.iter()) {
            for (sets, text) in (0..words).zip(texts) {
                let plan = plan(&mut connection, text).await;
                assert!(plan[0].starts_with("SEARCH l USING INDEX library_by_use ("), "{plan:?}");
                let count = |start: &str| plan.iter().filter(|step| step.starts_with(start)).count();
                assert_eq!((count("LIST SUBQUERY"), count("CORRELATED")), (sets, words - sets), "{plan:?}");
            }
        }
        for (words, text) in (1..).zip(WALK_ALL.iter()) {
            let plan = plan(&mut connection, text).await;
            assert!(plan[0].starts_with("SEARCH l USING INDEX library_by_use ("), "{plan:?}");
            let sets = plan.iter().filter(|step| step.starts_with("LIST SUBQUERY")).count();
            let rows =
                plan.iter().filter(|step| step.contains("library_words") && step.contains("(word>? AND word<?)"));
            assert_eq!((sets, rows.count()), (words, words), "{plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("CORRELATED")), "{plan:?}");
        }
        for (more, text) in GATHER.iter().enumerate() {
            let plan = plan(&mut connection, text).await;
            assert!(plan.contains(&String::from("SEARCH l USING INDEX library_by_number (number=?)")), "{plan:?}");
            assert_eq!(plan.iter().filter(|step| step.starts_with("CORRELATED")).count(), more, "{plan:?}");
        }
    }

    #[test]
    fn sets_are_made_of_the_rarer_words() {
        let many = i64::from(limits::LIBRARY_SETS);
        for (rows, wanted) in [
            (vec![many], 1),
            (vec![many + 1], 0),
            (vec![3000, many - 3000], 2),
            (vec![3000, many - 2999], 1),
            (vec![3000, 5000, many + 1], 2),
        ] {
            assert_eq!(sets(rows.iter().copied()), wanted, "{rows:?}");
        }
    }
}
