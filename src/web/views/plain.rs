//! Pages that say what went wrong.

use askama::Template;

use super::frame::Frame;

/// 404 for an address that leads nowhere.
#[derive(Debug, Template)]
#[template(path = "missing.html")]
pub struct NotFoundPage<'a> {
    pub frame: Frame<'a>,
}

/// Any other answer that a person may see: what happened and what to do next, from [`Texts::problem`].
///
/// [`Texts::problem`]: crate::web::texts::Texts::problem
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    pub frame: Frame<'a>,
    pub title: &'a str,
    pub detail: &'a str,
}
