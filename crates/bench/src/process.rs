//! What the kernel knows of a process: processor time and memory.

use std::time::Duration;

use anyhow::{Context, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Raises our limit of open files to the hard one.
///
/// # Errors
/// When even that is less than `needed`.
pub fn raise_open_files(needed: u64) -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    let most = limit.maximum.unwrap_or(u64::MAX);
    ensure!(most >= needed, "{needed} open files are needed, but the hard limit is {most}: raise it with `ulimit -Hn`");
    Ok(())
}

/// How many files this process may have open.
pub fn most_open_files() -> u32 {
    getrlimit(Resource::Nofile).current.map_or(u32::MAX, |most| u32::try_from(most).unwrap_or(u32::MAX))
}

/// How many files and connections the process has open.
pub fn open_files(pid: u32) -> anyhow::Result<u64> {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).context("the server has ended")?;
    Ok(files.count() as u64)
}

/// The cores that this thread may run on.
pub fn cores() -> anyhow::Result<Vec<usize>> {
    let set = sched_getaffinity(None)?;
    Ok((0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core)).collect())
}

/// Has this thread, and the processes it starts from now on, run on these cores only.
pub fn pin(cores: &[usize]) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    cores.iter().for_each(|&core| set.set(core));
    sched_setaffinity(None, &set).context("pinning to a core")
}

/// User and system time that all threads of the process have used (proc(5), `/proc/<pid>/stat`). Steps of 10 ms.
pub fn cpu_time(pid: u32) -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the server has ended")?;
    parse_cpu_time(&stat, 0, rustix::param::clock_ticks_per_second()).context("/proc/<pid>/stat has another form")
}

/// The same of all processes that this one has started and waited for, and of those that they did.
pub fn children_cpu_time() -> anyhow::Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    parse_cpu_time(&stat, 2, rustix::param::clock_ticks_per_second()).context("/proc/<pid>/stat has another form")
}

/// The name may hold anything, also spaces and parentheses; the fields are counted from its end.
fn parse_cpu_time(stat: &str, further: usize, ticks_per_second: u64) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    // `utime` and `stime` are the fields 14 and 15 of the line; two are before the parenthesis. Two `further` are those of
    // the children.
    let mut fields = fields.split_whitespace().skip(11 + further);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / ticks_per_second))
}

/// Memory of the process in bytes: its own pages, and its share of those it shares (`Pss`).
pub fn memory(pid: u32) -> anyhow::Result<u64> {
    let rollup =
        std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).context("the server's memory is not readable")?;
    parse_pss(&rollup).context("/proc/<pid>/smaps_rollup has another form")
}

fn parse_pss(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_proc_are_read() {
        let stat = "7 (a) (b c) S 1 7 7 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 3 0 1 2 3";
        assert_eq!(parse_cpu_time(stat, 0, 100), Some(Duration::from_secs(2)));
        assert_eq!(parse_cpu_time("7 (x) S 1", 0, 100), None);
        let rollup = "00400000-7fff ---p 00000000 00:00 0 [rollup]\nRss:  900 kB\nPss:      123 kB\nPss_Dirty: 5 kB\n";
        assert_eq!(parse_pss(rollup), Some(123 * 1024));
    }

    #[test]
    fn this_process_has_memory_and_a_clock() {
        assert!(memory(std::process::id()).unwrap() > 100_000);
        cpu_time(std::process::id()).unwrap();
        assert!(open_files(std::process::id()).unwrap() >= 3);
    }

    #[test]
    fn a_thread_runs_where_it_is_pinned() {
        let all = cores().unwrap();
        pin(&all[..1]).unwrap();
        assert_eq!(cores().unwrap(), all[..1]);
        pin(&all).unwrap();
        assert_eq!(cores().unwrap(), all);
    }
}
