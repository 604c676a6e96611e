//! The rows of GIFs: kept for as long as something refers to them, freed with the last of it.

use super::rows::read;
use super::space::{Files, size};
use super::sql::{Arg, args};
use super::write::{Batch, Verdict};
use crate::domain::{Color, Gif, GifHash};

/// Which renditions of a GIF there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renditions {
    /// Size of the animated WebP. `None`: not made yet; 0: there is none, because it would be no smaller.
    pub webp: Option<u64>,
    /// Size of the still; 0: there is none yet.
    pub poster: u64,
}

/// What was made of a GIF. What is `None` is left as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Size of the animated WebP; 0: there is none, because it would be no smaller.
    pub webp: Option<u64>,
    pub poster: Option<u64>,
    /// Size of the upload, where it is kept, too.
    pub original: Option<u64>,
    /// The colour that it has most of, and whether it flashes.
    pub look: Option<(Color, bool)>,
}

/// What every file of a GIF takes together.
macro_rules! whole {
    () => {
        "bytes + poster_bytes + original_bytes + COALESCE(webp_bytes, 0)"
    };
}

/// Whether nothing refers to a row of `gifs`. Whatever comes to refer to GIFs belongs here.
macro_rules! unused {
    () => {
        "NOT EXISTS (SELECT 1 FROM messages m WHERE m.gif = gifs.hash)
             AND NOT EXISTS (SELECT 1 FROM library l WHERE l.gif = gifs.hash)"
    };
}

impl Batch<'_> {
    /// Makes sure that the GIF has a row, and counts what is new of it. Whether it is new here.
    pub(super) async fn keep_gif(&mut self, gif: &Gif, files: Files) -> Result<bool, sqlx::Error> {
        // Once is enough, but for another node of PostgreSQL that frees the row between the two.
        for _ in 0..3 {
            let inserted = self
                .sql()
                .run(
                    "INSERT INTO gifs (hash, width, height, frames, duration_ms, bytes, color, flashes, source,
                         poster_bytes, original_bytes)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (hash) DO NOTHING",
                    args![
                        gif.hash,
                        gif.width,
                        gif.height,
                        gif.frames,
                        gif.duration_ms,
                        size(gif.bytes),
                        gif.color,
                        gif.flashes,
                        files.source,
                        size(files.poster),
                        size(files.original),
                    ],
                )
                .await?;
            if inserted > 0 {
                self.grow("server", "", size(gif.bytes + files.poster + files.original)).await?;
                return Ok(true);
            }
            if self.complete_gif(gif.hash, files).await? {
                return Ok(false);
            }
        }
        Err(sqlx::Error::RowNotFound)
    }

    /// Notes what was not known of a GIF that is here. In PostgreSQL that locks its row, so that no other node frees it
    /// before this message refers to it. `false` when it is not here.
    async fn complete_gif(&mut self, hash: GifHash, files: Files) -> Result<bool, sqlx::Error> {
        let before: Option<(i64,)> = self
            .sql()
            .first(
                concat!("UPDATE gifs SET source = COALESCE(source, $2), lost = 0 WHERE hash = $1 RETURNING ", whole!()),
                args![hash, files.source],
            )
            .await?;
        let Some((before,)) = before else { return Ok(false) };
        if files.poster == 0 && files.original == 0 {
            return Ok(true);
        }
        let after: Option<(i64,)> = self
            .sql()
            .first(
                concat!(
                    "UPDATE gifs SET poster_bytes = CASE WHEN poster_bytes = 0 THEN $2 ELSE poster_bytes END,
                         original_bytes = CASE WHEN original_bytes = 0 THEN $3 ELSE original_bytes END
                     WHERE hash = $1 RETURNING ",
                    whole!()
                ),
                args![hash, size(files.poster), size(files.original)],
            )
            .await?;
        let more = after.map_or(0, |(after,)| after - before);
        if more != 0 {
            self.grow("server", "", more).await?;
        }
        Ok(true)
    }

    /// Notes what was made of a GIF, and counts it. `false` when the GIF has no row any more.
    pub(super) async fn rendered(&mut self, hash: GifHash, rendered: Rendered) -> Verdict<bool> {
        let before: Option<(i64,)> = self
            .sql()
            .first(concat!("UPDATE gifs SET lost = 0 WHERE hash = $1 RETURNING ", whole!()), args![hash])
            .await?;
        let Some((before,)) = before else { return Ok(Ok(false)) };
        let after: Option<(i64,)> = self
            .sql()
            .first(
                concat!(
                    "UPDATE gifs SET webp_bytes = COALESCE($2, webp_bytes), poster_bytes = COALESCE($3, poster_bytes),
                         color = COALESCE($4, color), flashes = COALESCE($5, flashes),
                         original_bytes = COALESCE($6, original_bytes) WHERE hash = $1 RETURNING ",
                    whole!()
                ),
                args![
                    hash,
                    Arg::MaybeInt(rendered.webp.map(size)),
                    Arg::MaybeInt(rendered.poster.map(size)),
                    rendered.look.map(|(color, _)| color),
                    Arg::MaybeInt(rendered.look.map(|(_, flashes)| i64::from(flashes))),
                    Arg::MaybeInt(rendered.original.map(size)),
                ],
            )
            .await?;
        self.grow("server", "", after.map_or(0, |(after,)| after - before)).await?;
        Ok(Ok(true))
    }

    /// Notes that the files of these are gone, and counts only the GIF itself from now on: whoever brings it back finds out
    /// what else there is. Those of which that is news.
    pub(super) async fn mark_lost(&mut self, hashes: Vec<GifHash>) -> Verdict<Vec<GifHash>> {
        let (mut news, mut bytes) = (Vec::new(), 0);
        for hash in hashes {
            let beside: Option<(i64,)> = self
                .sql()
                .first(
                    concat!("UPDATE gifs SET lost = 1 WHERE hash = $1 AND lost = 0 RETURNING ", whole!(), " - bytes"),
                    args![hash],
                )
                .await?;
            let Some((beside,)) = beside else { continue };
            news.push(hash);
            self.sql()
                .run(
                    "UPDATE gifs SET poster_bytes = 0, original_bytes = 0, webp_bytes = NULL WHERE hash = $1",
                    args![hash],
                )
                .await?;
            bytes += beside;
        }
        if bytes != 0 {
            self.grow("server", "", -bytes).await?;
        }
        Ok(Ok(news))
    }

    /// Notes that the files of these are back. What else there is of them is found out, and counted, by whoever is to render
    /// them.
    pub(super) async fn mark_found(&mut self, hashes: Vec<GifHash>) -> Verdict<()> {
        for hash in hashes {
            let found = "UPDATE gifs SET lost = 0, webp_bytes = NULL WHERE hash = $1 AND lost = 1";
            self.sql().run(found, args![hash]).await?;
        }
        Ok(Ok(()))
    }

    /// Forgets those of these GIFs that nothing refers to any more, and says which.
    pub(super) async fn free_gifs(&mut self, mut shown: Vec<(String,)>) -> Verdict<Vec<GifHash>> {
        shown.sort_unstable();
        shown.dedup();
        let (mut freed, mut bytes) = (Vec::new(), 0);
        for (hash,) in shown {
            let unused: Option<(i64,)> = self
                .sql()
                .first(
                    concat!("DELETE FROM gifs WHERE hash = $1 AND ", unused!(), " RETURNING ", whole!()),
                    args![hash.as_str()],
                )
                .await?;
            if let Some((whole,)) = unused {
                bytes += whole;
                match read("gifs.hash", &hash) {
                    Ok(hash) => freed.push(hash),
                    Err(corrupt) => return Ok(Err(corrupt)),
                }
            }
        }
        if bytes != 0 {
            self.grow("server", "", -bytes).await?;
        }
        Ok(Ok(freed))
    }

    /// Whether something refers to a GIF, after all that was asked of the writer before: a row is freed with the last that
    /// does.
    pub(super) async fn is_gif_used(&mut self, hash: GifHash) -> Verdict<bool> {
        let row: Option<(String,)> = self.sql().first("SELECT hash FROM gifs WHERE hash = $1", args![hash]).await?;
        Ok(Ok(row.is_some()))
    }
}
