//! What all threads of a server know.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::request::Parts;
use http::{HeaderMap, StatusCode};
use tower_http::cors::CorsLayer;

use crate::admission::{Admit, Guard, Refused};
use crate::config::Config;
use crate::frame::Frame;
use crate::hub::Hub;
use crate::namespace::{Namespace, is_name};
use crate::permit::{Counters, Permit};
use crate::session::SessionKey;

/// Adds headers to an answer; the flag says whether it is the one that opens a connection.
pub(crate) type Headers = Box<dyn Fn(&Parts, &mut HeaderMap, bool) + Send + Sync>;

pub(crate) type IsMatch = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// Handlers, and what the namespace is called that they are for.
pub(crate) type Named = (Arc<str>, Arc<Namespace>);

/// What all threads of a server know.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) hub: Arc<Hub>,
    pub(crate) namespaces: HashMap<Arc<str>, Arc<Namespace>>,
    pub(crate) alike: Vec<(IsMatch, Arc<Namespace>)>,
    /// Set: connections speak Engine.IO alone.
    pub(crate) engine: Option<Named>,
    pub(crate) registry: Registry,
    pub(crate) guard: Guard,
    pub(crate) admit: Admit,
    pub(crate) headers: Option<Headers>,
    pub(crate) cors: Option<CorsLayer>,
    pub(crate) ping: Frame,
    pub(crate) counters: Arc<Counters>,
    /// Nobody new is let in.
    pub(crate) ending: AtomicBool,
    pub(crate) next_key: AtomicU64,
}

impl Shared {
    /// A name for a new connection, and the shard that will own it: one after the other.
    pub(crate) fn next_session(&self) -> (SessionKey, usize) {
        let key = self.next_key.fetch_add(1, Ordering::Relaxed);
        (key, (key % self.hub.inboxes().len() as u64) as usize)
    }

    /// A place for a new connection.
    ///
    /// # Errors
    /// 503 when there is none, or when the server is ending.
    pub(crate) fn permit(&self, address: Option<IpAddr>) -> Result<Permit, Refused> {
        let is_ending = self.ending.load(Ordering::Acquire);
        let permit = if is_ending { None } else { self.counters.take(&self.config, address) };
        permit.ok_or_else(|| {
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, "the server has no room for another connection")
        })
    }

    pub(crate) fn namespace(&self, name: &str) -> Option<Named> {
        if let Some((name, handlers)) = self.namespaces.get_key_value(name) {
            return Some((Arc::clone(name), Arc::clone(handlers)));
        }
        let (_, handlers) = self.alike.iter().find(|(is_match, _)| is_name(name) && is_match(name))?;
        Some((name.into(), Arc::clone(handlers)))
    }
}

/// Which polling connection has which secret name.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<HashMap<Arc<str>, (usize, SessionKey)>>);

impl Registry {
    pub(crate) fn insert(&self, sid: Arc<str>, shard: usize, key: SessionKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sid, (shard, key));
    }

    pub(crate) fn find(&self, sid: &str) -> Option<(usize, SessionKey)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(sid).copied()
    }

    pub(crate) fn remove(&self, sid: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(sid);
    }
}
