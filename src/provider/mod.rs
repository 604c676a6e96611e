//! GIFs of another server, found through the operator's provider: anything that speaks the Tenor v2 API, another GIF Chat
//! among them. Off unless `provider_url` is set.
//!
//! Browsers never speak to it: what they see comes from here, under ids that we made, so that the provider learns neither
//! who looks nor from where. What it answers is a stranger's input: the addresses in it are asked only over HTTPS and
//! only when they lead to the public internet ([`address`]), never through a redirect, with bounds on size, number and
//! time; and every picture is looked through like an upload.

mod address;
mod answer;
mod fetch;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use url::Url;

use crate::domain::Lang;
pub use answer::PAGE;
use fetch::Fetch;

/// Requests to other servers at once; more wait.
const AT_ONCE: usize = 16;
const SEARCH_TIME: Duration = Duration::from_secs(5);
const PICTURE_TIME: Duration = Duration::from_secs(20);
const ANSWER_BYTES: usize = 1024 * 1024;
const PREVIEW_BYTES: usize = 1024 * 1024;

/// How long an answer is given again without asking.
const ANSWER_AGE: Duration = Duration::from_secs(600);
const ANSWERS: u64 = 500;
/// How long something found can be looked at and sent.
const REMOTE_AGE: Duration = Duration::from_secs(3600);
const REMOTES: u64 = 20_000;
/// Previews looked through at once.
const LOOKED_THROUGH: usize = 2;
/// How long a preview that could not be had is not asked for again.
const REFUSED_AGE: Duration = Duration::from_secs(60);
/// Bytes of all previews that are kept.
const PREVIEWS: u64 = 64 * 1024 * 1024;

/// Why the provider is of no help. The text is for the log, not for strangers.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("there is no provider")]
    Off,
    /// It was not found in the last hour.
    #[error("the GIF was not found lately")]
    Gone,
    /// It, or a server that it names, cannot be reached, is too slow, or answers with an error.
    #[error("the provider cannot be reached")]
    Away(#[source] Arc<reqwest::Error>),
    #[error("the provider answers with status {0}")]
    Status(u16),
    #[error("the provider's answer has another shape")]
    Shape(#[source] Arc<serde_json::Error>),
    /// It leads somewhere that is not the public internet.
    #[error("the provider names an address that must not be asked")]
    Address,
    #[error("the answer has more than {most} bytes")]
    TooLarge { most: usize },
    #[error("the provider is too slow")]
    Slow,
    /// That is our own doing: worth another try.
    #[error("too much is asked of the provider already")]
    Busy,
    #[error("the preview is not a picture that can be shown")]
    Preview(#[source] gifchat_gif::Error),
    #[error("the preview could not be looked through")]
    Ended(#[source] Arc<tokio::task::JoinError>),
}

/// What one of the provider's GIFs is called here: the beginning of the hash of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RemoteId([u8; Self::LEN]);

impl RemoteId {
    pub const LEN: usize = 12;

    fn of(url: &Url) -> Self {
        let hash = Sha256::digest(url.as_str());
        Self(std::array::from_fn(|at| hash[at]))
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for RemoteId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let digits = text.len() == 2 * Self::LEN && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| ());
        let mut id = [0; Self::LEN];
        for (at, place) in id.iter_mut().enumerate().filter(|_| digits) {
            *place = byte(at)?;
        }
        if digits { Ok(Self(id)) } else { Err(()) }
    }
}

/// A GIF of the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    pub id: RemoteId,
    /// What the provider says is to be seen; may be empty.
    pub title: String,
    /// Pixels of the preview, which has the shape of the whole.
    pub width: u32,
    pub height: u32,
    preview: Url,
    /// From the best to the smallest: the first that is not too large is taken.
    files: Vec<(Url, Option<usize>)>,
}

/// A small version of something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// A still, as WebP.
    pub poster: Bytes,
    /// A GIF; `None` when it flashes so that nobody should see it unasked.
    pub moving: Option<Bytes>,
}

impl Preview {
    fn size(&self) -> usize {
        self.poster.len() + self.moving.as_ref().map_or(0, Bytes::len)
    }
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub remotes: Vec<Arc<Remote>>,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<String>,
}

/// Which provider, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Like `https://chat.example.org/tenor/v2`.
    pub url: Url,
    pub key: String,
    pub limits: gifchat_gif::Limits,
}

/// A handle on the provider; clones share it.
#[derive(Clone, Debug)]
pub struct Provider {
    shared: Option<Arc<Shared>>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    fetch: Fetch,
    turns: Semaphore,
    looks: Semaphore,
    answers: Cache<(String, Lang, String), Arc<Found>>,
    remotes: Cache<RemoteId, Arc<Remote>>,
    previews: Cache<RemoteId, Preview>,
    /// Previews that could not be had: not asked for again at once.
    refused: Cache<RemoteId, ProviderError>,
}

impl Provider {
    pub const fn off() -> Self {
        Self { shared: None }
    }

    /// # Errors
    /// When this system has no certificates to trust.
    pub fn new(settings: Settings) -> Result<Self, reqwest::Error> {
        let fetch = Fetch::new(&settings.url)?;
        Ok(Self {
            shared: Some(Arc::new(Shared {
                settings,
                fetch,
                turns: Semaphore::new(AT_ONCE),
                looks: Semaphore::new(LOOKED_THROUGH),
                answers: Cache::builder().max_capacity(ANSWERS).time_to_live(ANSWER_AGE).build(),
                remotes: Cache::builder().max_capacity(REMOTES).time_to_live(REMOTE_AGE).build(),
                refused: Cache::builder().max_capacity(REMOTES).time_to_live(REFUSED_AGE).build(),
                previews: Cache::builder()
                    .max_capacity(PREVIEWS)
                    .weigher(|_, preview: &Preview| u32::try_from(preview.size()).unwrap_or(u32::MAX))
                    .time_to_live(REMOTE_AGE)
                    .build(),
            })),
        })
    }

    pub const fn is_on(&self) -> bool {
        self.shared.is_some()
    }

    fn shared(&self) -> Result<&Arc<Shared>, ProviderError> {
        self.shared.as_ref().ok_or(ProviderError::Off)
    }

    /// What the provider has for some words; for none, what it features. `after` is a [`Found::next`], or empty.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn search(&self, words: &str, lang: Lang, after: &str) -> Result<Arc<Found>, ProviderError> {
        let shared = self.shared()?;
        let asked = (words.to_owned(), lang, after.to_owned());
        let found = shared.answers.try_get_with(asked, shared.ask(words, lang, after)).await;
        found.map_err(|error| ProviderError::clone(&error))
    }

    /// The name of the machine that is asked; `None` without a provider.
    pub fn host(&self) -> Option<&str> {
        self.shared.as_ref()?.settings.url.host_str()
    }

    /// Whether the provider is asked for a [`Provider::preview`]: nobody else has looked at it lately.
    pub fn is_to_be_asked_for(&self, id: RemoteId) -> bool {
        self.shared.as_ref().is_some_and(|shared| {
            shared.remotes.contains_key(&id) && !shared.previews.contains_key(&id) && !shared.refused.contains_key(&id)
        })
    }

    /// A small version of something that was found in the last hour; `None` for anything else.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn preview(&self, id: RemoteId) -> Result<Option<Preview>, ProviderError> {
        let shared = self.shared()?;
        let Some(remote) = shared.remotes.get(&id).await else { return Ok(None) };
        if let Some(refused) = shared.refused.get(&id).await {
            return Err(refused);
        }
        match shared.previews.try_get_with(id, shared.get_preview(&remote)).await {
            Ok(preview) => Ok(Some(preview)),
            Err(error) => {
                // What keeps us busy says nothing of the preview.
                if !matches!(*error, ProviderError::Busy) {
                    shared.refused.insert(id, ProviderError::clone(&error)).await;
                }
                Err(ProviderError::clone(&error))
            }
        }
    }

    /// The bytes of something that was found in the last hour, as the provider has them: to be treated like an upload.
    /// `None` for anything else.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn fetch(&self, id: RemoteId) -> Result<Option<Bytes>, ProviderError> {
        let shared = self.shared()?;
        let Some(remote) = shared.remotes.get(&id).await else { return Ok(None) };
        let most = shared.settings.limits.bytes;
        let fits = |size: &Option<usize>| size.is_none_or(|size| size <= most);
        let mut refused = ProviderError::TooLarge { most };
        for (url, _) in remote.files.iter().filter(|(_, size)| fits(size)) {
            match shared.get(url, most, PICTURE_TIME).await {
                Err(ProviderError::TooLarge { most }) => refused = ProviderError::TooLarge { most },
                other => return other.map(Some),
            }
        }
        Err(refused)
    }
}

impl Shared {
    async fn ask(&self, words: &str, lang: Lang, after: &str) -> Result<Arc<Found>, ProviderError> {
        let url = self.settings.question(words, lang, after);
        let bytes = self.get(&url, ANSWER_BYTES, SEARCH_TIME).await?;
        let found = answer::read(&bytes).map_err(|error| ProviderError::Shape(Arc::new(error)))?;
        for remote in &found.remotes {
            self.remotes.insert(remote.id, Arc::clone(remote)).await;
        }
        Ok(Arc::new(found))
    }

    async fn get_preview(&self, remote: &Remote) -> Result<Preview, ProviderError> {
        let bytes = self.get(&remote.preview, PREVIEW_BYTES, PICTURE_TIME).await?;
        let _turn = self.looks.acquire().await.map_err(|_| ProviderError::Busy)?;
        let limits = self.settings.limits;
        let received = tokio::task::spawn_blocking(move || gifchat_gif::receive(&bytes, &limits)).await;
        let received =
            received.map_err(|error| ProviderError::Ended(Arc::new(error)))?.map_err(ProviderError::Preview)?;
        let gifchat_gif::Received { gif, look, .. } = received;
        Ok(Preview { poster: look.poster.into(), moving: (!look.flashes).then(|| gif.into()) })
    }

    /// `time`: for a turn, and for the answer.
    async fn get(&self, url: &Url, most: usize, time: Duration) -> Result<Bytes, ProviderError> {
        let turn = tokio::time::timeout(time, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(ProviderError::Busy) };
        tokio::time::timeout(time, self.fetch.get(url, most)).await.unwrap_or(Err(ProviderError::Slow))
    }
}

impl Settings {
    fn question(&self, words: &str, lang: Lang, after: &str) -> Url {
        let mut url = self.url.clone();
        let what = if words.is_empty() { "featured" } else { "search" };
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(what);
        }
        let mut query = url.query_pairs_mut();
        query.append_pair("key", &self.key).append_pair("client_key", "gifchat");
        if !words.is_empty() {
            query.append_pair("q", words);
        }
        let locale = match lang {
            Lang::Ko => "ko_KR",
            Lang::En => "en_US",
        };
        query.append_pair("locale", locale).append_pair("contentfilter", "high");
        query.append_pair("limit", &PAGE.to_string()).append_pair("media_filter", answer::FORMATS);
        if !after.is_empty() {
            query.append_pair("pos", after);
        }
        drop(query);
        url
    }
}

#[cfg(test)]
mod tests;
