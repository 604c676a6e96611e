//! The single writer: one task, one connection, one transaction for all that waits (group commit).

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};

use super::answer::Answer;
use super::checkpoint::Checkpointer;
use super::doubt::Doubts;
use super::entry::unsayable;
use super::error::StoreError;
use super::seldom::Seldom;
use super::sql::{Link, Target};
use super::write::{Batch, Verdict};
use super::{
    Acted, Arrival, Files, OfferLimits, OnCommit, Posted, Rendered, SpaceLimits, Together, Used, Whispered, limits,
};
use crate::domain::{
    Act, Added, Content, Event, GifHash, NewEntry, NewMessage, NewWhisper, Offerer, Room, RoomId, SessionId,
};
use crate::env::Env;

/// What is asked of the writer, and where the answer goes.
#[derive(Debug)]
pub(super) enum Command {
    CreateRoom(Box<Room>, u32, Answer<Room>),
    Admit(RoomId, SessionId, u32, Answer<()>),
    PostText(Box<NewMessage>, Answer<Posted>),
    /// A GIF or a notice.
    PostEntry(Box<NewMessage>, Files, SpaceLimits, Answer<Posted>),
    Act(Box<Act>, Answer<Acted>),
    Whisper(Box<NewWhisper>, Answer<Whispered>),
    RenewEpochs(Answer<u64>),
    RemoveRoom(RoomId, Answer<Vec<GifHash>>),
    IsGifUsed(GifHash, Answer<bool>),
    /// A GIF for the library.
    Offer(Box<(NewEntry, Offerer)>, OfferLimits, Answer<Added>),
    CountUses(Vec<Used>, Answer<()>),
    Rendered(GifHash, Rendered, Answer<bool>),
    MarkLost(Vec<GifHash>, Answer<Vec<GifHash>>),
    MarkFound(Vec<GifHash>, Answer<()>),
    /// Finish what was asked before, then end.
    Close,
}

impl Command {
    pub(super) fn post(new: NewMessage, answer: Answer<Posted>) -> Self {
        match new.content {
            Content::Text(_) => Self::PostText(Box::new(new), answer),
            Content::Gif { .. } | Content::Notice(_) => {
                Self::PostEntry(Box::new(new), Files::default(), SpaceLimits::default(), answer)
            }
            // What may be refused, or changes something.
            _ => {
                let act = Act { room: new.room, entries: vec![new], changes: Vec::new() };
                let answer = Answer::new(move |acted: Result<Acted, StoreError>| {
                    answer.give(acted.and_then(|mut acted| {
                        let message = acted.messages.pop().ok_or_else(unsayable)?;
                        Ok(Posted { message, first: acted.first })
                    }));
                });
                Self::Act(Box::new(act), answer)
            }
        }
    }

    fn refuse(self, error: StoreError) {
        match self {
            Self::CreateRoom(.., answer) => answer.give(Err(error)),
            Self::Admit(.., answer) => answer.give(Err(error)),
            Self::PostText(_, answer) | Self::PostEntry(.., answer) => answer.give(Err(error)),
            Self::Act(_, answer) => answer.give(Err(error)),
            Self::Whisper(_, answer) => answer.give(Err(error)),
            Self::RenewEpochs(answer) => answer.give(Err(error)),
            Self::RemoveRoom(.., answer) => answer.give(Err(error)),
            Self::IsGifUsed(.., answer) | Self::Rendered(.., answer) => answer.give(Err(error)),
            Self::MarkLost(.., answer) => answer.give(Err(error)),
            Self::MarkFound(.., answer) => answer.give(Err(error)),
            Self::Offer(.., answer) => answer.give(Err(error)),
            Self::CountUses(.., answer) => answer.give(Err(error)),
            Self::Close => {}
        }
    }
}

/// An answer that waits for the commit. It is given the commit's failure, if it failed.
type Reply = Box<dyn FnOnce(Option<StoreError>) + Send>;

pub(super) struct Writer {
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) target: Target,
    /// `None` after a failure: the next batch begins with a new connection.
    pub(super) link: Option<Link>,
    pub(super) env: Env,
    pub(super) on_commit: OnCommit,
    pub(super) together: Together,
    /// Whether messages of removed rooms may be left to delete.
    pub(super) purging: bool,
    /// Whether texts may be left to add to the index of a search.
    pub(super) indexing: bool,
    /// How many commands have come since it was complete.
    pub(super) backlog: usize,
    pub(super) doubts: Doubts,
    pub(super) failures: Failures,
    /// Held during each transaction, so that a checkpoint can ask for a pause.
    pub(super) gate: Arc<Mutex<()>>,
    pub(super) checkpointer: Option<Checkpointer>,
}

/// The transactions that have failed one after another.
#[derive(Debug, Default)]
pub(super) struct Failures {
    count: u64,
    log: Seldom,
}

impl Writer {
    /// Runs until [`Command::Close`], or until nobody can ask any more.
    pub(super) async fn run(mut self) {
        let mut waiting = Vec::with_capacity(limits::BATCH);
        while self.fill(&mut waiting).await {
            let _pause = Arc::clone(&self.gate).lock_owned().await;
            let commands = waiting.len();
            self.write(&mut waiting).await;
            if let Some(checkpointer) = &mut self.checkpointer {
                checkpointer.committed(commands);
            }
        }
        if let Some(link) = self.link.take() {
            link.close().await;
        }
    }

    /// Waits for something to do and takes all there is of it. `false` at the end.
    async fn fill(&mut self, waiting: &mut Vec<Command>) -> bool {
        let is_urgent = self.purging || !self.doubts.is_empty();
        if !is_urgent && !self.indexing {
            return self.commands.recv_many(waiting, limits::BATCH).await > 0;
        }
        // With messages to delete or to look for there is always something to do: only after a failure it takes a rest.
        // What is to be indexed can wait until it is quiet.
        let failed = self.failures.count > 0;
        let rest = self.env.now() + if failed { limits::REST } else { limits::QUIET };
        let waits = failed || !is_urgent;
        tokio::select! {
            biased;
            count = self.commands.recv_many(waiting, limits::BATCH) => count > 0,
            () = self.env.sleep_until(rest), if waits => true,
            () = std::future::ready(()), if !waits => true,
        }
    }

    /// One transaction, with its answers.
    async fn write(&mut self, waiting: &mut Vec<Command>) {
        if waiting.iter().any(|command| matches!(command, Command::Close)) {
            // Senders are turned away from now on; what they had sent before is still read.
            self.commands.close();
        }
        let mut replies = Vec::with_capacity(waiting.len());
        match self.transact(waiting, &mut replies).await {
            Ok(events) => {
                self.succeeded();
                let (mut events, mut replies) = (events.into_iter(), replies.into_iter());
                (self.together)(&mut || {
                    events.by_ref().for_each(|event| tell(&self.on_commit, event));
                    replies.by_ref().for_each(|reply| reply(None));
                });
            }
            Err(error) => {
                self.failed(&error, waiting.len() + replies.len());
                if let Some(link) = self.link.take() {
                    link.close().await;
                }
                let error = StoreError::unavailable(error);
                for reply in replies {
                    reply(Some(error.clone()));
                }
                for command in waiting.drain(..) {
                    command.refuse(error.clone());
                }
            }
        }
    }

    fn failed(&mut self, error: &sqlx::Error, commands: usize) {
        self.failures.count += 1;
        if let Some(more) = self.failures.log.now(self.env.now()) {
            tracing::error!(%error, commands, more, "A transaction failed; nothing of it was acknowledged");
        }
    }

    fn succeeded(&mut self) {
        let failures = std::mem::take(&mut self.failures.count);
        if failures > 0 {
            tracing::info!(failures, "Transactions succeed again");
        }
    }

    /// Takes the commands one after another and commits; what is to be told now. On an error `replies` holds the commands
    /// that were tried and `waiting` those that were not.
    async fn transact(
        &mut self,
        waiting: &mut Vec<Command>,
        replies: &mut Vec<Reply>,
    ) -> Result<Vec<Event>, sqlx::Error> {
        let link = match &mut self.link {
            Some(link) => link,
            none => none.insert(self.target.connect().await?),
        };
        let posts = count_posts(waiting);
        // PostgreSQL has no index of ours.
        self.indexing |= (self.purging || !posts.is_empty()) && matches!(link, Link::Sqlite(_));
        let mut batch = Batch::new(link.begin().await?, self.env.now(), posts);
        self.doubts.settle(&mut batch, |event| tell(&self.on_commit, event)).await?;
        // Nobody waits for the index, unless it is far behind.
        let is_quiet = waiting.is_empty() || (self.backlog >= limits::BACKLOG && waiting.len() < limits::BATCH / 8);
        self.backlog += waiting.len();
        let mut commands = std::mem::take(waiting).into_iter().peekable();
        while let Some(command) = commands.next() {
            // It stays so after a failure, whose outcome may not be known: to look once too often harms nobody.
            self.purging |= matches!(command, Command::RemoveRoom(..));
            let done = match command {
                Command::PostText(new, answer) => {
                    let mut run = vec![(new, answer)];
                    while let Some(Command::PostText(new, answer)) =
                        commands.next_if(|next| matches!(next, Command::PostText(..)))
                    {
                        run.push((new, answer));
                    }
                    post_texts(run, &mut batch, replies).await
                }
                other => apply(other, &mut batch, replies).await,
            };
            if let Err(error) = done {
                waiting.extend(commands);
                return Err(error);
            }
        }
        let more = if self.purging { batch.purge().await? } else { false };
        self.purging |= batch.left_over;
        let more = more || batch.left_over;
        let events = batch.finish().await?;
        let behind = if self.indexing && is_quiet { batch.index().await? } else { self.indexing };
        batch.commit().await.inspect_err(|_| self.doubts.about(&events))?;
        self.purging = more;
        self.indexing = behind;
        if !behind {
            self.backlog = 0;
        }
        Ok(events)
    }
}

fn tell(on_commit: &OnCommit, event: Event) {
    // A listener that panics is its own misfortune; the posters still get their answers.
    if catch_unwind(AssertUnwindSafe(|| on_commit(event))).is_err() {
        tracing::error!("A listener panicked while a stored message was published");
    }
}

fn count_posts(commands: &[Command]) -> HashMap<RoomId, i64> {
    let mut posts = HashMap::new();
    for command in commands {
        let (room, count) = match command {
            Command::PostText(new, _) | Command::PostEntry(new, ..) => (new.room, 1),
            Command::Act(act, _) => (act.room, i64::try_from(act.entries.len()).unwrap_or(1)),
            _ => continue,
        };
        *posts.entry(room).or_default() += count;
    }
    posts
}

async fn apply(command: Command, batch: &mut Batch<'_>, replies: &mut Vec<Reply>) -> Result<(), sqlx::Error> {
    match command {
        Command::CreateRoom(room, most, answer) => hold(answer, batch.create_room(&room, most).await, replies),
        Command::Admit(room, session, most, answer) => hold(answer, batch.admit(room, session, most).await, replies),
        Command::PostText(new, answer) => post_texts(vec![(new, answer)], batch, replies).await,
        Command::PostEntry(new, files, limits, answer) => {
            hold(answer, batch.post_entry(&new, files, limits).await, replies)
        }
        Command::Act(act, answer) => hold(answer, batch.act(&act).await, replies),
        Command::Whisper(new, answer) => hold(answer, batch.whisper(&new).await, replies),
        Command::RenewEpochs(answer) => hold(answer, batch.renew_epochs().await, replies),
        Command::RemoveRoom(room, answer) => hold(answer, batch.remove_room(room).await, replies),
        Command::IsGifUsed(hash, answer) => hold(answer, batch.is_gif_used(hash).await, replies),
        Command::Offer(offer, OfferLimits { waiting, entries }, answer) => {
            let (new, by) = &*offer;
            hold(answer, batch.shelve(new, Arrival::Offer { by: *by, waiting }, entries).await, replies)
        }
        Command::CountUses(uses, answer) => hold(answer, batch.count_uses(&uses).await, replies),
        Command::Rendered(hash, rendered, answer) => hold(answer, batch.rendered(hash, rendered).await, replies),
        Command::MarkLost(hashes, answer) => hold(answer, batch.mark_lost(hashes).await, replies),
        Command::MarkFound(hashes, answer) => hold(answer, batch.mark_found(hashes).await, replies),
        Command::Close => Ok(()),
    }
}

async fn post_texts(
    run: Vec<(Box<NewMessage>, Answer<Posted>)>,
    batch: &mut Batch<'_>,
    replies: &mut Vec<Reply>,
) -> Result<(), sqlx::Error> {
    let news: Vec<&NewMessage> = run.iter().map(|(new, _)| &**new).collect();
    let (results, failure) = match batch.post_texts(&news).await {
        Ok(results) => (results, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let mut results = results.into_iter();
    replies.extend(run.into_iter().map(|(_, answer)| reply(answer, results.next())));
    failure.map_or(Ok(()), Err)
}

fn hold<T: Send + 'static>(
    answer: Answer<T>,
    verdict: Verdict<T>,
    replies: &mut Vec<Reply>,
) -> Result<(), sqlx::Error> {
    let (result, failure) = match verdict {
        Ok(result) => (Some(result), None),
        Err(error) => (None, Some(error)),
    };
    replies.push(reply(answer, result));
    failure.map_or(Ok(()), Err)
}

/// Keeps the answer until the commit has succeeded or failed. Without a result there is no commit.
fn reply<T: Send + 'static>(answer: Answer<T>, result: Option<Result<T, StoreError>>) -> Reply {
    Box::new(move |failed| {
        if let Some(result) = failed.map(Err).or(result) {
            answer.give(result);
        }
    })
}
