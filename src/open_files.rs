//! Every connection is an open file: how many the system lets us have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are no connections: the database and its log, GIFs being read, listeners, event queues.
const RESERVE: u64 = 256;

/// Raises this process's limit of open files as far as the system lets it, and says how many connections fit.
pub fn raise() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let current = match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    // `None` is no limit. A tiny limit still serves somebody.
    let files = current.unwrap_or(u64::MAX);
    usize::try_from(files.saturating_sub(RESERVE).max(files / 2).max(1)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_to_what_the_system_allows() {
        let connections = raise();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert!(limit.current.is_none_or(|files| (connections as u64) < files));
    }
}
