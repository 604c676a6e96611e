//! Builds the browser's files (`web/`) with Vite into `$OUT_DIR/web`, which `src/web/assets.rs` embeds.
//!
//! Needs Node.js with npm. `npm ci` runs only when `package-lock.json` is not the one that was installed. Several
//! builds may run at once: a lock file lets one after the other at `web/node_modules`.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitCode};

/// What the result depends on; `node_modules` and `dist` are not among it.
const SOURCES: [&str; 6] = ["src", "public", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            println!("cargo::error={sentence}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let root = std::env::var("CARGO_MANIFEST_DIR").map_err(|_| "Run this with cargo.")?;
    let out = std::env::var("OUT_DIR").map_err(|_| "Run this with cargo.")?;
    let web = Path::new(&root).join("web");
    let out = Path::new(&out).join("web");

    // Held until this function returns.
    let lock = File::create(web.join(".build-lock")).map_err(|error| format!("Cannot write into web/: {error}."))?;
    lock.lock().map_err(|error| format!("Cannot lock web/.build-lock: {error}."))?;

    let wanted = fs::read(web.join("package-lock.json"))
        .map_err(|error| format!("Cannot read web/package-lock.json: {error}."))?;
    let installed = web.join("node_modules/.installed-lock.json");
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        npm(&web, &["ci", "--no-audit", "--no-fund", "--ignore-scripts"])?;
        fs::write(&installed, wanted).map_err(|error| format!("Cannot write into web/node_modules: {error}."))?;
    }
    let out = out.to_str().ok_or("The path of the target folder is not UTF-8.")?;
    npm(&web, &["run", "build", "--", "--outDir", out, "--emptyOutDir", "--logLevel", "warn"])
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(program).args(arguments).current_dir(folder).output().map_err(|_| {
        "The pages are built with Node.js: install Node.js 20.19 or newer with npm (https://nodejs.org) and run \
         cargo again."
    })?;
    if output.status.success() {
        return Ok(());
    }
    // Cargo shows a build script's standard error when it fails.
    eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("`npm {}` failed in web/: its output is below.", arguments[..arguments.len().min(2)].join(" ")))
}
