//! How often one visitor may do a thing: a token bucket per session, a wider one per address (so that throwing the
//! cookie away gains little), and one per room and address for guessing passwords.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use crate::domain::{Bucket, Caller, LibraryId, Rate, Refusal, RoomId, SessionId, Timestamp};
use crate::provider::PAGE;

/// Somebody at a door: who they are, and from where they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    pub caller: Caller,
    pub address: Address,
}

/// Where somebody comes from, as one place: an IPv4 address, or the /64 network of an IPv6 address, because one
/// household has a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl Address {
    /// The bytes of the place.
    pub fn prefix(self) -> Vec<u8> {
        match self.0 {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets()[..8].to_vec(),
        }
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
            v4 => Self(v4),
        }
    }
}

/// The rates of everything that is slowed; `None` sets no limit.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    pub messages: Option<Rate>,
    pub uploads: Option<Rate>,
    /// Per session alone: a whole office comes back at once when its line does.
    pub joins: Option<Rate>,
    pub rooms: Option<Rate>,
    /// Whatever is done in a room but for saying something, per session and address.
    pub commands: Option<Rate>,
    /// Per session.
    pub searches: Option<Rate>,
    /// Of GIFs to the library, per session and address.
    pub offers: Option<Rate>,
    /// Of the library by other servers, per key.
    pub tenor: Option<Rate>,
    /// Per room and address.
    pub guesses: Option<Rate>,
}

/// How many times a session's rate one address has: people behind one router are not one person.
const SESSIONS_PER_ADDRESS: u32 = 20;

/// How often an entry of the library counts as used from one address.
const USES: Rate = Rate { burst: 1, per_second: 1.0 / 3600.0 };

#[derive(Debug)]
pub struct Limits {
    pub messages: PerVisitor,
    pub uploads: PerVisitor,
    pub rooms: PerVisitor,
    pub commands: PerVisitor,
    pub offers: PerVisitor,
    /// Searches that nobody has to be admitted anywhere for: a new session costs nothing.
    pub lookups: PerVisitor,
    /// Looks at what a provider has found that nobody has looked at yet: a page of them for each lookup.
    pub previews: PerVisitor,
    tenor: Buckets<usize>,
    searches: Buckets<SessionId>,
    joins: Buckets<SessionId>,
    guesses: Buckets<(RoomId, Address)>,
    uses: Buckets<(LibraryId, Address)>,
}

impl Limits {
    pub fn new(rates: Rates) -> Self {
        Self {
            messages: PerVisitor::new(rates.messages, SESSIONS_PER_ADDRESS),
            uploads: PerVisitor::new(rates.uploads, SESSIONS_PER_ADDRESS),
            rooms: PerVisitor::new(rates.rooms, SESSIONS_PER_ADDRESS),
            commands: PerVisitor::new(rates.commands, SESSIONS_PER_ADDRESS),
            offers: PerVisitor::new(rates.offers, SESSIONS_PER_ADDRESS),
            lookups: PerVisitor::new(rates.searches, SESSIONS_PER_ADDRESS),
            previews: PerVisitor::new(rates.searches.map(|rate| times(rate, PAGE as u32)), SESSIONS_PER_ADDRESS),
            tenor: Buckets::new(rates.tenor),
            searches: Buckets::new(rates.searches),
            joins: Buckets::new(rates.joins),
            guesses: Buckets::new(rates.guesses),
            uses: Buckets::new(Some(USES)),
        }
    }

    /// # Errors
    /// [`Refusal::TooOften`].
    pub fn join(&self, session: SessionId, now: Timestamp) -> Result<(), Refusal> {
        self.joins.take(session, now)
    }

    /// # Errors
    /// [`Refusal::TooOften`].
    pub fn search(&self, session: SessionId, now: Timestamp) -> Result<(), Refusal> {
        self.searches.take(session, now)
    }

    /// `key`: which of the keys it is.
    ///
    /// # Errors
    /// [`Refusal::TooOften`].
    pub fn tenor(&self, key: usize, now: Timestamp) -> Result<(), Refusal> {
        self.tenor.take(key, now)
    }

    /// # Errors
    /// [`Refusal::TooOften`].
    pub fn guess(&self, room: RoomId, address: Address, now: Timestamp) -> Result<(), Refusal> {
        self.guesses.take((room, address), now)
    }

    /// Whether an entry of the library was not used from there lately.
    pub fn is_new_use(&self, entry: LibraryId, address: Address, now: Timestamp) -> bool {
        self.uses.take((entry, address), now).is_ok()
    }
}

fn times(rate: Rate, many: u32) -> Rate {
    Rate { burst: rate.burst.saturating_mul(many), per_second: rate.per_second * f64::from(many) }
}

/// A limit of one thing, for each session and for each address.
#[derive(Debug)]
pub struct PerVisitor {
    sessions: Buckets<SessionId>,
    addresses: Buckets<Address>,
}

impl PerVisitor {
    fn new(rate: Option<Rate>, sessions_per_address: u32) -> Self {
        let wide = rate.map(|rate| times(rate, sessions_per_address));
        Self { sessions: Buckets::new(rate), addresses: Buckets::new(wide) }
    }

    /// # Errors
    /// [`Refusal::TooOften`].
    pub fn take(&self, visitor: &Visitor, now: Timestamp) -> Result<(), Refusal> {
        self.sessions.take(visitor.caller.session, now)?;
        self.addresses.take(visitor.address, now)
    }
}

/// Buckets by key. Only those that are not full are worth keeping, so a quiet server holds none.
#[derive(Debug)]
struct Buckets<K> {
    rate: Option<Rate>,
    most: usize,
    buckets: Mutex<HashMap<K, Bucket>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// About 4 MB for each kind of key.
    const MOST: usize = 65_536;

    fn new(rate: Option<Rate>) -> Self {
        Self { rate, most: Self::MOST, buckets: Mutex::default() }
    }

    fn take(&self, key: K, now: Timestamp) -> Result<(), Refusal> {
        let Some(rate) = self.rate else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= self.most && !buckets.contains_key(&key) {
            self.prune(&mut buckets, rate, now);
        }
        let bucket = buckets.entry(key).or_insert_with(|| Bucket::full(rate, now));
        bucket.take(rate, now).map_err(|retry_after| Refusal::TooOften { retry_after })
    }

    /// Forgets what is full again. When that is not enough, forgets every other one: a crowd that large is no single
    /// visitor to slow, and the map stays bounded.
    fn prune(&self, buckets: &mut HashMap<K, Bucket>, rate: Rate, now: Timestamp) {
        buckets.retain(|_, bucket| !bucket.is_full(rate, now));
        if buckets.len() > self.most / 2 {
            let mut keep = false;
            buckets.retain(|_, _| {
                keep = !keep;
                keep
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{Lang, MemberId};

    fn visitor(session: u8, address: &str) -> Visitor {
        let caller = Caller::new(SessionId::from_bytes([session; 16]), MemberId::from_bytes([session; 8]), Lang::Ko);
        Visitor { caller, address: address.parse::<IpAddr>().unwrap().into() }
    }

    #[test]
    fn a_session_and_an_address_are_slowed() {
        let limit = PerVisitor::new(Some(Rate { burst: 2, per_second: 1.0 }), 2);
        let now = Timestamp(0);
        for session in 1..=2 {
            assert!(limit.take(&visitor(session, "192.0.2.1"), now).is_ok());
            assert!(limit.take(&visitor(session, "192.0.2.1"), now).is_ok());
        }
        let too_often = Err(Refusal::TooOften { retry_after: Duration::from_secs(1) });
        assert_eq!(limit.take(&visitor(1, "192.0.2.9"), now), too_often, "the session is spent");
        assert!(limit.take(&visitor(3, "192.0.2.1"), now).is_err(), "the address is spent");
        assert!(limit.take(&visitor(4, "192.0.2.2"), now).is_ok(), "others are not");
        assert!(limit.take(&visitor(1, "192.0.2.9"), Timestamp(1000)).is_ok());
    }

    #[test]
    fn an_address_uses_an_entry_once_an_hour() {
        let limits = Limits::new(Rates {
            messages: None,
            uploads: None,
            joins: None,
            rooms: None,
            commands: None,
            searches: None,
            offers: None,
            tenor: None,
            guesses: None,
        });
        let (entry, other) = (LibraryId::from_bytes([1; 8]), LibraryId::from_bytes([2; 8]));
        let [here, there] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse::<IpAddr>().unwrap().into());
        let is_new = |entry, address, seconds: i64| limits.is_new_use(entry, address, Timestamp(1000 * seconds));
        assert!(is_new(entry, here, 0) && is_new(entry, there, 0) && is_new(other, here, 0));
        assert!(!is_new(entry, here, 1) && !is_new(entry, here, 3500));
        assert!(is_new(entry, here, 3600));
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let address = |text: &str| Address::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:1"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    }

    #[test]
    fn memory_is_bounded() {
        let buckets = Buckets { most: 100, ..Buckets::new(Some(Rate { burst: 2, per_second: 1.0 })) };
        let held = || buckets.buckets.lock().unwrap().len();
        for key in 0..10_000_u32 {
            assert!(buckets.take(key, Timestamp(0)).is_ok());
            assert!(held() <= 100);
        }
        assert!(held() > 40);
        assert!(buckets.take(10_001, Timestamp(5000)).is_ok());
        for key in 0..100 {
            assert!(buckets.take(key, Timestamp(5000)).is_ok());
        }
        assert!(held() <= 101, "those that were full again are forgotten");
    }
}
