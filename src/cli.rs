//! The command line: `gifchat` (the same as `gifchat serve`), `gifchat config` and `gifchat gifs ...`.
//!
//! Whatever is wrong at the start is one sentence with its remedy on stderr; the exit status is 2 for the command line
//! and the settings, and 1 for the rest.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command, ValueHint};
use rustix::fs::Mode;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::{App, LAST_WRITES};
use crate::config::{Config, Loaded, Sources};
use crate::env::Env;
use crate::gifs;
use crate::listen::Port;
use crate::open_files;
use crate::systemd::{self, Manager};

/// How long work on other threads (hashing a password) may go on after everything else has ended.
const LAST_WORK: Duration = Duration::from_secs(2);

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and the version are "errors" of clap as well; a closed stdout is nothing to tell anybody.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let loaded = match load(&matches) {
        Ok(loaded) => loaded,
        Err(error) => return failed(2, &error.into()),
    };
    let done = match matches.subcommand() {
        Some(("config", _)) => say(&loaded.to_string()),
        Some(("gifs", matches)) => gifs::run(loaded.config, matches),
        _ => serve(loaded.config),
    };
    done.map_or_else(|error| failed(1, &error), |()| ExitCode::SUCCESS)
}

/// All of the command line. The flags of settings are made from their declarations.
pub fn command() -> Command {
    let config = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .value_hint(ValueHint::FilePath)
        .help("TOML file with settings [env: GIFCHAT_CONFIG]");
    let settings = Config::SETTINGS.iter().map(|setting| {
        Arg::new(setting.name)
            .long(setting.flag())
            .value_name("VALUE")
            .allow_hyphen_values(true)
            .help_heading("Settings")
            .help(format!("{} [default: {}] [env: {}]", setting.help(), setting.default, setting.variable()))
    });
    Command::new("gifchat")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Anonymous, throwaway chat rooms where people talk in text and GIFs")
        .after_help(
            "A flag wins over its environment variable, that over the settings file, and that over the default.",
        )
        .args(std::iter::once(config).chain(settings).map(|arg| arg.global(true)))
        .subcommand(Command::new("serve").about("Runs the server; what `gifchat` alone does"))
        .subcommand(Command::new("config").about("Prints the settings in effect and where each comes from"))
        .subcommand(gifs::command())
}

fn load(matches: &ArgMatches) -> Result<Loaded, crate::config::ConfigError> {
    let flag = |name: &str| matches.get_one::<String>(name).cloned();
    let from_environment = || std::env::var_os("GIFCHAT_CONFIG").filter(|path| !path.is_empty());
    Loaded::load(&Sources {
        file: flag("config").map(PathBuf::from).or_else(|| from_environment().map(PathBuf::from)),
        variable: &|name| std::env::var_os(name),
        flag: &flag,
    })
}

fn serve(mut config: Config) -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(&config.log)
        .init();
    // Whatever is made from here on is for this user alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let fit = open_files::raise();
    if config.max_connections > fit {
        if config.max_connections != Config::default().max_connections {
            tracing::warn!(room_for = fit, "max_connections is more than the limit of open files leaves room for");
        }
        config.max_connections = fit;
    }

    // While this is the only thread.
    let handed = systemd::listener()?;
    let manager = Manager::of_environment();
    let longest_end = config.shutdown_delay + config.shutdown_timeout + LAST_WRITES + LAST_WORK;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        // Before anything says that the server is open, so that a signal is never lost.
        let mut shutdown = Shutdown::new()?;
        let port = match handed {
            Some(listener) => {
                let address = listener.local_addr()?;
                tracing::info!(%address, "listening on the socket that systemd handed over; the setting `listen` is not used");
                Port::Handed(listener)
            }
            None => Port::take(config.listen)?,
        };
        let app = tokio::select! {
            app = App::build(config, Env::system()) => app?,
            // Nobody was let in, and what the database was doing is done or undone at the next start.
            () = shutdown.next() => std::process::exit(1),
        };
        let listener = port.open()?;
        let address = listener.local_addr()?;
        say(&format!("GIF Chat is open at http://{address}\n"))?;
        manager.ready(address);
        tokio::spawn(manager.clone().keep_alive());
        let shutdown = async {
            shutdown.signalled().await;
            manager.stopping(longest_end);
        };
        app.run(listener, shutdown).await
    });
    runtime.shutdown_timeout(LAST_WORK);
    served
}

/// SIGTERM or Ctrl-C. The first begins an orderly end, the second ends at once, as any does that comes before the start is done.
struct Shutdown {
    terminate: Signal,
    interrupt: Signal,
}

impl Shutdown {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    async fn signalled(mut self) {
        self.next().await;
        tracing::info!("closing; once more ends at once");
        tokio::spawn(async move {
            self.next().await;
            // What was acknowledged is on disk.
            std::process::exit(1);
        });
    }
}

/// Writes to stdout. Nobody reading it is no reason to fail.
fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn failed(status: u8, error: &anyhow::Error) -> ExitCode {
    // Only the outermost: causes that help are part of its sentence.
    let _ = writeln!(std::io::stderr(), "gifchat: {error}");
    ExitCode::from(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(args: &[&str]) -> Loaded {
        load(&command().try_get_matches_from(args).unwrap()).unwrap()
    }

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn flags_stand_before_or_after_the_command() {
        for args in [["gifchat", "--empty-grace", "5s", "config"], ["gifchat", "serve", "--empty-grace", "5s"]] {
            assert_eq!(loaded(&args).config.empty_grace, Duration::from_secs(5));
        }
        assert_eq!(loaded(&["gifchat", "--empty-grace=5s"]).config.empty_grace, Duration::from_secs(5));
    }

    #[test]
    fn help_names_every_setting() {
        let help = command().render_long_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for setting in Config::SETTINGS {
            let entry = format!("--{} <VALUE> {} [default: {}]", setting.flag(), setting.help(), setting.default);
            assert!(help.contains(&format!("{entry} [env: {}]", setting.variable())), "{}", setting.name);
        }
    }
}
