//! A child for one file.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use gifchat_gif::{Limits, receive};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

/// Address space for the child, its program and its stacks: what would take gigabytes dies here, not the machine.
const ADDRESSES: u64 = 512 << 20;
/// Seconds of processor time.
const SECONDS: u64 = 10;

#[derive(Debug)]
pub struct Measured {
    /// The code of the refusal, `accepted`, or how the child ended.
    pub answer: String,
    pub cpu: Duration,
    pub memory: u64,
}

/// Receives `file` in a process of its own.
pub fn child(program: &str, file: &Path) -> Measured {
    let output = Command::new(program).arg("--receive").arg(file).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = said.split_whitespace().collect();
    match words[..] {
        [answer, nanoseconds, memory] if output.status.success() => Measured {
            answer: answer.to_owned(),
            cpu: Duration::from_nanos(nanoseconds.parse().unwrap()),
            memory: memory.parse().unwrap(),
        },
        _ => {
            let answer = format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
            Measured { answer, cpu: Duration::MAX, memory: u64::MAX }
        }
    }
}

/// In the child: prints the answer, the processor time of the whole process in nanoseconds and its peak memory in bytes.
pub fn receive_and_say(file: &str) {
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, limit(ADDRESSES)).unwrap();
    setrlimit(Resource::Cpu, limit(SECONDS)).unwrap();
    setrlimit(Resource::Core, limit(0)).unwrap();
    let bytes = std::fs::read(file).unwrap();
    let answer = match receive(&bytes, &Limits::default()) {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    };
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    println!("{answer} {} {}", cpu.tv_sec * 1_000_000_000 + cpu.tv_nsec, peak());
}

/// The most memory that was ever resident, program and all.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}
