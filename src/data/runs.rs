//! Whether the database may have lost what clients have seen since the last run.
//!
//! A client comes back with a position: a room's epoch and the `seq` it has. It means something only as long as the
//! database has everything that it had when the position was given. The end of the process, however it comes, takes
//! nothing from it. But a machine that goes down may take commits that never reached the disk (always possible with
//! `synchronous = normal`, and with a disk that does not keep its word), and a database restored from a backup or copied
//! from elsewhere is of another time. Then all rooms get a new epoch, and who comes back is told that it has not
//! everything, rather than silently missing or mixing messages under the same numbers.
//!
//! A file `state` in the data folder says how the last run ended and which file its database was: its number, and after a
//! clean end its size and when anything about it was last changed. That time (ctime, inode(7)) is the kernel's own: a copy
//! cannot bring it along as it can the time of the last writing, and numbers are used again. What it cannot see: a backup
//! copied into the same file after a crash, and a virtual machine that is set back.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{Alone, DataError};

/// The runs of a server on one data folder.
#[derive(Clone, Debug)]
pub struct Runs {
    folder: PathBuf,
    database: PathBuf,
    /// Differs after each start of the machine; `None` where the system has no such thing.
    boot: Option<String>,
}

/// Why positions of the time before mean nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// The machine went down while a server was running.
    MachineWentDown,
    /// The database is not the file that the last run left.
    OtherDatabase,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    boot: Option<String>,
    device: u64,
    inode: u64,
    /// Size and ctime in nanoseconds after a clean end; `None` while a server runs.
    closed: Option<(u64, i128)>,
}

impl Runs {
    pub(super) fn new(folder: &Path, database: &Path) -> Self {
        // proc(5): a random UUID, made at each start of the machine.
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let boot = boot.map(|boot| boot.trim().to_owned()).filter(|boot| !boot.is_empty());
        Self { folder: folder.to_owned(), database: database.to_owned(), boot }
    }

    /// What has happened since the last run. To be asked before the database is opened.
    pub fn broken(&self) -> Option<Break> {
        // Without a database there are no positions.
        let found = std::fs::metadata(&self.database).ok()?;
        let Some(last) = self.last() else { return Some(Break::OtherDatabase) };
        let machine_went_down = last.boot.is_some() && self.boot.is_some() && last.boot != self.boot;
        // Devices are numbered anew when the machine starts.
        let is_same_file = found.ino() == last.inode && (machine_went_down || found.dev() == last.device);
        let is_unchanged = last.closed.is_none_or(|closed| closed == size_and_ctime(&found));
        if !is_same_file || !is_unchanged {
            return Some(Break::OtherDatabase);
        }
        (last.closed.is_none() && machine_went_down).then_some(Break::MachineWentDown)
    }

    /// A run begins: the database is open, and what [`Runs::broken`] said has been dealt with.
    ///
    /// Without room on the disk the state before is removed: it leads to a break that was none, but never to one that is
    /// overlooked.
    ///
    /// # Errors
    /// When that is not possible either.
    pub fn begin(&self) -> Result<(), DataError> {
        let Err(error) = self.write(false) else { return Ok(()) };
        self.forget().map_err(|reason| DataError::StateStays { path: self.path(), reason })?;
        tracing::warn!(%error, "that the server runs could not be written down: check the data folder's disk");
        Ok(())
    }

    /// A run has ended in order: everything is in the database, and on the disk. While a command works beside us it is not
    /// written down how the file looks, which is about to change: the state stays that of a run that has not ended.
    ///
    /// # Errors
    /// When the state cannot be brought to the disk. The one before then stays.
    pub fn end(&self) -> std::io::Result<Option<Alone>> {
        let Some(alone) = Alone::ask(&self.folder) else { return Ok(None) };
        self.write(true).map(|()| Some(alone))
    }

    fn last(&self) -> Option<State> {
        std::fs::read_to_string(self.path()).ok().and_then(|text| State::parse(&text))
    }

    fn write(&self, closed: bool) -> std::io::Result<()> {
        let found = std::fs::metadata(&self.database)?;
        let state = State {
            boot: self.boot.clone(),
            device: found.dev(),
            inode: found.ino(),
            closed: closed.then(|| size_and_ctime(&found)),
        };
        if self.last().as_ref() == Some(&state) {
            // After kill -9, and it needs no room on the disk. Who was killed may not have come to this.
            return File::open(&self.folder)?.sync_all();
        }
        let draft = self.folder.join("state.new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(state.to_text().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, self.path())?;
        File::open(&self.folder)?.sync_all()
    }

    fn forget(&self) -> std::io::Result<()> {
        match std::fs::remove_file(self.path()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => File::open(&self.folder)?.sync_all(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("state")
    }
}

fn size_and_ctime(found: &Metadata) -> (u64, i128) {
    (found.size(), i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec()))
}

impl State {
    /// One line: `running <boot> <device> <inode>` or `closed <boot> <device> <inode> <size> <ctime>`.
    fn to_text(&self) -> String {
        let boot = self.boot.as_deref().unwrap_or("-");
        let (device, inode) = (self.device, self.inode);
        match self.closed {
            None => format!("running {boot} {device} {inode}\n"),
            Some((size, ctime)) => format!("closed {boot} {device} {inode} {size} {ctime}\n"),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (boot, device, inode, closed) = match words[..] {
            ["running", boot, device, inode] => (boot, device, inode, None),
            ["closed", boot, device, inode, size, ctime] => {
                (boot, device, inode, Some((size.parse().ok()?, ctime.parse().ok()?)))
            }
            _ => return None,
        };
        let boot = (boot != "-").then(|| boot.to_owned());
        Some(Self { boot, device: device.parse().ok()?, inode: inode.parse().ok()?, closed })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::FileTimes;

    use tempfile::TempDir;

    use super::*;

    struct Place {
        folder: TempDir,
        runs: Runs,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let database = folder.path().join("gifchat.db");
            std::fs::write(&database, "a database").unwrap();
            let mut runs = Runs::new(folder.path(), &database);
            runs.boot = Some("first-boot".to_owned());
            Self { folder, runs }
        }

        fn another_boot(&mut self) {
            self.runs.boot = Some("second-boot".to_owned());
        }

        fn replace_database(&self) {
            let other = self.folder.path().join("other");
            std::fs::write(&other, "a database").unwrap();
            std::fs::rename(other, &self.runs.database).unwrap();
        }
    }

    #[test]
    fn the_end_of_the_process_breaks_nothing_however_it_comes() {
        let place = Place::new();
        place.runs.begin().unwrap();
        assert_eq!(place.runs.broken(), None, "kill -9");
        std::fs::write(&place.runs.database, "a database that has grown").unwrap();
        assert_eq!(place.runs.broken(), None, "kill -9 after a checkpoint");
        place.runs.end().unwrap();
        assert_eq!(place.runs.broken(), None, "a clean end");
    }

    #[test]
    fn the_machine_going_down_breaks_what_was_running() {
        let mut place = Place::new();
        place.runs.begin().unwrap();
        place.another_boot();
        assert_eq!(place.runs.broken(), Some(Break::MachineWentDown));
        assert_eq!(place.runs.broken(), Some(Break::MachineWentDown), "until the next run begins");
        place.runs.begin().unwrap();
        assert_eq!(place.runs.broken(), None);
    }

    #[test]
    fn the_machine_going_down_after_a_clean_end_breaks_nothing() {
        let mut place = Place::new();
        place.runs.begin().unwrap();
        place.runs.end().unwrap();
        place.another_boot();
        assert_eq!(place.runs.broken(), None);
    }

    #[test]
    fn another_file_is_another_database() {
        let mut place = Place::new();
        place.runs.begin().unwrap();
        place.replace_database();
        assert_eq!(place.runs.broken(), Some(Break::OtherDatabase), "after kill -9");
        place.runs.begin().unwrap();
        place.runs.end().unwrap();
        place.replace_database();
        assert_eq!(place.runs.broken(), Some(Break::OtherDatabase), "after a clean end");
        place.another_boot();
        assert_eq!(place.runs.broken(), Some(Break::OtherDatabase), "after a start of the machine");
    }

    #[test]
    fn a_backup_copied_into_the_file_after_a_clean_end_is_another_database() {
        let place = Place::new();
        place.runs.begin().unwrap();
        place.runs.end().unwrap();
        std::fs::write(&place.runs.database, "an older one").unwrap();
        assert_eq!(place.runs.broken(), Some(Break::OtherDatabase));
    }

    /// As `cp -a` does it: into the same file, of the same size, with the time of its last writing.
    #[test]
    fn a_backup_of_a_clean_end_is_another_database_even_with_its_state_and_times() {
        let place = Place::new();
        let written = |text: &str| {
            // The kernel's clock goes in steps: until it has gone on.
            let before = std::fs::metadata(&place.runs.database).unwrap();
            while size_and_ctime(&before).1 == size_and_ctime(&std::fs::metadata(&place.runs.database).unwrap()).1 {
                std::fs::write(&place.runs.database, text).unwrap();
            }
        };
        let run = |text: &str| {
            place.runs.begin().unwrap();
            written(text);
            place.runs.end().unwrap();
            std::fs::read(place.runs.path()).unwrap()
        };
        let state = run("said before");
        let time = std::fs::metadata(&place.runs.database).unwrap().modified().unwrap();
        let newer = run("said  after");
        for state in [state, newer] {
            written("said before");
            let file = OpenOptions::new().write(true).open(&place.runs.database).unwrap();
            file.set_times(FileTimes::new().set_modified(time)).unwrap();
            std::fs::write(place.runs.path(), state).unwrap();
            assert_eq!(place.runs.broken(), Some(Break::OtherDatabase));
        }
    }

    #[test]
    fn a_begin_that_cannot_be_written_down_leaves_no_word_of_the_clean_end_before() {
        let mut place = Place::new();
        place.runs.begin().unwrap();
        place.runs.end().unwrap();
        // In the way of the draft, as a full disk is.
        let draft = place.folder.path().join("state.new");
        std::fs::create_dir(&draft).unwrap();
        place.runs.begin().unwrap();
        assert!(place.runs.end().is_err());
        place.another_boot();
        assert_eq!(place.runs.broken(), Some(Break::OtherDatabase));
        std::fs::remove_dir(&draft).unwrap();
        place.runs.begin().unwrap();
        std::fs::create_dir(&draft).unwrap();
        place.runs.begin().unwrap();
        assert_eq!(place.runs.broken(), None, "it is written down already");
    }

    #[test]
    fn a_state_that_can_be_neither_written_nor_removed_is_one_sentence() {
        let place = Place::new();
        std::fs::create_dir_all(place.runs.path().join("in the way")).unwrap();
        let error = place.runs.begin().unwrap_err().to_string();
        assert!(error.contains("/state can be neither written nor removed (Is a directory"), "{error}");
    }

    #[test]
    fn without_a_boot_id_only_the_file_counts() {
        let mut place = Place::new();
        place.runs.boot = None;
        place.runs.begin().unwrap();
        assert_eq!(place.runs.broken(), None);
        place.replace_database();
        assert_eq!(place.runs.broken(), Some(Break::OtherDatabase));
    }

    #[test]
    fn a_database_without_a_state_is_unknown_and_none_at_all_has_nothing_to_lose() {
        let place = Place::new();
        assert_eq!(place.runs.broken(), Some(Break::OtherDatabase));
        place.runs.begin().unwrap();
        std::fs::write(place.runs.path(), "running somewhere\n").unwrap();
        assert_eq!(place.runs.broken(), Some(Break::OtherDatabase), "it cannot be read");
        std::fs::remove_file(&place.runs.database).unwrap();
        assert_eq!(place.runs.broken(), None);
    }

    #[test]
    fn this_machine_has_a_boot_id() {
        let runs = Runs::new(Path::new("."), Path::new("x"));
        assert_eq!(runs.boot.is_some(), cfg!(target_os = "linux"));
    }
}
