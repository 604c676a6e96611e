//! A steady stream of posts.

use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at};

use crate::client::Client;
use crate::clock::now;

/// Clients that post, until it is stopped.
#[derive(Debug)]
pub struct Load {
    stop: watch::Sender<bool>,
    posting: JoinSet<anyhow::Result<u64>>,
}

impl Load {
    /// So many posts a second from these clients together. A client that cannot post for a while catches up afterwards.
    ///
    /// # Errors
    /// Without clients or a rate.
    pub fn start<'a>(clients: impl ExactSizeIterator<Item = &'a Arc<Client>>, rate: u32) -> anyhow::Result<Self> {
        ensure!(clients.len() > 0 && rate > 0, "somebody has to post something");
        let (stop, stopped) = watch::channel(false);
        let mut posting = JoinSet::new();
        let step = Duration::from_secs(1) / rate;
        let period = step * u32::try_from(clients.len())?;
        for (place, client) in (0..).zip(clients) {
            let (client, mut stopped) = (Arc::clone(client), stopped.clone());
            let mut turn = interval_at(now() + step * place, period);
            turn.set_missed_tick_behavior(MissedTickBehavior::Burst);
            posting.spawn(async move {
                let mut count = 0;
                loop {
                    let post = async {
                        turn.tick().await;
                        client.post(format!("{} says {count}", client.name())).await
                    };
                    tokio::select! {
                        _ = stopped.wait_for(|stopped| *stopped) => return Ok(count),
                        posted = post => posted?,
                    }
                    count += 1;
                }
            });
        }
        Ok(Self { stop, posting })
    }

    /// Says how many texts were given to the clients.
    ///
    /// # Errors
    /// When a client has given up.
    pub async fn stop(mut self) -> anyhow::Result<u64> {
        let _ = self.stop.send(true);
        let mut all = 0;
        while let Some(count) = self.posting.join_next().await {
            all += count??;
        }
        Ok(all)
    }
}
