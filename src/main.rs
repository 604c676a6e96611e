//! Parses the command line and calls one command; see `cli.rs`.

use std::process::ExitCode;

/// Many small values on many threads, for months: it keeps memory lower than the system's allocator (docs/decisions).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    gifchat::cli::run()
}
