//! SQLite alone: the app's tables and indexes, prepared statements, nothing between them and the disk.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use super::{ROOMS, Turn};
use crate::latency::Latencies;

const TABLES: &str = include_str!("../../../../migrations/0001_rooms_and_messages.sql");
const INSERT: &str = "INSERT INTO messages (room, seq, id, session, member_id, member_name, member_color, text, gif, \
    client_message_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?) \
    ON CONFLICT (room, session, client_message_id) WHERE client_message_id IS NOT NULL DO NOTHING";

pub struct Raw {
    connection: Connection,
    text: String,
    heads: [i64; ROOMS],
    next: u64,
    _folder: tempfile::TempDir,
}

impl Raw {
    /// With the pragmas of the app's writer, but for checkpoints: here SQLite makes them itself, every 1,000 pages.
    pub fn open(folder: &Path, letters: u16) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir_in(folder)?;
        let connection = Connection::open(folder.path().join("raw.db"))?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
        connection.execute_batch(TABLES)?;
        for room in 0..ROOMS {
            let made = "INSERT INTO rooms VALUES (?, 'bench', 10, NULL, ?, 'somebody', '#123456', ?, 1, 0, 1)";
            connection.execute(made, params![room_id(room), id(16, 1), id(32, 1)])?;
        }
        let text = "x".repeat(letters.into());
        Ok(Self { connection, text, heads: [0; ROOMS], next: 0, _folder: folder })
    }

    /// As if so many senders stood in line, and everybody's message were committed by itself.
    #[allow(clippy::disallowed_methods, reason = "a bench measures time that has really passed")]
    pub fn commit_each(&mut self, senders: usize, lasts: Duration) -> anyhow::Result<Turn> {
        let begin = Instant::now();
        let mut line: VecDeque<Instant> = std::iter::repeat_n(begin, senders).collect();
        let (mut messages, mut latencies) = (0, Latencies::default());
        while begin.elapsed() < lasts {
            self.transaction(1, senders)?;
            messages += 1;
            if let Some(sent) = line.pop_front() {
                latencies.add(sent.elapsed());
            }
            line.push_back(Instant::now());
        }
        Ok(Turn { messages, lasted: begin.elapsed(), latencies })
    }

    /// So many messages in each transaction: everybody's latency is that of the transaction.
    #[allow(clippy::disallowed_methods, reason = "a bench measures time that has really passed")]
    pub fn commit_all(&mut self, batch: usize, senders: usize, lasts: Duration) -> anyhow::Result<Turn> {
        let begin = Instant::now();
        let (mut messages, mut latencies) = (0, Latencies::default());
        while begin.elapsed() < lasts {
            let sent = Instant::now();
            self.transaction(batch, senders)?;
            messages += batch as u64;
            latencies.add(sent.elapsed());
        }
        Ok(Turn { messages, lasted: begin.elapsed(), latencies })
    }

    /// Each room's head moves on once, and then come the messages, as in the app.
    fn transaction(&mut self, batch: usize, senders: usize) -> anyhow::Result<()> {
        let rooms = senders.min(ROOMS);
        let transaction = self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        {
            let mut head = transaction.prepare_cached("UPDATE rooms SET head = head + ? WHERE id = ?")?;
            let mut insert = transaction.prepare_cached(INSERT)?;
            for room in 0..rooms.min(batch) {
                let more = (batch - room).div_ceil(rooms);
                head.execute(params![more as i64, room_id(room)])?;
            }
            for number in 0..batch {
                let room = number % rooms;
                self.heads[room] += 1;
                self.next += 1;
                insert.execute(params![
                    room_id(room),
                    self.heads[room],
                    // Random in the app as well, so that its order says nothing.
                    id(32, self.next.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
                    id(32, number as u64),
                    id(16, number as u64),
                    "조용한 고래",
                    "#123456",
                    self.text,
                    format!("m{}", self.next),
                    1_760_000_000_000_i64,
                ])?;
            }
        }
        Ok(transaction.commit()?)
    }
}

fn room_id(room: usize) -> String {
    id(24, room as u64)
}

fn id(digits: usize, number: u64) -> String {
    format!("{number:0digits$x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_stored_and_counted() {
        let mut raw = Raw::open(&std::env::temp_dir(), 64).unwrap();
        for (batch, senders) in [(1, 1), (1, 256), (16, 16), (256, 256), (512, 16), (3, 16)] {
            raw.transaction(batch, senders).unwrap();
        }
        let count = |sql| raw.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT COUNT(*) FROM messages"), 1 + 1 + 16 + 256 + 512 + 3);
        assert_eq!(count("SELECT SUM(head) FROM rooms"), count("SELECT COUNT(*) FROM messages"));
        assert_eq!(count("SELECT COUNT(*) FROM messages m JOIN rooms r ON r.id = m.room WHERE m.seq > r.head"), 0);
        assert_eq!(count("PRAGMA synchronous"), 2);
    }
}
