//! The use cases, in the words of the field. They know the parts and the order of effects; no HTTP, no SQL.

mod acts;
mod admit;
mod change;
mod configure;
mod create_room;
mod deliveries;
mod enter;
mod error;
mod export;
mod gate;
mod gif;
mod heads;
mod history;
mod library;
mod limits;
mod lobby;
mod moderate;
mod passwords;
mod people;
mod perform;
mod post;
mod post_gif;
mod provider;
mod remove_room;
mod render;
mod renditions;
mod search;
mod show_gif;
mod slash;
mod sweep;
mod take_in;
mod uploads;
mod whisper;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};

use crate::bus::Bus;
use crate::domain::{GifHash, HashKey};
use crate::env::Env;
use crate::media::Media;
use crate::presence::Presence;
use crate::provider::Provider;
use crate::store::{SpaceLimits, Store};
pub use admit::Credentials;
pub use create_room::NewRoom;
use deliveries::Deliveries;
pub use error::Error;
pub use export::Export;
use gate::Gate;
pub use gif::Shown;
pub use history::Look;
pub use library::{LibraryPage, LibrarySettings};
use limits::Limits;
pub use limits::{Address, Rates, Visitor};
use passwords::Passwords;
pub use perform::Performed;
pub use post::Chance;
pub use post_gif::{MayShow, Upload};
use renditions::Renditions;
use uploads::Places;

/// How much the chat allows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Most members a room can be made for.
    pub members_per_room: u32,
    /// Rooms of the whole server.
    pub rooms: u32,
    /// Rooms that one session owns.
    pub rooms_per_session: u32,
    /// Sessions a room remembers as admitted.
    pub admissions_per_room: u32,
    /// Missed messages that are sent at once to somebody who comes back, in number and in bytes.
    pub recovery_messages: u32,
    pub recovery_bytes: usize,
    /// From one look at the rooms to the next: a room that has not changed meanwhile is told its head.
    pub head_interval: Duration,
    /// How long one's own message can be changed and removed.
    pub edit_window: Duration,
    /// Zero bits of a newcomer's proof of work.
    pub work_bits: u8,
    pub rates: Rates,
    pub gif: gifchat_gif::Limits,
    /// Bytes of GIFs.
    pub space: SpaceLimits,
    /// Free bytes on the disk below which uploads are refused.
    pub disk_reserve: u64,
    /// Whether uploads that are not stored as they are are kept, too.
    pub keep_originals: bool,
    /// How many tasks are to run [`Chat::make_renditions`].
    pub picture_workers: usize,
    pub password_hashers: usize,
    pub library: LibrarySettings,
}

/// Messages of a page of history, when nobody says how many.
const PAGE: u32 = 50;
/// Messages of a page of history, whatever somebody says.
const MOST_PAGE: u32 = 100;
/// Uploads looked through at once, each on a thread and in 64 MiB of memory; more wait.
const CLEANERS: usize = 2;
/// GIFs that nobody but their senders sees, and that are kept for them for a while.
const UNHEARD: usize = 64;

/// The chat: everything that can be done, and what it takes.
#[derive(Debug)]
pub struct Chat {
    settings: Settings,
    env: Env,
    store: Store,
    media: Media,
    presence: Presence,
    provider: Provider,
    bus: Bus,
    limits: Limits,
    /// Makes the hashes of networks and of who offers, and the riddles for newcomers.
    key: HashKey,
    passwords: Passwords,
    /// Held while a room comes into being.
    establishing: Mutex<()>,
    uploads: Places,
    cleaners: Semaphore,
    unheard: Arc<Semaphore>,
    renditions: Arc<Renditions>,
    posts: Gate,
    deliveries: Deliveries,
    uses: library::Uses,
}

impl Chat {
    #[allow(clippy::too_many_arguments, reason = "the parts of the house, each once")]
    pub fn new(
        settings: Settings,
        env: Env,
        key: HashKey,
        store: Store,
        media: Media,
        presence: Presence,
        provider: Provider,
        bus: Bus,
    ) -> Self {
        Self {
            key,
            limits: Limits::new(settings.rates),
            passwords: Passwords::new(env.clone(), settings.password_hashers),
            settings,
            env,
            store,
            media,
            presence,
            provider,
            bus,
            establishing: Mutex::default(),
            uploads: Places::default(),
            cleaners: Semaphore::new(CLEANERS),
            unheard: Arc::new(Semaphore::new(UNHEARD)),
            renditions: Arc::default(),
            posts: Gate::open(),
            deliveries: Deliveries::default(),
            uses: library::Uses::default(),
        }
    }

    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// No post is taken from now on: each is refused with [`Error::ShuttingDown`].
    pub fn end_posting(&self) {
        self.posts.shut();
    }

    /// Returns when every post that was taken before [`Chat::end_posting`] is stored, told and answered, or has failed.
    pub async fn posts_done(&self) {
        self.posts.empty().await;
    }

    /// Removes rooms as their grace periods end. One task runs it, for ever.
    pub async fn expire_rooms(&self) {
        loop {
            let room = self.presence.next_expired().await;
            self.expire(room).await;
        }
    }

    /// Does something in several steps to its end, also when whoever asked for it goes away in the middle.
    async fn to_the_end<T, F>(self: &Arc<Self>, steps: impl FnOnce(Arc<Self>) -> F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let done = tokio::spawn(steps(Arc::clone(self)));
        done.await.unwrap_or_else(|error| Err(Error::unavailable("finish what was begun", error)))
    }

    /// Removes the files of GIFs that nothing refers to any more. Nobody needs to make renditions of them.
    async fn release(&self, freed: Vec<GifHash>) {
        self.renditions.cancel(&freed);
        self.tidy_up(freed).await;
    }

    /// Removes what could not be removed when it was to go, because a file of its shelf was being written or looked at; again
    /// and again, until nothing is left. One task runs it, for ever.
    pub async fn tidy_later(&self) {
        /// Renditions take seconds, another try little.
        const AGAIN: Duration = Duration::from_secs(2);
        loop {
            self.media.left().await;
            self.env.sleep_until(self.env.now() + AGAIN).await;
            if let Err(error) = self.media.release(Vec::new(), |hash| self.store.is_gif_used(hash)).await {
                tracing::debug!(error = &error as &dyn std::error::Error, "some unused GIFs stay for now");
            }
        }
    }

    /// Removes the files of those of these GIFs that nothing refers to.
    async fn tidy_up(&self, doubtful: Vec<GifHash>) {
        if let Err(error) = self.media.release(doubtful, |hash| self.store.is_gif_used(hash)).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "some unused GIFs stay for now");
        }
    }
}
