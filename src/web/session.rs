//! Who somebody is: one signed cookie.
//!
//! Its value is `<session>.<member>.<language>`: the secret, the public id, and the language in which the person got
//! their name. Nothing of it is stored; the signature is what makes it true.

use std::fmt;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::{Cookie, Key, SameSite, SignedCookieJar};

use super::error::Problem;
use super::negotiate::language;
use super::proxies::Client;
use crate::chat::Visitor;
use crate::domain::{Caller, Lang, MemberId, SessionId};
use crate::env::Env;

/// How long an identity lasts without a visit: 30 days, in seconds.
const MAX_AGE: u32 = 30 * 24 * 60 * 60;

/// Reads and makes identities.
#[derive(Clone)]
pub struct Sessions {
    key: Key,
    env: Env,
}

/// What the cookie says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    session: SessionId,
    member: MemberId,
    /// The language of their name.
    born: Lang,
}

/// Who sends a request: in the extensions of each request to the doors for people.
#[derive(Clone, Debug)]
pub struct Asker {
    pub visitor: Visitor,
}

impl Sessions {
    /// `secret` signs: at least 64 bytes.
    pub fn new(secret: &[u8], env: Env) -> Self {
        Self { key: Key::from(secret), env }
    }

    /// Who came with their cookie; `None` without one, or with one that we did not sign.
    pub fn visitor(&self, client: &Client, headers: &HeaderMap) -> Option<Visitor> {
        self.read(client, headers).map(|identity| identity.visitor(client))
    }

    fn read(&self, client: &Client, headers: &HeaderMap) -> Option<Identity> {
        let jar = SignedCookieJar::<Key>::from_headers(headers, self.key.clone());
        Identity::parse(jar.get(name(client.https))?.value())
    }

    fn make(&self, born: Lang) -> Identity {
        Identity {
            session: SessionId::from_bytes(self.env.random()),
            member: MemberId::from_bytes(self.env.random()),
            born,
        }
    }

    /// The `Set-Cookie` field that keeps the identity for another while.
    fn field(&self, identity: &Identity, https: bool) -> Option<HeaderValue> {
        let cookie = Cookie::build((name(https), identity.written()))
            .path("/")
            .http_only(true)
            .secure(https)
            .same_site(SameSite::Lax)
            .build();
        let signed = SignedCookieJar::<Key>::new(self.key.clone()).add(cookie).into_response();
        let field = signed.headers().get(header::SET_COOKIE)?.to_str().ok()?;
        HeaderValue::try_from(format!("{field}; Max-Age={MAX_AGE}")).ok()
    }
}

/// `__Host-`: browsers take it from this very host over HTTPS alone (RFC 6265bis, section 4.1.3.2).
pub const fn name(https: bool) -> &'static str {
    if https { "__Host-gifchat" } else { "gifchat" }
}

impl Identity {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let identity = Self {
            session: parts.next()?.parse().ok()?,
            member: parts.next()?.parse().ok()?,
            born: Lang::from_tag(parts.next()?)?,
        };
        parts.next().is_none().then_some(identity)
    }

    fn written(&self) -> String {
        format!("{}.{}.{}", self.session.expose(), self.member, self.born.tag())
    }

    fn visitor(&self, client: &Client) -> Visitor {
        Visitor { caller: Caller::new(self.session, self.member, self.born), address: client.address.into() }
    }
}

/// Makes everybody somebody: puts the [`Asker`] into the request. Who is new gets their cookie with the answer; who
/// looks at a page keeps theirs for longer.
pub async fn recognize(State(sessions): State<Sessions>, mut request: Request, next: Next) -> Response {
    let Some(client) = request.extensions().get::<Client>().cloned() else {
        return Problem::INTERNAL.into_response();
    };
    let known = sessions.read(&client, request.headers());
    let identity = known.unwrap_or_else(|| sessions.make(language(request.headers())));
    request.extensions_mut().insert(Asker { visitor: identity.visitor(&client) });
    let mut response = next.run(request).await;
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if (known.is_none() || is_page)
        && let Some(field) = sessions.field(&identity, client.https)
    {
        response.headers_mut().append(header::SET_COOKIE, field);
    }
    response
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(Problem::INTERNAL)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn sessions(secret: u8) -> Sessions {
        Sessions::new(&[secret; 64], Env::manual(Timestamp(0), 1))
    }

    fn client(https: bool) -> Client {
        Client { address: [127, 0, 0, 1].into(), https, host: None }
    }

    fn headers(cookie: &str) -> HeaderMap {
        [(header::COOKIE, cookie.parse().unwrap())].into_iter().collect()
    }

    /// `name=value` of a `Set-Cookie` field.
    fn pair(sessions: &Sessions, identity: &Identity, https: bool) -> String {
        let field = sessions.field(identity, https).unwrap();
        field.to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    #[test]
    fn a_signed_cookie_is_somebody() {
        let sessions = sessions(1);
        let identity = sessions.make(Lang::En);
        let cookie = pair(&sessions, &identity, false);
        assert_eq!(sessions.read(&client(false), &headers(&format!("a=b; {cookie}; lang=ko"))), Some(identity));
        assert_ne!(sessions.make(Lang::En), identity);
    }

    #[test]
    fn nobody_signs_but_us() {
        let ours = sessions(1);
        let identity = ours.make(Lang::Ko);
        let cookie = pair(&ours, &identity, false);
        let read = |cookie: &str| ours.read(&client(false), &headers(cookie));
        assert_eq!(read(&pair(&sessions(2), &identity, false)), None);
        assert_eq!(read(&format!("gifchat={}", identity.written())), None);
        let first_digit = cookie.len() - identity.written().len();
        let other = if &cookie[first_digit..=first_digit] == "0" { "1" } else { "0" };
        let mut forged = cookie.clone();
        forged.replace_range(first_digit..=first_digit, other);
        assert_eq!(read(&forged), None);
        for odd in ["", "gifchat", "gifchat=", "gifchat=é", ";;=;", &"x=y;".repeat(1000)] {
            let fields = [(header::COOKIE, HeaderValue::from_bytes(odd.as_bytes()).unwrap())].into_iter().collect();
            assert_eq!(ours.read(&client(false), &fields), None);
        }
    }

    #[test]
    fn the_cookie_is_closed_to_scripts_and_other_sites() {
        let sessions = sessions(1);
        let identity = sessions.make(Lang::Ko);
        let field = |https| sessions.field(&identity, https).unwrap().to_str().unwrap().to_owned();
        let plain = field(false);
        assert!(plain.starts_with("gifchat=") && !plain.contains("Secure"), "{plain}");
        let secure = field(true);
        assert!(secure.starts_with("__Host-gifchat=") && secure.contains("; Secure"), "{secure}");
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000"] {
            assert!(plain.contains(attribute) && secure.contains(attribute), "{attribute}");
        }
        assert!(!secure.contains("Domain"));
        let cookie = pair(&sessions, &identity, false);
        assert_eq!(sessions.read(&client(true), &headers(&cookie)), None, "under HTTPS only the __Host- cookie counts");
    }
}
