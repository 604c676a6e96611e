//! Every bound of the store in one place.

use std::time::Duration;

/// Commands waiting for the writer. A poster beyond waits for a place.
pub(super) const QUEUE: usize = 4096;

/// Commands in one transaction. It bounds how long a poster waits for strangers in the same commit.
pub(super) const BATCH: usize = 512;

/// Messages of removed rooms deleted in one transaction: about the work of one batch.
pub(super) const PURGE: i64 = 500;

/// Entries of a room that a purge looks at in the transaction of its act, so that nobody waits for it. Older
/// ones come later, piece by piece, and are shown to nobody in the meantime.
pub(super) const PURGE_AT_ONCE: i64 = 200;

/// Entries whose texts are added to the index of a search in one transaction: about 10 ms.
pub(super) const INDEX: i64 = 250;

/// Pages (4 KiB) of that index that are written anew in one transaction.
pub(super) const CLEAN: i64 = 250;

/// How long nobody must have asked anything of the writer before it adds to the index.
pub(super) const QUIET: Duration = Duration::from_millis(50);

/// Posts since the index was complete from which on it is added to though somebody is always waiting.
pub(super) const BACKLOG: usize = 20_000;

/// Results of a search, whatever the caller asks for.
pub(super) const SEARCH: u32 = 100;

/// Entries that a search looks at one by one.
pub(super) const SCAN: i64 = 50_000;

/// Texts in which the query occurs that a search looks at, for one of the member who is asked for.
pub(super) const MATCHES: i64 = 20_000;

/// Different emoji on one message.
pub(super) const REACTIONS: i64 = 20;

/// Names kept for a room.
pub(super) const NAMES: i64 = 10_000;

/// Sanctions kept for a room.
pub(super) const SANCTIONS: i64 = 1000;

/// Connections for reading.
pub(super) const READERS: u32 = 4;

/// Of them, those that search at once. A search may take long, and nobody who comes into a room waits for searches alone.
pub(super) const SEARCHES: usize = 2;

/// How long a read waits for a free connection, and a search for its turn.
pub(super) const READER_WAIT: Duration = Duration::from_secs(5);

/// How long a statement waits for a lock that a stranger holds on the database.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(2);

/// The same for an operator's command beside a server.
pub(super) const LOCK_WAIT_BESIDE: Duration = Duration::from_secs(20);

/// Entries of the library in one answer, whatever the caller asks for.
pub(super) const LIBRARY_PAGE: u32 = 100;

/// Rows of a word up to which its entries are gathered and put in order; rows of all words that sets are made of; and entries
/// that are gone through in the order of their use where some word has more. Each costs 2 or 3 milliseconds: see
/// docs/decisions/0016.
pub(super) const LIBRARY_FEW: u32 = 2000;
pub(super) const LIBRARY_SETS: u32 = 20_000;
pub(super) const LIBRARY_WALK: u32 = 1500;
/// Up to how many rows it is learned which word has the fewest, when that was not enough.
pub(super) const LIBRARY_COUNT: u32 = 10 * LIBRARY_SETS;

/// How long the writer rests after a failure before it resumes deleting on its own. A command tries again at once.
pub(super) const REST: Duration = Duration::from_secs(1);

/// How often at most the log is told of an outage that lasts.
pub(super) const TELL: Duration = Duration::from_secs(30);

/// Rows of one read, whatever the caller asks for.
pub(super) const PAGE: u32 = 10_000;

/// Pages written, roughly, until somebody looks whether a checkpoint is due.
pub(super) const CHECKPOINT_LOOK: usize = 250;

/// Pages (4 KiB) in the write-ahead log that make a checkpoint worthwhile.
pub(super) const CHECKPOINT_PAGES: i64 = 1000;

/// Pages in the write-ahead log from which on the writer has to stand still for the rest of a checkpoint, so that the
/// log starts over: 16 MiB.
pub(super) const WAL_PAGES: i64 = 4096;

/// Pages in the write-ahead log that the operator should know of: 256 MiB. Only the disk bounds a log that cannot start
/// over, because checkpoints fail or because another program reads without end.
pub(super) const WAL_TELL: i64 = 65_536;
