//! Asks other servers, within bounds.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use url::Url;

use super::ProviderError;
use super::address::{NotPublic, PublicOnly, is_public};

const CONNECT_TIME: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(super) struct Fetch {
    /// Where the operator's own provider is: it may be anywhere, this machine included, and speak plain HTTP.
    base: Url,
    to_base: Client,
    to_others: Client,
}

impl Fetch {
    pub(super) fn new(base: &Url) -> Result<Self, reqwest::Error> {
        let to_others = client().https_only(true).dns_resolver(Arc::new(PublicOnly)).build()?;
        Ok(Self { base: base.clone(), to_base: client().build()?, to_others })
    }

    /// At most so many bytes.
    ///
    /// # Errors
    /// [`ProviderError::Address`] before anything is asked; and the others.
    pub(super) async fn get(&self, url: &Url, most: usize) -> Result<Bytes, ProviderError> {
        let client = if url.origin() == self.base.origin() { &self.to_base } else { self.to_others(url)? };
        let mut answer = client.get(url.clone()).send().await.map_err(away)?;
        if !answer.status().is_success() {
            return Err(ProviderError::Status(answer.status().as_u16()));
        }
        let too_large = || ProviderError::TooLarge { most };
        let said = answer.content_length().unwrap_or_default();
        if said > most as u64 {
            return Err(too_large());
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            if bytes.len() + chunk.len() > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Names are looked up by [`PublicOnly`]; an address that is written out never gets there.
    fn to_others(&self, url: &Url) -> Result<&Client, ProviderError> {
        let plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let public = host.parse().map_or(!host.is_empty(), is_public);
        if plain && public { Ok(&self.to_others) } else { Err(ProviderError::Address) }
    }
}

/// A redirect is not followed: it could lead anywhere. No proxy of the environment is used: it would look names up.
fn client() -> ClientBuilder {
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIME)
        .user_agent(concat!("gifchat/", env!("CARGO_PKG_VERSION")))
}

fn away(error: reqwest::Error) -> ProviderError {
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return ProviderError::Address;
        }
        cause = error.source();
    }
    // Its address holds the key.
    ProviderError::Away(Arc::new(error.without_url()))
}
