//! What becomes of GIFs: how large, how alike, and what it costs beside other programs on the same files.

mod sizes;
mod throughput;
mod tool;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use gifchat_gif::samples::corpus::{CORPUS, Specimen};
use gifchat_gif::{Limits, animate, receive};

#[derive(Args, Debug)]
pub struct GifsOptions {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// A table of the corpus: bytes of GIF, WebP and poster, and how alike they look.
    Sizes(Corpus),
    /// Processor time and bytes, beside gifsicle, ffmpeg and gif2webp as far as they are installed.
    Throughput {
        #[command(flatten)]
        corpus: Corpus,
        /// Rounds, in each of which every program has its turn on all files.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
        rounds: u32,
    },
    /// Writes the corpus into a folder.
    Write {
        folder: PathBuf,
        #[command(flatten)]
        corpus: Corpus,
    },
    /// What the server does with one upload, as a process: the GIF, poster and WebP into files beside each other.
    #[command(hide = true)]
    Make { gif: PathBuf, webp: PathBuf },
}

#[derive(Args, Debug)]
struct Corpus {
    /// Only these GIFs of the corpus.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

impl Corpus {
    fn specimens(&self) -> anyhow::Result<Vec<&'static Specimen>> {
        if let Some(unknown) = self.only.iter().find(|name| CORPUS.iter().all(|specimen| specimen.name != **name)) {
            bail!("the corpus has no GIF named {unknown}");
        }
        let wanted = |specimen: &&Specimen| self.only.is_empty() || self.only.iter().any(|name| specimen.name == name);
        Ok(CORPUS.iter().filter(wanted).collect())
    }
}

/// Prints a table.
pub fn run(options: &GifsOptions) -> anyhow::Result<()> {
    match &options.what {
        What::Sizes(corpus) => sizes::run(&corpus.specimens()?),
        What::Throughput { corpus, rounds } => throughput::run(&corpus.specimens()?, *rounds),
        What::Write { folder, corpus } => write(&corpus.specimens()?, folder).map(drop),
        What::Make { gif, webp } => make(gif, webp),
    }
}

/// Writes the files, and says where.
fn write(specimens: &[&Specimen], folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let one = |specimen: &&Specimen| {
        let path = folder.join(specimen.name).with_extension("gif");
        std::fs::write(&path, specimen.to_gif())?;
        Ok(path)
    };
    specimens.iter().map(one).collect()
}

/// Where nothing is smaller, the GIF is what is sent, and so what is written.
fn make(gif: &Path, webp: &Path) -> anyhow::Result<()> {
    let upload = std::fs::read(gif).with_context(|| gif.display().to_string())?;
    let limits = Limits::default();
    let received = receive(&upload, &limits)?;
    std::fs::write(webp.with_extension("poster.webp"), &received.look.poster)?;
    let rendition = animate(&received.gif, &limits, received.gif.len(), &|| true)?;
    std::fs::write(webp, rendition.as_deref().unwrap_or(&received.gif))?;
    Ok(())
}

/// Of numbers that are there.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
