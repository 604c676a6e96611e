//! The truth: rooms, admissions, messages and GIFs, in SQLite or PostgreSQL.
//!
//! All writing goes through one task, which puts everything that waits into one transaction and answers after the
//! commit: an answer means that it is on disk. Reading goes over connections of its own and never waits for the writer.
//! Nothing outside this folder knows SQL; only `sql.rs` and what opens a database know that there are two.

mod act;
mod answer;
mod change;
mod checkpoint;
mod doubt;
mod entry;
mod error;
mod gifs;
mod index;
mod library;
mod limits;
mod message_row;
mod notice;
mod page;
mod post;
mod postgres;
mod purge;
mod read;
mod rows;
mod search;
mod seldom;
mod space;
mod sql;
mod sqlite;
mod start;
#[cfg(test)]
mod tests;
mod turn;
mod whisper;
mod write;
mod writer;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use tokio::task::JoinHandle;

use crate::domain::{Act, Event, GifHash, Message, NewMessage, NewWhisper, Room, RoomId, SessionId, Whisper};
use crate::env::Env;
use answer::Answer;
use checkpoint::CheckpointTask;
use doubt::Doubts;
pub use error::{Cause, OpenError, StoreError};
pub use gifs::{Rendered, Renditions};
pub use library::{Arrival, Desk, DeskError, Discarded, OfferLimits, Used};
use seldom::Seldom;
pub use space::{Files, Space, SpaceLimits};
use sql::{Lease, Link, Pool, Target};
pub use turn::Turn;
use writer::{Command, Failures, Writer};

/// Where the truth is kept.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file; it and its folder are made at the first start.
    Sqlite(PathBuf, Synchronous),
    /// A `postgres://` URL.
    Postgres(String),
}

/// What a commit in SQLite waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// For the disk: what was answered survives a power cut.
    Full,
    /// For the operating system: what was answered survives the end of the process, however it comes, but a power cut
    /// may take the last messages. The database stays whole either way.
    Normal,
}

/// Hears of every new message and whisper: called by the writer after the commit, in the order of commit, before the poster gets the answer.
/// It must not block.
pub type OnCommit = Arc<dyn Fn(Event) + Send + Sync>;

/// Runs its argument, in which the writer tells all events of a transaction and gives the answers: who delivers them can
/// put them together.
pub type Together = fn(&mut dyn FnMut());

/// A message that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    pub message: Message,
    /// `false` when it had been stored before and this was a retry; it is not published again.
    pub first: bool,
}

/// An act that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// Its entries as they were stored, without those that had nothing to change. Of a retry: those with a name of
    /// their sender's, as they are now.
    pub messages: Vec<Message>,
    /// The GIFs that no message of any room refers to any more.
    pub freed: Vec<GifHash>,
    /// A reaction was as it is to be already, and nothing was stored for it: how many have it.
    pub unchanged: Option<u32>,
    /// `false` when it had been stored before and this was a retry: nothing was done.
    pub first: bool,
}

/// A whisper that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whispered {
    /// As it lies in the writer's mailbox.
    pub mine: Whisper,
    /// `false` when it had been stored before and this was a retry; it is not published again.
    pub first: bool,
}

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    commands: mpsc::Sender<Command>,
    readers: Pool,
    searches: Semaphore,
    env: Env,
    /// What reads that fail say in the log.
    log: Mutex<Seldom>,
    tasks: Mutex<Option<Tasks>>,
}

/// What [`Store::close`] waits for.
struct Tasks {
    writer: JoinHandle<()>,
    checkpoints: Option<CheckpointTask>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("readers", &self.shared.readers).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database, brings its tables up to date, and starts the writer on the current runtime.
    ///
    /// # Errors
    /// A sentence with its remedy: see [`OpenError`].
    pub async fn open(
        database: Database,
        env: Env,
        on_commit: OnCommit,
        together: Together,
    ) -> Result<Self, OpenError> {
        Self::open_with(database, env, on_commit, together, limits::QUEUE).await
    }

    async fn open_with(
        database: Database,
        env: Env,
        on_commit: OnCommit,
        together: Together,
        queue: usize,
    ) -> Result<Self, OpenError> {
        let gate = Arc::new(tokio::sync::Mutex::new(()));
        let (target, link, readers, checkpointer, checkpoints) = match database {
            Database::Sqlite(path, synchronous) => {
                let mut connection = sqlite::connect(&path, synchronous).await?;
                migrated(sqlx::migrate!().run(&mut connection).await)?;
                index::make(&mut connection)
                    .await
                    .map_err(|source| OpenError::Sqlite { path: path.clone(), source })?;
                let options = sqlite::options(&path, synchronous);
                let (checkpointer, task) = checkpoint::start(options, Arc::clone(&gate), env.clone());
                let readers = Pool::Sqlite(sqlite::readers(&path).await?);
                let target = Target::Sqlite(path, synchronous);
                (target, Link::Sqlite(connection), readers, Some(checkpointer), Some(task))
            }
            Database::Postgres(url) => {
                let options = postgres::options(&url)?;
                let target = Target::Postgres(Box::new(options.clone()));
                let mut link = target.connect().await.map_err(OpenError::Postgres)?;
                if let Link::Postgres(connection) = &mut link {
                    migrated(sqlx::migrate!().run(connection).await)?;
                }
                (target, link, Pool::Postgres(postgres::readers(options)), None, None)
            }
        };
        let (commands, waiting) = mpsc::channel(queue);
        let writer = Writer {
            commands: waiting,
            target,
            link: Some(link),
            env: env.clone(),
            on_commit,
            together,
            // A process before this one may have been stopped in the middle of it.
            purging: true,
            // So it may in the middle of this.
            indexing: true,
            backlog: 0,
            doubts: Doubts::default(),
            failures: Failures::default(),
            gate,
            checkpointer,
        };
        let tasks = Tasks { writer: tokio::spawn(writer.run()), checkpoints };
        Ok(Self {
            shared: Arc::new(Shared {
                commands,
                readers,
                searches: Semaphore::new(limits::SEARCHES),
                env,
                log: Mutex::default(),
                tasks: Mutex::new(Some(tasks)),
            }),
        })
    }

    /// Stores a room and admits its owner's session.
    ///
    /// # Errors
    /// [`StoreError::TooManyRooms`] when there are `most` rooms already.
    pub async fn create_room(&self, room: Room, most: u32) -> Result<Room, StoreError> {
        self.ask(|answer| Command::CreateRoom(Box::new(room), most, answer)).await
    }

    /// Lets a session enter and read a room from now on. Once is enough. Of more than `most` admissions the oldest
    /// that is not the owner's lapses.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRoom`].
    pub async fn admit(&self, room: RoomId, session: SessionId, most: u32) -> Result<(), StoreError> {
        // A page is loaded far more often than a room is entered for the first time.
        if self.is_admitted(room, session).await? {
            return Ok(());
        }
        self.ask(|answer| Command::Admit(room, session, most, answer)).await
    }

    /// Stores a message with the next `seq` of its room. It returns once the message is on disk and published.
    ///
    /// A second message of the session with the same client message id in the room is a retry: it returns the first.
    /// When the caller goes away while waiting, the message is stored and published all the same.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRoom`] when it is gone. After [`StoreError::Unavailable`] the same message may be tried again.
    pub async fn post(&self, new: NewMessage) -> Result<Posted, StoreError> {
        self.ask(|answer| Command::post(new, answer)).await
    }

    /// Stores an act: its entries, in order, and its changes; all of it, or (when one of its entries is refused)
    /// nothing. An entry with the name of one that is there makes the whole act a retry.
    ///
    /// Whatever an entry says of them, an edit's time, a reaction's count and a stored right are the store's own.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRoom`]; [`StoreError::NoSuchMessage`], [`StoreError::NotYours`], [`StoreError::TooLate`] and
    /// [`StoreError::TooManyReactions`] for an edit, a removal or a reaction.
    pub async fn act(&self, act: Act) -> Result<Acted, StoreError> {
        self.ask(|answer| Command::Act(Box::new(act), answer)).await
    }

    /// Stores a whisper in the mailboxes of both. A retry returns the first.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRoom`]; [`StoreError::NoSuchMessage`] for the retry of one that is purged.
    pub async fn whisper(&self, new: NewWhisper) -> Result<Whispered, StoreError> {
        self.ask(|answer| Command::Whisper(Box::new(new), answer)).await
    }

    /// Waits for a place in the writer's queue. Who asks one after another has their places in that order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is closed.
    pub async fn turn(&self) -> Result<Turn<'_>, StoreError> {
        self.shared.commands.reserve().await.map(Turn).map_err(|_| StoreError::closed())
    }

    /// Gives every room a new epoch, so that positions of the time before are known to be void. Returns how many rooms
    /// there are. To be called before anything else is read or written.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn renew_epochs(&self) -> Result<u64, StoreError> {
        self.ask(Command::RenewEpochs).await
    }

    /// Removes a room with its admissions and messages. Returns the GIFs that no message of any room refers to any more.
    ///
    /// # Errors
    /// [`StoreError::NoSuchRoom`] when it is gone already.
    pub async fn remove_room(&self, room: RoomId) -> Result<Vec<GifHash>, StoreError> {
        self.ask(|answer| Command::RemoveRoom(room, answer)).await
    }

    /// Whether a message refers to a GIF, counting every [`Store::post`] that was begun before, even one whose caller
    /// has gone away since. ([`Store::gif`] counts only what is committed.)
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn is_gif_used(&self, hash: GifHash) -> Result<bool, StoreError> {
        self.ask(|answer| Command::IsGifUsed(hash, answer)).await
    }

    /// Notes what was made of a GIF. `false` when nothing refers to it any more, so that it is not noted.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn rendered(&self, hash: GifHash, rendered: Rendered) -> Result<bool, StoreError> {
        self.ask(|answer| Command::Rendered(hash, rendered, answer)).await
    }

    /// Notes that the files of these GIFs are gone, and says of which that is news.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn mark_lost(&self, hashes: Vec<GifHash>) -> Result<Vec<GifHash>, StoreError> {
        self.ask(|answer| Command::MarkLost(hashes, answer)).await
    }

    /// Notes that the files of these GIFs, which were gone, are back: [`Store::gifs_to_render`] tells them.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn mark_found(&self, hashes: Vec<GifHash>) -> Result<(), StoreError> {
        self.ask(|answer| Command::MarkFound(hashes, answer)).await
    }

    /// Does what was asked before, and closes every connection. Later calls get [`StoreError::Unavailable`]. Whether
    /// everything is in the database and on the disk now.
    pub async fn close(&self) -> bool {
        let tasks = self.shared.tasks.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(tasks) = tasks else { return false };
        let _ = self.shared.commands.send(Command::Close).await;
        if tasks.writer.await.is_err() {
            tracing::error!("The store's writer had panicked");
        }
        self.shared.readers.close().await;
        match tasks.checkpoints {
            Some(checkpoints) => checkpoints.finish().await,
            None => true,
        }
    }

    async fn ask<T: Send + 'static>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, StoreError> {
        let place = self.shared.commands.reserve().await.map_err(|_| StoreError::closed())?;
        let (answer, answered) = Answer::awaited();
        place.send(command(answer));
        answered.await.map_err(|_| StoreError::closed())?
    }

    async fn reader(&self) -> Result<Lease, StoreError> {
        self.shared.readers.acquire().await.map_err(|error| self.unreadable(error))
    }

    /// A reader for what may take long.
    async fn searcher(&self) -> Result<(SemaphorePermit<'_>, Lease), StoreError> {
        let turn = tokio::time::timeout(limits::READER_WAIT, self.shared.searches.acquire()).await;
        let turn = turn.map_err(|_| self.unreadable(sqlx::Error::PoolTimedOut))?.map_err(|_| StoreError::closed())?;
        Ok((turn, self.reader().await?))
    }

    fn unreadable(&self, error: sqlx::Error) -> StoreError {
        let mut log = self.shared.log.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(more) = log.now(self.shared.env.now()) {
            tracing::error!(%error, more, "The database could not be read");
        }
        StoreError::unavailable(error)
    }
}

fn migrated(result: Result<(), sqlx::migrate::MigrateError>) -> Result<(), OpenError> {
    use sqlx::migrate::MigrateError::VersionMissing;
    result.map_err(|error| match error {
        VersionMissing(version) => OpenError::Newer(version),
        other => OpenError::Migration(other),
    })
}
