//! Answers, edits, removals, reactions: what becomes of what was said.

use std::time::Duration;

use super::on_both;
use super::place::{MANY, Place, act, edit, gif, named, react};
use crate::domain::{
    AltText, Caller, ChatText, Content, Edited, Message, NewMessage, Notice, NoticeCode, Quoted, Right, Room, RoomId,
    Timestamp,
};
use crate::store::{Acted, Store, StoreError, limits};

on_both! {
    a_notice_is_kept_with_its_parameters,
    an_answer_quotes_what_is_there,
    an_answer_in_the_same_burst_quotes_what_came_before_it,
    an_edit_changes_the_text_for_everybody_who_comes_later,
    only_who_may_edits_and_only_in_time,
    what_a_gif_shows_can_be_told_in_other_words,
    what_is_removed_leaves_nothing_behind,
    a_gif_is_freed_with_the_last_message_that_shows_it,
    reactions_are_counted_and_ones_own_known,
    a_reaction_that_is_so_already_stores_nothing,
    a_message_takes_so_many_reactions,
    an_act_is_stored_as_a_whole_or_not_at_all,
    a_retry_of_an_act_does_nothing,
}

const ANY: Right = Right::Any;

pub(super) async fn with_a_room(place: &Place) -> (Store, Room, Caller) {
    let (store, room) = (place.open().await, place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    (store, room, place.caller())
}

fn own(since: Timestamp) -> Right {
    Right::Own { since }
}

pub(super) async fn page(store: &Store, room: RoomId, reader: &Caller) -> Vec<Message> {
    store.messages_before(room, Some(reader.session), None, 100).await.unwrap()
}

pub(super) async fn one(store: &Store, new: NewMessage) -> Result<Acted, StoreError> {
    store.act(act(new.room, [new])).await
}

pub(super) fn said(text: &str) -> Content {
    Content::Text(ChatText::parse(text).unwrap())
}

async fn a_notice_is_kept_with_its_parameters(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let whom = place.caller().member;
    let notice = Notice::new(NoticeCode::Banned).whom(whom).value("\"값\"").until(Some(Timestamp(9))).members(3);
    let posted = store.post(place.entry(room.id, &caller, Content::Notice(notice.clone()))).await.unwrap();
    assert_eq!((posted.message.seq, &posted.message.content), (1, &Content::Notice(notice)));
    assert_eq!(page(&store, room.id, &caller).await, [posted.message]);
    assert_eq!(place.published(), store.messages_after(room.id, None, 0, 10).await.unwrap());
}

async fn an_answer_quotes_what_is_there(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let other = place.caller();
    let long = "졸린 고래".repeat(40);
    store.post(place.text(room.id, &caller, &long)).await.unwrap();
    store.post(place.gif(room.id, &caller, 1)).await.unwrap();
    store.post(place.entry(room.id, &caller, Content::Notice(Notice::new(NoticeCode::Joined)))).await.unwrap();
    let mut quoted = Vec::new();
    for target in [1, 2, 3, 4, 99, 0, -1] {
        let mentions = vec![caller.member.id, other.member.id];
        let new = NewMessage { reply: Some(target), mentions: mentions.clone(), ..place.text(room.id, &other, "re") };
        let message = store.post(new).await.unwrap().message;
        assert_eq!(message.mentions, mentions);
        quoted.push(message.reply);
    }
    let text: String = long.chars().take(100).collect();
    let quotes: Vec<_> = quoted.iter().flatten().map(|quote| (quote.seq, quote.content.clone())).collect();
    // The fourth is an answer itself.
    let answers = [(1, Quoted::Text(text)), (2, Quoted::Gif(gif(1).hash)), (4, Quoted::Text("re".to_owned()))];
    assert_eq!(quotes, answers, "a notice and what is not there are not quoted");
    assert_eq!(
        quoted[0].as_ref().map(|quote| (quote.member, &quote.name)),
        Some((caller.member.id, &caller.member.name))
    );
    let shown = NewMessage { reply: Some(1), ..place.gif(room.id, &other, 2) };
    assert_eq!(store.post(shown).await.unwrap().message.reply, quoted[0]);
    let stored = page(&store, room.id, &caller).await;
    assert_eq!(place.published(), stored, "heard as it is read");
    assert_eq!(store.message(room.id, 4, None).await.unwrap().as_ref(), Some(&stored[3]));
    one(&store, place.entry(room.id, &caller, Content::Remove { target: 1, right: ANY })).await.unwrap();
    let quote = store.message(room.id, 4, None).await.unwrap().unwrap().reply.unwrap();
    assert_eq!((quote.seq, quote.content), (1, Quoted::Removed));
}

async fn an_answer_in_the_same_burst_quotes_what_came_before_it(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let mut stranger = place.stranger().await;
    stranger.lock().await;
    let news = (1..40i64).map(|n| {
        let reply = (n % 3 == 0).then_some(n - 1 - n % 2);
        store.post(NewMessage { reply, ..place.text(room.id, &caller, &n.to_string()) })
    });
    let mut posts = Box::pin(futures_util::future::join_all(news));
    assert!(futures_util::poll!(&mut posts).is_pending());
    stranger.unlock().await;
    for (posted, n) in posts.await.into_iter().zip(1i64..) {
        let message = posted.unwrap().message;
        let quoted = message.reply.map(|quote| (quote.seq, quote.content));
        let expected = (n % 3 == 0).then(|| n - 1 - n % 2);
        assert_eq!(quoted, expected.map(|target| (target, Quoted::Text(target.to_string()))), "{n}");
    }
}

async fn an_edit_changes_the_text_for_everybody_who_comes_later(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let mentioned = place.caller().member.id;
    let first = store.post(named("a", place.text(room.id, &caller, "before"))).await.unwrap().message;
    store.post(NewMessage { reply: Some(1), ..place.text(room.id, &caller, "answer") }).await.unwrap();
    let mut edits = Vec::new();
    for text in ["between", "after"] {
        place.env.advance(Duration::from_secs(1));
        let new = NewMessage {
            mentions: vec![mentioned],
            ..place.entry(room.id, &caller, edit(1, text, own(first.created_at)))
        };
        let acted = one(&store, new).await.unwrap();
        assert!(acted.first && acted.freed.is_empty());
        let [message] = &acted.messages[..] else { panic!("{acted:?}") };
        let content = Content::Edit {
            target: 1,
            edited: Edited::Text(ChatText::parse(text).unwrap()),
            edited_at: place.env.now(),
            right: ANY,
        };
        assert_eq!((&message.content, message.created_at), (&content, place.env.now()));
        edits.push(message.clone());
    }
    assert_eq!(edits.iter().map(|edit| edit.seq).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(place.published()[2..], edits);
    let now = page(&store, room.id, &caller).await;
    assert_eq!(now.len(), 2, "an edit is not shown by itself");
    assert_eq!((&now[0].content, now[0].edited_at), (&said("after"), Some(place.env.now())));
    assert_eq!(now[0].mentions, [mentioned]);
    assert_eq!(now[1].reply.as_ref().unwrap().content, Quoted::Text("after".to_owned()));
    // Who was away is told of both, with the text as it is now.
    let missed = store.messages_after(room.id, None, 2, 10).await.unwrap();
    assert_eq!(missed[0].content, edits[1].content);
    assert_eq!((missed[1].content.clone(), &missed[1].mentions), (edits[1].content.clone(), &vec![mentioned]));
    // A retry finds it as it is.
    let retry = store.post(named("a", place.text(room.id, &caller, "before"))).await.unwrap();
    assert_eq!((retry.first, &retry.message), (false, &now[0]));
}

async fn only_who_may_edits_and_only_in_time(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let other = place.caller();
    let begin = place.env.now();
    store.post(place.text(room.id, &caller, "text")).await.unwrap();
    store.post(place.gif(room.id, &caller, 1)).await.unwrap();
    let late = own(begin + Duration::from_millis(1));
    let remove = |target, right| Content::Remove { target, right };
    let refused =
        async |by: &Caller, content: Content| one(&store, place.entry(room.id, by, content)).await.unwrap_err();
    for (target, right) in [(1, own(begin)), (1, late)] {
        assert!(matches!(refused(&other, edit(target, "x", right)).await, StoreError::NotYours));
        assert!(matches!(refused(&other, remove(target, right)).await, StoreError::NotYours));
    }
    assert!(matches!(refused(&caller, edit(1, "x", late)).await, StoreError::TooLate));
    assert!(matches!(refused(&caller, remove(2, late)).await, StoreError::TooLate));
    // A GIF has no text; an entry that is not shown is no message.
    for target in [2, 3, 0, -1, i64::MAX] {
        assert!(matches!(refused(&caller, edit(target, "x", own(begin))).await, StoreError::NoSuchMessage));
    }
    for target in [3, 0] {
        assert!(matches!(refused(&caller, remove(target, ANY)).await, StoreError::NoSuchMessage));
        assert!(matches!(refused(&caller, react(target, "👍", true)).await, StoreError::NoSuchMessage));
    }
    assert_eq!(place.published().len(), 2);
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, 2, "a refusal takes no number");
    one(&store, place.entry(room.id, &other, remove(1, ANY))).await.unwrap();
    assert!(matches!(refused(&caller, remove(1, ANY)).await, StoreError::NoSuchMessage), "it is gone");
    assert!(matches!(refused(&caller, edit(1, "x", ANY)).await, StoreError::NoSuchMessage));
    assert!(matches!(refused(&caller, edit(3, "x", ANY)).await, StoreError::NoSuchMessage), "a removal is no text");
    let nowhere = place.entry(RoomId::from_bytes([9; 12]), &caller, remove(1, ANY));
    assert!(matches!(one(&store, nowhere).await, Err(StoreError::NoSuchRoom)));
}

async fn what_is_removed_leaves_nothing_behind(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    store.post(place.text(room.id, &caller, "first")).await.unwrap();
    let new = NewMessage { reply: Some(1), mentions: vec![caller.member.id], ..place.text(room.id, &caller, "secret") };
    store.post(named("a", new.clone())).await.unwrap();
    one(&store, place.entry(room.id, &caller, edit(2, "secrets", ANY))).await.unwrap();
    one(&store, place.entry(room.id, &caller, react(2, "👍", true))).await.unwrap();
    let acted = one(&store, place.entry(room.id, &caller, Content::Remove { target: 2, right: ANY })).await.unwrap();
    assert_eq!(acted.messages[0].content, Content::Remove { target: 2, right: ANY });
    let removed = page(&store, room.id, &caller).await.pop().unwrap();
    assert_eq!((removed.seq, &removed.content), (2, &Content::Removed));
    assert_eq!((removed.reply, removed.mentions.len(), removed.edited_at, removed.reactions.len()), (None, 0, None, 0));
    let missed = store.messages_after(room.id, None, 2, 10).await.unwrap();
    assert_eq!(missed[0].content, Content::Remove { target: 2, right: ANY }, "an edit of what is gone is a removal");
    assert!(matches!(missed[1].content, Content::React { count: 0, .. }));
    let retry = store.post(named("a", new)).await.unwrap();
    assert_eq!((retry.first, retry.message.content), (false, Content::Removed), "it does not come back");
    let mut stranger = place.stranger().await;
    assert_eq!(stranger.count("SELECT COUNT(*) FROM messages WHERE text LIKE '%secret%'").await, 0);
    assert_eq!(stranger.count("SELECT COUNT(*) FROM reactions").await, 0);
}

async fn a_gif_is_freed_with_the_last_message_that_shows_it(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    for number in [1, 1, 2] {
        store.post(place.gif(room.id, &caller, number)).await.unwrap();
    }
    let mut freed = Vec::new();
    for target in 1..=3 {
        let new = place.entry(room.id, &caller, Content::Remove { target, right: ANY });
        freed.push(one(&store, new).await.unwrap().freed);
    }
    assert_eq!(freed, [vec![], vec![gif(1).hash], vec![gif(2).hash]]);
    assert!(store.gif_hashes().await.unwrap().is_empty());
    assert!(store.remove_room(room.id).await.unwrap().is_empty());
}

async fn reactions_are_counted_and_ones_own_known(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let other = place.caller();
    store.post(place.text(room.id, &caller, "text")).await.unwrap();
    store.post(place.gif(room.id, &caller, 1)).await.unwrap();
    let mut counts = Vec::new();
    for (by, target, emoji, on) in [
        (&caller, 1, "😂", true),
        (&other, 1, "👍", true),
        (&caller, 1, "👍", true),
        (&caller, 2, "🔥", true),
        (&other, 1, "👍", false),
    ] {
        let acted = one(&store, place.entry(room.id, by, react(target, emoji, on))).await.unwrap();
        let Content::React { count, .. } = acted.messages[0].content else { panic!("{acted:?}") };
        counts.push(count);
    }
    assert_eq!(counts, [1, 1, 2, 1, 1]);
    for (reader, mine) in [(&caller, true), (&other, false)] {
        let read = page(&store, room.id, reader).await;
        let seen = |message: &Message| {
            message.reactions.iter().map(|one| (one.emoji.to_string(), one.count, one.mine)).collect::<Vec<_>>()
        };
        assert_eq!(seen(&read[0]), [("😂".to_owned(), 1, mine), ("👍".to_owned(), 1, mine)], "by their first coming");
        assert_eq!(seen(&read[1]), [("🔥".to_owned(), 1, mine)]);
        assert_eq!(store.message(room.id, 1, Some(reader.session)).await.unwrap().unwrap(), read[0]);
        assert_eq!(store.messages_after(room.id, Some(reader.session), 0, 1).await.unwrap(), read[..1]);
    }
    assert!(!store.messages_before(room.id, None, None, 1).await.unwrap()[0].reactions[0].mine);
    // Who was away hears each with the count as it is now.
    let missed = store.messages_after(room.id, None, 3, 10).await.unwrap();
    let now: Vec<_> = missed
        .iter()
        .map(|message| if let Content::React { count, .. } = message.content { count } else { 9 })
        .collect();
    assert_eq!(now, [1, 1, 1, 1]);
}

async fn a_reaction_that_is_so_already_stores_nothing(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    store.post(place.text(room.id, &caller, "text")).await.unwrap();
    let new = |by: &Caller, on| place.entry(room.id, by, react(1, "👍", on));
    assert_eq!(one(&store, new(&caller, false)).await.unwrap().unchanged, Some(0));
    one(&store, new(&place.caller(), true)).await.unwrap();
    assert!(one(&store, new(&caller, true)).await.unwrap().unchanged.is_none());
    let again = one(&store, new(&caller, true)).await.unwrap();
    assert_eq!(again, Acted { unchanged: Some(2), first: true, ..Acted::default() });
    assert_eq!(place.published().len(), 3);
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, 3);
}

async fn a_message_takes_so_many_reactions(place: Place) {
    const EMOJI: [&str; 21] = [
        "👍", "😂", "😮", "😢", "🔥", "🎉", "👏", "🙏", "💯", "👀", "🐳", "🦦", "🐱", "🐶", "🦊", "🐼", "🐸", "🐙",
        "🦀", "🐝", "🦋",
    ];
    let (store, room, caller) = with_a_room(&place).await;
    store.post(place.text(room.id, &caller, "text")).await.unwrap();
    for emoji in &EMOJI[..limits::REACTIONS as usize] {
        one(&store, place.entry(room.id, &caller, react(1, emoji, true))).await.unwrap();
    }
    let other = place.caller();
    let refused = one(&store, place.entry(room.id, &other, react(1, EMOJI[20], true))).await;
    assert!(matches!(refused, Err(StoreError::TooManyReactions)));
    one(&store, place.entry(room.id, &other, react(1, EMOJI[3], true))).await.unwrap();
    one(&store, place.entry(room.id, &caller, react(1, EMOJI[7], false))).await.unwrap();
    one(&store, place.entry(room.id, &other, react(1, EMOJI[20], true))).await.unwrap();
    assert_eq!(page(&store, room.id, &caller).await[0].reactions.len(), 20);
}

async fn an_act_is_stored_as_a_whole_or_not_at_all(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    store.post(place.text(room.id, &caller, "kept")).await.unwrap();
    let wrong = act(
        room.id,
        [
            place.gif(room.id, &caller, 1),
            place.entry(room.id, &caller, edit(1, "changed", ANY)),
            place.entry(room.id, &caller, Content::Remove { target: 7, right: ANY }),
        ],
    );
    let (refused, after) = tokio::join!(store.act(wrong), store.post(place.text(room.id, &caller, "after")));
    assert!(matches!(refused, Err(StoreError::NoSuchMessage)));
    assert_eq!(after.unwrap().message.seq, 2, "what was refused takes no number");
    let read = page(&store, room.id, &caller).await;
    assert_eq!(read.iter().map(|message| &message.content).collect::<Vec<_>>(), [&said("kept"), &said("after")]);
    assert!(store.gif_hashes().await.unwrap().is_empty());
    assert_eq!(place.published(), read);
    let right = act(
        room.id,
        [
            place.entry(room.id, &caller, Content::Notice(Notice::new(NoticeCode::Locked))),
            place.entry(room.id, &caller, edit(1, "changed", ANY)),
            place.entry(room.id, &caller, Content::Remove { target: 2, right: ANY }),
        ],
    );
    let seqs: Vec<i64> = store.act(right).await.unwrap().messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, [3, 4, 5]);
    assert_eq!(page(&store, room.id, &caller).await[0].content, said("changed"));
}

async fn a_retry_of_an_act_does_nothing(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    store.post(place.text(room.id, &caller, "text")).await.unwrap();
    let new = named("e", place.entry(room.id, &caller, edit(1, "one", ANY)));
    let first = one(&store, new.clone()).await.unwrap();
    let again = one(&store, new).await.unwrap();
    assert_eq!((again.first, &again.messages), (false, &first.messages));
    assert_eq!(store.room(room.id).await.unwrap().unwrap().head, 2);
}

async fn what_a_gif_shows_can_be_told_in_other_words(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let words = |text: &str| AltText::parse(text).unwrap();
    let content = Content::Gif { gif: gif(1), alt: words("before") };
    let posted = store.post(place.entry(room.id, &caller, content)).await.unwrap().message;
    store.post(place.text(room.id, &caller, "text")).await.unwrap();
    let alt = |target, text: &str, right| Content::Edit {
        target,
        edited: Edited::Alt(words(text)),
        edited_at: Timestamp(0),
        right,
    };
    place.env.advance(Duration::from_secs(1));
    let acted = one(&store, place.entry(room.id, &caller, alt(1, "after", own(Timestamp(i64::MIN))))).await.unwrap();
    let told = Edited::Alt(words("after"));
    let content = Content::Edit { target: 1, edited: told, edited_at: place.env.now(), right: ANY };
    assert_eq!(acted.messages[0].content, content);
    let now = page(&store, room.id, &caller).await;
    assert_eq!(now[0].content, Content::Gif { gif: gif(1), alt: words("after") });
    assert_eq!(now[0].edited_at, Some(place.env.now()));
    // A text has no such words, a GIF no others, and nobody else gives them.
    let wrong = [alt(2, "x", ANY), edit(1, "x", ANY), alt(3, "x", ANY)];
    for content in wrong {
        let refused = one(&store, place.entry(room.id, &caller, content)).await;
        assert!(matches!(refused, Err(StoreError::NoSuchMessage)));
    }
    let other = place.caller();
    let refused = one(&store, place.entry(room.id, &other, alt(1, "x", own(Timestamp(i64::MIN))))).await;
    assert!(matches!(refused, Err(StoreError::NotYours)));
    one(&store, place.entry(room.id, &caller, alt(1, "", ANY))).await.unwrap();
    assert_eq!(page(&store, room.id, &caller).await[0].content, Content::Gif { gif: gif(1), alt: None });
    // Heard late, every change is as it is now; of a GIF that is gone there are no words.
    let late = store.messages_after(room.id, None, posted.seq, 10).await.unwrap();
    assert!(matches!(late[1].content, Content::Edit { target: 1, edited: Edited::Alt(None), .. }), "{late:?}");
    one(&store, place.entry(room.id, &caller, alt(1, "secret", ANY))).await.unwrap();
    one(&store, place.entry(room.id, &caller, Content::Remove { target: 1, right: ANY })).await.unwrap();
    let late = store.messages_after(room.id, None, 0, 10).await.unwrap();
    assert_eq!((&late[0].content, &late[2].content), (&Content::Removed, &Content::Remove { target: 1, right: ANY }));
    let mut stranger = place.stranger().await;
    assert_eq!(stranger.count("SELECT COUNT(*) FROM messages WHERE alt IS NOT NULL").await, 0);
}
