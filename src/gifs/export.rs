//! `gifchat gifs export`.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;
use clap::ArgMatches;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::describe::{COLUMNS, NAME};
use super::{Work, complain, say};
use crate::domain::{AltText, LibraryEntry, Rendition, Title};
use crate::media::GifFile;

pub(super) async fn run(work: &mut Work, args: &ArgMatches) -> anyhow::Result<()> {
    let path = PathBuf::from(args.get_one::<String>("to").map_or("", String::as_str));
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let file = file
        .with_context(|| format!("{} cannot be made: give the name of a file that is not there yet", path.display()))?;
    let written = write(work, ZipWriter::new(BufWriter::new(file))).await;
    if written.is_err() {
        // Half an archive helps nobody.
        let _ = std::fs::remove_file(&path);
    }
    say(&format!("{} written to {}", written?, path.display()));
    Ok(())
}

async fn write(work: &mut Work, mut zip: ZipWriter<BufWriter<std::fs::File>>) -> anyhow::Result<u32> {
    // GIFs are packed already.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    let (mut count, mut after) = (0, None);
    loop {
        let page = work.desk.all(after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for entry in &page {
            let Some(blob) = work.media.get(entry.gif.hash, GifFile::Of(Rendition::Gif)).await? else {
                complain(&format!("{}: its file is not there", entry.id));
                continue;
            };
            let name = format!("gifs/{}.gif", entry.id);
            zip.start_file(&name, stored)?;
            zip.write_all(&blob.bytes().await?)?;
            table.write_record(row(&name, entry))?;
            count += 1;
        }
    }
    zip.start_file(NAME, SimpleFileOptions::default())?;
    zip.write_all(&table.into_inner()?)?;
    zip.finish()?.into_inner().context("the archive could not be written to its end")?.sync_all()?;
    Ok(count)
}

fn row(name: &str, LibraryEntry { about, .. }: &LibraryEntry) -> [String; 5] {
    let alt = |alt: &Option<AltText>| alt.as_ref().map(AltText::to_string).unwrap_or_default();
    let title = about.title.as_ref().map(Title::to_string).unwrap_or_default();
    [name.to_owned(), title, about.tags.joined(), alt(&about.alt_ko), alt(&about.alt_en)]
}
