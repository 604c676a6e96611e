//! What several of these doors take and refuse alike, for the OpenAPI document.

#![allow(dead_code, reason = "these types are described, not made")]

use utoipa::{IntoParams, IntoResponses};

use crate::wire::TenorErrorView;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Key {
    /// One of the setting `tenor_keys`
    key: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Limit {
    /// 20 when it is missing
    #[param(minimum = 1, maximum = 50, nullable = false)]
    limit: Option<u32>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Position {
    /// `next` of the page before
    #[param(nullable = false)]
    pos: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Look {
    /// `ko_KR`: described in Korean, if it is
    #[param(nullable = false)]
    locale: Option<String>,
    /// Formats with commas between; all when it is missing
    #[param(nullable = false)]
    media_filter: Option<String>,
}

#[derive(IntoResponses)]
pub enum Refusals {
    /// A parameter does not fit
    #[response(status = 400)]
    Malformed(TenorErrorView),
    /// Not a key of this server
    #[response(status = 403)]
    Key(TenorErrorView),
    /// Too often
    #[response(status = 429)]
    TooOften(TenorErrorView),
    /// Not now
    #[response(status = 503)]
    Unavailable(TenorErrorView),
}
