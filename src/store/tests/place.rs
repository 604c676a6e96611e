//! A fresh database of either kind, and what a test needs around it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

use super::postgres;
use crate::domain::{
    Act, Caller, Change, ChatText, ClientMessageId, Color, Content, Edited, Emoji, Event, Gif, GifHash, Lang, MemberId,
    MemberLimit, Message, MessageId, NewWhisper, Right, Room, RoomId, SessionId, Timestamp, Title, Whisper,
};
use crate::env::Env;
use crate::store::sql::{Link, Sql};
use crate::store::{Database, NewMessage, OpenError, Store, Synchronous, limits};

/// More rooms than any test makes.
pub(super) const MANY: u32 = 1000;

/// Where a test's database is; with it goes its folder.
pub(super) struct Place {
    pub(super) database: Database,
    pub(super) env: Env,
    heard: Arc<Mutex<Vec<Event>>>,
    _folder: Option<TempDir>,
}

impl Place {
    pub(super) fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let database = Database::Sqlite(folder.path().join("data").join("gifchat.db"), Synchronous::Full);
        Self::new(database, Some(folder))
    }

    pub(super) async fn postgres() -> Self {
        Self::new(Database::Postgres(postgres::new_database().await), None)
    }

    fn new(database: Database, folder: Option<TempDir>) -> Self {
        let env = Env::manual(Timestamp(1_700_000_000_000), 1);
        Self { database, env, heard: Arc::default(), _folder: folder }
    }

    pub(super) async fn try_open(&self) -> Result<Store, OpenError> {
        self.try_open_with(limits::QUEUE).await
    }

    /// With a queue of so many commands.
    pub(super) async fn open_with(&self, queue: usize) -> Store {
        self.try_open_with(queue).await.unwrap()
    }

    async fn try_open_with(&self, queue: usize) -> Result<Store, OpenError> {
        let heard = Arc::clone(&self.heard);
        let on_commit = Arc::new(move |event| {
            assert!(matches!(event, Event::Posted(_) | Event::Whispered(_)), "{event:?}");
            heard.lock().unwrap().push(event);
        });
        Store::open_with(self.database.clone(), self.env.clone(), on_commit, |work| work(), queue).await
    }

    pub(super) async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    /// What was published so far, in order.
    pub(super) fn heard(&self) -> Vec<Event> {
        self.heard.lock().unwrap().clone()
    }

    /// The messages among it.
    pub(super) fn published(&self) -> Vec<Message> {
        let message = |event| if let Event::Posted(message) = event { Some(message) } else { None };
        self.heard().into_iter().filter_map(message).collect()
    }

    /// The whispers among it.
    pub(super) fn whispered(&self) -> Vec<Whisper> {
        let whisper = |event| if let Event::Whispered(whisper) = event { Some(whisper) } else { None };
        self.heard().into_iter().filter_map(whisper).collect()
    }

    /// The file of a SQLite database.
    pub(super) fn file(&self) -> PathBuf {
        match &self.database {
            Database::Sqlite(path, _) => path.clone(),
            Database::Postgres(_) => panic!("only SQLite has a file"),
        }
    }

    /// A connection past the store.
    pub(super) async fn stranger(&self) -> Stranger {
        Stranger(match &self.database {
            Database::Sqlite(path, _) => {
                Link::Sqlite(SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap())
            }
            Database::Postgres(url) => Link::Postgres(PgConnection::connect(url).await.unwrap()),
        })
    }

    pub(super) fn caller(&self) -> Caller {
        Caller::new(SessionId::from_bytes(self.env.random()), MemberId::from_bytes(self.env.random()), Lang::Ko)
    }

    pub(super) fn room(&self) -> Room {
        self.room_of(&self.caller())
    }

    pub(super) fn room_of(&self, owner: &Caller) -> Room {
        Room {
            id: RoomId::from_bytes(self.env.random()),
            title: Title::parse("점심 뭐 먹지").unwrap(),
            limit: MemberLimit::DEFAULT,
            password_hash: Some("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned()),
            owner: owner.member.clone(),
            owner_session: owner.session,
            locked: false,
            slow: crate::domain::Slow::default(),
            preset: crate::domain::Preset::default(),
            raid_since: None,
            epoch: 7,
            head: 0,
            created_at: self.env.now(),
        }
    }

    pub(super) fn text(&self, room: RoomId, by: &Caller, text: &str) -> NewMessage {
        NewMessage {
            id: MessageId::from_bytes(self.env.random()),
            room,
            session: by.session,
            member: by.member.clone(),
            content: Content::Text(ChatText::parse(text).unwrap()),
            reply: None,
            mentions: Vec::new(),
            client_message_id: None,
        }
    }

    pub(super) fn gif(&self, room: RoomId, by: &Caller, number: u8) -> NewMessage {
        self.entry(room, by, shown(gif(number)))
    }

    pub(super) fn entry(&self, room: RoomId, by: &Caller, content: Content) -> NewMessage {
        NewMessage { content, ..self.text(room, by, "-") }
    }

    pub(super) fn whisper(&self, room: RoomId, from: &Caller, to: &Caller, text: &str) -> NewWhisper {
        NewWhisper {
            id: MessageId::from_bytes(self.env.random()),
            room,
            from: (from.session, from.member.clone()),
            to: (to.session, to.member.clone()),
            text: ChatText::parse(text).unwrap(),
            client_message_id: None,
        }
    }
}

pub(super) fn act(room: RoomId, entries: impl IntoIterator<Item = NewMessage>) -> Act {
    Act { room, entries: entries.into_iter().collect(), changes: Vec::new() }
}

pub(super) fn changed(room: RoomId, changes: impl IntoIterator<Item = Change>) -> Act {
    Act { room, entries: Vec::new(), changes: changes.into_iter().collect() }
}

pub(super) fn edit(target: i64, text: &str, right: Right) -> Content {
    Content::Edit { target, edited: Edited::Text(ChatText::parse(text).unwrap()), edited_at: Timestamp(0), right }
}

pub(super) fn react(target: i64, emoji: &str, on: bool) -> Content {
    Content::React { target, emoji: Emoji::parse(emoji).unwrap(), on, count: 0 }
}

pub(super) fn gif(number: u8) -> Gif {
    let size = u32::from(number) + 1;
    Gif {
        hash: GifHash::from_bytes([number; 32]),
        width: size,
        height: 2 * size,
        frames: 3 * size,
        duration_ms: 4 * size,
        bytes: 5 * u64::from(size),
        color: Color::from_rgb([number; 3]),
        flashes: number % 2 == 1,
    }
}

pub(super) const fn shown(gif: Gif) -> Content {
    Content::Gif { gif, alt: None }
}

/// The same message under a name of its sender's.
pub(super) fn named(name: &str, new: NewMessage) -> NewMessage {
    NewMessage { client_message_id: Some(ClientMessageId::parse(name).unwrap()), ..new }
}

/// Somebody else at work on the database.
pub(super) struct Stranger(Link);

impl Stranger {
    /// Brings a database to what it was at an earlier migration.
    pub(super) async fn migrate_to(&mut self, version: i64) {
        let some = sqlx::migrate!().iter().filter(|migration| migration.version <= version).cloned().collect();
        let migrator = sqlx::migrate::Migrator::with_migrations(some);
        match &mut self.0 {
            Link::Sqlite(connection) => migrator.run(connection).await.unwrap(),
            Link::Postgres(connection) => migrator.run(connection).await.unwrap(),
        }
    }

    /// One statement in the words of each database.
    pub(super) async fn run(&mut self, sqlite: &'static str, postgres: &'static str) {
        match &mut self.0 {
            Link::Sqlite(connection) => connection.execute(sqlx::raw_sql(sqlite)).await.map(drop).unwrap(),
            Link::Postgres(connection) => connection.execute(sqlx::raw_sql(postgres)).await.map(drop).unwrap(),
        }
    }

    /// Keeps everybody else from writing.
    pub(super) async fn lock(&mut self) {
        self.run("BEGIN IMMEDIATE", "BEGIN; LOCK TABLE rooms, messages IN EXCLUSIVE MODE").await;
    }

    pub(super) async fn unlock(&mut self) {
        self.run("ROLLBACK", "ROLLBACK").await;
    }

    /// A number, from a text that both understand.
    pub(super) async fn count(&mut self, sql: &'static str) -> i64 {
        let row: Option<(i64,)> = match &mut self.0 {
            Link::Sqlite(connection) => Sql::Sqlite(connection).first(sql, Vec::new()).await.unwrap(),
            Link::Postgres(connection) => Sql::Postgres(connection).first(sql, Vec::new()).await.unwrap(),
        };
        row.unwrap().0
    }
}
