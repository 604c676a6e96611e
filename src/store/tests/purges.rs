//! What goes with somebody who is banned.

use super::acts::{one, page, said, with_a_room};
use super::on_both;
use super::place::{Place, act, gif, react};
use crate::domain::{Content, Message, NewMessage, Notice, NoticeCode, Quoted};

on_both! {
    a_purge_empties_what_its_members_wrote,
    a_long_purge_is_finished_little_by_little,
}

async fn a_purge_empties_what_its_members_wrote(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let (bad, worse) = (place.caller(), place.caller());
    let notice = |code| Content::Notice(Notice::new(code));
    for new in [
        place.entry(room.id, &bad, notice(NoticeCode::Joined)),
        place.text(room.id, &bad, "spam"),
        place.gif(room.id, &worse, 1),
        NewMessage { reply: Some(2), ..place.text(room.id, &caller, "stop it") },
        place.gif(room.id, &caller, 2),
        place.entry(room.id, &bad, notice(NoticeCode::Renamed)),
    ] {
        store.post(new).await.unwrap();
    }
    one(&store, place.entry(room.id, &bad, react(4, "👍", true))).await.unwrap();
    one(&store, place.entry(room.id, &caller, react(2, "😢", true))).await.unwrap();
    store.whisper(place.whisper(room.id, &bad, &caller, "psst")).await.unwrap();
    store.whisper(place.whisper(room.id, &caller, &bad, "no")).await.unwrap();
    let members = vec![bad.member.id, worse.member.id];
    let purge = place.entry(room.id, &caller, Content::Purge { members: members.clone() });
    let banned = place.entry(room.id, &caller, notice(NoticeCode::Banned));
    let acted = store.act(act(room.id, [purge, banned])).await.unwrap();
    assert_eq!(acted.freed, [gif(1).hash]);
    assert_eq!(acted.messages[0].content, Content::Purge { members });
    let all = store.messages_after(room.id, None, 0, 100).await.unwrap();
    assert_eq!(all.len(), 10, "without gaps");
    for seq in [1, 2, 3] {
        assert_eq!(all[seq - 1].content, Content::Purged);
    }
    assert_eq!(all[3].content, said("stop it"));
    assert_eq!(all[3].reply.as_ref().unwrap().content, Quoted::Removed);
    assert!(all[3].reactions.is_empty());
    let shown: Vec<i64> = page(&store, room.id, &caller).await.iter().map(|message| message.seq).collect();
    assert_eq!(shown, [4, 5, 6, 10]);
    let whispers = store.whispers_after(room.id, caller.session, 0, 10).await.unwrap();
    assert_eq!(whispers.iter().map(|whisper| whisper.number).collect::<Vec<_>>(), [2]);
    let mut stranger = place.stranger().await;
    assert_eq!(stranger.count("SELECT COUNT(*) FROM reactions").await, 0);
    assert_eq!(stranger.count("SELECT COUNT(*) FROM whispers WHERE text = 'psst'").await, 0);
    // The number stays taken.
    let next = store.whisper(place.whisper(room.id, &caller, &bad, "bye")).await.unwrap();
    assert_eq!(next.mine.number, 3);
}

async fn a_long_purge_is_finished_little_by_little(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let bad = place.caller();
    let posts = (0..3000).map(|n| store.post(place.text(room.id, if n % 3 == 0 { &bad } else { &caller }, "text")));
    futures_util::future::join_all(posts).await;
    store.post(NewMessage { reply: Some(1), ..place.text(room.id, &caller, "stop it") }).await.unwrap();
    // As if so many more had been said since.
    let mut stranger = place.stranger().await;
    let later = "UPDATE rooms SET head = 4000";
    stranger.run(later, later).await;
    let members = vec![bad.member.id];
    one(&store, place.entry(room.id, &caller, Content::Purge { members })).await.unwrap();
    // Nobody is shown what is still to be emptied.
    let is_bad = |message: &Message| message.member.id == bad.member.id && message.content != Content::Purged;
    let page = store.messages_before(room.id, None, None, 10_000).await.unwrap();
    let missed = store.messages_after(room.id, None, 0, 10_000).await.unwrap();
    assert_eq!((page.len(), missed.len()), (2001, 3002));
    assert!(!page.iter().chain(&missed).any(is_bad));
    assert_eq!(page[2000].reply.as_ref().unwrap().content, Quoted::Removed);
    for _ in 0..10 {
        store.is_gif_used(gif(0).hash).await.unwrap();
    }
    assert_eq!(stranger.count("SELECT COUNT(*) FROM messages WHERE kind = 'purged'").await, 1000);
    assert_eq!(stranger.count("SELECT COUNT(*) FROM messages WHERE kind = 'text'").await, 2001);
    assert_eq!(stranger.count("SELECT COUNT(*) FROM purges").await, 0);
}
