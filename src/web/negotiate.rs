//! What kind of answer a request asks for.

use axum::http::{HeaderMap, header};

use crate::domain::Lang;

/// The kind of answer that `Accept` (RFC 9110, section 12.5.1) and the body's own type ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A program: JSON is named and not liked less than HTML, or the body is JSON.
    Json,
    /// A browser that shows a page: HTML is named.
    Page,
    /// Nothing is said: `*/*`, or no field at all.
    Any,
}

impl Wanted {
    pub fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let json = quality(accept, |kind| kind == "application/json" || kind == "application/problem+json");
        let page = quality(accept, |kind| kind == "text/html" || kind == "application/xhtml+xml");
        match (json, page) {
            (Some(json), page) if json >= page.unwrap_or(0.0) => Self::Json,
            (_, Some(_)) => Self::Page,
            _ if has_json_body(headers) => Self::Json,
            _ => Self::Any,
        }
    }
}

/// The best quality of a media range that is one of `these`; `None` when there is none, or only refused ones.
fn quality(accept: &str, these: impl Fn(&str) -> bool) -> Option<f32> {
    let ranges = accept.split(',').take(32).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        if !these(&parts.next()?.to_ascii_lowercase()) {
            return None;
        }
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some(quality.map_or(1.0, |quality| quality.parse::<f32>().unwrap_or(0.0)))
    });
    ranges.filter(|quality| *quality > 0.0).reduce(f32::max)
}

pub fn has_json_body(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|kind| kind == "application/json" || kind.ends_with("+json"))
}

/// The type of the body, in lower case and without parameters.
pub fn media_type(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// A cookie's value. Of several with the name the first counts, as in most servers.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    fields.flat_map(|field| field.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    })
}

/// Whether who asks has it already: `If-None-Match` (RFC 9110, section 13.1.2).
pub fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|field| field.to_str().ok()).any(|field| {
        field.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == etag)
    })
}

/// The language of the answer: the one that was chosen here, or the one the browser likes best.
pub fn language(headers: &HeaderMap) -> Lang {
    cookie(headers, "lang").and_then(Lang::from_tag).unwrap_or_else(|| {
        let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|accept| accept.to_str().ok());
        Lang::accepted(accept.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(header::HeaderName, &str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn browsers_get_pages_and_programs_get_json() {
        let wanted = |accept: &str| Wanted::of(&headers(&[(header::ACCEPT, accept)]));
        assert_eq!(wanted("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Wanted::Page);
        assert_eq!(wanted("application/json, text/plain, */*"), Wanted::Json);
        assert_eq!(wanted("application/problem+json"), Wanted::Json);
        assert_eq!(wanted("text/html, application/json;q=0.9"), Wanted::Page);
        assert_eq!(wanted("application/json;q=0, */*"), Wanted::Any);
        assert_eq!(wanted("*/*"), Wanted::Any);
        assert_eq!(Wanted::of(&HeaderMap::new()), Wanted::Any);
    }

    #[test]
    fn a_json_body_asks_for_json() {
        let json = (header::CONTENT_TYPE, "application/json; charset=utf-8");
        assert_eq!(Wanted::of(&headers(&[json.clone(), (header::ACCEPT, "*/*")])), Wanted::Json);
        assert_eq!(Wanted::of(&headers(&[json, (header::ACCEPT, "text/html")])), Wanted::Page);
        let form = (header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        assert_eq!(Wanted::of(&headers(&[form])), Wanted::Any);
    }

    #[test]
    fn a_chosen_language_wins() {
        let english = (header::ACCEPT_LANGUAGE, "en");
        assert_eq!(language(&headers(std::slice::from_ref(&english))), Lang::En);
        assert_eq!(language(&headers(&[english.clone(), (header::COOKIE, "a=b; lang=ko")])), Lang::Ko);
        assert_eq!(language(&headers(&[english, (header::COOKIE, "lang=xx")])), Lang::En);
        assert_eq!(language(&HeaderMap::new()), Lang::Ko);
    }
}
