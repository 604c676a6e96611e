//! Who is at the other end, behind the reverse proxies that the operator trusts.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

/// What is known of the client of a request. In the extensions of each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub address: IpAddr,
    /// Whether a trusted proxy says that the client came over HTTPS.
    pub https: bool,
    /// Name and port by which the client called us; `None` when the request has no readable one.
    pub host: Option<String>,
}

/// The networks whose `X-Forwarded-*` fields are believed.
#[derive(Clone, Debug)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    pub fn new(trusted: &[IpNet]) -> Self {
        Self(trusted.into())
    }

    /// The client of a request that arrived from `peer`. What a peer says that is not trusted counts for nothing.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        if !self.trusts(peer) {
            return Client { address: peer, https: false, host: host.map(str::to_ascii_lowercase) };
        }
        let host = last(headers, "x-forwarded-host").or(host);
        Client {
            address: self.origin_of(peer, headers),
            https: last(headers, "x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            host: host.map(str::to_ascii_lowercase),
        }
    }

    /// The rightmost address that is not a proxy of ours: everything left of it is hearsay.
    fn origin_of(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let fields: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|field| field.to_str().ok()).collect();
        let mut origin = peer;
        for hop in fields.iter().rev().flat_map(|field| field.rsplit(',')) {
            let Some(address) = address(hop.trim()) else { break };
            origin = address;
            if !self.trusts(address) {
                break;
            }
        }
        origin
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address as proxies write it: bare, with a port, or an IPv6 address in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

/// The last element of a list field: what the nearest proxy said.
fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let field = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    field.rsplit(',').next().map(str::trim).filter(|last| !last.is_empty())
}

/// Puts the [`Client`] into the request.
pub async fn identify(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0]));
    let client = proxies.client(peer, request.headers());
    request.extensions_mut().insert(client);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, fields: &[(&'static str, &str)]) -> Client {
        let proxies = Proxies::new(&["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers)
    }

    fn address_of(peer: &str, forwarded: &[&str]) -> String {
        let fields: Vec<_> = forwarded.iter().map(|value| ("x-forwarded-for", *value)).collect();
        client(peer, &fields).address.to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        let fields = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil"),
            ("host", "Us:8005"),
        ];
        let wanted =
            Client { address: "192.0.2.1".parse().unwrap(), https: false, host: Some(String::from("us:8005")) };
        assert_eq!(client("192.0.2.1", &fields), wanted);
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_counts() {
        assert_eq!(address_of("10.0.0.1", &["6.6.6.6, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(address_of("10.0.0.1", &["192.0.2.7, 10.0.0.9"]), "192.0.2.7");
        assert_eq!(address_of("10.0.0.1", &["6.6.6.6", "192.0.2.7"]), "192.0.2.7");
        assert_eq!(address_of("::ffff:10.0.0.1", &["[2001:db8::1]:99"]), "2001:db8::1");
        assert_eq!(address_of("fd00::1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(address_of("10.0.0.1", &["6.6.6.6, unknown"]), "10.0.0.1");
        assert_eq!(address_of("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn a_trusted_proxy_tells_scheme_and_host() {
        let fields = [("x-forwarded-proto", "http, https"), ("x-forwarded-host", "Chat.Example"), ("host", "inner:1")];
        let told = client("10.0.0.1", &fields);
        assert!(told.https);
        assert_eq!(told.host.as_deref(), Some("chat.example"));
        assert!(!client("10.0.0.1", &[("x-forwarded-proto", "https, http")]).https);
    }
}
