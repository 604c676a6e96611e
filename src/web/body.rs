//! Reads the bodies of requests: small, in time, and of a type that we know.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::error::Problem;
use super::negotiate::{has_json_body, media_type};
use crate::domain::Invalid;
use crate::wire;

/// How large and how slow a body may be.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// Forms and JSON.
    pub form_bytes: usize,
    /// A GIF without what multipart puts around it.
    pub gif_bytes: usize,
    /// How long it may stand still.
    pub idle: Duration,
    /// How long all of it may take.
    pub total: Duration,
}

/// What is read and thrown away of a body that is refused, so that a browser gets to see the answer: one that is
/// still sending takes an early close for a broken connection.
const DRAIN: usize = 16 * 1024 * 1024;
pub const DRAIN_TIME: Duration = Duration::from_secs(10);

/// The fields of a form or of a JSON object, as JSON.
///
/// # Errors
/// 413, 408; 415 for another type; 400 for what is not of the type it claims.
pub async fn fields(request: Request, limits: &BodyLimits) -> Result<Value, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = read(body, &parts.headers, limits).await?;
    if has_json_body(&parts.headers) {
        return serde_json::from_slice(&bytes).map_err(|_| Problem::MALFORMED);
    }
    match media_type(&parts.headers).as_deref() {
        Some("application/x-www-form-urlencoded") => form(&bytes).ok_or(Problem::MALFORMED),
        None if bytes.is_empty() => Ok(Value::Object(Map::new())),
        _ => Err(Problem::UNSUPPORTED),
    }
}

async fn read(mut body: Body, headers: &HeaderMap, limits: &BodyLimits) -> Result<Bytes, Problem> {
    if declared(headers).is_some_and(|bytes| bytes > limits.form_bytes as u64) {
        drain(body).await;
        return Err(Problem::TOO_LARGE);
    }
    let whole = async {
        let mut bytes = BytesMut::new();
        while let Some(frame) = timeout(limits.idle, body.frame()).await.map_err(|_| Problem::TOO_SLOW)? {
            let frame = frame.map_err(|_| Problem::MALFORMED)?;
            if let Some(data) = frame.data_ref() {
                if bytes.len() + data.len() > limits.form_bytes {
                    return Err(Problem::TOO_LARGE);
                }
                bytes.extend_from_slice(data);
            }
        }
        Ok(bytes.freeze())
    };
    timeout(limits.total, whole).await.map_err(|_| Problem::TOO_SLOW)?
}

/// The size that the request declares.
pub fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a refused body to its end, if that is near.
pub async fn drain(mut body: Body) {
    let end = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > DRAIN {
                break;
            }
        }
    };
    // Either way the answer is sent now.
    let _ = timeout(DRAIN_TIME, end).await;
}

/// The fields of a query.
///
/// # Errors
/// 400 for what is not text.
pub fn query(query: &str) -> Result<Value, Problem> {
    form(query.as_bytes()).ok_or(Problem::MALFORMED)
}

/// A whole number of a query, of at most what an `i64` holds; empty or missing is none.
///
/// # Errors
/// For what is no number, with its field.
pub fn number(query: &Value, field: &'static str) -> Result<Option<i64>, Problem> {
    match wire::text(query, field)? {
        "" => Ok(None),
        text => Ok(Some(digits(text).ok_or(Invalid::NotNumber { field })?)),
    }
}

/// A whole number without a sign; one too large is the largest there is.
pub fn digits(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(i64::MAX))
}

/// `application/x-www-form-urlencoded` (URL standard, section 5.1), but strict about UTF-8: what is not text is not
/// replaced, it is refused. Of several fields of one name the first counts.
fn form(bytes: &[u8]) -> Option<Value> {
    let mut fields = Map::new();
    for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let split = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (name, value) = (decoded(&pair[..split])?, decoded(pair.get(split + 1..).unwrap_or_default())?);
        fields.entry(name).or_insert(Value::String(value));
    }
    Some(Value::Object(fields))
}

fn decoded(text: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
                if let (Some(high), Some(low)) = (digit(0), digit(1)) {
                    bytes.push(u8::try_from(high * 16 + low).ok()?);
                    rest = &after[2..];
                } else {
                    bytes.push(b'%');
                }
            }
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_decoded_strictly() {
        assert_eq!(
            form(b"title=%EC%A0%90+a%26b&max=10&&x&=y&title=2"),
            Some(json!({"title": "점 a&b", "max": "10", "x": "", "": "y"}))
        );
        assert_eq!(form(b"a=100%&b=%4&c=%zz"), Some(json!({"a": "100%", "b": "%4", "c": "%zz"})));
        assert_eq!(form(b""), Some(json!({})));
        assert_eq!(form(b"a=%ff"), None);
        assert_eq!(form(b"a=\xed\xa0\x80"), None);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in ".{0,60}") {
            let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(form(format!("a={encoded}").as_bytes()), Some(json!({"a": text})));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(fields) = form(&bytes) {
                prop_assert!(fields.is_object());
            }
        }
    }
}
