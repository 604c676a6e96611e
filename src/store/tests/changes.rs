//! What acts change beside the history: names, owner, settings, sanctions.

use std::time::Duration;

use super::on_both;
use super::place::{MANY, Place, act, changed, edit};
use crate::domain::{
    Caller, Change, MemberLimit, NetworkHash, Preset, Right, Room, RoomChange, Sanction, SanctionKind, Slow, Timestamp,
    Title,
};
use crate::store::{StoreError, limits};

on_both! {
    a_room_is_changed_in_what_is_asked_and_nothing_else,
    an_owner_follows_another,
    names_are_kept_with_the_room,
    sanctions_are_kept_until_they_are_over,
    a_room_keeps_so_many_sanctions,
    changes_come_with_their_entries_or_not_at_all,
    what_a_removed_room_kept_is_gone,
    an_admission_says_since_when,
}

async fn a_room_is_changed_in_what_is_asked_and_nothing_else(place: Place) {
    let (store, room, other) = (place.open().await, place.room(), place.room());
    for room in [&room, &other] {
        store.create_room(room.clone(), MANY).await.unwrap();
    }
    let mut expected = room.clone();
    let change = async |change: RoomChange, expected: &Room| {
        store.act(changed(room.id, [Change::Room(change)])).await.unwrap();
        assert_eq!(store.room(room.id).await.unwrap().as_ref(), Some(expected));
        assert_eq!(store.room(other.id).await.unwrap().as_ref(), Some(&other));
    };
    change(RoomChange::default(), &expected).await;
    expected.title = Title::parse("저녁").unwrap();
    change(RoomChange { title: Some(expected.title.clone()), ..RoomChange::default() }, &expected).await;
    expected.password_hash = None;
    change(RoomChange { password_hash: Some(None), ..RoomChange::default() }, &expected).await;
    expected.password_hash = Some("hash".to_owned());
    change(RoomChange { password_hash: Some(Some("hash".to_owned())), ..RoomChange::default() }, &expected).await;
    expected.raid_since = Some(Timestamp(5));
    change(RoomChange { raid_since: Some(Some(Timestamp(5))), ..RoomChange::default() }, &expected).await;
    (expected.locked, expected.slow, expected.preset) = (true, Slow::new(30).unwrap(), Preset::Strict);
    (expected.limit, expected.raid_since) = (MemberLimit::new(50, 50).unwrap(), None);
    let all = RoomChange {
        limit: Some(expected.limit),
        locked: Some(true),
        slow: Some(expected.slow),
        preset: Some(Preset::Strict),
        raid_since: Some(None),
        ..RoomChange::default()
    };
    change(all, &expected).await;
    assert!(place.heard().is_empty(), "a change alone is no entry");
    store.close().await;
    assert!(place.open().await.rooms().await.unwrap().contains(&expected));
}

async fn an_owner_follows_another(place: Place) {
    let (store, room, next) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    store.act(changed(room.id, [Change::Owner(next.session, next.member.clone())])).await.unwrap();
    let expected = Room { owner: next.member.clone(), owner_session: next.session, ..room.clone() };
    assert_eq!(store.room(room.id).await.unwrap(), Some(expected));
}

async fn names_are_kept_with_the_room(place: Place) {
    let (store, room, other) = (place.open().await, place.room(), place.room());
    for room in [&room, &other] {
        store.create_room(room.clone(), MANY).await.unwrap();
    }
    let callers: Vec<Caller> = (0..3).map(|_| place.caller()).collect();
    let named = |index: usize, name: &str| Change::Rename(callers[index].session, name.to_owned());
    store.act(changed(room.id, [named(0, "고래"), named(1, "수달"), named(0, "돌고래")])).await.unwrap();
    store.act(changed(other.id, [named(0, "거북이")])).await.unwrap();
    let mut names = store.names().await.unwrap();
    names.retain(|(id, ..)| *id == room.id);
    let of = |index: usize, name: &str| (room.id, callers[index].session, name.to_owned());
    assert_eq!(names, [of(1, "수달"), of(0, "돌고래")]);
    // There are as many as there may be: the oldest gives way.
    let mut stranger = place.stranger().await;
    let more = "INSERT INTO names (room, session, name, turn)
        WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 10001)
        SELECT rooms.id, 'filled-' || i, 'name', i FROM n, rooms WHERE rooms.title = '점심 뭐 먹지'
            AND EXISTS (SELECT 1 FROM names WHERE room = rooms.id AND turn = 2)";
    stranger.run(more, more).await;
    store.act(changed(room.id, [named(2, "펭귄")])).await.unwrap();
    assert_eq!(stranger.count("SELECT COUNT(*) FROM names").await, limits::NAMES + 1);
    assert_eq!(stranger.count("SELECT COUNT(*) FROM names WHERE name IN ('펭귄', '돌고래', '거북이')").await, 3);
}

fn sanction(place: &Place, kind: SanctionKind, of: &Caller, until: Option<Timestamp>) -> Sanction {
    let network = (kind == SanctionKind::Ban).then(|| NetworkHash::from_bytes([5; 16]));
    Sanction { kind, session: of.session, member: of.member.clone(), network, created_at: place.env.now(), until }
}

async fn sanctions_are_kept_until_they_are_over(place: Place) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let soon = place.env.now() + Duration::from_secs(60);
    let ban = sanction(&place, SanctionKind::Ban, &caller, None);
    let mute = sanction(&place, SanctionKind::Mute, &caller, Some(soon));
    let longer = Sanction { until: Some(soon + Duration::from_secs(60)), ..mute.clone() };
    let impose = |sanction: &Sanction| changed(room.id, [Change::Impose(sanction.clone())]);
    store.act(impose(&mute)).await.unwrap();
    store.act(impose(&ban)).await.unwrap();
    assert_eq!(store.sanctions().await.unwrap(), [(room.id, mute.clone()), (room.id, ban.clone())]);
    store.act(impose(&longer)).await.unwrap();
    assert_eq!(store.sanctions().await.unwrap(), [(room.id, ban.clone()), (room.id, longer.clone())]);
    store.act(changed(room.id, [Change::Lift(caller.session, SanctionKind::Ban)])).await.unwrap();
    assert_eq!(store.sanctions().await.unwrap(), [(room.id, longer)]);
    place.env.advance(Duration::from_secs(120));
    assert_eq!(store.sanctions().await.unwrap(), []);
    store.act(impose(&ban)).await.unwrap();
    assert_eq!(place.stranger().await.count("SELECT COUNT(*) FROM sanctions").await, 1, "what is over is deleted");
}

async fn a_room_keeps_so_many_sanctions(place: Place) {
    let (store, room) = (place.open().await, place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    let kinds = |n: i64| if n % 2 == 0 { SanctionKind::Mute } else { SanctionKind::Ban };
    let all = (0..limits::SANCTIONS).map(|n| Change::Impose(sanction(&place, kinds(n), &place.caller(), None)));
    store.act(changed(room.id, all)).await.unwrap();
    let before = store.sanctions().await.unwrap();
    assert_eq!(before.len() as i64, limits::SANCTIONS);
    let kick = sanction(&place, SanctionKind::Kick, &place.caller(), None);
    store.act(changed(room.id, [Change::Impose(kick.clone())])).await.unwrap();
    let after: Vec<_> = store.sanctions().await.unwrap();
    // The first was the oldest mute.
    let expected: Vec<_> = before[1..].iter().cloned().chain([(room.id, kick)]).collect();
    assert!(after == expected);
}

async fn changes_come_with_their_entries_or_not_at_all(place: Place) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let mut refused = act(room.id, [place.entry(room.id, &caller, edit(7, "x", Right::Any))]);
    refused.changes = vec![Change::Rename(caller.session, "x".to_owned())];
    assert!(matches!(store.act(refused).await, Err(StoreError::NoSuchMessage)));
    assert!(store.names().await.unwrap().is_empty());
    let mut done = act(room.id, [place.text(room.id, &caller, "text")]);
    done.changes = vec![Change::Rename(caller.session, "고래".to_owned())];
    assert_eq!(store.act(done).await.unwrap().messages[0].seq, 1);
    assert_eq!(store.names().await.unwrap().len(), 1);
    store.remove_room(room.id).await.unwrap();
    let gone = changed(room.id, [Change::Rename(caller.session, "x".to_owned())]);
    assert!(matches!(store.act(gone).await, Err(StoreError::NoSuchRoom)));
}

async fn what_a_removed_room_kept_is_gone(place: Place) {
    let (store, room, caller) = (place.open().await, place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    store.post(place.text(room.id, &caller, "text")).await.unwrap();
    store.act(act(room.id, [place.entry(room.id, &caller, super::place::react(1, "👍", true))])).await.unwrap();
    for _ in 0..2 * limits::PURGE {
        store.turn().await.unwrap().whisper(place.whisper(room.id, &caller, &place.caller(), "psst"), |_| ());
    }
    let ban = sanction(&place, SanctionKind::Ban, &caller, None);
    let changes = [Change::Rename(caller.session, "고래".to_owned()), Change::Impose(ban)];
    store.act(changed(room.id, changes)).await.unwrap();
    store.remove_room(room.id).await.unwrap();
    assert!(store.names().await.unwrap().is_empty() && store.sanctions().await.unwrap().is_empty());
    assert!(store.whispers_after(room.id, caller.session, 0, 10).await.unwrap().is_empty());
    assert_eq!(store.whispers_head(room.id, caller.session).await.unwrap(), 0);
    assert_eq!(store.message(room.id, 1, None).await.unwrap(), None);
    for _ in 0..10 {
        store.is_gif_used(super::place::gif(0).hash).await.unwrap();
    }
    let mut stranger = place.stranger().await;
    let left = "SELECT (SELECT COUNT(*) FROM messages) + (SELECT COUNT(*) FROM whispers) + (SELECT COUNT(*) FROM names)
        + (SELECT COUNT(*) FROM sanctions) + (SELECT COUNT(*) FROM reactions) + (SELECT COUNT(*) FROM removals)";
    assert_eq!(stranger.count(left).await, 0);
}

async fn an_admission_says_since_when(place: Place) {
    let (store, room, guest) = (place.open().await, place.room(), place.caller().session);
    store.create_room(room.clone(), MANY).await.unwrap();
    assert_eq!(store.admitted_at(room.id, guest).await.unwrap(), None);
    place.env.advance(Duration::from_secs(5));
    let since = place.env.now();
    store.admit(room.id, guest, 10).await.unwrap();
    place.env.advance(Duration::from_secs(5));
    store.admit(room.id, guest, 10).await.unwrap();
    assert_eq!(store.admitted_at(room.id, guest).await.unwrap(), Some(since));
}
