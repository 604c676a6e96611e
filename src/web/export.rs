//! `GET /room/<id>/export`: a room as a file to keep, as JSON for programs or as one page for people. It is made while it is
//! sent: neither the room nor a GIF is ever in memory as a whole.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::try_unfold;
use serde_json::Value;

use super::error::Problem;
use super::negotiate::language;
use super::proxies::Client;
use super::session::Asker;
use super::views::ExportPage;
use super::{Doors, body, room_id};
use crate::chat::{Chat, Error, Export};
use crate::domain::{Content, Gif, Item, Lang, Rendition, RoomId, RoomSummary};
use crate::media::Blob;
use crate::wire::EntryView;
use crate::wire::export::ExportView;

/// Bytes of GIFs that one page holds at most; those beyond are named, with a link.
const EMBEDDED: u64 = 64 << 20;
/// The page runs nothing and asks for nothing, wherever it is opened.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; sandbox";

/// How a room is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Html,
}

#[utoipa::path(
    get,
    path = "/room/{id}/export",
    operation_id = "exportRoom",
    tag = "messages",
    summary = "Take a room along",
    description = "A file with everything in the room that you may see, in order: messages as they are now, notices, and your \
                   own whispers. As JSON, in which a GIF is named by its file; or as one HTML page without script, in your \
                   language, with up to 64 MiB of GIFs in it. The answer ends early when the room is removed meanwhile or you \
                   are shut out of it. As often as one may search.",
    params(
        ("id" = RoomId, Path, description = "The room"),
        ("format" = Option<String>, Query, description = "`json` (also without it) or `html`", pattern = "^(json|html)$",
            nullable = false),
    ),
    responses((status = 200, description = "A file", headers(("Content-Disposition" = String)), content(
        (ExportView<'_> = "application/json"),
        (String = "text/html"),
    ))),
    security(("session" = [])),
)]
pub async fn export(
    State(doors): State<Arc<Doors>>,
    asker: Asker,
    Path(room): Path<String>,
    RawQuery(query): RawQuery,
    client: Option<axum::Extension<Client>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let room = room_id(&room)?;
    let query = body::query(query.as_deref().unwrap_or_default())?;
    let format = match query.get("format").and_then(Value::as_str) {
        None | Some("" | "json") => Format::Json,
        Some("html") => Format::Html,
        Some(_) => return Err(Problem::MALFORMED),
    };
    let export = doors.chat.export(&asker.visitor.caller, room).await?;
    let name = disposition(&export.room, format);
    let writer = Writer {
        chat: Arc::clone(&doors.chat),
        format,
        lang: language(&headers),
        site: site(client.as_deref()),
        export,
        ready: VecDeque::new(),
        gif: None,
        embedded: 0,
        stage: Stage::Beginning,
    };
    let mut response = Response::new(Body::from_stream(try_unfold(writer, |mut writer| async move {
        let written = writer.next().await?;
        Ok::<_, Error>(written.map(|bytes| (bytes, writer)))
    })));
    let headers = response.headers_mut();
    let kind = if format == Format::Json { "application/json" } else { "text/html; charset=utf-8" };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_DISPOSITION, name);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Beginning,
    /// The first entry has no comma before it.
    First,
    Entries,
    Over,
}

/// Writes the file down piece by piece, as fast as it is read.
struct Writer {
    chat: Arc<Chat>,
    format: Format,
    lang: Lang,
    /// Scheme and authority by which we were called.
    site: String,
    export: Export,
    /// What is to be sent next, before and after a GIF.
    ready: VecDeque<String>,
    gif: Option<Encoded>,
    embedded: u64,
    stage: Stage,
}

impl Writer {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        // Behind a GIF stands the rest of its entry.
        if let Some(gif) = &mut self.gif {
            match gif.next().await? {
                Some(bytes) => return Ok(Some(bytes)),
                None => self.gif = None,
            }
        }
        if let Some(text) = self.ready.pop_front() {
            return Ok(Some(text.into()));
        }
        match self.stage {
            Stage::Over => Ok(None),
            Stage::Beginning => {
                self.stage = Stage::First;
                let beginning = self.beginning()?;
                Ok(Some(beginning.into()))
            }
            Stage::First | Stage::Entries => match self.export.next().await? {
                None => {
                    self.stage = Stage::Over;
                    Ok(Some(self.end()?.into()))
                }
                Some(item) => {
                    let written = self.entry(&item).await?;
                    self.stage = Stage::Entries;
                    Ok(Some(written.into()))
                }
            },
        }
    }

    fn page(&self) -> ExportPage<'_> {
        let Export { room, by, at, .. } = &self.export;
        ExportPage { lang: self.lang, room, by, at: *at, site: &self.site }
    }

    fn beginning(&self) -> Result<String, Error> {
        match self.format {
            Format::Json => {
                let Export { room, by, at, .. } = &self.export;
                ExportView::new(room, *at, by).beginning().map_err(unwritten)
            }
            Format::Html => self.page().beginning().map_err(unwritten),
        }
    }

    fn end(&self) -> Result<String, Error> {
        match self.format {
            Format::Json => Ok(ExportView::END.to_owned()),
            Format::Html => self.page().end().map_err(unwritten),
        }
    }

    /// The entry, or what stands in it before a GIF; then the rest is ready.
    async fn entry(&mut self, item: &Item) -> Result<String, Error> {
        if self.format == Format::Json {
            let json = serde_json::to_string(&EntryView::of(item)).map_err(unwritten)?;
            let between = if self.stage == Stage::First { "\n" } else { ",\n" };
            return Ok(format!("{between}{json}"));
        }
        let gif = match item {
            Item::Message(message) => match &message.content {
                Content::Gif { gif, .. } => self.embeddable(gif).await?,
                _ => None,
            },
            Item::Whisper(_) => None,
        };
        let mut html = self.page().entry(item, gif.is_some()).map_err(unwritten)?;
        if let Some(blob) = gif {
            self.embedded += blob.len;
            let at = ExportPage::place_of_gif(&html).unwrap_or(html.len());
            self.ready.push_back(html.split_off(at));
            self.gif = Some(Encoded { blob, rest: Vec::new() });
        }
        Ok(html)
    }

    async fn embeddable(&mut self, gif: &Gif) -> Result<Option<Blob>, Error> {
        if self.embedded.saturating_add(gif.bytes) > EMBEDDED {
            return Ok(None);
        }
        self.chat.gif(gif.hash, Rendition::Gif, None).await
    }
}

/// A GIF as Base64, a piece at a time.
struct Encoded {
    blob: Blob,
    /// Bytes that are no whole group of three yet.
    rest: Vec<u8>,
}

impl Encoded {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        while let Some(bytes) = self.blob.stream.next().await {
            self.rest.extend_from_slice(&bytes?);
            let whole = self.rest.len() / 3 * 3;
            if whole > 0 {
                let encoded = STANDARD.encode(&self.rest[..whole]);
                self.rest.drain(..whole);
                return Ok(Some(encoded.into()));
            }
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        Ok(Some(STANDARD.encode(std::mem::take(&mut self.rest)).into()))
    }
}

fn unwritten(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("write an export down", error)
}

fn site(client: Option<&Client>) -> String {
    let scheme = if client.is_some_and(|client| client.https) { "https" } else { "http" };
    format!("{scheme}://{}", client.and_then(|client| client.host.as_deref()).unwrap_or("localhost"))
}

/// The file's name: the room's title, for those who know only ASCII (RFC 6266) its id.
fn disposition(room: &RoomSummary, format: Format) -> HeaderValue {
    let extension = if format == Format::Json { "json" } else { "html" };
    let title: String = room.title.as_str().chars().map(|c| if is_unfit(c) { '_' } else { c }).collect();
    // A name that begins with a dot is hidden; one that ends with one or with a space is cut by some systems.
    let title = title.trim_matches(['.', ' ']);
    let mut encoded = String::new();
    for byte in format!("{title}.{extension}").bytes() {
        // RFC 8187, attr-char.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    let value = format!("attachment; filename=\"gifchat-{}.{extension}\"; filename*=UTF-8''{encoded}", room.id);
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

/// What cannot be in a file's name on some system.
fn is_unfit(c: char) -> bool {
    c.is_control() || "/\\:*?\"<>|".contains(c)
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_gif_in_pieces_is_one_base64() {
        let pieces: [&'static [u8]; 6] = [b"G", b"IF8", b"", b"9a, and so", b" ", b"on"];
        let stream = stream::iter(pieces.map(|piece| Ok(Bytes::from_static(piece)))).boxed();
        let mut encoded = Encoded { blob: Blob { len: 17, range: 0..17, stream }, rest: Vec::new() };
        let mut whole = Vec::new();
        while let Some(piece) = encoded.next().await.unwrap() {
            whole.extend_from_slice(&piece);
        }
        assert_eq!(STANDARD.decode(whole).unwrap(), pieces.concat());
    }
}
