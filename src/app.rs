//! Only wiring: builds the parts and puts them together.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::bus::Bus;
use crate::chat::{Chat, LibrarySettings, Rates, Settings};
use crate::config::{self, Config};
use crate::data::{Break, DataFolder, Runs};
use crate::domain::{HashKey, RoomId};
use crate::env::Env;
use crate::media::Media;
use crate::presence::{Found, Presence, Timing};
use crate::provider::{self, Provider};
use crate::store::{self, Database, OfferLimits, SpaceLimits, Store};
use crate::web::serve::{ServeLimits, serve};
use crate::web::{self, BodyLimits, Doors, Hall, Origins, Proxies, Sessions};

/// How long clients that read slowly hold up the end of the process.
const LAST_FLUSH: Duration = Duration::from_secs(3);
/// How long closing the database may take when everything else has ended.
pub const LAST_WRITES: Duration = Duration::from_secs(10);

/// The whole program, not yet serving.
#[derive(Debug)]
pub struct App {
    doors: Arc<Doors>,
    hall: Hall,
    store: Store,
    presence: Presence,
    limits: ServeLimits,
    shutdown_delay: Duration,
    reconnect_spread: Duration,
    runs: Runs,
    /// Held as long as the app lives.
    _data: DataFolder,
}

impl App {
    /// Opens the data folder and everything in it. Rooms found there are empty and get their grace period again.
    ///
    /// # Errors
    /// One sentence with its remedy, for whoever started the program.
    pub async fn build(config: Config, env: Env) -> anyhow::Result<Self> {
        let data = DataFolder::open(&config.data)?;
        let secret = data.secret(&env)?;
        let sessions = Sessions::new(secret.bytes(), env.clone());
        let origins = Origins::new(&config.allowed_origins);
        let bus = Bus::local();

        let committed = bus.clone();
        let on_commit = Arc::new(move |event| committed.publish(&event));
        let synchronous = match config.synchronous {
            config::Synchronous::Full => store::Synchronous::Full,
            config::Synchronous::Normal => store::Synchronous::Normal,
        };
        let file = data.path().join("gifchat.db");
        let runs = data.runs(&file);
        let broken = runs.broken();
        let database = Database::Sqlite(file, synchronous);
        let store = Store::open(database, env.clone(), on_commit, gifchat_realtime::together).await?;
        begin_run(&runs, broken, &store).await?;
        let media = Media::local(&data.path().join("gifs"))?;
        let tenor_keys = config.tenor_keys.clone();
        let timing = Timing {
            exit_damping: config.exit_damping,
            owner_grace: config.owner_grace.max(config.exit_damping),
            empty_grace: config.empty_grace,
            kick_time: config.kick_time,
        };
        let presence = Presence::local(env.clone(), bus.clone(), timing, found(&store).await?);
        let key = HashKey::new(secret.bytes());
        let provider = provider(&config)?;
        let chat = Chat::new(
            settings(&config),
            env.clone(),
            key,
            store.clone(),
            media,
            presence.clone(),
            provider,
            bus.clone(),
        );
        let chat = Arc::new(chat);
        chat.sweep().await;

        let hall = Hall::default();
        let realtime = web::open(realtime_config(&config), &hall, sessions.clone(), origins.clone())?;
        hall.open(Arc::clone(&chat), realtime.clone());
        // Nothing was published before: nobody could connect.
        let _ = bus.listen(web::listener(realtime.clone()));

        let doors = Arc::new(Doors {
            chat,
            env,
            realtime,
            sessions,
            origins,
            proxies: Proxies::new(&config.trusted_proxies),
            bodies: BodyLimits {
                form_bytes: config.form_bytes,
                gif_bytes: config.gif_bytes,
                idle: config.body_timeout,
                total: config.upload_timeout,
            },
            tenor_keys,
            ending: AtomicBool::new(false),
        });
        Ok(Self {
            doors,
            hall,
            store,
            presence,
            limits: ServeLimits::of(&config),
            shutdown_delay: config.shutdown_delay,
            reconnect_spread: config.reconnect_spread,
            runs,
            _data: data,
        })
    }

    /// Serves until the shutdown signal, then ends in order: for `shutdown_delay` it goes on and says that it is not ready;
    /// nobody is let in; what was posted is stored and acknowledged, and what is posted now is refused; clients are told
    /// when to come back and their connections closed; running requests finish. From the moment that nobody is let in, that
    /// has `shutdown_timeout`. Then the database is closed, within [`LAST_WRITES`].
    ///
    /// # Errors
    /// None so far; whoever starts the program prints them.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self { doors, hall, store, presence, limits, shutdown_delay, reconnect_spread, runs, _data: data } = self;
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { presence.keep_time().await });
        tasks.spawn({
            let chat = Arc::clone(&doors.chat);
            async move { chat.expire_rooms().await }
        });
        tasks.spawn({
            let chat = Arc::clone(&doors.chat);
            async move { chat.tell_heads().await }
        });
        tasks.spawn({
            let chat = Arc::clone(&doors.chat);
            async move { chat.store_uses().await }
        });
        tasks.spawn({
            let chat = Arc::clone(&doors.chat);
            async move { chat.tidy_later().await }
        });
        tasks.spawn(Arc::clone(&doors.chat).store_acts());
        for _ in 0..doors.chat.settings().picture_workers {
            tasks.spawn(Arc::clone(&doors.chat).make_renditions());
        }
        let router = web::router(Arc::clone(&doors));
        let stop = async {
            shutdown.await;
            doors.begin_ending();
            tokio::time::sleep(shutdown_delay).await;
            // First: who finds that nobody is let in any more can be sure that nothing more is stored.
            doors.chat.end_posting();
        };
        let farewell = web::farewell(&doors, limits.shutdown_timeout / 2, reconnect_spread);
        serve(listener, router, limits, stop, farewell).await;
        hall.close();
        tasks.shutdown().await;
        let chat = Arc::clone(&doors.chat);
        let last = async move {
            chat.store_uses_now().await;
            store.close().await
        };
        match tokio::time::timeout(LAST_WRITES, last).await {
            Ok(true) => match runs.end() {
                Ok(alone) => {
                    drop(data);
                    drop(alone);
                }
                Err(error) => tracing::warn!(%error, "that the server ended in order could not be written down"),
            },
            Ok(false) => {}
            Err(_) => {
                tracing::warn!("the database could not be closed in time: what was acknowledged is stored");
                // The writer may be at work until the process is out; no other server is to begin before.
                std::mem::forget(data);
            }
        }
        Ok(())
    }
}

/// Voids the positions of clients when the database may have lost what they have seen. Only then the run begins: a start
/// that is cut short here does it again.
async fn begin_run(runs: &Runs, broken: Option<Break>, store: &Store) -> anyhow::Result<()> {
    if let Some(reason) = broken {
        let rooms = store.renew_epochs().await?;
        if rooms > 0 {
            tracing::warn!(?reason, rooms, "messages may have been lost: whoever comes back gets a fresh history");
        }
    }
    Ok(runs.begin()?)
}

/// The rooms that are there, each with what it remembers of people.
async fn found(store: &Store) -> anyhow::Result<Vec<Found>> {
    let mut rooms: HashMap<RoomId, Found> = store
        .rooms()
        .await?
        .into_iter()
        .map(|room| (room.id, Found { room, names: Vec::new(), sanctions: Vec::new() }))
        .collect();
    for (room, session, name) in store.names().await? {
        rooms.entry(room).and_modify(|found| found.names.push((session, name)));
    }
    for (room, sanction) in store.sanctions().await? {
        rooms.entry(room).and_modify(|found| found.sanctions.push(sanction));
    }
    Ok(rooms.into_values().collect())
}

fn settings(config: &Config) -> Settings {
    Settings {
        members_per_room: config.members_per_room,
        rooms: config.rooms,
        rooms_per_session: config.rooms_per_session,
        admissions_per_room: config.admissions_per_room,
        // Or who comes back is closed for what it is given, again and again. Text grows as JSON, at most twice.
        recovery_messages: config.recovery_messages.min(u32::try_from(config.outbox_frames / 4).unwrap_or(u32::MAX)),
        recovery_bytes: config.recovery_bytes.min(config.outbox_bytes / 4),
        head_interval: config.head_interval,
        edit_window: config.edit_window,
        work_bits: u8::try_from(config.work_bits).unwrap_or(u8::MAX),
        rates: Rates {
            messages: config.message_limit(),
            joins: config.join_limit(),
            commands: config.command_limit(),
            searches: config.search_limit(),
            uploads: config.upload_limit(),
            rooms: config.room_limit(),
            offers: config.offer_limit(),
            tenor: config.tenor_limit(),
            guesses: config.password_limit(),
        },
        gif: config.gif_limits(),
        space: SpaceLimits {
            room: limited(config.gif_bytes_per_room),
            session: limited(config.gif_bytes_per_session),
            server: limited(config.gif_bytes_on_server),
        },
        disk_reserve: config.disk_reserve as u64,
        keep_originals: config.keep_originals,
        picture_workers: config.picture_workers,
        password_hashers: config.password_hashers,
        library: LibrarySettings {
            offers: config.library_offers,
            limits: OfferLimits { waiting: config.offers_per_session, entries: config.library_entries },
        },
    }
}

fn provider(config: &Config) -> anyhow::Result<Provider> {
    let Some(url) = config.provider_url.clone() else { return Ok(Provider::off()) };
    let settings = provider::Settings { url, key: config.provider_key.clone(), limits: config.gif_limits() };
    Provider::new(settings)
        .context("the provider of GIFs cannot be asked over TLS: install this system's ca-certificates")
}

/// 0 stands for no limit.
fn limited(bytes: usize) -> Option<u64> {
    (bytes > 0).then_some(bytes as u64)
}

fn realtime_config(config: &Config) -> gifchat_realtime::Config {
    gifchat_realtime::Config {
        shards: config.shards,
        ping_interval: config.ping_interval,
        ping_timeout: config.ping_timeout,
        connect_timeout: config.connect_timeout,
        max_payload: config.polling_bytes,
        body_timeout: config.body_timeout,
        max_message: config.websocket_bytes,
        // GIFs are uploaded; nothing of the chat is binary.
        max_attachments: 0,
        max_connections: config.max_connections,
        outbox_bytes: config.outbox_bytes,
        outbox_packets: config.outbox_frames,
        stall_limit: config.stall_limit,
        flush_timeout: LAST_FLUSH.min(config.shutdown_timeout / 2),
        ..gifchat_realtime::Config::default()
    }
}
