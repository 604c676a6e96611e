//! The store against a plain model of it: whatever is asked, in whatever order, both answer the same; and whatever was
//! whispered, nobody else reads a trace of it.

mod real;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use real::Real;

use super::place::{self, Place, act, edit, gif, named, react};
use crate::domain::{Caller, Content, GifHash, Message, NewMessage, Quoted, Right, Room, RoomId, Timestamp};
use crate::store::{Acted, Files, Posted, Space, SpaceLimits, Store, StoreError};

const ROOMS: usize = 3;
const CALLERS: usize = 3;
/// One fewer than there could be.
const MOST_ROOMS: u32 = 2;
/// GIFs have 5, 10 and 15 bytes and as much again in other files: so each of the limits is met.
const LIMITS: SpaceLimits = SpaceLimits { room: Some(40), session: Some(45), server: Some(50) };
const EMOJI: [&str; 2] = ["👍", "🔥"];

#[derive(Clone, Debug)]
enum Step {
    /// Asked all at once: they usually share a transaction.
    Together(Vec<Ask>),
    Restart,
}

#[derive(Clone, Debug)]
enum Ask {
    Create { room: usize },
    Post { room: usize, caller: usize, name: Option<u8>, gif: Option<u8>, reply: Option<usize> },
    Edit { room: usize, caller: usize, target: usize, version: u8 },
    Withdraw { room: usize, caller: usize, target: usize },
    React { room: usize, caller: usize, target: usize, emoji: usize, on: bool },
    Purge { room: usize, caller: usize },
    Whisper { room: usize, from: usize, to: usize },
    Remove { room: usize },
    IsGifUsed { gif: u8 },
}

fn ask() -> impl Strategy<Value = Ask> {
    use proptest::option::{of, weighted};
    let (room, caller, target) = (0..ROOMS, 0..CALLERS, 1..8usize);
    let gif = weighted(0.4, 0..3u8);
    let post = (room.clone(), caller.clone(), of(0..3u8), gif, of(target.clone()));
    let change = (room.clone(), caller.clone(), target, 0..4u8);
    let reaction = (change.clone(), 0..EMOJI.len(), prop::bool::weighted(0.7));
    let pair = (room.clone(), caller.clone(), 1..CALLERS);
    prop_oneof![
        4 => room.clone().prop_map(|room| Ask::Create { room }),
        8 => post.prop_map(|(room, caller, name, gif, reply)| Ask::Post { room, caller, name, gif, reply }),
        4 => change.clone().prop_map(|(room, caller, target, version)| Ask::Edit { room, caller, target, version }),
        2 => change.prop_map(|(room, caller, target, _)| Ask::Withdraw { room, caller, target }),
        4 => reaction.prop_map(|((room, caller, target, _), emoji, on)| Ask::React { room, caller, target, emoji, on }),
        1 => (room.clone(), caller).prop_map(|(room, caller)| Ask::Purge { room, caller }),
        4 => pair.prop_map(|(room, from, more)| Ask::Whisper { room, from, to: (from + more) % CALLERS }),
        2 => room.prop_map(|room| Ask::Remove { room }),
        1 => (0..3u8).prop_map(|gif| Ask::IsGifUsed { gif }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let together = vec(ask(), 1..16).prop_map(Step::Together);
    vec(prop_oneof![9 => together, 1 => Just(Step::Restart)], 1..12)
}

/// What the store answers, and the model.
#[derive(Debug, PartialEq)]
enum Said {
    Created,
    Posted { seq: i64, text: bool, first: bool },
    Acted { seq: i64, freed: Vec<GifHash> },
    Unchanged(usize),
    Whispered { number: i64, after: i64 },
    Freed(BTreeSet<GifHash>),
    Used(bool),
    NoSuchMessage,
    NotYours,
    NoSuchRoom,
    TooManyRooms,
    IdTaken,
    Full(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// How often it was edited to what.
    Text(Option<u8>),
    Gif(u8),
    Removed,
    Purged,
    Edit(usize),
    Withdraw(usize),
    React(usize, usize, bool),
    Purge,
}

/// One entry of a room.
#[derive(Clone, Debug)]
struct Entry {
    caller: usize,
    name: Option<u8>,
    kind: Kind,
    reply: Option<usize>,
}

#[derive(Default)]
struct World {
    entries: Vec<Entry>,
    /// Message, emoji, who.
    reactions: BTreeSet<(usize, usize, usize)>,
    /// Of each caller: who wrote it and after what; without the writer when it is purged.
    mailboxes: [Vec<(Option<usize>, i64)>; CALLERS],
}

impl World {
    /// What is at this number, if it is a text or a GIF.
    fn message(&mut self, target: usize) -> Option<&mut Entry> {
        self.entries.get_mut(target - 1).filter(|entry| matches!(entry.kind, Kind::Text(_) | Kind::Gif(_)))
    }

    fn enter(&mut self, caller: usize, kind: Kind) -> i64 {
        self.entries.push(Entry { caller, name: None, kind, reply: None });
        self.entries.len() as i64
    }

    fn count(&self, target: usize, emoji: usize) -> usize {
        self.reactions.range((target, emoji, 0)..(target, emoji, CALLERS)).count()
    }

    fn empty(&mut self, target: usize, kind: Kind) -> Option<u8> {
        self.reactions.retain(|(of, ..)| *of != target);
        let entry = &mut self.entries[target - 1];
        entry.reply = None;
        if let Kind::Gif(gif) = std::mem::replace(&mut entry.kind, kind) { Some(gif) } else { None }
    }

    fn purge(&mut self, caller: usize) -> BTreeSet<u8> {
        self.reactions.retain(|(.., by)| *by != caller);
        self.mailboxes.iter_mut().flatten().filter(|(from, _)| *from == Some(caller)).for_each(|lost| lost.0 = None);
        let is_said = |entry: &Entry| matches!(entry.kind, Kind::Text(_) | Kind::Gif(_) | Kind::Removed);
        let all = 1..=self.entries.len();
        let theirs: Vec<usize> =
            all.filter(|seq| self.entries[seq - 1].caller == caller && is_said(&self.entries[seq - 1])).collect();
        theirs.into_iter().filter_map(|seq| self.empty(seq, Kind::Purged)).collect()
    }
}

#[derive(Default)]
struct Model {
    rooms: BTreeMap<usize, World>,
    /// How many rooms of each number have been removed: an id is used once.
    removed: [u8; ROOMS],
}

impl Model {
    fn answer(&mut self, ask: &Ask) -> Said {
        let room = match *ask {
            Ask::Create { .. } if self.rooms.len() >= MOST_ROOMS as usize => return Said::TooManyRooms,
            Ask::Create { room } if self.rooms.contains_key(&room) => return Said::IdTaken,
            Ask::Create { room } => {
                self.rooms.insert(room, World::default());
                return Said::Created;
            }
            Ask::IsGifUsed { gif } => return Said::Used(self.uses(gif)),
            Ask::Remove { room } => {
                let Some(gone) = self.rooms.remove(&room) else { return Said::NoSuchRoom };
                self.removed[room] += 1;
                let gif_of = |entry: &Entry| if let Kind::Gif(gif) = entry.kind { Some(gif) } else { None };
                return Said::Freed(self.freed(gone.entries.iter().filter_map(gif_of)).into_iter().collect());
            }
            Ask::Post { room, .. } | Ask::Edit { room, .. } | Ask::Withdraw { room, .. } => room,
            Ask::React { room, .. } | Ask::Purge { room, .. } | Ask::Whisper { room, .. } => room,
        };
        let Some(world) = self.rooms.get_mut(&room) else { return Said::NoSuchRoom };
        match *ask {
            Ask::Post { caller, name, gif, reply, .. } => {
                let is_first = |entry: &Entry| name.is_some() && (entry.caller, entry.name) == (caller, name);
                let earlier = world.entries.iter().position(is_first);
                let reply = reply.filter(|target| world.message(*target).is_some());
                if let (Some(gif), None) = (gif, earlier)
                    && let Some(full) = self.full(room, caller, gif)
                {
                    return Said::Full(full);
                }
                let world = self.rooms.get_mut(&room).expect("it is there");
                let index = earlier.unwrap_or_else(|| {
                    let kind = gif.map_or(Kind::Text(None), Kind::Gif);
                    world.entries.push(Entry { caller, name, kind, reply });
                    world.entries.len() - 1
                });
                let text = matches!(world.entries[index].kind, Kind::Text(_));
                Said::Posted { seq: index as i64 + 1, text, first: earlier.is_none() }
            }
            Ask::Edit { caller, target, version, .. } => match world.message(target) {
                Some(Entry { caller: by, kind: Kind::Text(text), .. }) if *by == caller => {
                    *text = Some(version);
                    Said::Acted { seq: world.enter(caller, Kind::Edit(target)), freed: Vec::new() }
                }
                Some(Entry { kind: Kind::Text(_), .. }) => Said::NotYours,
                _ => Said::NoSuchMessage,
            },
            Ask::Withdraw { caller, target, .. } => match world.message(target) {
                Some(entry) if entry.caller == caller => {
                    let shown = world.empty(target, Kind::Removed);
                    let seq = world.enter(caller, Kind::Withdraw(target));
                    Said::Acted { seq, freed: self.freed(shown) }
                }
                Some(_) => Said::NotYours,
                None => Said::NoSuchMessage,
            },
            Ask::React { caller, target, emoji, on, .. } => {
                if world.message(target).is_none() {
                    return Said::NoSuchMessage;
                }
                let key = (target, emoji, caller);
                if world.reactions.contains(&key) == on {
                    return Said::Unchanged(world.count(target, emoji));
                }
                if on {
                    world.reactions.insert(key)
                } else {
                    world.reactions.remove(&key)
                };
                Said::Acted { seq: world.enter(caller, Kind::React(target, emoji, on)), freed: Vec::new() }
            }
            Ask::Purge { caller, .. } => {
                let shown = world.purge(caller);
                let seq = world.enter(caller, Kind::Purge);
                Said::Acted { seq, freed: self.freed(shown) }
            }
            Ask::Whisper { from, to, .. } => {
                let after = world.entries.len() as i64;
                [from, to].into_iter().for_each(|reader| world.mailboxes[reader].push((Some(from), after)));
                Said::Whispered { number: world.mailboxes[from].len() as i64, after }
            }
            Ask::Create { .. } | Ask::Remove { .. } | Ask::IsGifUsed { .. } => unreachable!("answered above"),
        }
    }

    /// What has no space for another GIF.
    fn full(&self, room: usize, caller: usize, number: u8) -> Option<&'static str> {
        let (most, more) = (LIMITS, gif(number).bytes);
        let server = if self.uses(number) { 0 } else { self.on_server() + 2 * more };
        let taken = [
            ("room", self.shown(|of, _| of == room) + more, most.room),
            ("session", self.shown(|_, by| by == caller) + more, most.session),
            ("server", server, most.server),
        ];
        taken.into_iter().find(|(_, taken, most)| most.is_some_and(|most| *taken > most)).map(|(name, ..)| name)
    }

    /// Bytes of the GIFs in messages of these rooms and callers.
    fn shown(&self, which: impl Fn(usize, usize) -> bool) -> u64 {
        let all = self.rooms.iter().flat_map(|(room, world)| world.entries.iter().map(move |entry| (*room, entry)));
        let bytes = |(room, entry): (usize, &Entry)| match entry.kind {
            Kind::Gif(number) if which(room, entry.caller) => gif(number).bytes,
            _ => 0,
        };
        all.map(bytes).sum()
    }

    /// Each has a still as large as itself.
    fn on_server(&self) -> u64 {
        (0..3).filter(|number| self.uses(*number)).map(|number| 2 * gif(number).bytes).sum()
    }

    fn uses(&self, number: u8) -> bool {
        self.rooms.values().flat_map(|world| &world.entries).any(|entry| entry.kind == Kind::Gif(number))
    }

    fn freed(&self, shown: impl IntoIterator<Item = u8>) -> Vec<GifHash> {
        let shown: BTreeSet<u8> = shown.into_iter().collect();
        shown.into_iter().filter(|number| !self.uses(*number)).map(|number| gif(number).hash).collect()
    }
}

async fn agree(place: Place, steps: &[Step]) {
    let owner = place.caller();
    let callers = (0..CALLERS).map(|_| place.caller()).collect();
    let real = Real { place, owner, callers, acked: std::sync::Mutex::default() };
    let (mut store, mut model) = (real.place.open().await, Model::default());
    for step in steps {
        match step {
            Step::Together(asks) => {
                let (removed, expected): (Vec<_>, Vec<_>) =
                    asks.iter().map(|ask| (model.removed, model.answer(ask))).unzip();
                let said =
                    join_all(asks.iter().zip(&removed).map(|(ask, removed)| real.ask(&store, ask, removed))).await;
                assert_eq!(said, expected, "{asks:?}");
            }
            Step::Restart => {
                store.close().await;
                store = real.place.open().await;
            }
        }
        real.compare(&store, &model).await;
    }
    store.close().await;
}

fn check(cases: u32, place: impl AsyncFn() -> Place) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&steps(), |steps| {
            runtime.block_on(async { agree(place().await, &steps).await });
            Ok(())
        })
        .unwrap();
}

#[test]
fn sqlite_agrees_with_the_model() {
    check(48, async || Place::sqlite());
}

#[test]
fn postgres_agrees_with_the_model() {
    check(10, async || Place::postgres().await);
}
