//! Starts the whole app in this process, and talks to it from outside as people and programs do.

mod deaf;
mod door;
mod events;
mod io;
pub mod numbered;
mod person;
mod plain;
mod said;
pub mod schema;
pub mod steady;

use std::net::SocketAddr;
use std::time::Duration;

use gifchat::app::App;
use gifchat::config::Config;
use gifchat::domain::Timestamp;
use gifchat::env::Env;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use deaf::{DOORS, Deaf, Door as DeafDoor};
pub use door::Door;
pub use events::{Event, Events};
pub use io::{Heard, Io, Transport};
pub use person::{Person, status_and_problem};
pub use plain::Plain;

/// How long a test waits for what must come. Long, because it only passes when the test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running server with its own data folder. Time stands still in it until [`Server::advance`].
pub struct Server {
    pub address: SocketAddr,
    pub env: Env,
    data: TempDir,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

impl Server {
    /// With the product's settings, but without rate limits.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(TempDir::new().unwrap(), 1, change).await
    }

    /// Nobody is at work on renditions, so nothing holds the files of a GIF: they go with its last message, not a moment
    /// later.
    pub async fn without_renditions() -> Self {
        Self::start_with(|config| config.picture_workers = 0).await
    }

    /// In a data folder that may hold something. `seed` must differ between two starts in the same folder.
    pub async fn start_in(data: TempDir, seed: u64, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            data: data.path().join("data"),
            message_rate: 0.0,
            join_rate: 0.0,
            command_rate: 0.0,
            search_rate: 0.0,
            upload_rate: 0.0,
            room_rate: 0.0,
            password_rate: 0.0,
            // Silence is told only where a test asks for it.
            head_interval: Duration::from_secs(86_400),
            shards: 2,
            ..Config::default()
        };
        change(&mut config);
        let env = Env::manual(Timestamp(1_760_000_000_000), seed);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = App::build(config, env.clone()).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let done = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            app.run(listener, shutdown).await.unwrap();
        });
        Self { address, env, data, stop, done }
    }

    /// Ends it in order; the data folder remains.
    pub async fn stop(self) -> TempDir {
        let _ = self.stop.send(());
        tokio::time::timeout(PATIENCE, self.done).await.expect("the server ends").unwrap();
        self.data
    }

    pub fn advance(&self, seconds: u64) {
        self.env.advance(Duration::from_secs(seconds));
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn data_path(&self) -> std::path::PathBuf {
        self.data.path().join("data")
    }

    /// The names of the stored GIFs.
    pub fn stored_gifs(&self) -> Vec<String> {
        let mut names = self.stored_files();
        names.retain(|name| name.ends_with(".gif"));
        names
    }

    /// The same with their renditions.
    pub fn stored_files(&self) -> Vec<String> {
        let mut found = Vec::new();
        for shelf in std::fs::read_dir(self.data_path().join("gifs")).unwrap() {
            for file in std::fs::read_dir(shelf.unwrap().path()).unwrap() {
                found.push(file.unwrap().file_name().into_string().unwrap());
            }
        }
        found
    }
}

/// Asks again and again until something holds that happens by itself: for effects that nobody announces.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// 3 x 2 pixels of one blue.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\x12\x16\xf1\x4d\
    \0\0\0\x10IDAT\x78\xda\x63\x50\x68\xf8\x0f\x41\x0c\x70\x16\0\x5c\x1e\x09\xbb\xa9\x85\xe9\xf1\0\0\0\0IEND\xae\x42\x60\x82";

/// One red pixel.
pub const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";
