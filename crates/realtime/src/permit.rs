//! Places among the connections that a server may have.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Config;

/// Who is counted as one.
type Origin = u128;

/// What is counted: connections, those that have not joined a namespace yet, and those of each address.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    all: AtomicUsize,
    pending: AtomicUsize,
    by_origin: Mutex<HashMap<Origin, usize>>,
}

/// A connection's place; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    counters: Arc<Counters>,
    origin: Option<Origin>,
    is_pending: bool,
}

impl Counters {
    pub(crate) fn all(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }

    /// `None` when a bound is reached.
    pub(crate) fn take(self: &Arc<Self>, config: &Config, address: Option<IpAddr>) -> Option<Permit> {
        if !below(&self.all, config.max_connections) {
            return None;
        }
        let mut permit = Permit { counters: Arc::clone(self), origin: None, is_pending: false };
        if config.max_pending > 0 {
            if !below(&self.pending, config.max_pending) {
                return None;
            }
            permit.is_pending = true;
        }
        if let Some(address) = address.filter(|_| config.max_per_address > 0) {
            let origin = origin(address);
            let mut by_origin = self.by_origin.lock().unwrap_or_else(PoisonError::into_inner);
            let count = by_origin.entry(origin).or_insert(0);
            if *count >= config.max_per_address {
                drop(by_origin);
                return None;
            }
            *count += 1;
            drop(by_origin);
            permit.origin = Some(origin);
        }
        Some(permit)
    }
}

fn below(counter: &AtomicUsize, most: usize) -> bool {
    counter.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| (count < most).then_some(count + 1)).is_ok()
}

/// An IPv4 address; of IPv6 the /64, which is what one household or machine usually has.
fn origin(address: IpAddr) -> Origin {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address) >> 64 << 64,
    }
}

impl Permit {
    /// The connection has joined a namespace.
    pub(crate) fn settle(&mut self) {
        if std::mem::take(&mut self.is_pending) {
            self.counters.pending.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.settle();
        self.counters.all.fetch_sub(1, Ordering::AcqRel);
        if let Some(origin) = self.origin {
            let mut by_origin = self.counters.by_origin.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = by_origin.get_mut(&origin) {
                *count -= 1;
                if *count == 0 {
                    by_origin.remove(&origin);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_holds_and_is_given_back() {
        let counters = Arc::new(Counters::default());
        let config = Config { max_connections: 4, max_pending: 3, max_per_address: 2, ..Config::default() };
        let address = |text: &str| Some(text.parse().unwrap());
        let mut one = counters.take(&config, address("2001:db8::1")).unwrap();
        let two = counters.take(&config, address("2001:db8::ffff:2")).unwrap();
        assert!(counters.take(&config, address("2001:db8::3")).is_none(), "one /64 is one address");
        let three = counters.take(&config, address("2001:db8:0:1::1")).unwrap();
        assert!(counters.take(&config, None).is_none(), "three are pending");
        one.settle();
        one.settle();
        let four = counters.take(&config, address("192.0.2.1")).unwrap();
        drop(two);
        let five = counters.take(&config, address("::ffff:192.0.2.1")).unwrap();
        assert!(counters.take(&config, None).is_none(), "there are four");
        drop((one, three, four, five));
        assert_eq!((counters.all(), counters.pending.load(Ordering::Relaxed)), (0, 0));
        assert!(counters.by_origin.lock().unwrap().is_empty());
    }
}
