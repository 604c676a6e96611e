//! What is deleted little by little, beside what is asked of the writer: what removed rooms have left, and what people
//! wrote long ago who are to leave nothing behind.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::error::StoreError;
use super::limits;
use super::message_row::{joined, members};
use super::rows::read;
use super::space::{Discount, of_messages};
use super::sql::{Arg, args};
use super::write::{Batch, Verdict};
use crate::domain::{GifHash, MemberId, RoomId};

/// How many members a statement deals with. The last one fills the places that are left.
const MEMBERS: usize = 64;

/// `, $4, $5 …` of a statement whose own parameters are `$1` (the room), `$2` and `$3` (from and to which `seq`).
static THESE: LazyLock<String> = LazyLock::new(|| {
    (0..MEMBERS).fold(String::new(), |mut list, nth| {
        let _ = write!(list, "{}${}", if nth == 0 { "" } else { ", " }, nth + 4);
        list
    })
});

/// The GIFs of a room are few and have an index of their own. `+` here and below: SQLite shall not go through the whole
/// range instead.
static GIFS: LazyLock<String> = LazyLock::new(|| {
    let these = &*THESE;
    format!(
        "SELECT gif FROM messages WHERE room = $1 AND gif IS NOT NULL AND +seq BETWEEN $2 AND $3
             AND member_id IN ({these})"
    )
});

static REACTIONS_TO: LazyLock<String> = LazyLock::new(|| {
    let these = &*THESE;
    format!(
        "DELETE FROM reactions WHERE room = $1 AND seq BETWEEN $2 AND $3 AND seq IN (
             SELECT seq FROM messages WHERE room = $1 AND seq BETWEEN $2 AND $3 AND kind IN ('text', 'gif')
                 AND member_id IN ({these}))"
    )
});

static REACTIONS_BY: LazyLock<String> = LazyLock::new(|| {
    let these = &*THESE;
    format!("DELETE FROM reactions WHERE room = $1 AND since BETWEEN $2 AND $3 AND member_id IN ({these})")
});

static WHISPERS_BY: LazyLock<String> = LazyLock::new(|| {
    let these = &*THESE;
    format!(
        "UPDATE whispers SET text = NULL, from_name = '' WHERE room = $1 AND after_seq BETWEEN $2 AND $3
             AND from_id IN ({these})"
    )
});

const EMPTY: &str = "UPDATE messages SET kind = 'purged', member_name = '', text = NULL, gif = NULL, alt = NULL,
         target = NULL, mentions = NULL, edited_at = NULL, code = NULL, detail = NULL";

/// Takes them out of the index that SQLite has: see index.rs, also for the number.
static INDEXED: LazyLock<String> = LazyLock::new(|| indexed("m.seq"));

/// The same for descriptions alone: their GIFs go first.
static DESCRIBED: LazyLock<String> = LazyLock::new(|| indexed("+m.seq") + " AND m.gif IS NOT NULL");

fn indexed(seq: &str) -> String {
    let these = &*THESE;
    format!(
        "INSERT INTO found (found, rowid, words)
         SELECT 'delete', s.number * 4294967296 + m.seq, COALESCE(m.text, m.alt)
         FROM messages m JOIN searched s ON s.room = m.room
         WHERE m.room = $1 AND {seq} BETWEEN $2 AND $3 AND {seq} <= s.upto AND (m.kind = 'text' OR m.alt IS NOT NULL)
             AND m.member_id IN ({these})"
    )
}

static TEXTS: LazyLock<String> = LazyLock::new(|| {
    let these = &*THESE;
    format!(
        "{EMPTY} WHERE room = $1 AND seq BETWEEN $2 AND $3 AND member_id IN ({these})
             AND (kind IN ('text', 'gif', 'removed') OR (kind = 'notice' AND code IN ('joined', 'left')))"
    )
});

static SHOWN: LazyLock<String> = LazyLock::new(|| {
    let these = &*THESE;
    format!("{EMPTY} WHERE room = $1 AND gif IS NOT NULL AND +seq BETWEEN $2 AND $3 AND member_id IN ({these})")
});

static SPACE: LazyLock<Discount> = LazyLock::new(|| {
    let these = &*THESE;
    Discount::new(&format!("{} AND +m.seq BETWEEN $2 AND $3 AND m.member_id IN ({these})", of_messages!("")))
});

/// The arguments of the statements above.
fn of(room: RoomId, from: i64, to: i64, members: &[MemberId]) -> Vec<Arg> {
    let mut all = args![room, from, to];
    let padded = members.iter().chain(std::iter::repeat(&members[members.len() - 1])).take(MEMBERS);
    all.extend(padded.map(|member| Arg::from(*member)));
    all
}

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

/// The same for the texts that the first of the pieces deletes.
const OF_ROOM: &str = "INSERT INTO found (found, rowid, words)
    SELECT 'delete', s.number * 4294967296 + m.seq, COALESCE(m.text, m.alt)
    FROM messages m JOIN searched s ON s.room = m.room
    WHERE m.room = $1 AND m.seq <= s.upto AND (m.kind = 'text' OR m.alt IS NOT NULL)
        AND m.seq IN (SELECT seq FROM messages WHERE room = $1 ORDER BY seq LIMIT $2)";

impl Batch<'_> {
    /// Deletes some of what is to be gone. `false` when nothing is left to do.
    pub(super) async fn purge(&mut self) -> Result<bool, sqlx::Error> {
        let gone: Option<(String,)> = self.sql().first("SELECT room FROM removals LIMIT 1", args![]).await?;
        let Some((room,)) = gone else { return self.go_on_purging().await };
        let mut left = limits::PURGE;
        if self.searched(&room).await?.is_some() {
            self.forget_many(OF_ROOM, args![room.as_str(), left]).await?;
        }
        for piece in PIECES {
            let deleted = self.sql().run(piece, args![room.as_str(), left]).await?;
            left -= i64::try_from(deleted).unwrap_or(left);
            if left <= 0 {
                return Ok(true);
            }
        }
        self.forget_room(&room).await?;
        self.sql().run("DELETE FROM removals WHERE room = $1", args![room.as_str()]).await?;
        Ok(true)
    }

    /// Empties what these members wrote before `seq`: the newest 200 entries of the room, every GIF, reactions and
    /// whispers at once, the rest little by little. Returns the GIFs that no message refers to any more.
    pub(super) async fn purge_members(
        &mut self,
        room: RoomId,
        seq: i64,
        members: &[MemberId],
    ) -> Verdict<Vec<GifHash>> {
        let below = seq - limits::PURGE_AT_ONCE;
        let mut shown = Vec::new();
        for (part, members) in (0i64..).zip(members.chunks(MEMBERS)) {
            let all: Vec<(String,)> = self.sql().all(GIFS.as_str(), of(room, 0, seq, members)).await?;
            if !all.is_empty() {
                self.discount(&SPACE, of(room, 0, seq, members)).await?;
            }
            self.purge_range(room, below.max(0), seq, members).await?;
            if !all.is_empty() {
                self.forget_many(DESCRIBED.as_str(), of(room, 0, seq, members)).await?;
                self.sql().run(SHOWN.as_str(), of(room, 0, seq, members)).await?;
                shown.extend(all);
            }
            self.sql().run(REACTIONS_BY.as_str(), of(room, 0, seq, members)).await?;
            self.sql().run(WHISPERS_BY.as_str(), of(room, 0, seq, members)).await?;
            if below > 0 {
                self.sql()
                    .run(
                        "INSERT INTO purges (room, seq, part, members, below) VALUES ($1, $2, $3, $4, $5)",
                        args![room, seq, part, joined(members), below],
                    )
                    .await?;
            }
        }
        self.left_over |= below > 0;
        self.free_gifs(shown).await
    }

    async fn purge_range(&mut self, room: RoomId, from: i64, to: i64, members: &[MemberId]) -> Result<(), sqlx::Error> {
        self.sql().run(REACTIONS_TO.as_str(), of(room, from, to, members)).await?;
        self.forget_many(INDEXED.as_str(), of(room, from, to, members)).await?;
        self.sql().run(TEXTS.as_str(), of(room, from, to, members)).await?;
        Ok(())
    }

    /// Does a piece of a purge that is not over yet. `false` when there is none.
    async fn go_on_purging(&mut self) -> Result<bool, sqlx::Error> {
        let next: Option<(String, i64, i64, String, i64)> =
            self.sql().first("SELECT room, seq, part, members, below FROM purges LIMIT 1", args![]).await?;
        let Some((id, seq, part, all, below)) = next else { return Ok(false) };
        let below_next = below - limits::PURGE;
        let known: Result<(RoomId, Vec<MemberId>), StoreError> =
            read("purges.room", &id).and_then(|room| Ok((room, members("purges.members", Some(&all))?)));
        // What cannot be read is none of ours, and nobody will ever do it.
        if let Ok((room, members)) = known
            && !members.is_empty()
        {
            self.purge_range(room, below_next, below, &members).await?;
        }
        let key = args![id.as_str(), seq, part, below_next];
        let statement = if below_next > 0 {
            "UPDATE purges SET below = $4 WHERE room = $1 AND seq = $2 AND part = $3"
        } else {
            "DELETE FROM purges WHERE room = $1 AND seq = $2 AND part = $3 AND below > $4"
        };
        self.sql().run(statement, key).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan::{empty, plan};

    /// A room may have millions of messages, and a ban waits for this.
    #[tokio::test]
    async fn gifs_are_found_without_looking_at_every_message() {
        let mut connection = empty().await;
        for text in [&*GIFS, &*SHOWN, &*DESCRIBED, &SPACE.room, &SPACE.sessions] {
            let plan = plan(&mut connection, text).await;
            let messages: Vec<_> =
                plan.iter().filter(|step| step.contains(" m ") || step.contains(" messages ")).collect();
            assert!(messages.len() == 1 && messages[0].contains("INDEX messages_with_gif (room=?)"), "{plan:?}");
        }
    }
}
