//! The shell: what is waited for, what is told under the lock, what a clock does.

use std::sync::Mutex;

use futures_util::FutureExt;

use super::*;
use crate::domain::{
    Caller, Content, Lang, MemberId, MemberLimit, NoticeCode, Preset, Refusal, SessionId, Slow, Timestamp, Title,
};

const ROOM: RoomId = RoomId::from_bytes([1; 12]);

const TIMING: Timing = Timing {
    exit_damping: Duration::from_secs(10),
    owner_grace: Duration::from_secs(30),
    empty_grace: Duration::from_secs(60),
    kick_time: Duration::from_secs(600),
};

fn caller(number: u8) -> Caller {
    Caller::new(SessionId::from_bytes([number; 16]), MemberId::from_bytes([number; 8]), Lang::En)
}

struct House {
    env: Env,
    presence: Presence,
    heard: Arc<Mutex<Vec<Event>>>,
}

/// A room of the caller 0, and everything that is told.
fn house() -> House {
    let (env, bus) = (Env::manual(Timestamp(0), 1), Bus::local());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&heard);
    bus.listen(Box::new(move |event| ears.lock().unwrap().push(event.clone()))).ok().unwrap();
    let owner = caller(0);
    let room = Room {
        id: ROOM,
        title: Title::parse("room").unwrap(),
        limit: MemberLimit::DEFAULT,
        password_hash: None,
        owner: owner.member,
        owner_session: owner.session,
        locked: false,
        slow: Slow::default(),
        preset: Preset::Open,
        raid_since: None,
        epoch: 1,
        head: 0,
        created_at: Timestamp(0),
    };
    let found = vec![Found { room, names: Vec::new(), sanctions: Vec::new() }];
    House { presence: Presence::local(env.clone(), bus, TIMING, found), env, heard }
}

impl House {
    fn enter(&self, who: u8) -> (Place, Entered<Stored>) {
        self.presence.enter(ROOM, &caller(who), None, true).unwrap()
    }

    /// Stores what waits.
    fn store(&self) {
        while let Some((_, done)) = self.presence.take_act() {
            done(Ok(Vec::new()));
        }
    }

    fn hints(&self) -> Vec<Event> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        heard.into_iter().filter(|event| !matches!(event, Event::RoomUpdated(_))).collect()
    }
}

#[tokio::test]
async fn who_enters_waits_for_their_line() {
    let house = house();
    assert!(house.presence.has_act().now_or_never().is_none());
    let (_place, Entered::First(stored)) = house.enter(0) else { panic!("first") };
    let mut stored = Box::pin(stored.wait());
    assert!(stored.as_mut().now_or_never().is_none());
    assert!(house.presence.has_act().now_or_never().is_some());
    let (act, done) = house.presence.take_act().unwrap();
    assert_eq!(act.room, ROOM);
    assert!(stored.as_mut().now_or_never().is_none(), "taken is not stored");
    done(Ok(Vec::new()));
    assert!(stored.await.is_ok());
    assert!(house.hints().is_empty());
    assert!(house.presence.take_act().is_none());
    assert!(matches!(house.enter(0), (_, Entered::Again)));
}

#[tokio::test]
async fn an_act_that_is_dropped_has_failed() {
    let house = house();
    let (_place, Entered::First(stored)) = house.enter(0) else { panic!("first") };
    drop(house.presence.take_act());
    assert!(stored.wait().await.is_err());
    assert!(matches!(&house.hints()[..], [Event::Joined { members: 1, .. }]));
}

#[tokio::test]
async fn what_was_accepted_before_a_kick_is_handed_on_before_it() {
    let house = house();
    let (_owner, _) = house.enter(0);
    let (place, _) = house.enter(1);
    house.store();
    // The store's queue: what is said goes into it at once, an act when it is taken.
    let queue = Mutex::new(Vec::new());
    let say = |word| {
        let text = Speech::Text { has_link: false };
        let say = |_| queue.lock().unwrap().push(word);
        house.presence.speak(ROOM, caller(1).session, text, None, say)
    };
    assert!(matches!(say("before"), Ok(Spoken::Heard(()))));
    let (out, _stored) = house.presence.kick(ROOM, caller(0).session, caller(1).member.id).unwrap();
    assert_eq!(out.session, caller(1).session);
    assert!(!house.presence.is_seated(&place));
    assert_eq!(say("after"), Err(Refusal::NotInRoom));
    let (act, _done) = house.presence.take_act().unwrap();
    assert!(matches!(&act.entries[0].content, Content::Notice(notice) if notice.code == NoticeCode::Kicked));
    assert_eq!(*queue.lock().unwrap(), ["before"]);
}

#[tokio::test]
async fn a_place_remembers_where_it_looks() {
    let house = house();
    let (first, _) = house.enter(0);
    let (second, _) = house.enter(0);
    house.presence.away(&first, true).unwrap();
    house.presence.away(&first, true).unwrap();
    assert!(house.hints().is_empty(), "the second looks here; saying it twice is saying it once");
    second.leave();
    assert!(matches!(&house.hints()[..], [Event::Away { away: true, .. }]));
    house.presence.away(&first, false).unwrap();
    assert!(matches!(&house.hints()[..], [Event::Away { away: false, .. }]));
}

#[tokio::test]
async fn the_clock_ends_stays_and_rooms() {
    let house = house();
    let timer = tokio::spawn({
        let presence = house.presence.clone();
        async move { presence.keep_time().await }
    });
    let (owner, _) = house.enter(0);
    let (other, _) = house.enter(1);
    other.leave();
    house.env.advance(Duration::from_secs(10));
    let mut codes = Vec::new();
    while codes.last() != Some(&NoticeCode::Left) {
        house.presence.has_act().await;
        let (act, done) = house.presence.take_act().unwrap();
        codes.extend(act.entries.iter().filter_map(|entry| match &entry.content {
            Content::Notice(notice) => Some(notice.code),
            _ => None,
        }));
        done(Ok(Vec::new()));
    }
    assert_eq!(codes, [NoticeCode::Joined, NoticeCode::Joined, NoticeCode::Left]);
    owner.leave();
    house.env.advance(Duration::from_secs(30));
    house.presence.has_act().await;
    house.env.advance(Duration::from_secs(60));
    assert_eq!(house.presence.next_expired().await, ROOM);
    house.presence.removed(ROOM);
    assert!(matches!(house.hints().last(), Some(Event::RoomRemoved(ROOM))));
    timer.abort();
}

#[tokio::test]
async fn what_is_due_has_happened_for_whoever_asks_also_when_the_timer_is_late() {
    let house = house();
    let (_owner, _) = house.enter(0);
    let (other, _) = house.enter(1);
    house.store();
    other.leave();
    house.env.advance(Duration::from_millis(9_999));
    assert!(house.presence.is_present(ROOM, caller(1).session));
    house.env.advance(Duration::from_millis(1));
    // No timer runs here.
    assert!(!house.presence.is_present(ROOM, caller(1).session));
    assert_eq!(house.presence.members(ROOM).unwrap().len(), 1);
    let (exit, _done) = house.presence.take_act().unwrap();
    assert!(matches!(&exit.entries[0].content, Content::Notice(notice) if notice.code == NoticeCode::Left));
}

#[tokio::test]
async fn nobody_enters_a_room_whose_time_is_over_also_when_the_timer_is_late() {
    let house = house();
    house.env.advance(TIMING.empty_grace);
    let entered = house.presence.enter(ROOM, &caller(0), None, true);
    assert!(matches!(entered, Err(Refusal::NoSuchRoom)));
    assert_eq!(house.presence.next_expired().now_or_never(), Some(ROOM));
}
