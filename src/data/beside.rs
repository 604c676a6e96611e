//! Commands that work on the database beside the server that has the data folder.
//!
//! Such a command may outlive the server, and what it writes then changes the file whose looks the server wrote down at its
//! end: the next start would take it for another database. So each holds the folder (`flock`, shared with the others), and a
//! run that ends asks for it alone before it writes down anything.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::{DataError, DataFolder};

/// Where a command works.
#[derive(Debug)]
pub enum Desk {
    /// No server runs, and none can start.
    Alone(DataFolder),
    Beside(Beside),
}

/// A server has the data folder, and knows at its end that somebody else is at work as long as this lives.
#[derive(Debug)]
pub struct Beside(#[allow(dead_code, reason = "closing it lets go")] Option<File>);

/// Nobody works beside whoever has this and the data folder. To be dropped after that: who waits for it then finds no server.
#[derive(Debug)]
pub struct Alone(#[allow(dead_code, reason = "closing it lets go")] Option<File>);

impl Desk {
    /// Takes the data folder, or a place beside the server that has it. Waits for one that is just ending.
    ///
    /// # Errors
    /// As [`DataFolder::open`], but for one that is in use.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        match DataFolder::open(path) {
            Err(DataError::InUse { .. }) => {}
            opened => return opened.map(Self::Alone),
        }
        // Where that is not possible the worst is that clients read a history anew.
        let beside = File::open(path).and_then(|folder| folder.lock_shared().map(|()| folder));
        match DataFolder::open(path) {
            Err(DataError::InUse { .. }) => Ok(Self::Beside(Beside(beside.ok()))),
            opened => opened.map(Self::Alone),
        }
    }
}

impl Alone {
    /// `None` while a command works beside us.
    pub(super) fn ask(path: &Path) -> Option<Self> {
        let folder = File::open(path).ok();
        let asked = folder.as_ref().map(File::try_lock);
        if matches!(asked, Some(Err(TryLockError::WouldBlock))) { None } else { Some(Self(folder)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_knows_at_its_end_who_works_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        let [one, two] = [(); 2].map(|()| Desk::open(folder.path()).unwrap());
        assert!(matches!((&one, &two), (Desk::Beside(_), Desk::Beside(_))));
        drop(one);
        assert!(Alone::ask(folder.path()).is_none());
        drop(two);
        let alone = Alone::ask(folder.path()).unwrap();
        // Who comes now waits, and has the folder.
        let path = folder.path().to_owned();
        let waits = std::thread::spawn(move || Desk::open(&path).unwrap());
        drop(data);
        drop(alone);
        assert!(matches!(waits.join().unwrap(), Desk::Alone(_)));
        assert!(matches!(Desk::open(folder.path()).unwrap(), Desk::Alone(_)));
    }
}
