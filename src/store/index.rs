//! The index of texts that a search in SQLite looks into. (PostgreSQL looks at the texts themselves: see search.rs.)
//!
//! It is an FTS5 table of trigrams, because the words of Korean cannot be told apart by spaces and endings. It keeps no
//! copy of the texts (`content=''`), so what is to leave it must be told the text once more, before that is gone. A text's
//! row is its room's number times 2^32 plus its `seq`: so a room is a range, and the newest come first without sorting.
//!
//! The index follows behind: the writer adds to it when nobody is waiting. `searched` says for each room how far it has
//! come; what is newer, a search looks at itself. What leaves a message leaves the index in the same transaction.

use sqlx::sqlite::SqliteConnection;

use super::limits;
use super::sql::args;
use super::write::Batch;

/// Rows of a room lie so far from those of the next.
pub(super) const ROOM: i64 = 1 << 32;

/// Makes the tables that only SQLite has.
pub(super) async fn make(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let made: Option<(i64,)> =
        sqlx::query_as("SELECT 1 FROM sqlite_master WHERE name = 'found'").fetch_optional(&mut *connection).await?;
    if made.is_none() {
        // With secure-delete what leaves the index is taken out of it at once, instead of being marked for later.
        sqlx::raw_sql(
            "BEGIN IMMEDIATE;
             CREATE TABLE searched (number INTEGER NOT NULL PRIMARY KEY, room TEXT NOT NULL UNIQUE, upto BIGINT NOT NULL);
             CREATE VIRTUAL TABLE found USING fts5 (text, content = '', columnsize = 0, tokenize = 'trigram');
             INSERT INTO found (found, rank) VALUES ('secure-delete', 1);
             COMMIT",
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

impl Batch<'_> {
    /// Takes the texts of these numbers out of the index, for they are about to go or to change.
    pub(super) async fn forget_texts(&mut self, room: &str, from: i64, to: i64) -> Result<(), sqlx::Error> {
        if let Some((base, upto)) = self.searched(room).await? {
            self.sql()
                .run(
                    "INSERT INTO found (found, rowid, text) SELECT 'delete', $2 + seq, text FROM messages
                     WHERE room = $1 AND seq BETWEEN $3 AND $4 AND kind = 'text'",
                    args![room, base, from, to.min(upto)],
                )
                .await?;
        }
        Ok(())
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

    /// Adds some texts to the index, after the heads are written down. `false` when all are in it.
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
        let Some((room, head, upto)) = behind else { return Ok(false) };
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
                "INSERT INTO found (rowid, text) SELECT $2 + seq, text FROM messages
                 WHERE room = $1 AND seq BETWEEN $3 AND $4 AND kind = 'text'",
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
