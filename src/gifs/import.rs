//! `gifchat gifs import`.

use std::fs::File;
use std::path::PathBuf;

use anyhow::Context;
use clap::ArgMatches;
use indicatif::{ProgressBar, ProgressStyle};

use super::describe::{self, Rows, tags_of};
use super::pile::{Pile, Skipped};
use super::{Work, complain, say, shown};
use crate::domain::{About, GifHash, Invalid, LibraryId, LibraryState, NewEntry, Rendition, Tags};
use crate::media::{GifFile, facts};
use crate::store::{Arrival, Files, StoreError};

/// The largest `library.csv` among the files.
const CSV_BYTES: usize = 32 * 1024 * 1024;

/// Why one file is not imported; the others are.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Skipped(#[from] Skipped),
    #[error(transparent)]
    Gif(#[from] gifchat_gif::Error),
    #[error("{0}")]
    Said(#[from] Invalid),
    #[error("the library is full: see the setting library_entries, and the offers that wait")]
    Full,
}

/// What ends the import.
type Outcome<T> = anyhow::Result<Result<T, Refused>>;

#[derive(Default)]
struct Tally {
    added: u32,
    there: u32,
    refused: u32,
}

pub(super) async fn run(work: &mut Work, args: &ArgMatches) -> anyhow::Result<()> {
    let path = PathBuf::from(args.get_one::<String>("from").map_or("", String::as_str));
    let more =
        Tags::parse(args.get_one::<String>("tags").map_or("", String::as_str)).context("--tags has too many words")?;
    let state = if args.get_flag("approve") { LibraryState::Approved } else { LibraryState::Offered };
    let mut pile = Pile::open(&path)?;
    let own_csv = pile.find(describe::NAME);
    let mut rows = match args.get_one::<String>("csv") {
        Some(csv) => Rows::read(File::open(csv).with_context(|| format!("{csv} cannot be read"))?)?,
        None => match own_csv {
            Some(at) => Rows::read(&pile.read(at, CSV_BYTES)?[..])?,
            None => Rows::default(),
        },
    };
    let bar = ProgressBar::new(pile.items.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len}, {eta} left  {wide_msg}") {
        bar.set_style(style);
    }
    let mut tally = Tally::default();
    for at in 0..pile.items.len() {
        bar.inc(1);
        if Some(at) == own_csv {
            continue;
        }
        let name = pile.items[at].name.clone();
        bar.set_message(shown(&name));
        match one(work, &mut pile, &mut rows, at, &more, state).await? {
            Ok(true) => tally.added += 1,
            Ok(false) => tally.there += 1,
            Err(refused) => {
                tally.refused += 1;
                bar.suspend(|| complain(&format!("refused {}: {refused}", shown(&name))));
            }
        }
    }
    bar.finish_and_clear();
    for file in rows.unused() {
        complain(&format!("in the CSV file, but not there: {}", shown(file)));
    }
    let Tally { added, there, refused } = tally;
    say(&format!("{added} added, {there} there already, {refused} refused"));
    anyhow::ensure!(refused == 0 || added + there > 0, "nothing could be imported from {}", path.display());
    Ok(())
}

/// Imports one file. `true`: it was not there yet.
async fn one(
    work: &mut Work,
    pile: &mut Pile,
    rows: &mut Rows,
    at: usize,
    more: &Tags,
    state: LibraryState,
) -> Outcome<bool> {
    let name = pile.items[at].name.clone();
    let prepared = pile.read(at, work.config.gif_bytes).map_err(Refused::from).and_then(|bytes| {
        let (about, replace) = match rows.about(&name) {
            Some(about) => (about?, true),
            None => (About { tags: tags_of(&name), ..About::default() }, false),
        };
        let all = about.tags.as_slice().iter().chain(more.as_slice()).cloned();
        Ok((
            gifchat_gif::receive(&bytes, &work.config.gif_limits())?,
            GifHash::of(&bytes),
            About { tags: Tags::first_of(all), ..about },
            replace,
        ))
    });
    let (received, source, about, replace) = match prepared {
        Ok(prepared) => prepared,
        Err(refused) => return Ok(Err(refused)),
    };
    // It lives until the entry is stored: until then nothing else keeps the file.
    let pin = work.media.put(received.gif.clone().into()).await?;
    let gif = facts(pin.hash(), &received);
    let poster = received.look.poster;
    let files = Files { source: Some(source), poster: poster.len() as u64, ..Files::default() };
    work.media.put_beside(&pin, GifFile::Of(Rendition::Poster), poster.into()).await?;
    let new = NewEntry { id: LibraryId::from_bytes(work.env.random()), gif, state, about };
    let added = work.desk.import(&new, Arrival::Import { replace, files }, work.config.library_entries).await;
    drop(pin);
    match added {
        Ok(added) => Ok(Ok(added.first)),
        Err(StoreError::LibraryFull) => {
            work.remove_files(new.gif.hash).await?;
            Ok(Err(Refused::Full))
        }
        Err(error) => Err(anyhow::Error::new(error)
            .context("the library cannot be written: check the disk, and that the server is well")),
    }
}
