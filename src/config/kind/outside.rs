//! Where others are, and the words they know: origins, addresses, networks, keys.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use url::Url;

use super::{NONE, list, show_list};

pub(in crate::config) struct Origins;

impl Origins {
    pub(in crate::config) const EXPECTS: &str =
        "a comma-separated list like https://chat.example.org,http://10.0.0.5:8005, or none";

    /// Origins as browsers send them: lower case, without a default port (RFC 6454, section 6.2).
    pub(in crate::config) fn parse(text: &str) -> Option<Vec<String>> {
        list(text, |item| {
            let (scheme, authority) = item.split_once("://")?;
            let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
            let default_port = match scheme.as_str() {
                "http" => ":80",
                "https" => ":443",
                _ => return None,
            };
            let parsed = http::uri::Authority::from_str(&authority).ok()?;
            let plain = !parsed.host().is_empty() && !authority.contains('@') && !authority.ends_with(':');
            let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
            plain.then(|| format!("{scheme}://{authority}"))
        })
    }

    pub(in crate::config) fn show(value: &[String]) -> String {
        show_list(value)
    }
}

pub(in crate::config) struct WebAddress;

impl WebAddress {
    pub(in crate::config) const EXPECTS: &str = "an address like https://chat.example.org/tenor/v2, or none";

    /// Without a query: what is asked is added to its path.
    pub(in crate::config) fn parse(text: &str) -> Option<Option<Url>> {
        if text.is_empty() || text == NONE {
            return Some(None);
        }
        let url: Url = text.parse().ok()?;
        let plain =
            url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        (plain && matches!(url.scheme(), "http" | "https")).then_some(Some(url))
    }

    pub(in crate::config) fn show(value: &Option<Url>) -> String {
        value.as_ref().map_or_else(|| NONE.to_owned(), Url::to_string)
    }
}

pub(in crate::config) struct Networks;

impl Networks {
    pub(in crate::config) const EXPECTS: &str =
        "a comma-separated list of addresses and networks like 10.0.0.1,fd00::/8, or none";

    pub(in crate::config) fn parse(text: &str) -> Option<Vec<IpNet>> {
        list(text, |item| match item.parse::<IpNet>() {
            Ok(network) => Some(network.trunc()),
            Err(_) => item.parse::<IpAddr>().ok().map(IpNet::from),
        })
    }

    pub(in crate::config) fn show(value: &[IpNet]) -> String {
        show_list(value)
    }
}

pub(in crate::config) struct Keys;

impl Keys {
    pub(in crate::config) const EXPECTS: &str =
        "a comma-separated list of keys, each 8 to 100 letters, digits, - and _, or none";

    pub(in crate::config) fn parse(text: &str) -> Option<Vec<String>> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        list(text, |item| ((8..=100).contains(&item.len()) && item.bytes().all(is_plain)).then(|| item.to_owned()))
    }

    pub(in crate::config) fn show(value: &[String]) -> String {
        show_list(value)
    }
}

pub(in crate::config) struct Word;

impl Word {
    pub(in crate::config) const EXPECTS: &str = "letters, digits and signs without spaces, or none";

    pub(in crate::config) fn parse(text: &str) -> Option<String> {
        let word = if text == NONE { "" } else { text };
        (word.len() <= 1000 && word.bytes().all(|byte| byte.is_ascii_graphic())).then(|| word.to_owned())
    }

    pub(in crate::config) fn show(value: &str) -> String {
        if value.is_empty() { NONE.to_owned() } else { value.to_owned() }
    }
}
