//! Which servers there are, and what must be built or installed before they start.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use tokio::process::Command;

use super::CompareOptions;
use crate::entry::Mode;
use crate::server::Program;

/// Node's servers: a name, and a script in the folder `node` of this crate.
const NODE: [(&str, &str); 2] = [("socket.io", "socketio.mjs"), ("ws", "ws.mjs")];

/// The servers that were asked for, ready to start.
pub async fn programs(options: &CompareOptions) -> anyhow::Result<Vec<Program>> {
    let mut programs = Vec::new();
    for name in names(options)? {
        programs.push(program(&name, options).await.with_context(|| format!("the server {name}"))?);
    }
    ensure!(!programs.is_empty(), "there is no server to compare");
    Ok(programs)
}

fn names(options: &CompareOptions) -> anyhow::Result<Vec<String>> {
    let mut known: Vec<&str> = vec!["raw-each", "raw-gather", "fanout"];
    known.extend(options.program.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "fanout"));
    known.extend(options.app.is_some().then_some("app"));
    known.extend(cfg!(feature = "rivals").then_some("socketioxide"));
    known.extend(NODE.map(|(name, _)| name));
    if options.servers.is_empty() {
        return Ok(known.into_iter().map(str::to_owned).collect());
    }
    for name in options.servers.iter().chain(&options.base) {
        ensure!(known.contains(&name.as_str()), "there is no server {name} here; there are {}", known.join(", "));
    }
    Ok(options.servers.clone())
}

/// One server by its name.
pub async fn program(name: &str, options: &CompareOptions) -> anyhow::Result<Program> {
    let workers = ["--workers".to_owned(), options.workers.to_string()];
    let of =
        |mode, path, arguments: &[String]| Program { name: name.to_owned(), mode, path, arguments: arguments.to_vec() };
    if let Some((_, path)) = options.program.iter().find(|(given, _)| given == name) {
        return Ok(of(Mode::Fanout, path.clone(), &workers));
    }
    if let Some((_, script)) = NODE.iter().find(|(known, _)| *known == name) {
        let script = node_packages().await?.join(script).display().to_string();
        return Ok(of(Mode::Fanout, "node".into(), &[script]));
    }
    let serve = |more: &[String]| {
        let arguments = [&["serve".to_owned(), name.to_owned()], more].concat();
        Ok(of(Mode::Fanout, std::env::current_exe()?, &arguments))
    };
    match name {
        "raw-each" | "raw-gather" => serve(&[]),
        "socketioxide" => serve(&workers),
        "fanout" => Ok(of(Mode::Fanout, fanout().await?, &workers)),
        "app" => Ok(of(Mode::App, options.app.clone().context("--app is missing")?, &[])),
        _ => bail!("it is not known"),
    }
}

/// The example of crates/realtime beside this program, built by the cargo that runs it.
async fn fanout() -> anyhow::Result<PathBuf> {
    let ours = std::env::current_exe()?;
    let folder = ours.parent().context("this program lies in no folder")?;
    let path = folder.join("examples/fanout");
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut command = Command::new(cargo);
        command.args(["build", "--package", "gifchat-realtime", "--example", "fanout"]);
        if folder.ends_with("release") {
            command.arg("--release");
        }
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
        // Where this program was built, so is that one.
        command.arg("--target-dir").arg(folder.parent().context("no target folder")?);
        succeed(command).await?;
    }
    ensure!(path.exists(), "{} is not built: run this with cargo, or give --program fanout=PATH", path.display());
    Ok(path)
}

/// The folder of Node's servers, with exactly the packages of its lock file.
async fn node_packages() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
    if !folder.join("node_modules").exists() {
        let mut command = Command::new("npm");
        command.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder);
        succeed(command).await?;
    }
    Ok(folder)
}

/// Runs it; what it says goes to standard error, where it does not mix with the tables.
async fn succeed(mut command: Command) -> anyhow::Result<()> {
    let ran = command.stdout(std::io::stderr()).status().await.with_context(|| format!("{command:?}"))?;
    ensure!(ran.success(), "{command:?}: {ran}");
    Ok(())
}
