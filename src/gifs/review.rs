//! `gifchat gifs offers`, `approve`, `reject`, `remove` and `list`.

use clap::ArgMatches;

use super::{Work, complain, say, shown};
use crate::domain::{AltText, LibraryCursor, LibraryEntry, LibraryId, Terms, Title};

pub(super) async fn offers(work: &mut Work) -> anyhow::Result<()> {
    let offers = work.desk.offers().await?;
    offers.iter().for_each(line);
    complain(&format!("{} waiting", offers.len()));
    Ok(())
}

pub(super) async fn approve(work: &mut Work, args: &ArgMatches) -> anyhow::Result<()> {
    let mut missing = 0;
    for id in ids(args)? {
        if work.desk.approve(id).await? {
            say(&format!("{id} approved"));
        } else {
            missing += 1;
            complain(&format!("{id}: there is no such offer"));
        }
    }
    found(missing)
}

/// Takes entries, or offers alone, out of the library.
pub(super) async fn discard(work: &mut Work, args: &ArgMatches, only_offers: bool) -> anyhow::Result<()> {
    let mut missing = 0;
    for id in ids(args)? {
        let Some(gone) = work.desk.discard(id, only_offers).await? else {
            missing += 1;
            complain(&format!("{id}: there is no such {}", if only_offers { "offer" } else { "entry" }));
            continue;
        };
        let file = match gone.freed {
            None => "a room still shows it",
            Some(hash) if work.remove_files(hash).await? => "and its file",
            Some(_) => "its file goes with the next start of the server",
        };
        say(&format!("{id} removed, {file}"));
    }
    found(missing)
}

pub(super) async fn list(work: &mut Work, args: &ArgMatches) -> anyhow::Result<()> {
    let query: Vec<&str> = args.get_many::<String>("query").into_iter().flatten().map(String::as_str).collect();
    let terms = Terms::parse(&query.join(" "))?;
    let (mut all, mut after) = (0, None::<LibraryCursor>);
    // The library is bounded, and so is this.
    loop {
        let page = work.desk.list(&terms, after.as_ref()).await?;
        let Some(last) = page.last() else { break };
        after = Some(LibraryCursor::of(last));
        all += page.len();
        page.iter().for_each(line);
    }
    complain(&format!("{all} found"));
    Ok(())
}

/// An entry as one line: id, uses, where it can be seen, size, and what is said of it.
fn line(entry: &LibraryEntry) {
    let LibraryEntry { id, gif, about, uses, .. } = entry;
    let said = [
        about.title.as_ref().map(Title::as_str).unwrap_or_default(),
        &about.tags.joined(),
        about.alt_ko.as_ref().map(AltText::as_str).unwrap_or_default(),
        about.alt_en.as_ref().map(AltText::as_str).unwrap_or_default(),
    ]
    .map(shown)
    .join("\t");
    let (name, width, height) = (gif.file_name(), gif.width, gif.height);
    say(&format!("{id}\t{uses}\t/gif/{name}\t{width}x{height}\t{said}"));
}

fn ids(args: &ArgMatches) -> anyhow::Result<Vec<LibraryId>> {
    let texts = args.get_many::<String>("ids").into_iter().flatten();
    texts
        .map(|text| {
            text.parse().map_err(|_| anyhow::anyhow!("{} is no id: `gifchat gifs list` prints them", shown(text)))
        })
        .collect()
}

fn found(missing: u32) -> anyhow::Result<()> {
    anyhow::ensure!(missing == 0, "{missing} not found");
    Ok(())
}
