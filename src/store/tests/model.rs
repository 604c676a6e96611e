//! The store against a plain model of it: whatever is asked, in whatever order, both answer the same.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::place::{Place, gif, named};
use crate::domain::{Caller, Content, GifHash, Message, Room, RoomId};
use crate::store::{NewMessage, Posted, Store, StoreError};

const ROOMS: usize = 3;
const CALLERS: usize = 2;
/// One fewer than there could be.
const MOST_ROOMS: u32 = 2;

#[derive(Clone, Debug)]
enum Step {
    /// Asked all at once: they usually share a transaction.
    Together(Vec<Ask>),
    Restart,
}

#[derive(Clone, Debug)]
enum Ask {
    Create { room: usize },
    Post { room: usize, caller: usize, name: Option<u8>, gif: Option<u8> },
    Remove { room: usize },
    IsGifUsed { gif: u8 },
}

fn ask() -> impl Strategy<Value = Ask> {
    let (room, caller) = (0..ROOMS, 0..CALLERS);
    let post = (room.clone(), caller, proptest::option::of(0..3u8), proptest::option::weighted(0.4, 0..3u8));
    prop_oneof![
        4 => room.clone().prop_map(|room| Ask::Create { room }),
        8 => post.prop_map(|(room, caller, name, gif)| Ask::Post { room, caller, name, gif }),
        2 => room.prop_map(|room| Ask::Remove { room }),
        1 => (0..3u8).prop_map(|gif| Ask::IsGifUsed { gif }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let together = vec(ask(), 1..12).prop_map(Step::Together);
    vec(prop_oneof![9 => together, 1 => Just(Step::Restart)], 1..12)
}

/// What the store answers, and the model.
#[derive(Debug, PartialEq)]
enum Said {
    Created,
    Posted { seq: i64, text: bool, first: bool },
    Freed(BTreeSet<GifHash>),
    Used(bool),
    NoSuchRoom,
    TooManyRooms,
    IdTaken,
}

/// The caller, what they call it, and its GIF.
type Kept = (usize, Option<u8>, Option<u8>);

#[derive(Default)]
struct Model {
    /// The messages of each room, in order.
    rooms: BTreeMap<usize, Vec<Kept>>,
    /// How many rooms of each number have been removed: an id is used once.
    removed: [u8; ROOMS],
}

impl Model {
    fn answer(&mut self, ask: &Ask) -> Said {
        match *ask {
            Ask::Create { .. } if self.rooms.len() >= MOST_ROOMS as usize => Said::TooManyRooms,
            Ask::Create { room } if self.rooms.contains_key(&room) => Said::IdTaken,
            Ask::Create { room } => {
                self.rooms.insert(room, Vec::new());
                Said::Created
            }
            Ask::Post { room, caller, name, gif } => {
                let Some(messages) = self.rooms.get_mut(&room) else { return Said::NoSuchRoom };
                let earlier =
                    messages.iter().position(|(by, called, _)| name.is_some() && (*by, *called) == (caller, name));
                let first = earlier.is_none();
                let index = earlier.unwrap_or_else(|| {
                    messages.push((caller, name, gif));
                    messages.len() - 1
                });
                Said::Posted { seq: index as i64 + 1, text: messages[index].2.is_none(), first }
            }
            Ask::Remove { room } => {
                let Some(messages) = self.rooms.remove(&room) else { return Said::NoSuchRoom };
                self.removed[room] += 1;
                let shown = messages.iter().filter_map(|(.., gif)| *gif).collect::<BTreeSet<_>>();
                Said::Freed(shown.into_iter().filter(|number| !self.uses(*number)).map(|n| gif(n).hash).collect())
            }
            Ask::IsGifUsed { gif } => Said::Used(self.uses(gif)),
        }
    }

    fn uses(&self, number: u8) -> bool {
        self.rooms.values().flatten().any(|(.., gif)| *gif == Some(number))
    }
}

struct World {
    place: Place,
    owner: Caller,
    callers: Vec<Caller>,
    /// Everything that was acked as new, of every room that ever was.
    acked: std::sync::Mutex<Vec<Message>>,
}

impl World {
    fn room(&self, number: usize, removed: &[u8; ROOMS]) -> Room {
        let mut id = [0; 12];
        id[..2].copy_from_slice(&[number as u8, removed[number]]);
        Room { id: RoomId::from_bytes(id), ..self.place.room_of(&self.owner) }
    }

    async fn ask(&self, store: &Store, ask: &Ask, removed: &[u8; ROOMS]) -> Said {
        match *ask {
            Ask::Create { room } => match store.create_room(self.room(room, removed), MOST_ROOMS).await {
                Ok(_) => Said::Created,
                Err(StoreError::TooManyRooms) => Said::TooManyRooms,
                Err(StoreError::Unavailable(_)) => Said::IdTaken,
                Err(error) => panic!("{error}"),
            },
            Ask::Post { room, caller, name, gif } => {
                match store.post(self.message(self.room(room, removed).id, caller, name, gif)).await {
                    Ok(Posted { message, first }) => {
                        let said =
                            Said::Posted { seq: message.seq, text: matches!(message.content, Content::Text(_)), first };
                        if first {
                            self.acked.lock().unwrap().push(message);
                        }
                        said
                    }
                    Err(StoreError::NoSuchRoom) => Said::NoSuchRoom,
                    Err(error) => panic!("{error}"),
                }
            }
            Ask::Remove { room } => match store.remove_room(self.room(room, removed).id).await {
                Ok(freed) => Said::Freed(freed.into_iter().collect()),
                Err(StoreError::NoSuchRoom) => Said::NoSuchRoom,
                Err(error) => panic!("{error}"),
            },
            Ask::IsGifUsed { gif: number } => Said::Used(store.is_gif_used(gif(number).hash).await.unwrap()),
        }
    }

    fn message(&self, room: RoomId, caller: usize, name: Option<u8>, gif: Option<u8>) -> NewMessage {
        let caller = &self.callers[caller];
        let new = gif.map_or_else(|| self.place.text(room, caller, "text"), |n| self.place.gif(room, caller, n));
        name.map_or(new.clone(), |name| named(&name.to_string(), new))
    }

    /// Whether the store holds what the model holds, and published what it acked.
    async fn compare(&self, store: &Store, model: &Model) {
        for index in 0..ROOMS {
            let room = self.room(index, &model.removed);
            let stored = store.messages_after(room.id, None, 0, u32::MAX).await.unwrap();
            let expected = model.rooms.get(&index);
            assert_eq!(stored.len(), expected.map_or(0, Vec::len));
            assert!(stored.iter().map(|message| message.seq).eq(1..=stored.len() as i64));
            let head = store.room(room.id).await.unwrap().map(|room| room.head);
            assert_eq!(head, expected.map(|messages| messages.len() as i64));
        }
        let gifs: BTreeSet<GifHash> = store.gif_hashes().await.unwrap().into_iter().collect();
        assert_eq!(gifs, (0..3).filter(|n| model.uses(*n)).map(|n| gif(n).hash).collect());
        assert_eq!(self.place.published(), *self.acked.lock().unwrap());
    }
}

async fn agree(place: Place, steps: &[Step]) {
    let owner = place.caller();
    let callers = (0..CALLERS).map(|_| place.caller()).collect();
    let world = World { place, owner, callers, acked: std::sync::Mutex::default() };
    let (mut store, mut model) = (world.place.open().await, Model::default());
    for step in steps {
        match step {
            Step::Together(asks) => {
                let (removed, expected): (Vec<_>, Vec<_>) =
                    asks.iter().map(|ask| (model.removed, model.answer(ask))).unzip();
                let said =
                    join_all(asks.iter().zip(&removed).map(|(ask, removed)| world.ask(&store, ask, removed))).await;
                assert_eq!(said, expected, "{asks:?}");
            }
            Step::Restart => {
                store.close().await;
                store = world.place.open().await;
            }
        }
        world.compare(&store, &model).await;
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
