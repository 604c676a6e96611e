//! What an operator can set: one flat struct, each setting declared once.
//!
//! A setting has a default, a key in an optional TOML file, an environment variable and a flag; the later of these
//! wins. All four names follow from the field's: `empty_grace`, `GIFCHAT_EMPTY_GRACE`, `--empty-grace`. The flags, the
//! help and `gifchat config` are made from the same declaration, so they cannot drift apart.

mod error;
mod kind;
mod load;
#[macro_use]
mod setting;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::domain::Rate;

pub use error::ConfigError;
pub use kind::{Offers, Synchronous};
pub use load::{Loaded, Sources};
pub use setting::{Origin, Setting};

settings! {
    /// Address and port to listen on; port 0 takes a free one.
    listen: SocketAddr, Address = "127.0.0.1:8005";
    /// Folder of the database, the GIFs and the secret; made at the first start.
    data: PathBuf, Folder = "./data";
    /// What a message has reached before its sender is told: full, the disk; normal, the system, so that a power cut may lose the last ones.
    synchronous: Synchronous, Synchronous = "full";
    /// What is logged: off, error, warn, info, debug, trace, or target=level pairs.
    log: String, LogFilter = "info";
    /// Threads that deliver to connections; 0 is one for each core.
    shards: usize, CountOrZero = "0";

    /// Origins beside its own from which browsers may use the server, like https://chat.example.org.
    allowed_origins: Vec<String>, Origins = "none";
    /// Reverse proxies whose word on the client's address and on HTTPS is taken, as addresses or networks.
    trusted_proxies: Vec<IpNet>, Networks = "none";

    /// How long an empty room is kept.
    empty_grace: Duration, Time = "60s";
    /// How long a member may be gone (a reload) before the others hear of it.
    exit_damping: Duration, Time = "10s";
    /// Most messages that somebody who comes back is given at once, and never more than a quarter of outbox_frames; who missed more gets the newest page.
    recovery_messages: u32, Count = "1000";
    /// The same in bytes, and never more than a quarter of outbox_bytes.
    recovery_bytes: usize, Bytes = "1MiB";
    /// How often the rooms are looked at: one that has been silent since the last look is told its newest number, so that who lost it asks for it; then ever less often.
    head_interval: Duration, TimeAboveZero = "5s";
    /// Most members that a room can be made for.
    members_per_room: u32, Members = "1000";
    /// Rooms at once on this server.
    rooms: u32, Count = "1000";
    /// Rooms at once that one session owns.
    rooms_per_session: u32, Count = "20";
    /// Sessions that one room remembers as admitted; beyond it the oldest is forgotten.
    admissions_per_room: u32, Count = "10000";

    /// How long one's own message can be edited and removed.
    edit_window: Duration, Time = "15m";
    /// How long an owner without a connection stays the owner; then whoever has been here longest becomes it.
    owner_grace: Duration, Time = "30s";
    /// How long somebody who was kicked stays out.
    kick_time: Duration, TimeAboveZero = "10m";
    /// Zero bits that a newcomer's proof of work has: each one more doubles the work. About 260,000 attempts with 18.
    work_bits: u32, Count = "18";

    /// Messages of one session; 0 sets no limit.
    message_rate: f64, PerSecond = "20/s";
    /// Messages of one session at once, before the rate counts.
    message_burst: u32, Count = "100";
    /// Joins of one session, each of which may bring what was missed; 0 sets no limit.
    join_rate: f64, PerSecond = "5/s";
    /// Joins of one session at once, before the rate counts.
    join_burst: u32, Count = "50";
    /// Commands of one session but for what it says: names, kicks, settings, typing; 0 sets no limit.
    command_rate: f64, PerSecond = "10/s";
    /// Commands of one session at once, before the rate counts.
    command_burst: u32, Count = "50";
    /// Searches of one session; 0 sets no limit.
    search_rate: f64, PerSecond = "2/s";
    /// Searches of one session at once, before the rate counts.
    search_burst: u32, Count = "10";
    /// GIF uploads of one session; 0 sets no limit.
    upload_rate: f64, PerSecond = "30/m";
    /// GIF uploads of one session at once, before the rate counts.
    upload_burst: u32, Count = "10";
    /// New rooms of one session; 0 sets no limit.
    room_rate: f64, PerSecond = "6/m";
    /// New rooms of one session at once, before the rate counts.
    room_burst: u32, Count = "10";
    /// Password guesses for one room from one address; 0 sets no limit.
    password_rate: f64, PerSecond = "6/m";
    /// Password guesses for one room from one address at once, before the rate counts.
    password_burst: u32, Count = "10";
    /// Passwords hashed at once, each on a thread and in 19 MiB of memory; more wait.
    password_hashers: usize, Count = "2";

    /// Largest GIF file.
    gif_bytes: usize, Bytes = "5MiB";
    /// Widest GIF, in pixels.
    gif_width: u32, Count = "2048";
    /// Highest GIF, in pixels.
    gif_height: u32, Count = "2048";
    /// Most frames of a GIF.
    gif_frames: u32, Count = "1000";
    /// Most pixels of a GIF in all its frames: width x height x frames.
    gif_pixels: u64, Count = "400000000";
    /// Longest loop of a GIF.
    gif_duration: Duration, TimeAboveZero = "5m";
    /// Processor time that looking through an upload may take.
    gif_cpu: Duration, TimeAboveZero = "800ms";
    /// Threads that make light renditions (animated WebP) of GIFs after they were posted, each in up to 300 MiB of memory for the largest.
    picture_workers: usize, Count = "1";
    /// Processor time that a rendition may take; where it would take more, the GIF is shown in its place.
    picture_cpu: Duration, TimeAboveZero = "20s";
    /// Whether uploads that are not stored as they are, like PNGs, are kept beside the GIF that was made of them.
    keep_originals: bool, Flag = "false";
    /// Most bytes of GIFs in the messages of one room, each counted as often as it is shown; 0 sets no limit.
    gif_bytes_per_room: usize, BytesOrZero = "500MiB";
    /// The same for the messages of one session in all rooms.
    gif_bytes_per_session: usize, BytesOrZero = "200MiB";
    /// Most bytes of GIFs on this server, with their renditions, each counted once; 0 sets no limit.
    gif_bytes_on_server: usize, BytesOrZero = "10GiB";
    /// Free space on the disk of the data folder below which uploads are refused; 0 never refuses.
    disk_reserve: usize, BytesOrZero = "256MiB";

    /// Where GIFs can be found beside the room's own: an address that speaks the Tenor v2 API, another GIF Chat's among them.
    provider_url: Option<Url>, WebAddress = "none";
    /// The key that it asks for.
    provider_key: String, Word = "none";
    /// Whether members can offer GIFs of their rooms to the server's library: off; review, an operator approves each; auto, everybody finds them at once.
    library_offers: Offers, Offers = "review";
    /// Most GIFs of the library, with those that are only offered.
    library_entries: u32, Count = "100000";
    /// Offers of one session that wait for an operator at once; five times as many of one address.
    offers_per_session: u32, Count = "20";
    /// Offers of one session; 0 sets no limit.
    offer_rate: f64, PerSecond = "6/m";
    /// Offers of one session at once, before the rate counts.
    offer_burst: u32, Count = "10";
    /// Keys with which other servers read the library as they read Tenor; without any, none can.
    tenor_keys: Vec<String>, Keys = "none";
    /// Requests with one of these keys; 0 sets no limit.
    tenor_rate: f64, PerSecond = "50/s";
    /// Requests with one of these keys at once, before the rate counts.
    tenor_burst: u32, Count = "200";

    /// Connections at once; never more than the limit of open files leaves room for.
    max_connections: usize, Count = "100000";
    /// Connections at once from one address (IPv6: one /64 network); this machine and trusted proxies are not counted; 0 sets no limit.
    max_connections_per_address: usize, CountOrZero = "1000";
    /// How long a request's headers may take to arrive.
    header_timeout: Duration, TimeAboveZero = "10s";
    /// Most bytes of a request's line and headers.
    header_bytes: usize, HeaderBytes = "16KiB";
    /// How long a request's body may stand still.
    body_timeout: Duration, TimeAboveZero = "10s";
    /// How long an upload may take in all.
    upload_timeout: Duration, TimeAboveZero = "2m";
    /// Largest form or JSON body.
    form_bytes: usize, Bytes = "64KiB";
    /// How long the server goes on after SIGTERM or Ctrl-C, not ready any more, before it lets nobody in: for load balancers.
    shutdown_delay: Duration, Time = "0s";
    /// How long running requests and connections may take to end after that.
    shutdown_timeout: Duration, Time = "10s";
    /// Clients of a server that ends come back within this time, each at a moment of its own.
    reconnect_spread: Duration, Time = "5s";

    /// Largest body of a Socket.IO polling request.
    polling_bytes: usize, Bytes = "100kB";
    /// Largest WebSocket message.
    websocket_bytes: usize, Bytes = "64KiB";
    /// How often a quiet Socket.IO connection is asked whether it lives.
    ping_interval: Duration, TimeAboveZero = "25s";
    /// How long its answer may take.
    ping_timeout: Duration, TimeAboveZero = "20s";
    /// How long a new Socket.IO connection may take to join a namespace, and an upgrade to finish.
    connect_timeout: Duration, TimeAboveZero = "10s";
    /// Most bytes that wait for one connection; beyond it the connection is closed.
    outbox_bytes: usize, Bytes = "4MiB";
    /// Most events that wait for one connection; beyond it the connection is closed.
    outbox_frames: usize, Count = "16384";
    /// A connection that has taken nothing of what waits for it for so long is closed.
    stall_limit: Duration, TimeAboveZero = "30s";
}

impl Config {
    /// How often one session may post; `None`: as often as it likes.
    pub fn message_limit(&self) -> Option<Rate> {
        limit(self.message_rate, self.message_burst)
    }

    /// How often one session may join; `None`: as often as it likes.
    pub fn join_limit(&self) -> Option<Rate> {
        limit(self.join_rate, self.join_burst)
    }

    /// How often one session may command; `None`: as often as it likes.
    pub fn command_limit(&self) -> Option<Rate> {
        limit(self.command_rate, self.command_burst)
    }

    /// How often one session may search; `None`: as often as it likes.
    pub fn search_limit(&self) -> Option<Rate> {
        limit(self.search_rate, self.search_burst)
    }

    /// How often one session may upload a GIF; `None`: as often as it likes.
    pub fn upload_limit(&self) -> Option<Rate> {
        limit(self.upload_rate, self.upload_burst)
    }

    /// What a GIF may be.
    pub fn gif_limits(&self) -> gifchat_gif::Limits {
        gifchat_gif::Limits {
            bytes: self.gif_bytes,
            width: self.gif_width,
            height: self.gif_height,
            frames: self.gif_frames,
            pixels: self.gif_pixels,
            duration: self.gif_duration,
            cpu: self.gif_cpu,
            animation_cpu: self.picture_cpu,
        }
    }

    /// How often one session may make a room; `None`: as often as it likes.
    pub fn room_limit(&self) -> Option<Rate> {
        limit(self.room_rate, self.room_burst)
    }

    /// How often one session may offer a GIF to the library; `None`: as often as it likes.
    pub fn offer_limit(&self) -> Option<Rate> {
        limit(self.offer_rate, self.offer_burst)
    }

    /// How often one key may read the library; `None`: as often as it likes.
    pub fn tenor_limit(&self) -> Option<Rate> {
        limit(self.tenor_rate, self.tenor_burst)
    }

    /// How often one address may guess the password of one room; `None`: as often as it likes.
    pub fn password_limit(&self) -> Option<Rate> {
        limit(self.password_rate, self.password_burst)
    }
}

fn limit(per_second: f64, burst: u32) -> Option<Rate> {
    (per_second > 0.0).then_some(Rate { burst, per_second })
}

#[cfg(test)]
mod tests;
