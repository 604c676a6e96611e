//! What is deleted little by little, beside what is asked of the writer: what removed rooms have left.

use super::limits;
use super::sql::args;
use super::write::Batch;

/// Some rows of a room, of each table that has rows of rooms without a foreign key.
const PIECES: [&str; 6] = [
    "DELETE FROM messages WHERE room = $1
     AND seq IN (SELECT seq FROM messages WHERE room = $1 ORDER BY seq LIMIT $2)",
    "DELETE FROM whispers WHERE room = $1 AND (session, number) IN (
         SELECT session, number FROM whispers WHERE room = $1 ORDER BY session, number LIMIT $2)",
    "DELETE FROM reactions WHERE room = $1 AND (seq, emoji, session) IN (
         SELECT seq, emoji, session FROM reactions WHERE room = $1 ORDER BY seq, emoji, session LIMIT $2)",
    "DELETE FROM names WHERE room = $1 AND session IN (
         SELECT session FROM names WHERE room = $1 ORDER BY session LIMIT $2)",
    "DELETE FROM sanctions WHERE room = $1 AND (session, kind) IN (
         SELECT session, kind FROM sanctions WHERE room = $1 ORDER BY session, kind LIMIT $2)",
    "DELETE FROM purges WHERE room = $1 AND (seq, part) IN (
         SELECT seq, part FROM purges WHERE room = $1 ORDER BY seq, part LIMIT $2)",
];

impl Batch<'_> {
    /// Deletes some of what is to be gone. `false` when nothing is left to do.
    pub(super) async fn purge(&mut self) -> Result<bool, sqlx::Error> {
        let gone: Option<(String,)> = self.sql().first("SELECT room FROM removals LIMIT 1", args![]).await?;
        let Some((room,)) = gone else { return self.go_on_purging().await };
        let mut left = limits::PURGE;
        for piece in PIECES {
            let deleted = self.sql().run(piece, args![room.as_str(), left]).await?;
            left -= i64::try_from(deleted).unwrap_or(left);
            if left <= 0 {
                return Ok(true);
            }
        }
        self.sql().run("DELETE FROM removals WHERE room = $1", args![room.as_str()]).await?;
        Ok(true)
    }
}
