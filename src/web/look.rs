//! What all pages of one answer have in common.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::Problem;
use super::headers;
use super::negotiate::{cookie, language};
use super::proxies::Client;
use super::session::Asker;
use super::views::{ErrorPage, Frame, NotFoundPage, Theme, WorkPage};
use crate::domain::{Challenge, Color, Lang, Member, MemberId};
use crate::env::Env;

/// Made from the request.
#[derive(Clone, Debug)]
pub struct Look {
    pub lang: Lang,
    theme: Option<Theme>,
    /// For the page's one inline style block; new each time.
    nonce: String,
    /// Path and query.
    path: String,
    me: Member,
    /// Scheme and authority by which we were called.
    site: String,
}

impl Look {
    pub fn of(request: &Request, env: &Env) -> Self {
        let extensions = request.extensions();
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let client = extensions.get::<Client>();
        let scheme = if client.is_some_and(|client| client.https) { "https" } else { "http" };
        let host = client.and_then(|client| client.host.as_deref()).unwrap_or("localhost");
        Self {
            lang: language(request.headers()),
            theme: cookie(request.headers(), "theme").and_then(Theme::from_name),
            nonce: STANDARD.encode(env.random::<16>()),
            path: path.to_owned(),
            me: extensions.get::<Asker>().map_or_else(nobody, |asker| asker.visitor.caller.member.clone()),
            site: format!("{scheme}://{host}"),
        }
    }

    pub fn frame(&self) -> Frame<'_> {
        Frame { lang: self.lang, theme: self.theme, nonce: &self.nonce, path: &self.path, me: &self.me }
    }

    /// The absolute address of a path.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// The answer that shows a page.
    pub fn page(&self, status: StatusCode, page: &impl Template) -> Response {
        let Ok(html) = page.render() else { return Problem::INTERNAL.into_response() };
        let mut response = (status, Html(html)).into_response();
        if let Ok(policy) = HeaderValue::try_from(headers::page_policy(&self.nonce)) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }

    /// The page about a problem.
    pub fn problem(&self, problem: &Problem) -> Response {
        if problem.status == StatusCode::NOT_FOUND {
            return self.page(problem.status, &NotFoundPage { frame: self.frame() });
        }
        if let Some(Challenge { salt, bits }) = problem.challenge {
            let path = self.path.split_once('?').map_or(&*self.path, |(path, _)| path);
            let enter = format!("{}/enter", path.trim_end_matches("/enter"));
            return self.page(problem.status, &WorkPage { frame: self.frame(), enter: &enter, salt, bits });
        }
        let (title, detail) = problem.sentences(self.lang);
        let retry_after = problem.retry_seconds();
        let page = ErrorPage { frame: self.frame(), code: problem.code, title, detail: &detail, retry_after };
        self.page(problem.status, &page)
    }
}

/// For the pages of doors that do not ask who comes.
fn nobody() -> Member {
    Member { id: MemberId::from_bytes([0; 8]), name: String::new(), color: Color::GREY }
}
