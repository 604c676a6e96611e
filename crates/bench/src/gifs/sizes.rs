//! The table of sizes.

use anyhow::Context;
use gifchat_gif::samples::corpus::{Kind, Specimen};
use gifchat_gif::samples::witness;
use gifchat_gif::{Info, Limits, animate, receive};

use super::median;

/// What became of one GIF.
struct Row {
    name: &'static str,
    kind: Kind,
    info: Info,
    gif: usize,
    /// `None`: it would be larger, and the GIF is sent.
    webp: Option<usize>,
    poster: usize,
    alike: f64,
}

impl Row {
    fn of(specimen: &Specimen) -> anyhow::Result<Self> {
        let limits = Limits::default();
        let received = receive(&specimen.to_gif(), &limits)?;
        let webp = animate(&received.gif, &limits, received.gif.len(), &|| true)?;
        let failed = |error: Box<dyn std::error::Error>| anyhow::anyhow!("{}: {error}", specimen.name);
        let alike = match &webp {
            Some(webp) => {
                let gif = witness::gif(&received.gif).map_err(failed)?.joined();
                gif.likeness(&witness::webp(webp).map_err(failed)?).context("the rendition has another size")?
            }
            None => 1.0,
        };
        Ok(Self {
            name: specimen.name,
            kind: specimen.kind,
            info: received.info,
            gif: received.gif.len(),
            webp: webp.map(|webp| webp.len()),
            poster: received.look.poster.len(),
            alike,
        })
    }

    fn saved(&self) -> f64 {
        self.webp.map_or(0.0, |webp| 1.0 - webp as f64 / self.gif as f64)
    }
}

pub(super) fn run(specimens: &[&Specimen]) -> anyhow::Result<()> {
    println!("| GIF | kind | size | frames | GIF bytes | WebP bytes | poster bytes | saved | SSIM |");
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut rows = Vec::new();
    for specimen in specimens {
        let row = Row::of(specimen)?;
        let Info { width, height, frames, .. } = row.info;
        let webp = row.webp.map_or("the GIF stays".to_owned(), |webp| webp.to_string());
        println!(
            "| {} | {:?} | {width} x {height} | {frames} | {} | {webp} | {} | {:.0} % | {:.3} |",
            row.name,
            row.kind,
            row.gif,
            row.poster,
            row.saved() * 100.0,
            row.alike,
        );
        rows.push(row);
    }
    println!();
    println!("| kind | GIFs | GIF stays | median saved | all bytes saved | median SSIM | least SSIM |");
    println!("|---|---|---|---|---|---|---|");
    for kind in [Some(Kind::Film), Some(Kind::Drawn), Some(Kind::Screen), Some(Kind::Odd), None] {
        let rows: Vec<&Row> = rows.iter().filter(|row| kind.is_none_or(|kind| row.kind == kind)).collect();
        if rows.is_empty() {
            continue;
        }
        let gifs: usize = rows.iter().map(|row| row.gif).sum();
        let sent: usize = rows.iter().map(|row| row.webp.unwrap_or(row.gif)).sum();
        println!(
            "| {} | {} | {} | {:.1} % | {:.1} % | {:.3} | {:.3} |",
            kind.map_or("all".to_owned(), |kind| format!("{kind:?}")),
            rows.len(),
            rows.iter().filter(|row| row.webp.is_none()).count(),
            median(rows.iter().map(|row| row.saved()).collect()) * 100.0,
            (1.0 - sent as f64 / gifs as f64) * 100.0,
            median(rows.iter().map(|row| row.alike).collect()),
            rows.iter().map(|row| row.alike).fold(1.0, f64::min),
        );
    }
    Ok(())
}
