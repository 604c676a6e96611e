//! After a start: files without a message go, and messages without a file are noted.

use std::collections::HashSet;

use super::{Chat, Error};
use crate::domain::{GifHash, Rendition};
use crate::media::{GifFile, Media};
use crate::store::Store;

impl Chat {
    /// Removes files that nothing refers to, as a crash may have left them, and notes which files are gone that something
    /// refers to; then has the renditions made that are missing. To be called once after a start.
    pub async fn sweep(&self) {
        match self.media.sweep(|hash| self.store.is_gif_used(hash)).await {
            Ok(stored) => tell(miss(&self.store, &self.media, &stored).await),
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "some unused GIFs stay for now"),
        }
        self.renditions.refill();
    }
}

/// Messages of what is gone stay, and show nothing: a copy of the files may yet be put back, or the same GIF be shown
/// again. `stored`: what was there some time ago. Returns what is found to be gone now.
async fn miss(store: &Store, media: &Media, stored: &HashSet<GifHash>) -> Result<Vec<GifHash>, Error> {
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    for (hash, was_lost) in store.gif_hashes().await? {
        // An operator's command may have brought it since.
        let is_stored = stored.contains(&hash) || media.size(hash, GifFile::Of(Rendition::Gif)).await?.is_some();
        match (is_stored, was_lost) {
            (true, true) => found.push(hash),
            (false, false) => lost.push(hash),
            _ => {}
        }
    }
    store.mark_found(found).await?;
    Ok(store.mark_lost(lost).await?)
}

fn tell(lost: Result<Vec<GifHash>, Error>) {
    match lost {
        Ok(lost) if lost.is_empty() => {}
        Ok(lost) => tracing::warn!(
            gifs = lost.len(),
            first = %lost[0],
            "the files of GIFs that are still shown are gone: restore the folder of the GIFs from a backup"
        ),
        Err(error) => tracing::warn!(%error, "whether files of GIFs are gone could not be learned"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use gifchat_gif::samples::Sample;

    use super::*;
    use crate::domain::{About, LibraryId, LibraryState, NewEntry, Timestamp};
    use crate::env::Env;
    use crate::media::facts;
    use crate::store::{Arrival, Database, Desk, Files, Synchronous};

    #[tokio::test]
    async fn what_a_command_brings_while_files_are_swept_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let (gifs, env) = (folder.path().join("gifs"), Env::manual(Timestamp(0), 1));
        let media = Media::local(&gifs).unwrap();
        let database = || Database::Sqlite(folder.path().join("gifchat.db"), Synchronous::Normal);
        let store = Store::open(database(), env.clone(), Arc::new(|_| {}), |work| work()).await.unwrap();
        let mut desk = Desk::open(database(), env, false).await.unwrap();
        let mut bring = async |seed: u8| {
            let gif = Sample::new(8, 8, 1).with_seed(seed.into()).to_gif();
            let received = gifchat_gif::receive(&gif, &gifchat_gif::Limits::default()).unwrap();
            let hash = media.put(received.gif.clone().into()).await.unwrap().hash();
            let (id, about) = (LibraryId::from_bytes([seed; 8]), About::default());
            let new = NewEntry { id, gif: facts(hash, &received), state: LibraryState::Approved, about };
            let arrival = Arrival::Import { replace: false, files: Files::default() };
            desk.import(&new, arrival, 10).await.unwrap();
            hash
        };
        let (gone, _brought) = (bring(1).await, bring(2).await);
        std::fs::remove_file(gifs.join(&gone.to_string()[..2]).join(format!("{gone}.gif"))).unwrap();
        // As it was found before either of them.
        let before = HashSet::new();
        assert_eq!(miss(&store, &media, &before).await.unwrap(), [gone]);
    }
}
