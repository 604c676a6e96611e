//! GIFs of the operator's provider: found, looked at, shown in a room.

use std::sync::Arc;

use super::{Chat, Error, MayShow, Visitor};
use crate::domain::{Lang, Message, NewGif, Query};
use crate::provider::{Found, Preview, ProviderError, RemoteId};

impl Chat {
    /// What the provider has for the words; without any, what it features. `after`: a [`Found::next`], or empty.
    ///
    /// # Errors
    /// [`Refusal::TooOften`](crate::domain::Refusal::TooOften); [`Error::Provider`].
    pub async fn search_provider(
        &self,
        visitor: &Visitor,
        query: Option<&Query>,
        lang: Lang,
        after: &str,
    ) -> Result<Arc<Found>, Error> {
        if !self.provider.is_on() {
            return Err(ProviderError::Off.into());
        }
        self.limits.lookups.take(visitor, self.env.now())?;
        Ok(self.provider.search(query.map_or("", Query::as_str), lang, after).await?)
    }

    /// Where GIFs are found beside this server's; `None` when nowhere.
    pub fn provider_host(&self) -> Option<&str> {
        self.provider.host()
    }

    /// A small version of something found; `None` when it was not found lately. As many are got from the provider for somebody
    /// as their searches may find.
    ///
    /// # Errors
    /// [`Refusal::TooOften`](crate::domain::Refusal::TooOften); [`Error::Provider`].
    pub async fn provider_preview(&self, visitor: &Visitor, id: RemoteId) -> Result<Option<Preview>, Error> {
        if self.provider.is_to_be_asked_for(id) {
            self.limits.previews.take(visitor, self.env.now())?;
        }
        Ok(self.provider.preview(id).await?)
    }

    /// Gets something found from the provider, and posts it as if it had been uploaded. A place among the uploads is taken
    /// when it is here: a slow provider keeps nobody else from uploading.
    ///
    /// # Errors
    /// As [`Chat::post_gif`]; [`Error::Provider`], also ([`ProviderError::Gone`]) when it was not found lately.
    pub async fn post_remote(self: &Arc<Self>, may: MayShow, id: RemoteId, new: NewGif) -> Result<Message, Error> {
        let bytes = self.provider.fetch(id).await?.ok_or(ProviderError::Gone)?;
        self.post_gif(self.upload_now(may)?, bytes, new).await
    }
}
