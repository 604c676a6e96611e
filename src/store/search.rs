//! Looking for texts in a room, and for GIFs by the words of their descriptions.

use super::error::StoreError;
use super::index::ROOM;
use super::message_row::{MessageRow, not_purged, select_messages};
use super::page;
use super::sql::{Sql, args};
use super::{Store, limits};
use crate::domain::{MemberId, Message, RoomId};

/// `$2` and `$3`: from and to which `seq`; `$4`: what the text is like; `$5`: a member id, or nothing for all.
const LIKE_SQLITE: &str = select_messages!(
    "WHERE m.room = $1 AND m.seq BETWEEN $2 AND $3 AND m.kind IN ('text', 'gif')
         AND COALESCE(m.text, m.alt) LIKE $4 ESCAPE '!' AND ($5 = '' OR m.member_id = $5)",
    not_purged!(),
    "ORDER BY m.seq DESC LIMIT $6"
);
const LIKE_POSTGRES: &str = select_messages!(
    "WHERE m.room = $1 AND m.seq BETWEEN $2 AND $3 AND m.kind IN ('text', 'gif')
         AND COALESCE(m.text, m.alt) ILIKE $4 ESCAPE '!' AND ($5 = '' OR m.member_id = $5)",
    not_purged!(),
    "ORDER BY m.seq DESC LIMIT $6"
);
/// `$2`: where the rows of the room begin; `$3` and `$4`: from and to which row.
const INDEXED: &str = select_messages!(
    "WHERE m.room = $1 AND m.seq IN (
         SELECT rowid - $2 FROM found WHERE found MATCH $5 AND rowid BETWEEN $3 AND $4 ORDER BY rowid DESC LIMIT $8)
         AND m.kind IN ('text', 'gif') AND ($6 = '' OR m.member_id = $6)",
    not_purged!(),
    "ORDER BY m.seq DESC LIMIT $7"
);

impl Store {
    /// The newest texts and described GIFs of a room in which `query` occurs (whatever the case of its letters; of ASCII at least), older
    /// than `before`, of one member or all: at most `limit` and at most 100, the newest first.
    ///
    /// It costs no more than looking at 50,000 texts. SQLite finds everything of 3 characters or more; shorter ones, and
    /// all on PostgreSQL, only among the newest 50,000 entries before `before`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; a room that is not there has no messages.
    pub async fn search(
        &self,
        room: RoomId,
        query: &str,
        from: Option<MemberId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let (_turn, mut lease) = self.searcher().await?;
        let sql = &mut lease.sql();
        let wanted = Wanted {
            room,
            query,
            from: from.map(|from| from.to_string()).unwrap_or_default(),
            limit: limit.min(limits::SEARCH),
        };
        let rows = wanted.find(sql, before).await.map_err(|error| self.unreadable(error))?;
        let mut messages = Vec::with_capacity(rows.len());
        for row in rows {
            // They may lie far apart.
            let one = page::complete(sql, room, None, vec![row]).await.map_err(|error| self.unreadable(error))?;
            messages.extend(one?);
        }
        Ok(messages)
    }
}

struct Wanted<'a> {
    room: RoomId,
    query: &'a str,
    from: String,
    limit: u32,
}

impl Wanted<'_> {
    async fn find(&self, sql: &mut Sql<'_>, before: Option<i64>) -> Result<Vec<MessageRow>, sqlx::Error> {
        let head: Option<(i64,)> = sql.first("SELECT head FROM rooms WHERE id = $1", args![self.room]).await?;
        let Some((head,)) = head else { return Ok(Vec::new()) };
        let last = before.map_or(head, |before| before.saturating_sub(1).min(head));
        let oldest = last.saturating_sub(limits::SCAN) + 1;
        if !sql.is_sqlite() || self.query.chars().count() < 3 {
            return self.look(sql, oldest, last).await;
        }
        let row: Option<(i64, i64)> =
            sql.first("SELECT number, upto FROM searched WHERE room = $1", args![self.room]).await?;
        let (number, upto) = row.unwrap_or_default();
        let mut found = self.look(sql, oldest.max(upto + 1), last).await?;
        let left = i64::from(self.limit) - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if left > 0 && upto > 0 {
            let base = number * ROOM;
            let phrase = format!("\"{}\"", self.query.replace('"', "\"\""));
            let from = self.from.as_str();
            let args =
                args![self.room, base, base + 1, base + last.min(upto), phrase.as_str(), from, left, limits::MATCHES];
            let older: Vec<MessageRow> = sql.all(INDEXED, args).await?;
            found.extend(older);
        }
        Ok(found)
    }

    /// At the texts themselves.
    async fn look(&self, sql: &mut Sql<'_>, from: i64, to: i64) -> Result<Vec<MessageRow>, sqlx::Error> {
        if from > to {
            return Ok(Vec::new());
        }
        let statement = if sql.is_sqlite() { LIKE_SQLITE } else { LIKE_POSTGRES };
        let args = args![self.room, from, to, like(self.query).as_str(), self.from.as_str(), self.limit];
        sql.all(statement, args).await
    }
}

/// What LIKE takes for "this occurs in it".
fn like(query: &str) -> String {
    let mut pattern = String::with_capacity(query.len() + 2);
    pattern.push('%');
    for character in query.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_like_takes_for_something_else_is_escaped() {
        assert_eq!(super::like("100%_!\\"), "%100!%!_!!\\%");
    }
}
