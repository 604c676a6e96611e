//! What we tell the service manager, and the socket that it may hold for us: sd_notify(3) and sd_listen_fds(3).
//!
//! Without its variables in the environment nothing here does anything.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::bail;
use listenfd::ListenFd;
use sd_notify::NotifyState;
use socket2::SockRef;

/// News that the service manager has not read; beyond them it is told no more until it reads.
const UNREAD: usize = 16;

/// The first listening TCP socket that was handed over (`LISTEN_FDS`). Whoever connects meanwhile waits in it, also
/// from before this process was there. To be called while there is one thread: it clears the environment of it.
///
/// # Errors
/// One sentence with its remedy, when something was handed over, and none of it is such a socket.
pub fn listener() -> anyhow::Result<Option<TcpListener>> {
    let mut handed = ListenFd::from_env();
    for index in 0..handed.len() {
        // Another kind of socket is an error here, and stays where it is.
        if let Ok(Some(listener)) = handed.take_tcp_listener(index)
            && SockRef::from(&listener).is_listener()?
        {
            listener.set_nonblocking(true)?;
            return Ok(Some(listener));
        }
    }
    if handed.len() > 0 {
        bail!(
            "no TCP socket that listens was handed over by systemd: give its socket unit ListenStream=127.0.0.1:8005"
        );
    }
    Ok(None)
}

/// How the service manager is told. Sending waits for it when it does not read, so a thread of its own does that, and
/// nothing else ever waits.
#[derive(Clone, Debug)]
pub struct Manager(Option<SyncSender<News>>);

#[derive(Clone, Copy, Debug)]
enum News {
    Serving(SocketAddr),
    /// For no longer than that.
    Ending(Duration),
    Alive,
}

impl Manager {
    /// The one that the environment names, if there is one.
    pub fn of_environment() -> Self {
        if std::env::var_os("NOTIFY_SOCKET").is_none() {
            return Self(None);
        }
        let (manager, news) = sync_channel(UNREAD);
        // It ends with the process at the latest.
        thread::spawn(move || news.iter().for_each(tell));
        Self(Some(manager))
    }

    /// It serves.
    pub fn ready(&self, address: SocketAddr) {
        self.send(News::Serving(address));
    }

    /// It has begun to end, and may take that long.
    pub fn stopping(&self, longest: Duration) {
        self.send(News::Ending(longest));
    }

    /// Says that it lives, twice as often as is asked for, for as long as it is polled: a runtime that hangs says nothing.
    pub async fn keep_alive(self) {
        let Some(patience) = sd_notify::watchdog_enabled() else { return };
        let mut ticks = tokio::time::interval((patience / 2).max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.send(News::Alive);
        }
    }

    fn send(&self, news: News) {
        if let Some(manager) = &self.0
            && manager.try_send(news).is_err()
        {
            tracing::warn!("the service manager does not read what it is told");
        }
    }
}

fn tell(news: News) {
    let told = match news {
        News::Serving(address) => {
            sd_notify::notify(&[NotifyState::Ready, NotifyState::Status(&format!("Open at http://{address}"))])
        }
        News::Ending(longest) => sd_notify::notify(&[
            NotifyState::Stopping,
            NotifyState::Status("Ending: what was begun is finished"),
            NotifyState::ExtendTimeoutUsec(u32::try_from(longest.as_micros()).unwrap_or(u32::MAX)),
        ]),
        News::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
    };
    if let Err(error) = told {
        tracing::warn!(%error, "the service manager could not be told how we are");
    }
}
