//! The life of a client: join, hear, say, lose the connection, come back.

mod hear;

use std::future::pending;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::link::{Act, Door, Link, Loss, Post, Target};
use super::mix::{Draft, Mix};
use super::outgoing::Outgoing;
use super::over_http::{HttpPost, fill, http_post};
use super::{Options, Posts, Progress, Statistics, Testimony};
use crate::clock::now;
use crate::history::{Position, Said, Sender, Wish, Witness, Wrong, hash};

/// Before the first try to come back, at most; twice as long for each one after it.
const BACK_OFF: Duration = Duration::from_millis(250);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(3);
/// After a post was refused or had no answer.
const TRY_AGAIN: Duration = Duration::from_millis(200);
/// The server's word on how long to wait is taken up to here.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
pub struct Runner {
    options: Options,
    target: Target,
    texts: mpsc::Receiver<String>,
    cut: Arc<Notify>,
    stopped: watch::Receiver<bool>,
    told: watch::Sender<Progress>,
    rng: SmallRng,
    witness: Witness,
    sender: Sender,
    statistics: Statistics,
    outgoing: Outgoing,
    mix: Mix,
    http_post: Option<HttpPost>,
    next_number: u64,
    last_id: String,
    inside: bool,
    asked_at: Instant,
    lost_at: Option<Instant>,
    /// What the server asked for when it ended.
    wait: Option<Duration>,
    admit_again: bool,
    failed: bool,
}

impl Runner {
    pub fn new(
        options: Options,
        texts: mpsc::Receiver<String>,
        cut: Arc<Notify>,
        stopped: watch::Receiver<bool>,
        told: watch::Sender<Progress>,
    ) -> Self {
        let target = Target { http: options.http.clone(), person: options.person.clone(), room: options.room.clone() };
        let who = format!("{} ({})", options.name, options.door);
        let mut witness = Witness::new(who.clone(), options.rules, Arc::clone(&options.ledger));
        if let Some((position, messages)) = &options.since {
            witness.begin(*position, messages);
        }
        Self {
            target,
            texts,
            cut,
            stopped,
            told,
            rng: SmallRng::seed_from_u64(options.seed),
            witness,
            sender: Sender::new(who),
            statistics: Statistics::default(),
            outgoing: Outgoing::default(),
            mix: Mix::default(),
            http_post: None,
            next_number: 0,
            last_id: String::new(),
            inside: false,
            asked_at: now(),
            lost_at: None,
            wait: None,
            admit_again: false,
            failed: false,
            options,
        }
    }

    pub async fn run(mut self) -> Testimony {
        let mut stopped = self.stopped.clone();
        let mut tries = 0;
        while !self.failed {
            let stays = self.witness.counts().stays;
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                loss = self.stay() => self.lost(&loss),
            }
            tries = if self.witness.counts().stays > stays { 0 } else { tries + 1 };
            let pause = self.pause(tries);
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => break,
                () = sleep(pause) => {}
            }
        }
        if self.failed {
            // Somebody may wait for it; the testimony has to be asked for all the same.
            self.tell();
            let _ = stopped.wait_for(|stopped| *stopped).await;
        } else if self.options.fill {
            fill(&self.target, &mut self.witness).await;
        }
        let Self { options, witness, sender, statistics, .. } = self;
        Testimony { door: options.door, witness, sender, statistics }
    }

    /// One connection, until it is lost.
    async fn stay(&mut self) -> Loss {
        // Told to hang up while there was nothing to hang up.
        let _ = self.cut.notified().now_or_never();
        if std::mem::take(&mut self.admit_again) {
            self.statistics.admitted_again += 1;
            if let Err(error) = self.target.http.enter(&self.target.room, Some(&self.target.person)).await {
                self.admit_again = true;
                return Loss::Refused(format!("{error:#}"));
            }
        }
        self.asked_at = now();
        self.witness.ask();
        let opened = Link::open(self.options.door, &self.target, self.witness.since(), &self.last_id);
        let ended = match timeout(self.options.connect_time, opened).await {
            Ok(Ok(mut link)) => {
                let ended = self.listen(&mut link).await;
                if let Some(last_id) = link.last_id() {
                    last_id.clone_into(&mut self.last_id);
                }
                ended
            }
            Ok(Err(loss)) => Err(self.refused_door(loss)),
            Err(_) => Err(Loss::Silence),
        };
        ended.err().unwrap_or(Loss::Cut)
    }

    async fn listen(&mut self, link: &mut Link) -> Result<(), Loss> {
        let mut heard_at = now();
        let mut timer = pin!(sleep(self.options.connect_time));
        loop {
            if self.inside {
                self.send(link, timer.as_mut()).await?;
            }
            let more = self.outgoing.len() < self.window();
            let http_post = async {
                match &mut self.http_post {
                    Some(post) => post.await,
                    None => pending().await,
                }
            };
            tokio::select! {
                heard = link.next() => {
                    heard_at = now();
                    let heard = heard?;
                    self.hear(heard)?;
                }
                (number, answer) = http_post => {
                    self.http_post = None;
                    match answer {
                        Ok(heard) => self.hear(heard)?,
                        Err(loss) => {
                            self.note_loss(&loss);
                            self.outgoing.unanswered(number, now() + TRY_AGAIN);
                        }
                    }
                }
                Some(text) = self.texts.recv(), if more => self.take(text),
                () = self.cut.notified() => return Err(Loss::Cut),
                () = timer.as_mut() => {
                    let due = self.deadline(heard_at);
                    if due <= now() {
                        self.overdue(heard_at)?;
                    }
                }
            }
            // Cheap when the timer stands right; what is heard only makes it later, which it finds out when it fires.
            let due = self.deadline(heard_at);
            if timer.is_elapsed() || due < timer.deadline() {
                timer.as_mut().reset(due);
            }
        }
    }

    /// When something has to be looked at again, if nothing happens before.
    fn deadline(&self, heard_at: Instant) -> Instant {
        let silence = heard_at + self.options.silence;
        let answer = if self.inside { None } else { Some(self.asked_at + self.options.connect_time) };
        // While a request is under way nothing else is sent, whatever the time.
        let again = self.outgoing.not_before().filter(|_| self.inside && self.http_post.is_none());
        let ack = self.outgoing.oldest().map(|sent| sent + self.options.ack_time);
        [Some(silence), answer, ack, again].into_iter().flatten().min().unwrap_or(silence)
    }

    fn overdue(&mut self, heard_at: Instant) -> Result<(), Loss> {
        let now = now();
        if now >= heard_at + self.options.silence || (!self.inside && now >= self.asked_at + self.options.connect_time)
        {
            return Err(Loss::Silence);
        }
        if self.outgoing.oldest().is_some_and(|sent| now >= sent + self.options.ack_time) {
            return Err(Loss::NoAck);
        }
        Ok(())
    }

    fn window(&self) -> usize {
        if self.posts_over_http() { 1 } else { self.options.window.max(1) }
    }

    fn posts_over_http(&self) -> bool {
        self.options.posts == Posts::Http || self.options.door == Door::EventStream
    }

    fn take(&mut self, text: String) {
        self.push(text, Draft { act: Act::Say, name: 0 });
        let draft = self.mix.draft(&mut self.rng);
        let open = u64::from(draft.is_some());
        if let Some(draft) = draft {
            self.push(format!("aside {} of {}", self.next_number, self.options.name), draft);
        }
        self.told.send_modify(|progress| {
            progress.taken += 1;
            progress.open += open;
        });
    }

    fn push(&mut self, text: String, Draft { act, name }: Draft) {
        let number = self.next_number;
        self.next_number += 1;
        let client_message_id = format!("{}-{number}", self.options.name);
        let said = Said { client_message_id: hash(&client_message_id), text: hash(&text) };
        match act {
            Act::Say => self.sender.say(number, said),
            Act::Whisper { to } => self.sender.whisper(number, to, said),
            Act::Edit { target } => {
                self.sender.change(number, target, Wish::Edit(Said { client_message_id: name, ..said }));
            }
            Act::Remove { target } => self.sender.change(number, target, Wish::Remove),
            Act::React { target, on } => self.sender.change(number, target, Wish::React { on }),
        }
        self.outgoing.push(Post { number, client_message_id, text, act });
    }

    /// Sends all that may be on its way at once.
    async fn send(&mut self, link: &mut Link, timer: Pin<&mut Sleep>) -> Result<(), Loss> {
        if self.http_post.is_some() {
            return Ok(());
        }
        let mut any = false;
        while let Some((post, again)) = self.outgoing.next(self.window(), now()) {
            any = true;
            self.statistics.resent += u64::from(again);
            if self.posts_over_http() {
                self.http_post = Some(http_post(&self.target, post, self.options.ack_time));
                break;
            }
            let sent = timeout(self.options.silence, link.post(&self.target.room, &post)).await;
            sent.unwrap_or(Err(Loss::Silence))?;
        }
        if any {
            timeout(self.options.silence, link.flush()).await.unwrap_or(Err(Loss::Silence))?;
            let due = now() + self.options.ack_time;
            if due < timer.deadline() {
                timer.reset(due);
            }
        }
        Ok(())
    }

    /// A refusal to join, whichever way it was told.
    fn refused_door(&mut self, loss: Loss) -> Loss {
        if let Loss::Refused(code) = &loss {
            match code.as_str() {
                "not-admitted" => self.admit_again = true,
                "no-such-room" => return self.give_up(String::from("joining was refused: no-such-room")),
                _ => {}
            }
            let code = code.clone();
            self.refused(&code);
        }
        loss
    }

    fn refused(&mut self, code: &str) {
        *self.statistics.refusals.entry(code.to_owned()).or_default() += 1;
    }

    fn give_up(&mut self, why: String) -> Loss {
        self.failed = true;
        self.witness.wrong(Wrong::Refused(why.clone()));
        Loss::Refused(why)
    }

    fn lost(&mut self, loss: &Loss) {
        if let Loss::Nonsense(what) = loss {
            self.witness.wrong(Wrong::Nonsense(what.clone()));
        }
        self.note_loss(loss);
        self.witness.lost();
        self.outgoing.lost();
        self.http_post = None;
        // From the loss of a stay: a failed try to come back is no new one.
        if std::mem::take(&mut self.inside) {
            self.lost_at = Some(now());
        }
        self.told.send_modify(|progress| {
            progress.losses += 1;
            progress.last_loss = Some(loss.name());
        });
        self.tell();
    }

    fn note_loss(&mut self, loss: &Loss) {
        *self.statistics.losses.entry(loss.name()).or_default() += 1;
        self.statistics.examples.insert(loss.name(), format!("{loss:?}"));
    }

    fn pause(&mut self, tries: u32) -> Duration {
        let most = (BACK_OFF * 2_u32.pow(tries.min(6))).min(LONGEST_BACK_OFF);
        let random = most.mul_f64(self.rng.random::<f64>());
        self.wait.take().unwrap_or(random)
    }

    fn tell(&self) {
        let position = self.witness.position().unwrap_or(Position { epoch: 0, seq: 0 });
        let (inside, failed, stays) = (self.inside, self.failed, self.witness.counts().stays);
        let (me, whispers) = (self.witness.member().unwrap_or_default(), self.witness.mailbox().newest());
        self.told.send_modify(|progress| {
            let Position { epoch, seq } = position;
            *progress = Progress { inside, failed, stays, epoch, seq, me, whispers, ..*progress };
        });
    }
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}
