//! `gifchat gifs ...`: what an operator does with the server's library, while the server runs or not.
//!
//! Each change is a short transaction of its own ([`Desk`]), and files are put and removed as the server does
//! ([`Media`]), which several processes may do at once.

mod command;
mod describe;
mod export;
mod import;
mod pile;
mod review;

use anyhow::Context;
use clap::ArgMatches;

pub use command::command;

use crate::config::{self, Config};
use crate::data::{self, Beside, DataFolder, Runs};
use crate::domain::{GifHash, Rendition};
use crate::env::Env;
use crate::media::{GifFile, Media};
use crate::store::{Database, Desk, Synchronous};

/// The library of a data folder, with what it takes to work on it.
struct Work {
    config: Config,
    env: Env,
    desk: Desk,
    media: Media,
    place: Place,
}

enum Place {
    Beside(#[allow(dead_code, reason = "dropping it lets go")] Beside),
    /// No server runs: none can start as long as this is held.
    Alone(Alone),
}

struct Alone {
    data: DataFolder,
    runs: Runs,
    /// Whether the database is as the last server left it. It is not to be taken for another one then.
    is_known: bool,
}

/// Runs one of the commands.
///
/// # Errors
/// A sentence with its remedy.
pub fn run(config: Config, matches: &ArgMatches) -> anyhow::Result<()> {
    // Whatever is made from here on is for this user alone.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut work = Work::open(config).await?;
        let done = match matches.subcommand() {
            Some(("import", args)) => import::run(&mut work, args).await,
            Some(("export", args)) => export::run(&mut work, args).await,
            Some(("offers", _)) => review::offers(&mut work).await,
            Some(("approve", args)) => review::approve(&mut work, args).await,
            Some(("reject", args)) => review::discard(&mut work, args, true).await,
            Some(("remove", args)) => review::discard(&mut work, args, false).await,
            Some(("list", args)) => review::list(&mut work, args).await,
            _ => Err(anyhow::anyhow!("gifs needs to be told what to do: see `gifchat gifs --help`")),
        };
        work.close().await;
        done
    })
}

impl Work {
    async fn open(config: Config) -> anyhow::Result<Self> {
        let env = Env::system();
        let file = config.data.join("gifchat.db");
        let place = match data::Desk::open(&config.data)? {
            data::Desk::Alone(data) => {
                let runs = data.runs(&file);
                let is_known = runs.broken().is_none();
                Place::Alone(Alone { data, runs, is_known })
            }
            data::Desk::Beside(beside) => Place::Beside(beside),
        };
        let synchronous = match config.synchronous {
            config::Synchronous::Full => Synchronous::Full,
            config::Synchronous::Normal => Synchronous::Normal,
        };
        let media = Media::beside(&config.data.join("gifs"))?;
        let is_alone = matches!(place, Place::Alone(_));
        let desk = Desk::open(Database::Sqlite(file, synchronous), env.clone(), is_alone).await?;
        // From here on nothing fails. Who ends this in the middle leaves what a server leaves that is killed.
        if let Place::Alone(Alone { runs, is_known: true, .. }) = &place {
            runs.begin()?;
        }
        Ok(Self { config, env, desk, media, place })
    }

    async fn close(self) {
        self.desk.close().await;
        let Place::Alone(Alone { data, runs, is_known: true }) = self.place else { return };
        match runs.end() {
            Ok(alone) => {
                drop(data);
                drop(alone);
            }
            Err(error) => complain(&format!("the next start will take the database for another one ({error})")),
        }
    }

    /// Removes the files of a GIF that nothing refers to any more; `false`: the server is at work on it, and removes them.
    async fn remove_files(&mut self, hash: GifHash) -> anyhow::Result<bool> {
        let (media, desk) = (&self.media, tokio::sync::Mutex::new(&mut self.desk));
        for _ in 0..TRIES {
            let is_used = async |hash| desk.lock().await.is_gif_used(hash).await;
            media.release(vec![hash], is_used).await.context("a GIF that nobody shows could not be removed")?;
            if media.get(hash, GifFile::Of(Rendition::Gif)).await?.is_none() {
                return Ok(true);
            }
            self.env.sleep_until(self.env.now() + PAUSE).await;
        }
        Ok(false)
    }
}

/// How often, and with which pauses, a file is tried to be removed while somebody uploads.
const TRIES: usize = 20;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// Writes a line to stdout. Nobody reading it is no reason to fail.
fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes a line to stderr.
fn complain(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A name of a stranger's choosing as it can be shown in a terminal: without control characters, and not too long.
fn shown(name: &str) -> String {
    const MOST: usize = 200;
    let plain: String = name
        .chars()
        .take(MOST)
        .flat_map(|c| {
            if c.is_control() { c.escape_default().to_string() } else { c.to_string() }.chars().collect::<Vec<_>>()
        })
        .collect();
    if name.chars().count() > MOST { plain + "…" } else { plain }
}
