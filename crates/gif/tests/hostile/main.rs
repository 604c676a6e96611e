//! A corpus of files that were made to do harm, and of the heaviest that are allowed. Each is received by a process of its own, this same program, whose
//! memory the system bounds; it says what it answered, and how much processor time and memory that took.
//!
//! `cargo test -p gifchat-gif --test hostile -- --table` prints the measurements as a table.

// Only a test: a failed `unwrap` is a failed test.
#![allow(clippy::unwrap_used)]

#[path = "../gif/build.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod build;
mod codes;
mod gifs;
mod heavy;
mod jpegs;
mod measure;
mod pngs;
mod strangers;
mod webps;

use std::process::ExitCode;
use std::time::Duration;

/// A file, and the code of the refusal that it gets. Of two codes with a bar between them a fast machine gets the first.
#[derive(Debug)]
pub struct Hostile {
    name: String,
    bytes: Vec<u8>,
    expected: &'static str,
}

pub fn hostile(name: impl Into<String>, bytes: Vec<u8>, expected: &'static str) -> Hostile {
    Hostile { name: name.into(), bytes, expected }
}

/// What the issue asks for.
const MOST_CPU: Duration = Duration::from_secs(1);
const MOST_MEMORY: u64 = 64 << 20;
const LEAST_FILES: usize = 40;

fn main() -> ExitCode {
    let mut arguments = std::env::args();
    let program = arguments.next().unwrap();
    let arguments: Vec<_> = arguments.collect();
    if let [flag, file] = &arguments[..]
        && flag == "--receive"
    {
        measure::receive_and_say(file);
        return ExitCode::SUCCESS;
    }

    let mut files = gifs::all();
    files.extend(pngs::all());
    files.extend(jpegs::all());
    files.extend(webps::all());
    files.extend(strangers::all());
    assert!(files.len() >= LEAST_FILES, "{} files", files.len());
    files.extend(heavy::all());

    let table = arguments.iter().any(|argument| argument == "--table");
    if table {
        println!("| file | bytes | answer | CPU, ms | memory, MB |\n|---|---|---|---|---|");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut failed = 0;
    let mut worst = (Duration::ZERO, 0);
    for Hostile { name, bytes, expected } in &files {
        let path = folder.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        let measured = measure::child(&program, &path);
        let (answer, cpu, memory) = (&measured.answer, measured.cpu, measured.memory);
        if table {
            let milliseconds = cpu.as_secs_f64() * 1000.0;
            println!("| {name} | {} | {answer} | {milliseconds:.1} | {:.1} |", bytes.len(), memory as f64 / 1e6);
        }
        worst = (worst.0.max(cpu), worst.1.max(memory));
        if !expected.split('|').any(|expected| expected == answer) || cpu >= MOST_CPU || memory >= MOST_MEMORY {
            eprintln!("{name}: {answer}, not {expected}; {cpu:?}, {memory} bytes of memory");
            failed += 1;
        }
    }
    println!(
        "{} hostile and heavy files: {failed} failed; at most {:?} of processor time and {} bytes",
        files.len(),
        worst.0,
        worst.1
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
