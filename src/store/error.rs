//! What can go wrong in the store.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

/// The reason behind an outage, shared by everybody whose command it hit.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why a command or a read did not succeed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no such room")]
    NoSuchRoom,
    #[error("the server holds as many rooms as it may")]
    TooManyRooms,
    /// What is to be edited, removed or reacted to is not there (any more), or is not of a kind with which that is done.
    #[error("there is no such message")]
    NoSuchMessage,
    #[error("somebody else wrote the message")]
    NotYours,
    #[error("the message is too old to be changed")]
    TooLate,
    /// A message has 20 different emoji already.
    #[error("the message has as many different reactions as it may")]
    TooManyReactions,
    /// With this GIF there would be more in the room than may be.
    #[error("the room shows as many bytes of GIFs as it may")]
    RoomFullOfGifs,
    #[error("the session shows as many bytes of GIFs as it may")]
    TooMuchShown,
    #[error("the server holds as many bytes of GIFs as it may")]
    ServerFullOfGifs,
    /// The library holds as many GIFs as it may, or as many offers.
    #[error("the library is full")]
    LibraryFull,
    /// As many offers of a session, or from an address, wait for an operator as may.
    #[error("too many offers of the same person wait")]
    TooManyOffers,
    /// The disk is full, the database locked, unreachable or closed. Nothing was published, and nothing was stored, as
    /// far as anybody can know: a message that turns out to be stored all the same is published then. The same command
    /// may succeed later: the store heals by itself, and tells the log how it goes.
    #[error("the store is not available")]
    Unavailable(#[source] Cause),
}

impl StoreError {
    pub(super) fn unavailable(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Arc::new(cause))
    }

    /// What everybody hears after [`Store::close`](super::Store::close).
    pub(super) fn closed() -> Self {
        Self::unavailable(Closed)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the store is closed")]
struct Closed;

/// A stored value that is none of ours: somebody else wrote into the database.
#[derive(Debug, thiserror::Error)]
#[error("the column {column} holds a value that GIF Chat never writes")]
pub(super) struct Corrupt {
    pub(super) column: &'static str,
}

/// An id that is random by design is there already.
#[derive(Debug, thiserror::Error)]
#[error("a room with this id exists already")]
pub(super) struct IdTaken;

/// Why the store could not be opened: one sentence with its remedy, for the person at the command line.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database {} cannot be made ({source}): choose a folder that this user may write with --data or GIFCHAT_DATA", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the database {} cannot be opened ({source}): check that it is GIF Chat's, and that this user may read and write it", path.display())]
    Sqlite { path: PathBuf, source: sqlx::Error },
    #[error("the PostgreSQL database cannot be reached ({0}): check its address, and that it accepts connections")]
    Postgres(#[source] sqlx::Error),
    #[error("this SQLite, {found}, can damage a database in WAL mode: build GIF Chat with SQLite {wanted} or newer")]
    SqliteTooOld { found: String, wanted: &'static str },
    #[error(
        "the database comes from a newer version of GIF Chat (its migration {0} is unknown here): start that version, or choose another folder with --data or GIFCHAT_DATA"
    )]
    Newer(i64),
    #[error("the database cannot be brought up to date ({0}): restore a backup, or report this as a bug")]
    Migration(#[source] sqlx::migrate::MigrateError),
}
