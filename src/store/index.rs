//! The index of texts, and of what GIFs show, that a search in SQLite looks into. (PostgreSQL looks at the texts themselves: see search.rs.)
//!
//! It is an FTS5 table of trigrams, because the words of Korean cannot be told apart by spaces and endings. It keeps no
//! copy of the texts (`content=''`), so what is to leave it must be told the text once more, before that is gone. A text's
//! row is its room's number times 2^32 plus its `seq`: so a room is a range, and the newest come first without sorting.
//!
//! The index follows behind: the writer adds to it when nobody is waiting. `searched` says for each room how far it has
//! come; what is newer, a search looks at itself. What leaves a message leaves the index in the same transaction.
//!
//! One text is taken out of it for good (`secure-delete`), which costs some milliseconds. Of many, which would stop
//! everybody for minutes, the index only notes that they are gone; then it is written anew when nobody is waiting, and
//! with that the last of them is. `unclean` says that this is due (1) or has begun (2).

use sqlx::sqlite::SqliteConnection;

use super::limits;
use super::sql::{Arg, args};
use super::write::Batch;

/// Rows of a room lie so far from those of the next.
pub(super) const ROOM: i64 = 1 << 32;

/// Makes the tables that only SQLite has.
pub(super) async fn make(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    // One of the time when it had texts alone (in a column of that name) is made anew.
    let made: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM pragma_table_info('found') WHERE name = 'words'")
        .fetch_optional(&mut *connection)
        .await?;
    if made.is_none() {
        sqlx::raw_sql(
            "BEGIN IMMEDIATE;
             DROP TABLE IF EXISTS found;
             DROP TABLE IF EXISTS searched;
             CREATE TABLE searched (number INTEGER NOT NULL PRIMARY KEY, room TEXT NOT NULL UNIQUE, upto BIGINT NOT NULL);
             CREATE VIRTUAL TABLE found USING fts5 (words, content = '', columnsize = 0, tokenize = 'trigram');
             INSERT INTO found (found, rank) VALUES ('secure-delete', 1);
             COMMIT",
        )
        .execute(&mut *connection)
        .await?;
    }
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS unclean (state BIGINT NOT NULL)").execute(connection).await?;
    Ok(())
}

impl Batch<'_> {
    /// Takes the texts of these numbers out of the index, for they are about to go or to change.
    pub(super) async fn forget_texts(&mut self, room: &str, from: i64, to: i64) -> Result<(), sqlx::Error> {
        if let Some((base, upto)) = self.searched(room).await? {
            self.sql()
                .run(
                    "INSERT INTO found (found, rowid, words) SELECT 'delete', $2 + seq, COALESCE(text, alt)
                     FROM messages WHERE room = $1 AND seq BETWEEN $3 AND $4 AND (kind = 'text' OR alt IS NOT NULL)",
                    args![room, base, from, to.min(upto)],
                )
                .await?;
        }
        Ok(())
    }

    /// Notes that the texts which `statement` deletes from the index are gone, and that it is to be written anew.
    pub(super) async fn forget_many(&mut self, statement: &'static str, args: Vec<Arg>) -> Result<(), sqlx::Error> {
        const MARK: &str = "INSERT INTO found (found, rank) VALUES ('secure-delete', 0)";
        const TAKE_OUT: &str = "INSERT INTO found (found, rank) VALUES ('secure-delete', 1)";
        if !self.sql().is_sqlite() {
            return Ok(());
        }
        for (sql, args) in [(MARK, args![]), (statement, args), (TAKE_OUT, args![])] {
            self.sql().run(sql, args).await?;
        }
        self.sql().run("DELETE FROM unclean", args![]).await?;
        self.sql().run("INSERT INTO unclean (state) VALUES (1)", args![]).await?;
        Ok(())
    }

    /// Writes some of the index anew. `false` when that is not due.
    async fn clean(&mut self) -> Result<bool, sqlx::Error> {
        const CHANGES: &str = "SELECT total_changes()";
        let Some((state,)) = self.sql().first::<(i64,)>("SELECT state FROM unclean", args![]).await? else {
            return Ok(false);
        };
        // A negative number begins to merge everything into one; it is over when next to nothing changes (FTS5,
        // section 6.8).
        let pages = if state == 1 { -limits::CLEAN } else { limits::CLEAN };
        let before: Option<(i64,)> = self.sql().first(CHANGES, args![]).await?;
        self.sql().run("INSERT INTO found (found, rank) VALUES ('merge', $1)", args![pages]).await?;
        let after: Option<(i64,)> = self.sql().first(CHANGES, args![]).await?;
        let changes = after.unwrap_or_default().0 - before.unwrap_or_default().0;
        let next = if changes < 2 { "DELETE FROM unclean" } else { "UPDATE unclean SET state = 2" };
        self.sql().run(next, args![]).await?;
        Ok(true)
    }

    /// Puts a text that has changed back.
    pub(super) async fn learn_text(&mut self, room: &str, seq: i64) -> Result<(), sqlx::Error> {
        if let Some((base, upto)) = self.searched(room).await?
            && seq <= upto
        {
            self.learn_texts(room, base, seq, seq).await?;
        }
        Ok(())
    }

    /// Nothing of the room is in the index any more.
    pub(super) async fn forget_room(&mut self, room: &str) -> Result<(), sqlx::Error> {
        if self.sql().is_sqlite() {
            self.sql().run("DELETE FROM searched WHERE room = $1", args![room]).await?;
        }
        Ok(())
    }

    /// Adds some texts to the index, after the heads are written down, or cleans it. `false` when nothing is left to do.
    pub(super) async fn index(&mut self) -> Result<bool, sqlx::Error> {
        if !self.sql().is_sqlite() {
            return Ok(false);
        }
        let behind: Option<(String, i64, Option<i64>)> = self
            .sql()
            .first(
                "SELECT r.id, r.head, s.upto FROM rooms r LEFT JOIN searched s ON s.room = r.id
                 WHERE r.head > COALESCE(s.upto, 0) LIMIT 1",
                args![],
            )
            .await?;
        let Some((room, head, upto)) = behind else { return self.clean().await };
        let from = upto.unwrap_or(0) + 1;
        let to = head.min(from + limits::INDEX - 1);
        let number: Option<(i64,)> = self
            .sql()
            .first(
                "INSERT INTO searched (room, upto) VALUES ($1, $2)
                 ON CONFLICT (room) DO UPDATE SET upto = excluded.upto RETURNING number",
                args![room.as_str(), to],
            )
            .await?;
        if let Some((number,)) = number {
            self.learn_texts(&room, number * ROOM, from, to).await?;
        }
        Ok(true)
    }

    async fn learn_texts(&mut self, room: &str, base: i64, from: i64, to: i64) -> Result<(), sqlx::Error> {
        self.sql()
            .run(
                "INSERT INTO found (rowid, words) SELECT $2 + seq, COALESCE(text, alt) FROM messages
                 WHERE room = $1 AND seq BETWEEN $3 AND $4 AND (kind = 'text' OR alt IS NOT NULL)",
                args![room, base, from, to],
            )
            .await?;
        Ok(())
    }

    /// Where the rows of a room begin, and how far they go.
    pub(super) async fn searched(&mut self, room: &str) -> Result<Option<(i64, i64)>, sqlx::Error> {
        if !self.sql().is_sqlite() {
            return Ok(None);
        }
        let row: Option<(i64, i64)> =
            self.sql().first("SELECT number, upto FROM searched WHERE room = $1", args![room]).await?;
        Ok(row.map(|(number, upto)| (number * ROOM, upto)))
    }
}
