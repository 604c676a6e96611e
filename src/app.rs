//! Only wiring: builds the parts and puts them together.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::bus::Bus;
use crate::chat::{Chat, Rates, Settings};
use crate::config::Config;
use crate::data::DataFolder;
use crate::env::Env;
use crate::media::Media;
use crate::presence::{Presence, Timing};
use crate::store::{Database, Store};
use crate::web::serve::{ServeLimits, serve};
use crate::web::{self, BodyLimits, Doors, Hall, Origins, Proxies, Sessions};

/// The whole program, not yet serving.
#[derive(Debug)]
pub struct App {
    doors: Arc<Doors>,
    hall: Hall,
    store: Store,
    presence: Presence,
    limits: ServeLimits,
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
        let sessions = Sessions::new(data.secret(&env)?.bytes(), env.clone());
        let origins = Origins::new(&config.allowed_origins);
        let bus = Bus::local();

        let committed = bus.clone();
        let on_commit = Arc::new(move |event| committed.publish(&event));
        let database = Database::Sqlite(data.path().join("gifchat.db"));
        let store = Store::open(database, env.clone(), on_commit, gifchat_realtime::together).await?;
        let media = Media::local(&data.path().join("gifs"))?;
        let timing = Timing { exit_damping: config.exit_damping, empty_grace: config.empty_grace };
        let presence = Presence::local(env.clone(), bus.clone(), timing, store.rooms().await?);
        let chat = Chat::new(settings(&config), env.clone(), store.clone(), media, presence.clone(), bus.clone());
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
            ending: AtomicBool::new(false),
        });
        Ok(Self { doors, hall, store, presence, limits: ServeLimits::of(&config), _data: data })
    }

    /// Serves until the shutdown signal, then ends in order: nothing new is begun, connections are closed (their polls
    /// would hold up the end otherwise), running requests finish, everything is stored.
    ///
    /// # Errors
    /// None so far; whoever starts the program prints them.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self { doors, hall, store, presence, limits, _data } = self;
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
        let router = web::router(Arc::clone(&doors));
        let (tell, told) = oneshot::channel();
        let signal = async {
            shutdown.await;
            doors.begin_ending();
            // The other end waits for as long as this function runs.
            let _ = tell.send(());
        };
        let patience = limits.shutdown_timeout;
        let connections = async {
            if told.await.is_ok() && tokio::time::timeout(patience, doors.realtime.shutdown()).await.is_err() {
                tracing::warn!("some handlers had not ended within the limit");
            }
        };
        tokio::join!(serve(listener, router, limits, signal), connections);
        hall.close();
        tasks.shutdown().await;
        store.close().await;
        Ok(())
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        members_per_room: config.members_per_room,
        rooms: config.rooms,
        rooms_per_session: config.rooms_per_session,
        admissions_per_room: config.admissions_per_room,
        recovery_messages: config.recovery_messages,
        recovery_bytes: config.recovery_bytes,
        head_interval: config.head_interval,
        rates: Rates {
            messages: config.message_limit(),
            uploads: config.upload_limit(),
            rooms: config.room_limit(),
            guesses: config.password_limit(),
        },
        gif: gifchat_gif::Limits {
            bytes: config.gif_bytes,
            width: config.gif_width,
            height: config.gif_height,
            frames: config.gif_frames,
            pixels: config.gif_pixels,
            duration: config.gif_duration,
        },
        password_hashers: config.password_hashers,
    }
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
        ..gifchat_realtime::Config::default()
    }
}
