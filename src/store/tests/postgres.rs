//! A real PostgreSQL for the tests: Debian's package, a private cluster in a temporary folder, reached over a Unix
//! socket only. There is one per test process, and one database per test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection, PgConnection};

/// Starts the server, reports, and stops it when the pipe to its standard input ends: that is when the test process
/// ends, however it does. `pg_ctl` finds the server by the pid file in our own folder.
const KEEPER: &str = r#"
    folder="$1"; bin="$2"
    case "$folder" in */gifchat-postgres-*) ;; *) exit 1 ;; esac
    "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 &&
    "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w start \
        -o "-k '$folder' -c listen_addresses='' -c fsync=off" >>"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    echo ready
    cat >/dev/null
    "$bin/pg_ctl" -D "$folder/data" -m immediate stop >>"$folder/log" 2>&1
    rm -rf -- "$folder"
"#;

struct Cluster {
    folder: PathBuf,
    databases: AtomicU32,
    /// The end of its standard input ends the server.
    _keeper: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// The URL of a new, empty database.
pub(super) async fn new_database() -> String {
    let cluster = CLUSTER.get_or_init(Cluster::start);
    let name = format!("test_{}", cluster.databases.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&cluster.url("postgres")).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    cluster.url(&name)
}

impl Cluster {
    fn start() -> Self {
        let bin = newest_installation();
        let folder = tempfile::Builder::new().prefix("gifchat-postgres-").tempdir().unwrap().keep();
        fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&folder).arg(bin).current_dir("/");
        // PostgreSQL refuses to run as root.
        if fs::metadata(&folder).unwrap().uid() == 0 {
            let (uid, gid) = unprivileged();
            chown(&folder, Some(uid), Some(gid)).unwrap();
            keeper.uid(uid).gid(gid);
        }
        let mut keeper = keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        let mut output = BufReader::new(keeper.stdout.take().unwrap());
        while !said.ends_with("ready\n") {
            assert!(output.read_line(&mut said).unwrap() > 0, "PostgreSQL did not start:\n{said}");
        }
        Self { folder, databases: AtomicU32::new(0), _keeper: keeper }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.display())
    }
}

fn newest_installation() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().expect("PostgreSQL is missing, and the store is tested on it: apt-get install postgresql").1
}

/// The user that Debian's package made, else nobody.
fn unprivileged() -> (u32, u32) {
    let users = fs::read_to_string(Path::new("/etc/passwd")).unwrap();
    let find = |name: &str| {
        let fields: Vec<&str> = users
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then(|| fields.collect()))?;
        Some((fields.get(1)?.parse().ok()?, fields.get(2)?.parse().ok()?))
    };
    find("postgres").or_else(|| find("nobody")).expect("there is a user to run PostgreSQL as")
}
