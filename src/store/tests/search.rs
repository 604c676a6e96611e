//! Searching, before and after texts are in the index, and that nothing of what is gone stays anywhere.

use std::time::Duration;

use super::on_both;
use super::place::{MANY, Place, act, edit, gif, react};
use crate::domain::{AltText, Caller, Content, Edited, Member, Notice, NoticeCode, Right, Room, SessionId, Timestamp};
use crate::store::{Database, Store, limits};

on_both! {
    texts_are_found,
    gifs_are_found_by_what_they_show,
    an_index_of_texts_alone_is_made_anew,
    what_means_something_to_a_database_means_nothing_here,
    a_search_is_paged_and_of_one_member,
    what_is_edited_removed_or_purged_is_not_found,
    a_removed_room_leaves_the_index,
    whispers_are_not_found,
}

async fn with_a_room(place: &Place) -> (Store, Room, Caller) {
    let (store, room) = (place.open().await, place.room());
    store.create_room(room.clone(), MANY).await.unwrap();
    (store, room, place.caller())
}

/// Waits until every text is in the index and what is gone is out of it, where there is one.
async fn indexed(place: &Place) {
    if matches!(place.database, Database::Postgres(_)) {
        return;
    }
    let mut stranger = place.stranger().await;
    let all = async {
        let behind = "SELECT COUNT(*) + (SELECT COUNT(*) FROM unclean) FROM rooms LEFT JOIN searched ON room = id
                      WHERE head > COALESCE(upto, 0)";
        while stranger.count(behind).await > 0 {
            place.env.advance(limits::QUIET);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("everything is indexed some time");
}

async fn seqs(store: &Store, room: &Room, query: &str) -> Vec<i64> {
    let found = store.search(room.id, query, None, None, 100).await.unwrap();
    found.iter().map(|message| message.seq).collect()
}

async fn texts_are_found(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let (other, third) = (place.room(), place.caller());
    store.create_room(other.clone(), MANY).await.unwrap();
    for text in ["졸린 고래가 잔다", "Hello World", "고래", "hell\no", "수달 한 마리"] {
        store.post(place.text(room.id, &caller, text)).await.unwrap();
        store.post(place.text(other.id, &third, text)).await.unwrap();
    }
    store.post(place.gif(room.id, &caller, 1)).await.unwrap();
    store
        .post(place.entry(room.id, &caller, Content::Notice(Notice::new(NoticeCode::Joined).value("고래"))))
        .await
        .unwrap();
    store.act(act(room.id, [place.entry(room.id, &third, react(3, "🐳", true))])).await.unwrap();
    for _ in ["not indexed yet", "indexed"] {
        assert_eq!(seqs(&store, &room, "고래").await, [3, 1], "the newest first");
        assert_eq!(seqs(&store, &room, "고래가").await, [1]);
        assert_eq!(seqs(&store, &room, "래가 잔").await, [1], "within words and across them");
        assert_eq!(seqs(&store, &room, "HELLO").await, [2]);
        assert_eq!(seqs(&store, &room, "hell").await, [4, 2]);
        assert_eq!(seqs(&store, &room, "달").await, [5]);
        assert_eq!(seqs(&store, &room, "없는 말").await, [] as [i64; 0]);
        let found = store.search(room.id, "고래", None, None, 1).await.unwrap();
        assert_eq!(found, [store.message(room.id, 3, None).await.unwrap().unwrap()]);
        assert_eq!(found[0].reactions.len(), 1);
        indexed(&place).await;
    }
    // Some are in the index, some are not.
    store.post(place.text(room.id, &caller, "고래가 깼다")).await.unwrap();
    assert_eq!(seqs(&store, &room, "고래가").await, [9, 1]);
    store.close().await;
    let store = place.open().await;
    assert_eq!(seqs(&store, &room, "고래가").await, [9, 1]);
    indexed(&place).await;
    assert_eq!(seqs(&store, &room, "고래가").await, [9, 1]);
}

fn described(number: u8, alt: &str) -> Content {
    Content::Gif { gif: gif(number), alt: AltText::parse(alt).unwrap() }
}

fn describe(target: i64, alt: &str) -> Content {
    Content::Edit {
        target,
        edited: Edited::Alt(AltText::parse(alt).unwrap()),
        edited_at: Timestamp(0),
        right: Right::Any,
    }
}

async fn gifs_are_found_by_what_they_show(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let bad = place.caller();
    store.post(place.entry(room.id, &caller, described(1, "졸린 고양이가 하품해요"))).await.unwrap();
    store.post(place.gif(room.id, &caller, 2)).await.unwrap();
    store.post(place.entry(room.id, &bad, described(3, "a cat that yawns"))).await.unwrap();
    for n in 4..4 + limits::PURGE_AT_ONCE {
        store.post(place.text(room.id, &caller, &format!("text {n}"))).await.unwrap();
    }
    for _ in ["not indexed yet", "indexed"] {
        assert_eq!(seqs(&store, &room, "고양이").await, [1]);
        assert_eq!(seqs(&store, &room, "양이가 하").await, [1]);
        assert_eq!(seqs(&store, &room, "CAT").await, [3]);
        let found = store.search(room.id, "cat", None, None, 9).await.unwrap();
        assert_eq!(found, [store.message(room.id, 3, None).await.unwrap().unwrap()]);
        indexed(&place).await;
    }
    // Other words, none any more, words at last; and one that a purge takes before it comes to the texts.
    for content in [describe(1, "a tired dog"), describe(1, ""), describe(2, "dusk by the sea")] {
        store.act(act(room.id, [place.entry(room.id, &caller, content)])).await.unwrap();
    }
    for query in ["고양이", "tired"] {
        assert_eq!(seqs(&store, &room, query).await, [] as [i64; 0]);
    }
    assert_eq!(seqs(&store, &room, "by the").await, [2]);
    let purge = Content::Purge { members: vec![bad.member.id] };
    store.act(act(room.id, [place.entry(room.id, &caller, purge)])).await.unwrap();
    store
        .act(act(room.id, [place.entry(room.id, &caller, Content::Remove { target: 2, right: Right::Any })]))
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(seqs(&store, &room, "yawns").await, [] as [i64; 0]);
        assert_eq!(seqs(&store, &room, "dusk").await, [] as [i64; 0]);
        indexed(&place).await;
    }
    let texts: Vec<String> = (4..4 + limits::PURGE_AT_ONCE).map(|n| format!("text {n}")).collect();
    nothing_is_indexed_but(&place, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

async fn an_index_of_texts_alone_is_made_anew(place: Place) {
    if matches!(place.database, Database::Postgres(_)) {
        return;
    }
    let (store, room, caller) = with_a_room(&place).await;
    store.post(place.entry(room.id, &caller, described(1, "a cat that yawns"))).await.unwrap();
    store.post(place.text(room.id, &caller, "a text")).await.unwrap();
    indexed(&place).await;
    store.close().await;
    let before = "
        DROP TABLE found;
        CREATE VIRTUAL TABLE found USING fts5 (text, content = '', columnsize = 0, tokenize = 'trigram');
        INSERT INTO found (rowid, text) SELECT s.number * 4294967296 + 2, 'a text' FROM searched s";
    place.stranger().await.run(before, "").await;
    let store = place.open().await;
    indexed(&place).await;
    assert_eq!(seqs(&store, &room, "yawns").await, [1]);
    assert_eq!(seqs(&store, &room, "text").await, [2]);
    nothing_is_indexed_but(&place, &["a cat that yawns", "a text"]).await;
}

async fn what_means_something_to_a_database_means_nothing_here(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let texts = [
        "100% sure",
        "snake_case_name",
        "say \"hello\" twice",
        "a ! b",
        "C:\\dir",
        "one OR two",
        "star* NOT x",
        "it's",
    ];
    for text in texts {
        store.post(place.text(room.id, &caller, text)).await.unwrap();
    }
    for _ in ["not indexed yet", "indexed"] {
        for (text, seq) in texts.iter().zip(1..) {
            assert_eq!(seqs(&store, &room, text).await, [seq], "{text}");
        }
        for (query, seq) in
            [("%", 1), ("0%", 1), ("_", 2), ("e_n", 2), ("\"h", 3), ("\"he", 3), ("!", 4), ("\\", 5), ("r* ", 7)]
        {
            assert_eq!(seqs(&store, &room, query).await, [seq], "{query}");
        }
        for query in ["\"", "hello\" OR \"sure", "text:sure", "^sure", "NEAR(a b)", "sure -x", "(", "1_0", "s%e"] {
            assert!(seqs(&store, &room, query).await.len() <= usize::from(query == "\""), "{query}");
        }
        indexed(&place).await;
    }
}

async fn a_search_is_paged_and_of_one_member(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let other = place.caller();
    for n in 0..20 {
        store.post(place.text(room.id, if n % 4 == 0 { &other } else { &caller }, "same words")).await.unwrap();
        if n == 9 {
            indexed(&place).await;
        }
    }
    let found = async |from: Option<&Caller>, before, limit| {
        let from = from.map(|caller| caller.member.id);
        let page = store.search(room.id, "e wo", from, before, limit).await.unwrap();
        page.iter().map(|message| message.seq).collect::<Vec<_>>()
    };
    assert!(found(None, None, 1000).await.into_iter().eq((1..=20).rev()));
    assert_eq!(found(None, Some(13), 4).await, [12, 11, 10, 9]);
    assert_eq!(found(None, Some(3), 4).await, [2, 1]);
    assert_eq!(found(Some(&other), None, 10).await, [17, 13, 9, 5, 1]);
    assert_eq!(found(Some(&other), Some(13), 2).await, [9, 5]);
    assert_eq!(found(Some(&place.caller()), None, 10).await, [] as [i64; 0]);
    for (before, limit) in [(Some(1), 4), (Some(i64::MIN), 4), (None, 0)] {
        assert_eq!(found(None, before, limit).await, [] as [i64; 0]);
    }
}

async fn what_is_edited_removed_or_purged_is_not_found(place: Place) {
    for in_index in [true, false] {
        let (store, room, caller) = with_a_room(&place).await;
        let bad = place.caller();
        for (by, text) in
            [(&caller, "edited words"), (&caller, "removed words"), (&bad, "purged words"), (&caller, "kept words")]
        {
            store.post(place.text(room.id, by, text)).await.unwrap();
        }
        if in_index {
            indexed(&place).await;
        }
        for content in [
            edit(1, "other sentence", Right::Any),
            Content::Remove { target: 2, right: Right::Any },
            Content::Purge { members: vec![bad.member.id] },
        ] {
            store.act(act(room.id, [place.entry(room.id, &caller, content)])).await.unwrap();
        }
        for _ in 0..2 {
            assert_eq!(seqs(&store, &room, "words").await, [4]);
            assert_eq!(seqs(&store, &room, "sentence").await, [1]);
            assert_eq!(seqs(&store, &room, "edited").await, [] as [i64; 0]);
            indexed(&place).await;
        }
        nothing_is_indexed_but(&place, &["other sentence", "kept words"]).await;
        store.remove_room(room.id).await.unwrap();
        for _ in 0..5 {
            store.is_gif_used(gif(0).hash).await.unwrap();
        }
        store.close().await;
    }
}

/// Whether the index holds the trigrams of these texts and no others.
async fn nothing_is_indexed_but(place: &Place, texts: &[&str]) {
    if matches!(place.database, Database::Postgres(_)) {
        return;
    }
    let mut stranger = place.stranger().await;
    stranger.run("INSERT INTO found (found) VALUES ('integrity-check')", "").await;
    stranger.run("CREATE VIRTUAL TABLE temp.terms USING fts5vocab (main, found, 'row')", "").await;
    let expected: std::collections::BTreeSet<String> = texts
        .iter()
        .flat_map(|text| {
            let characters: Vec<char> = text.to_lowercase().chars().collect();
            characters.windows(3).map(|three| three.iter().collect()).collect::<Vec<String>>()
        })
        .collect();
    assert_eq!(stranger.count("SELECT COUNT(*) FROM temp.terms").await, expected.len() as i64);
}

async fn a_removed_room_leaves_the_index(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    for n in 0..3 * 100 {
        let new = place.text(room.id, &caller, &format!("text number {n}"));
        store.turn().await.unwrap().post(new, |posted| drop(posted.unwrap()));
    }
    store.is_gif_used(gif(0).hash).await.unwrap();
    indexed(&place).await;
    assert_eq!(seqs(&store, &room, "number 299").await, [300]);
    store.remove_room(room.id).await.unwrap();
    assert_eq!(seqs(&store, &room, "number 299").await, [] as [i64; 0]);
    for _ in 0..10 {
        store.is_gif_used(gif(0).hash).await.unwrap();
    }
    assert_eq!(place.stranger().await.count("SELECT COUNT(*) FROM removals").await, 0);
    indexed(&place).await;
    nothing_is_indexed_but(&place, &[]).await;
}

async fn whispers_are_not_found(place: Place) {
    let (store, room, caller) = with_a_room(&place).await;
    let other = Caller {
        session: SessionId::from_bytes([8; 16]),
        member: Member { name: "secret".to_owned(), ..place.caller().member },
    };
    store.post(place.text(room.id, &caller, "aloud")).await.unwrap();
    store.whisper(place.whisper(room.id, &caller, &other, "secret")).await.unwrap();
    for _ in 0..2 {
        assert_eq!(seqs(&store, &room, "secret").await, [] as [i64; 0]);
        assert_eq!(seqs(&store, &room, "se").await, [] as [i64; 0]);
        indexed(&place).await;
    }
    nothing_is_indexed_but(&place, &["aloud"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_is_gone_from_the_files() {
    const SECRETS: [&str; 4] = ["removed-zqxjkv", "edited-wvutsr", "purged-ponmlk", "whispered-jihgfe"];
    let place = Place::sqlite();
    let (store, room, caller) = with_a_room(&place).await;
    let bad = place.caller();
    let filler = |n: i32| format!("filler {n} {}", "가나다라".repeat(20));
    for n in 0..200 {
        store.post(place.text(room.id, &caller, &filler(n))).await.unwrap();
    }
    for (by, text) in [(&caller, SECRETS[0]), (&caller, SECRETS[1]), (&bad, SECRETS[2])] {
        store.post(place.text(room.id, by, text)).await.unwrap();
    }
    store.whisper(place.whisper(room.id, &bad, &caller, SECRETS[3])).await.unwrap();
    indexed(&place).await;
    place.stranger().await.run("PRAGMA wal_checkpoint(PASSIVE)", "").await;
    let held = |place: &Place| {
        let folder = place.file().parent().unwrap().to_owned();
        let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let bytes: Vec<u8> = files.flatten().collect();
        SECRETS.map(|secret| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()))
    };
    assert_eq!(held(&place), [true; 4]);
    for content in [
        Content::Remove { target: 201, right: Right::Any },
        edit(202, "harmless", Right::Any),
        Content::Purge { members: vec![bad.member.id] },
    ] {
        store.act(act(room.id, [place.entry(room.id, &caller, content)])).await.unwrap();
    }
    indexed(&place).await;
    store.close().await;
    assert_eq!(held(&place), [false; 4]);
}
