//! Fetches the official browser client from npm, so that no file of it lies in the repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const FILES: [&str; 6] = [
    "socket.io.js",
    "socket.io.js.map",
    "socket.io.min.js",
    "socket.io.min.js.map",
    "socket.io.esm.min.js",
    "socket.io.esm.min.js.map",
];

fn main() {
    println!("cargo::rerun-if-changed=client/package.json");
    println!("cargo::rerun-if-changed=client/package-lock.json");
    if env::var_os("CARGO_FEATURE_CLIENT").is_some()
        && let Err(error) = fetch()
    {
        println!("cargo::error={error}");
    }
}

fn fetch() -> Result<(), String> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?);
    let folder = out.join("client");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(Path::new("client").join(file), folder.join(file))
            .map_err(|error| format!("client/{file}: {error}"))?;
    }
    let status = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"])
        .current_dir(&folder)
        .status()
        .map_err(
            |_| "the browser client comes from npm: install Node.js with npm, or build without the feature `client`",
        )?;
    if !status.success() {
        return Err(String::from("`npm ci` could not fetch socket.io-client; its own message is above"));
    }
    let package = folder.join("node_modules/socket.io-client");
    let manifest = fs::read_to_string(package.join("package.json")).map_err(|error| error.to_string())?;
    let version = manifest
        .lines()
        .find_map(|line| line.trim().strip_prefix("\"version\": \"")?.split('"').next())
        .ok_or("socket.io-client has no version")?;
    let files = FILES.map(|file| {
        let path = package.join("dist").join(file);
        format!("    ({file:?}, include_bytes!({:?})),\n", path.display().to_string())
    });
    let code = format!(
        "const VERSION: &str = {version:?};\nconst FILES: [(&str, &[u8]); {}] = [\n{}];\n",
        FILES.len(),
        files.concat()
    );
    fs::write(out.join("client.rs"), code).map_err(|error| error.to_string())
}
