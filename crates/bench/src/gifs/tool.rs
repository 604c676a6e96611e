//! Programs that make something smaller of a GIF.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One program with its settings.
pub(super) struct Tool {
    pub name: &'static str,
    program: PathBuf,
    /// IN and OUT stand for the files.
    arguments: &'static [&'static str],
    /// How its files end.
    pub makes: &'static str,
}

/// Ours first: what the others are compared with.
pub(super) fn all() -> anyhow::Result<Vec<Tool>> {
    let tool = |name, program: &str, arguments, makes| Tool { name, program: program.into(), arguments, makes };
    Ok(vec![
        Tool {
            program: std::env::current_exe()?,
            ..tool("GIF Chat: receive, poster, WebP", "", &["gifs", "make", "IN", "OUT"], "webp")
        },
        tool("gifsicle -O2", "gifsicle", &["-O2", "--no-warnings", "IN", "-o", "OUT"], "gif"),
        tool("ffmpeg, GIF to GIF", "ffmpeg", &["-v", "error", "-y", "-i", "IN", "OUT"], "gif"),
        tool(
            "ffmpeg, GIF to WebP",
            "ffmpeg",
            &["-v", "error", "-y", "-i", "IN", "-c:v", "libwebp_anim", "-loop", "0", "OUT"],
            "webp",
        ),
        tool("gif2webp (lossless)", "gif2webp", &["-quiet", "IN", "-o", "OUT"], "webp"),
        tool("gif2webp -lossy", "gif2webp", &["-quiet", "-lossy", "IN", "-o", "OUT"], "webp"),
        tool(
            "gif2webp -lossy -q 85 -m 3 -f 0",
            "gif2webp",
            &["-quiet", "-lossy", "-q", "85", "-m", "3", "-f", "0", "IN", "-o", "OUT"],
            "webp",
        ),
        tool("gif2webp -mixed", "gif2webp", &["-quiet", "-mixed", "IN", "-o", "OUT"], "webp"),
    ])
}

impl Tool {
    /// Whether it can be started at all.
    pub fn is_there(&self) -> bool {
        self.command(&["--version"]).status().is_ok()
    }

    /// Whether it made `output`.
    pub fn make(&self, input: &Path, output: &Path) -> bool {
        let argument = |argument: &&'static str| match *argument {
            "IN" => input.as_os_str().to_owned(),
            "OUT" => output.as_os_str().to_owned(),
            other => other.into(),
        };
        let arguments: Vec<_> = self.arguments.iter().map(argument).collect();
        self.command(&arguments).status().is_ok_and(|status| status.success()) && output.exists()
    }

    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}
