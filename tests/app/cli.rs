//! The program as an operator starts it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

const GIFCHAT: &str = env!("CARGO_BIN_EXE_gifchat");

/// A command that sees no settings of whoever runs the tests.
pub fn gifchat(args: &[&str]) -> Command {
    let mut command = Command::new(GIFCHAT);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIFCHAT_")) {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    gifchat(args).output().unwrap()
}

/// The one sentence on stderr; nothing on stdout.
fn complaint(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("gifchat: "), "{text}");
    text
}

/// A program that runs; it ends with the test at the latest.
pub struct Running {
    pub child: Child,
    pub address: SocketAddr,
}

impl Running {
    pub fn start(command: Command) -> Self {
        Self::start_logging(command, Stdio::null())
    }

    pub fn start_logging(mut command: Command, log: impl Into<Stdio>) -> Self {
        let child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        Self::of(child).expect("it starts")
    }

    /// One that was started with its stdout piped, once it is open; nothing when it ends before that.
    pub fn of(mut child: Child) -> Option<Self> {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line.is_empty() {
            child.wait().unwrap();
            return None;
        }
        let address = line.trim().strip_prefix("GIF Chat is open at http://").expect(&line).parse().unwrap();
        Some(Self { child, address })
    }

    fn on(data: &Path) -> Self {
        Self::start(gifchat(&["--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]))
    }

    fn lobby(&self) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn signal(&mut self, signal: Signal) -> i32 {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.child.wait().unwrap().code().expect("it ends by itself")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn config_prints_each_setting_and_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gifchat.toml");
    std::fs::write(&file, "rooms = 7\nlog = 'debug'").unwrap();
    let output = gifchat(&["config", "--exit-damping", "3s"])
        .env("GIFCHAT_CONFIG", &file)
        .env("GIFCHAT_LOG", "warn")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    let file = file.to_str().unwrap();
    for row in [
        ["rooms", "7", file],
        ["log", "warn", "GIFCHAT_LOG"],
        ["exit_damping", "3s", "--exit-damping"],
        ["empty_grace", "60s", "default"],
    ] {
        assert!(rows.contains(&row.to_vec()), "{row:?} is not in\n{table}");
    }
}

#[test]
fn a_wrong_setting_is_one_sentence_and_status_2() {
    let text = complaint(&run(&["--ping-interval", "0s"]), 2);
    assert!(
        text.contains("ping_interval is \"0s\" in the flag --ping-interval, but must be a time above zero"),
        "{text}"
    );
    let output = gifchat(&[]).env("GIFCHAT_LISTEN", "localhost").output().unwrap();
    assert!(complaint(&output, 2).contains("the environment variable GIFCHAT_LISTEN"));
    assert!(complaint(&run(&["config", "--config", "/nowhere"]), 2).contains("/nowhere cannot be read"));
    assert_eq!(run(&["--no-such-flag"]).status.code(), Some(2));
    assert_eq!(run(&["--help"]).status.code(), Some(0));
}

#[test]
fn a_port_in_use_and_an_unwritable_folder_are_one_sentence_and_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = complaint(&run(&["--log", "off", "--listen", &address, "--data", data]), 1);
    assert!(text.contains(&format!("cannot listen on {address} (Address already in use")), "{text}");
    assert!(!folder.path().join("data").exists(), "the data was not touched");

    std::fs::write(folder.path().join("file"), "").unwrap();
    let inside = folder.path().join("file/data");
    let output = run(&["--log", "off", "--listen", "127.0.0.1:0", "--data", inside.to_str().unwrap()]);
    assert!(complaint(&output, 1).contains("with --data or GIFCHAT_DATA"));

    std::fs::create_dir_all(folder.path().join("data/state/in the way")).unwrap();
    let output = run(&["--log", "off", "--listen", "127.0.0.1:0", "--data", data]);
    assert!(complaint(&output, 1).contains("data/state can be neither written nor removed"));
}

#[test]
fn it_says_where_it_is_serves_and_ends_on_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = Running::on(&data);
    assert!(server.lobby().starts_with("HTTP/1.1 200 "));
    let second = run(&["--log", "off", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
    assert!(complaint(&second, 1).contains("is in use by another server"));
    assert_eq!(server.signal(Signal::TERM), 0);

    let mut again = Running::on(&data);
    assert!(again.lobby().starts_with("HTTP/1.1 200 "));
    assert_eq!(again.signal(Signal::INT), 0);
}

/// Everything that the server makes is for its own user alone, also what its libraries make.
#[test]
fn what_is_stored_is_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let _server = Running::on(&data);
    let mut folders = vec![data];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o077, 0, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
            files += 1;
        }
    }
    assert!(files >= 3, "the database, the secret and the lock");
}

/// With hardly any files to open, further connections wait or are refused; who is in stays in, and it all heals.
#[test]
fn running_out_of_files_does_not_end_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 128; exec \"$0\" --listen 127.0.0.1:0 --log off --data \"$1\"", GIFCHAT])
        .arg(folder.path().join("data"))
        .env("GIFCHAT_MAX_CONNECTIONS", "1000");
    let server = Running::start(command);
    let mut canary = TcpStream::connect(server.address).unwrap();
    let mut byte = [0];
    let mut ask = |stream: &mut TcpStream| {
        stream.write_all(b"HEAD / HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).expect("the canary stays connected");
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    };
    ask(&mut canary);
    let crowd: Vec<_> = (0..200).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    ask(&mut canary);
    drop(crowd);
    ask(&mut canary);
    // New people are let in once the crowd is noticed to be gone.
    while !server.lobby().starts_with("HTTP/1.1 200 ") {}
}
