//! Receives a GIF: `multipart/form-data` (RFC 7578) with one file in the field `gif`, and optionally `alt`, `reply` and
//! `clientMessageId`. What the file calls itself, by name or type, does not matter.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use tokio::time::timeout;

use super::body::{self, BodyLimits, digits};
use super::error::Problem;
use super::negotiate::media_type;
use crate::domain::{AltText, ClientMessageId, Invalid, NewGif};

/// What multipart may put around the file.
const AROUND: usize = 64 * 1024;
const MOST_FIELDS: usize = 8;

#[derive(Clone, Debug)]
pub struct Received {
    pub gif: Bytes,
    pub new: NewGif,
}

/// What [`receive`] reads, for the OpenAPI document.
#[derive(Debug, utoipa::ToSchema)]
#[schema(rename_all = "camelCase", description = "One GIF. Other fields are passed over; there are at most 8 in all.")]
#[allow(dead_code, reason = "it is described, not made")]
pub struct GifForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    gif: Bytes,
    /// What it shows, in words.
    #[schema(nullable = false)]
    alt: Option<AltText>,
    /// The `seq` of the message it answers.
    #[schema(nullable = false, minimum = 1)]
    reply: Option<i64>,
    #[schema(nullable = false)]
    client_message_id: Option<ClientMessageId>,
}

/// The largest body that can hold a GIF within the limits.
pub const fn most_bytes(limits: &BodyLimits) -> usize {
    limits.gif_bytes.saturating_add(AROUND)
}

/// Lets [`receive`] read that much.
pub fn body_limit(limits: &BodyLimits) -> DefaultBodyLimit {
    DefaultBodyLimit::max(most_bytes(limits))
}

/// # Errors
/// 413, 408; 415 for another type; 400 for broken multipart; 422 without a file.
pub async fn receive(request: Request, limits: &BodyLimits) -> Result<Received, Problem> {
    if media_type(request.headers()).as_deref() != Some("multipart/form-data") {
        return Err(Problem::UNSUPPORTED);
    }
    let multipart = Multipart::from_request(request, &()).await.map_err(|_| MULTIPART)?;
    timeout(limits.total, parts(multipart, limits)).await.map_err(|_| Problem::TOO_SLOW)?
}

/// Reads a form that is refused to its end, if that is near. Returns what it calls its message: it may be a retry.
pub async fn drain(request: Request, limits: &BodyLimits) -> Option<ClientMessageId> {
    if media_type(request.headers()).as_deref() != Some("multipart/form-data") {
        body::drain(request.into_body()).await;
        return None;
    }
    let mut id = None;
    let end = async {
        let mut multipart = Multipart::from_request(request, &()).await.ok()?;
        while let Some(field) = multipart.next_field().await.ok()? {
            if field.name() == Some("clientMessageId") {
                id = message_id(field, limits).await.ok();
            }
        }
        Some(())
    };
    // Either way it is answered now.
    let _ = timeout(body::DRAIN_TIME, end).await;
    id
}

async fn parts(mut multipart: Multipart, limits: &BodyLimits) -> Result<Received, Problem> {
    let (mut gif, mut new) = (None, NewGif::default());
    for _ in 0..MOST_FIELDS {
        let next = timeout(limits.idle, multipart.next_field()).await.map_err(|_| Problem::TOO_SLOW)?;
        let Some(field) = next.map_err(problem)? else {
            let gif = gif.ok_or(Problem::of_field(StatusCode::UNPROCESSABLE_ENTITY, "gif-missing", "gif"))?;
            return Ok(Received { gif, new });
        };
        match field.name() {
            Some("gif") if gif.is_none() => gif = Some(bytes(field, limits, limits.gif_bytes).await?),
            Some("gif") => return Err(MULTIPART),
            Some("clientMessageId") => {
                new.client_message_id = Some(message_id(field, limits).await?);
            }
            Some("alt") => {
                let alt = bytes(field, limits, AROUND).await?;
                new.alt = AltText::parse(std::str::from_utf8(&alt).map_err(|_| Problem::MALFORMED)?)?;
            }
            Some("reply") => {
                let reply = bytes(field, limits, AROUND).await?;
                let reply = std::str::from_utf8(&reply).ok().and_then(digits);
                new.reply = Some(reply.ok_or(Invalid::NotNumber { field: "reply" })?);
            }
            _ => {
                bytes(field, limits, AROUND).await?;
            }
        }
    }
    Err(MULTIPART)
}

async fn message_id(field: Field<'_>, limits: &BodyLimits) -> Result<ClientMessageId, Problem> {
    let id = bytes(field, limits, ClientMessageId::MOST + 1).await?;
    Ok(ClientMessageId::parse(std::str::from_utf8(&id).map_err(|_| Problem::MALFORMED)?)?)
}

async fn bytes(mut field: Field<'_>, limits: &BodyLimits, most: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) =
        timeout(limits.idle, field.chunk()).await.map_err(|_| Problem::TOO_SLOW)?.map_err(problem)?
    {
        if bytes.len() + chunk.len() > most {
            let error = gifchat_gif::Error::TooLarge { most };
            return Err(if field.name() == Some("gif") { error.into() } else { Problem::TOO_LARGE });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

const MULTIPART: Problem = Problem::of_field(StatusCode::BAD_REQUEST, "bad-request", "gif");

fn problem(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Problem::TOO_LARGE } else { MULTIPART }
}
