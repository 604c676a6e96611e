//! The whole product: senders over Socket.IO and WebSocket.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::task::JoinSet;

use super::{DurableOptions, ROOMS, Turn};
use crate::client::{Client, Shared};
use crate::entry::{Mode, enter, make_room};
use crate::process;
use crate::server::{Limits, Program, Server};

/// The server, and for each number of senders as many who sit in rooms of their own.
pub struct Senders {
    server: Server,
    groups: Vec<Vec<Sender>>,
    letters: usize,
    /// No two messages have the same name.
    next: Rc<Cell<u64>>,
}

#[derive(Clone)]
struct Sender {
    client: Rc<Client>,
    room: Rc<str>,
}

impl Senders {
    pub async fn enter(options: &DurableOptions, folder: &Path) -> anyhow::Result<Self> {
        let all = options.senders.iter().map(|&senders| u32::from(senders)).sum();
        process::raise_open_files(u64::from(all) + 100)?;
        let path = options.program.clone().map_or_else(beside, Ok)?;
        let arguments = options.setting.iter().map(|setting| format!("--{setting}")).collect();
        let program = Program { name: "app".to_owned(), mode: Mode::App, path, arguments };
        let server = Server::start_in(&program, Limits { members: all + 2, connections: all }, None, folder).await?;
        let shared = Shared::new();
        let mut groups = Vec::new();
        let mut index = 0;
        for &senders in &options.senders {
            let rooms = usize::from(senders).min(ROOMS);
            let mut group = Vec::new();
            for number in 0..rooms {
                let members = (usize::from(senders) - number).div_ceil(rooms) as u32;
                let room = make_room(Mode::App, server.address, index, members.max(2)).await?;
                for place in 0..members {
                    let client = enter(Mode::App, &shared, server.address, &room, place, index).await?;
                    group.push(Sender { client, room: room.id.as_str().into() });
                    index += 1;
                }
            }
            groups.push(group);
        }
        Ok(Self { server, groups, letters: options.letters.into(), next: Rc::default() })
    }

    /// All of one group post for so long, each one message after the other.
    #[allow(clippy::disallowed_methods, reason = "a bench measures time that has really passed")]
    pub async fn post(&self, group: usize, lasts: Duration) -> anyhow::Result<Turn> {
        let turn = Rc::new(RefCell::new(Turn::default()));
        let begin = Instant::now();
        let mut posting = JoinSet::new();
        for sender in self.groups[group].iter().cloned() {
            let (turn, next, text) = (Rc::clone(&turn), Rc::clone(&self.next), "x".repeat(self.letters));
            posting.spawn_local(async move {
                while begin.elapsed() < lasts {
                    let name = next.replace(next.get() + 1);
                    let room = &sender.room;
                    let post = format!(
                        "42/chat,1[\"chat\",{{\"room\":\"{room}\",\"chat\":\"{text}\",\"clientMessageId\":\"m{name}\"}}]"
                    );
                    let (sent, acks) = (Instant::now(), sender.client.acks.get());
                    sender.client.send(post.as_bytes())?;
                    while sender.client.acks.get() == acks {
                        ensure!(!sender.client.is_over.get(), "the server has hung up");
                        sender.client.answered.notified().await;
                    }
                    let mut turn = turn.borrow_mut();
                    turn.messages += 1;
                    turn.latencies.add(sent.elapsed());
                }
                Ok(())
            });
        }
        while let Some(ended) = posting.join_next().await {
            ended??;
        }
        turn.borrow_mut().lasted = begin.elapsed();
        Ok(turn.take())
    }

    pub async fn leave(self) -> anyhow::Result<()> {
        self.groups.iter().flatten().for_each(|sender| sender.client.vanish());
        self.server.stop().await
    }
}

/// The program that the same cargo has built.
pub fn beside() -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("gifchat");
    ensure!(path.exists(), "{} is not there: build it with the same profile, or give --program", path.display());
    path.canonicalize().context("the program gifchat")
}
