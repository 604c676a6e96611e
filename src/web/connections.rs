//! How many connections there are, in all and from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;

/// The places for connections.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    most: usize,
    /// 0: no limit.
    most_per_address: usize,
    /// Networks whose connections stand for many people: reverse proxies.
    uncounted: Vec<IpNet>,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place, free again once the last clone is gone.
///
/// Every request carries one in its extensions. What outlives its request on the same TCP connection, such as a
/// WebSocket, keeps a clone, so that the connection goes on being counted.
#[derive(Clone, Debug)]
pub struct ConnectionGuard {
    _place: Arc<Place>,
}

#[derive(Debug)]
struct Place {
    shared: Arc<Shared>,
    /// `None`: not counted by address.
    address: Option<IpAddr>,
}

impl Connections {
    pub(crate) fn new(most: usize, most_per_address: usize, uncounted: Vec<IpNet>) -> Self {
        Self { shared: Arc::new(Shared { most, most_per_address, uncounted, taken: Mutex::default() }) }
    }

    /// Takes a place for a connection from `address`. `None`: there is none.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<ConnectionGuard> {
        let shared = &self.shared;
        let address = address.to_canonical();
        let counted = shared.most_per_address > 0 && !shared.uncounted.iter().any(|network| network.contains(&address));
        let address = counted.then(|| subscriber(address));
        let mut taken = shared.taken();
        if taken.all >= shared.most {
            return None;
        }
        if let Some(address) = address {
            let of_address = taken.by_address.entry(address).or_default();
            if *of_address >= shared.most_per_address {
                return None;
            }
            *of_address += 1;
        }
        taken.all += 1;
        drop(taken);
        Some(ConnectionGuard { _place: Arc::new(Place { shared: Arc::clone(shared), address }) })
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.shared.taken();
        taken.all -= 1;
        if let Some(address) = self.address
            && let Some(of_address) = taken.by_address.get_mut(&address)
        {
            *of_address -= 1;
            if *of_address == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

/// What counts as one address: all of an IPv6 subscriber's /64 network (RFC 6177, section 2).
fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_limited_in_all_and_come_back() {
        let connections = Connections::new(2, 0, vec![]);
        let first = connections.enter(ip("192.0.2.1")).unwrap();
        let clone = first.clone();
        let _second = connections.enter(ip("192.0.2.1")).unwrap();
        assert!(connections.enter(ip("192.0.2.2")).is_none());
        drop(first);
        assert!(connections.enter(ip("192.0.2.2")).is_none(), "a clone keeps the place");
        drop(clone);
        assert!(connections.enter(ip("192.0.2.2")).is_some());
    }

    #[test]
    fn one_address_takes_only_its_share() {
        let connections = Connections::new(100, 2, vec!["10.0.0.0/8".parse().unwrap()]);
        let enter = |address: &str| connections.enter(ip(address));
        let held = [enter("192.0.2.1").unwrap(), enter("::ffff:192.0.2.1").unwrap()];
        assert!(enter("192.0.2.1").is_none());
        let others: Vec<_> = ["192.0.2.2", "10.0.0.1", "10.0.0.1", "10.0.0.1"].map(|text| enter(text).unwrap()).into();
        let _network = [enter("2001:db8:0:1::1").unwrap(), enter("2001:db8:0:1:ffff::").unwrap()];
        assert!(enter("2001:db8:0:1::2").is_none());
        assert!(enter("2001:db8:0:2::1").is_some());
        drop((held, others));
        assert!(enter("192.0.2.1").is_some());
        assert_eq!(connections.shared.taken().by_address.len(), 1, "who has left is not remembered");
    }
}
