//! What we tell the service manager, and the socket that it may hold for us: sd_notify(3) and sd_listen_fds(3).
//!
//! Without its variables in the environment nothing here does anything.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::bail;
use listenfd::ListenFd;
use sd_notify::NotifyState;
use socket2::SockRef;

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

/// It serves.
pub fn ready(address: SocketAddr) {
    tell(&[NotifyState::Ready, NotifyState::Status(&format!("Open at http://{address}"))]);
}

/// It has begun to end, and may take that long.
pub fn stopping(longest: Duration) {
    let longest = u32::try_from(longest.as_micros()).unwrap_or(u32::MAX);
    tell(&[
        NotifyState::Stopping,
        NotifyState::Status("Ending: what was begun is finished"),
        NotifyState::ExtendTimeoutUsec(longest),
    ]);
}

/// Says that it lives, twice as often as is asked for, for as long as it is polled: a runtime that hangs says nothing.
pub async fn keep_alive() {
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    let mut ticks = tokio::time::interval((patience / 2).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager could not be told how we are");
    }
}
