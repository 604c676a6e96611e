//! Looking for entries by the beginnings of their words, the most used first.
//!
//! Which way is short depends on how many entries have the rarest of the words:
//!
//! - few: they are gathered by that word, the others are asked of each, and what is left is put in order;
//! - many: the entries are gone through in the order of their use until the page is full. That is soon, but for words
//!   that are frequent only among what nobody uses: so it ends after some hundreds,
//! - and then the entries of every word are gathered and what is in all of them is put in order.
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

/// Statements of 1 to so many words.
type Statements = [String; Terms::MOST];

/// `$1` to `$3`: behind which place; `$4`: how many; from `$5` on two for each word, the rarest first.
static GATHER: LazyLock<Statements> = LazyLock::new(|| std::array::from_fn(|more| gather(ONE, &has(7, more))));
static GATHER_ALL: LazyLock<Statements> = LazyLock::new(|| {
    std::array::from_fn(|more| {
        let all = (0..more).fold(ONE.to_owned(), |mut all, nth| {
            let (from, before) = (7 + 2 * nth, 8 + 2 * nth);
            let _ =
                write!(all, " INTERSECT SELECT entry FROM library_words WHERE word >= ${from} AND word < ${before}");
            all
        });
        gather(&all, "")
    })
});
/// The same, but `$5` to `$7`: up to which place; words from `$8` on.
static WALK: LazyLock<Statements> = LazyLock::new(|| {
    std::array::from_fn(|more| {
        let has = has(8, more + 1);
        let columns = columns!();
        format!(
            "SELECT {columns} FROM library l JOIN gifs g ON g.hash = l.gif
             WHERE l.state = 'approved' AND (l.uses, l.created_at, l.id) < ($1, $2, $3)
                 AND (l.uses, l.created_at, l.id) >= ($5, $6, $7){has}
             ORDER BY l.uses DESC, l.created_at DESC, l.id DESC LIMIT $4"
        )
    })
});

const ONE: &str = "SELECT DISTINCT entry FROM library_words WHERE word >= $5 AND word < $6";

/// CROSS JOIN: SQLite shall not go through the whole library and ask whether each entry is among them.
fn gather(entries: &str, has: &str) -> String {
    let columns = columns!();
    format!(
        "SELECT {columns} FROM library l JOIN gifs g ON g.hash = l.gif
         WHERE l.id IN (SELECT id FROM (
             SELECT l.id FROM ({entries}) f CROSS JOIN library l
             WHERE l.id = f.entry AND l.state = 'approved' AND (l.uses, l.created_at, l.id) < ($1, $2, $3){has}
             ORDER BY l.uses DESC, l.created_at DESC, l.id DESC LIMIT $4) page)
         ORDER BY l.uses DESC, l.created_at DESC, l.id DESC"
    )
}

/// That `l` has some more words, whose parameters begin with this.
fn has(first: usize, words: usize) -> String {
    (0..words).fold(String::new(), |mut all, nth| {
        let (from, before) = (first + 2 * nth, first + 1 + 2 * nth);
        let _ = write!(
            all,
            " AND EXISTS (SELECT 1 FROM library_words w
                  WHERE w.entry = l.id AND w.word >= ${from} AND w.word < ${before})"
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
    let mut words = Vec::new();
    for word in terms.as_slice() {
        let (from, before) = range(word);
        let counted: Option<(i64,)> =
            sql.first(COUNT, args![from.as_str(), before.as_str(), limits::LIBRARY_FEW + 1]).await?;
        words.push((counted.unwrap_or_default().0, from, before));
    }
    words.sort();
    let ranges = || words.iter().flat_map(|(_, from, before)| [Arg::from(from.as_str()), Arg::from(before.as_str())]);
    let Some(((rarest, ..), more)) = words.split_first().map(|(first, more)| (first, more.len())) else {
        return sql.all(POPULAR, behind(&place, limit)).await;
    };
    if *rarest <= i64::from(limits::LIBRARY_FEW) {
        let args = behind(&place, limit).into_iter().chain(ranges()).collect();
        return sql.all(GATHER[more].as_str(), args).await;
    }
    let ahead: Option<Place> = sql.first(AHEAD, behind(&place, limits::LIBRARY_WALK)).await?;
    let is_all = ahead.is_none();
    let (uses, created_at, id) = ahead.unwrap_or((i64::MIN, i64::MIN, String::new()));
    let upto = args![uses, created_at, id.as_str()];
    let args = behind(&place, limit).into_iter().chain(upto).chain(ranges()).collect();
    let found: Vec<EntryRow> = sql.all(WALK[more].as_str(), args).await?;
    if is_all || found.len() as u64 >= u64::from(limit) {
        return Ok(found);
    }
    sql.all(GATHER_ALL[more].as_str(), behind(&place, limit).into_iter().chain(ranges()).collect()).await
}

fn behind((uses, created_at, id): &Place, limit: u32) -> Vec<Arg> {
    args![*uses, *created_at, id.as_str(), limit]
}
