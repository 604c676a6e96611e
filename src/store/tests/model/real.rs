//! The store as the model's test asks and reads it.

use super::*;
use crate::domain::Edited;

pub(super) struct Real {
    pub(super) place: Place,
    pub(super) owner: Caller,
    pub(super) callers: Vec<Caller>,
    /// Every entry that was acked as new, of every room that ever was.
    pub(super) acked: std::sync::Mutex<Vec<Message>>,
}

/// Rows that count nothing, or belong to nobody.
const IDLE: &str = "SELECT COUNT(*) FROM space WHERE kind <> 'server' AND (bytes <= 0
    OR kind = 'room' AND id NOT IN (SELECT id FROM rooms)
    OR kind = 'session' AND id NOT IN (SELECT session FROM messages WHERE gif IS NOT NULL))";

/// What no message ever says.
const WHISPER: &str = "psst";

impl Real {
    pub(super) fn room(&self, number: usize, removed: &[u8; ROOMS]) -> Room {
        let mut id = [0; 12];
        id[..2].copy_from_slice(&[number as u8, removed[number]]);
        Room { id: RoomId::from_bytes(id), ..self.place.room_of(&self.owner) }
    }

    pub(super) async fn ask(&self, store: &Store, ask: &Ask, removed: &[u8; ROOMS]) -> Said {
        let own = Right::Own { since: Timestamp(0) };
        match *ask {
            Ask::Create { room } => {
                said(store.create_room(self.room(room, removed), MOST_ROOMS).await, |_| Said::Created)
            }
            Ask::Post { room, caller, name, gif, reply } => {
                let room = self.room(room, removed).id;
                let (tell, told) = tokio::sync::oneshot::channel();
                let files = Files { poster: gif.map_or(0, |number| place::gif(number).bytes), ..Files::default() };
                let message = self.message(room, caller, name, gif, reply);
                let turn = store.turn().await.unwrap();
                match gif {
                    Some(_) => turn.show(message, files, LIMITS, move |posted| drop(tell.send(posted))),
                    None => turn.post(message, move |posted| drop(tell.send(posted))),
                }
                said(told.await.unwrap(), |Posted { message, first }| {
                    let (seq, text) = (message.seq, matches!(message.content, Content::Text(_)));
                    if first {
                        self.acked.lock().unwrap().push(message);
                    }
                    Said::Posted { seq, text, first }
                })
            }
            Ask::Edit { room, caller, target, version } => {
                self.act(store, room, removed, caller, edit(target as i64, &text_of(Some(version)), own)).await
            }
            Ask::Withdraw { room, caller, target } => {
                let content = Content::Remove { target: target as i64, right: own };
                self.act(store, room, removed, caller, content).await
            }
            Ask::React { room, caller, target, emoji, on } => {
                self.act(store, room, removed, caller, react(target as i64, EMOJI[emoji], on)).await
            }
            Ask::Purge { room, caller } => {
                let content = Content::Purge { members: vec![self.callers[caller].member.id] };
                self.act(store, room, removed, caller, content).await
            }
            Ask::Whisper { room, from, to } => {
                let room = self.room(room, removed).id;
                let new = self.place.whisper(room, &self.callers[from], &self.callers[to], WHISPER);
                said(store.whisper(new).await, |told| Said::Whispered {
                    number: told.mine.number,
                    after: told.mine.after,
                })
            }
            Ask::Remove { room } => said(store.remove_room(self.room(room, removed).id).await, |freed| {
                Said::Freed(freed.into_iter().collect())
            }),
            Ask::IsGifUsed { gif: number } => Said::Used(store.is_gif_used(gif(number).hash).await.unwrap()),
        }
    }

    async fn act(&self, store: &Store, room: usize, removed: &[u8; ROOMS], caller: usize, content: Content) -> Said {
        let room = self.room(room, removed).id;
        let new = self.place.entry(room, &self.callers[caller], content);
        said(store.act(act(room, [new])).await, |Acted { mut messages, freed, unchanged, .. }| match messages.pop() {
            Some(message) => {
                let seq = message.seq;
                self.acked.lock().unwrap().push(message);
                Said::Acted { seq, freed }
            }
            None => Said::Unchanged(unchanged.unwrap() as usize),
        })
    }

    fn message(
        &self,
        room: RoomId,
        caller: usize,
        name: Option<u8>,
        gif: Option<u8>,
        reply: Option<usize>,
    ) -> NewMessage {
        let caller = &self.callers[caller];
        let new = gif.map_or_else(|| self.place.text(room, caller, "text"), |n| self.place.gif(room, caller, n));
        let new = NewMessage { reply: reply.map(|target| target as i64), ..new };
        name.map_or(new.clone(), |name| named(&name.to_string(), new))
    }

    /// Whether the store holds what the model holds, and published what it acked.
    pub(super) async fn compare(&self, store: &Store, model: &Model) {
        for index in 0..ROOMS {
            let room = self.room(index, &model.removed);
            let world = model.rooms.get(&index);
            let head = store.room(room.id).await.unwrap().map(|room| room.head);
            assert_eq!(head, world.map(|world| world.entries.len() as i64));
            let nothing = World::default();
            let world = world.unwrap_or(&nothing);
            for (number, reader) in self.callers.iter().enumerate() {
                self.compare_room(store, room.id, world, number, reader).await;
            }
        }
        let gifs: BTreeSet<GifHash> = store.gif_hashes().await.unwrap().into_iter().map(|(hash, _)| hash).collect();
        assert_eq!(gifs, (0..3).filter(|n| model.uses(*n)).map(|n| gif(n).hash).collect());
        for (number, caller) in self.callers.iter().enumerate() {
            for room in 0..ROOMS {
                let id = self.room(room, &model.removed).id;
                let expected = Space {
                    room: model.shown(|of, _| of == room),
                    session: model.shown(|_, by| by == number),
                    server: model.on_server(),
                };
                assert_eq!(store.space(id, caller.session).await.unwrap(), expected);
            }
        }
        assert_eq!(self.place.stranger().await.count(IDLE).await, 0, "nothing is counted that is not there");
        assert_eq!(self.place.published(), *self.acked.lock().unwrap());
    }

    async fn compare_room(&self, store: &Store, room: RoomId, world: &World, number: usize, reader: &Caller) {
        let stored = store.messages_after(room, Some(reader.session), 0, u32::MAX).await.unwrap();
        assert_eq!(stored.len(), world.entries.len());
        for ((message, entry), seq) in stored.iter().zip(&world.entries).zip(1..) {
            assert_eq!(message.seq, seq as i64);
            assert_eq!(message.member.id, self.callers[entry.caller].member.id);
            agrees(message, entry, world);
            let reactions = message.reactions.iter().map(|one| {
                let emoji = EMOJI.iter().position(|emoji| *emoji == one.emoji.as_str()).unwrap();
                (emoji, one.count as usize, one.mine)
            });
            let expected = (0..EMOJI.len())
                .map(|emoji| (emoji, world.count(seq, emoji), world.reactions.contains(&(seq, emoji, number))));
            let expected = expected.filter(|(_, count, _)| *count > 0).collect::<BTreeSet<_>>();
            assert_eq!(reactions.collect::<BTreeSet<_>>(), expected);
        }
        let shown = store.messages_before(room, Some(reader.session), None, u32::MAX).await.unwrap();
        let is_shown =
            |message: &&Message| matches!(message.content, Content::Text(_) | Content::Gif { .. } | Content::Removed);
        assert!(shown.iter().eq(stored.iter().filter(is_shown)));

        let mailbox = &world.mailboxes[number];
        let whispers = store.whispers_after(room, reader.session, 0, u32::MAX).await.unwrap();
        let read = whispers.iter().map(|whisper| (whisper.number, whisper.after, whisper.from.id, whisper.reader));
        let expected = mailbox.iter().zip(1..).filter_map(|((from, after), number)| {
            from.map(|from| (number, *after, self.callers[from].member.id, reader.session))
        });
        assert!(read.eq(expected), "a mailbox holds what was written to its owner and by them, and nothing else");
        assert_eq!(store.whispers_between(room, reader.session, 0, i64::MAX, u32::MAX).await.unwrap(), whispers);
        assert_eq!(store.whispers_head(room, reader.session).await.unwrap(), mailbox.len() as i64);
        assert!(!format!("{stored:?}{shown:?}").contains(WHISPER));
        assert_eq!(store.search(room, WHISPER, None, None, 10).await.unwrap(), []);
        let texts = world.entries.iter().filter(|entry| matches!(entry.kind, Kind::Text(_))).count();
        assert_eq!(store.search(room, "text", None, None, 100).await.unwrap().len(), texts.min(100));
    }
}

fn text_of(version: Option<u8>) -> String {
    version.map_or_else(|| "text".to_owned(), |version| format!("text {version}"))
}

fn agrees(message: &Message, entry: &Entry, world: &World) {
    let at = |target: &usize| &world.entries[target - 1].kind;
    match (&message.content, &entry.kind) {
        (Content::Text(text), Kind::Text(version)) => {
            assert_eq!(text.as_str(), text_of(*version));
            assert_eq!(message.edited_at.is_some(), version.is_some());
        }
        (Content::Gif { gif: shown, .. }, Kind::Gif(number)) => assert_eq!(*shown, gif(*number)),
        (Content::Removed, Kind::Removed) | (Content::Purged, Kind::Purged) | (Content::Purge { .. }, Kind::Purge) => {}
        (Content::Edit { target, edited: Edited::Text(text), .. }, Kind::Edit(edited)) => {
            let Kind::Text(version) = at(edited) else { panic!("{message:?}") };
            assert_eq!((*target, text.as_str()), (*edited as i64, &*text_of(*version)));
        }
        (Content::Remove { target, .. }, Kind::Withdraw(gone)) => assert_eq!(*target, *gone as i64),
        (Content::Remove { target, .. }, Kind::Edit(gone)) => {
            assert!(*target == *gone as i64 && !matches!(at(gone), Kind::Text(_)));
        }
        (Content::React { target, emoji, on, count }, Kind::React(of, which, was_on)) => {
            assert_eq!((*target, emoji.as_str(), *on), (*of as i64, EMOJI[*which], *was_on));
            assert_eq!(*count as usize, world.count(*of, *which));
        }
        other => panic!("{other:?}"),
    }
    let quoted = message.reply.as_ref().map(|quote| (quote.seq as usize, &quote.content));
    match (quoted, entry.reply) {
        (Some((seq, content)), Some(target)) if seq == target => match (content, at(&target)) {
            (Quoted::Text(text), Kind::Text(version)) => assert_eq!(*text, text_of(*version)),
            (Quoted::Gif(hash), Kind::Gif(number)) => assert_eq!(*hash, gif(*number).hash),
            (Quoted::Removed, Kind::Removed | Kind::Purged) => {}
            other => panic!("{other:?}"),
        },
        (None, None) => {}
        other => panic!("{other:?}"),
    }
}

fn said<T>(result: Result<T, StoreError>, ok: impl FnOnce(T) -> Said) -> Said {
    match result {
        Ok(value) => ok(value),
        Err(StoreError::NoSuchRoom) => Said::NoSuchRoom,
        Err(StoreError::NoSuchMessage) => Said::NoSuchMessage,
        Err(StoreError::NotYours) => Said::NotYours,
        Err(StoreError::TooManyRooms) => Said::TooManyRooms,
        Err(StoreError::RoomFullOfGifs) => Said::Full("room"),
        Err(StoreError::TooMuchShown) => Said::Full("session"),
        Err(StoreError::ServerFullOfGifs) => Said::Full("server"),
        // Only a room's id is ever taken.
        Err(StoreError::Unavailable(_)) => Said::IdTaken,
        Err(error) => panic!("{error}"),
    }
}
