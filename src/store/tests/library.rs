//! The library: what is found in it and in which order, and that a GIF stays as long as it is in it.

use super::on_both;
use super::place::{MANY, Place, gif};
use crate::domain::{
    About, AltText, Content, LibraryCursor, LibraryEntry, LibraryId, LibraryState, NewEntry, Offerer, OffererHash,
    Right, Tags, Terms, Title,
};
use crate::store::{Arrival, Database, Desk, DeskError, Files, OfferLimits, Store, StoreError, Used, limits};

const FILES: Files = Files { source: None, poster: 0, original: 0 };
const AMPLE: OfferLimits = OfferLimits { waiting: MANY, entries: MANY };
const BROUGHT: Arrival = Arrival::Import { replace: false, files: FILES };
const ANEW: Arrival = Arrival::Import { replace: true, files: FILES };

on_both! {
    entries_are_found_by_the_beginnings_of_all_words,
    the_most_used_come_first_and_pages_join,
    who_takes_all_misses_nothing_that_is_used_meanwhile,
    every_way_of_looking_finds_the_same,
    searches_leave_readers_to_others,
    tags_are_told_by_their_beginning,
    an_offer_is_found_by_nobody_until_it_is_approved,
    what_is_rejected_or_removed_leaves_nothing,
    a_gif_is_in_the_library_once,
    the_library_and_its_offers_are_bounded,
    nobody_has_too_many_offers_waiting,
    a_gif_stays_as_long_as_the_library_has_it,
    what_is_offered_must_still_be_shown,
}

fn id(number: u16) -> LibraryId {
    let [high, low] = number.to_be_bytes();
    LibraryId::from_bytes([0xa0, 0, 0, 0, 0, 0, high, low])
}

fn entry(number: u16, tags: &str) -> NewEntry {
    let mut gif = gif(1);
    let [high, low] = number.to_be_bytes();
    gif.hash = crate::domain::GifHash::from_bytes(std::array::from_fn(|at| [high, low][at % 2]));
    NewEntry {
        id: id(number),
        gif,
        state: LibraryState::Approved,
        about: About { tags: Tags::parse(tags).unwrap(), ..About::default() },
    }
}

fn offer(number: u16, tags: &str) -> NewEntry {
    NewEntry { state: LibraryState::Offered, ..entry(number, tags) }
}

/// Who offers: a session at an address.
fn by(session: u8, address: u8) -> Offerer {
    Offerer { session: OffererHash::from_bytes([session; 16]), address: OffererHash::from_bytes([address; 16]) }
}

fn used(number: u16, times: u32) -> Used {
    Used { id: id(number), gif: entry(number, "").gif.hash, times }
}

async fn desk(place: &Place) -> Desk {
    Desk::open(place.database.clone(), place.env.clone(), false).await.unwrap()
}

async fn with_entries(place: &Place, tags: &[&str]) -> (Store, Desk) {
    let store = place.open().await;
    let mut desk = desk(place).await;
    for (number, tags) in (1..).zip(tags) {
        assert!(desk.import(&entry(number, tags), BROUGHT, MANY).await.unwrap().first);
        place.env.advance(std::time::Duration::from_secs(1));
    }
    (store, desk)
}

fn terms(query: &str) -> Terms {
    Terms::parse(query).unwrap()
}

async fn found(store: &Store, query: &str) -> Vec<u16> {
    numbers(&store.library(&terms(query), None, 100).await.unwrap())
}

fn numbers(entries: &[LibraryEntry]) -> Vec<u16> {
    entries.iter().map(|entry| u16::from_be_bytes([entry.id.as_bytes()[6], entry.id.as_bytes()[7]])).collect()
}

async fn entries_are_found_by_the_beginnings_of_all_words(place: Place) {
    let (store, mut desk) = with_entries(&place, &["고양이 춤", "cat dance", "강아지 춤", "category"]).await;
    let mut said = entry(9, "춤");
    said.about = About {
        title: Some(Title::parse("Happy Cat!").unwrap()),
        alt_ko: AltText::parse("고양이가 뛴다").unwrap(),
        alt_en: AltText::parse("A kitten jumps").unwrap(),
        ..said.about
    };
    desk.import(&said, BROUGHT, MANY).await.unwrap();
    for (query, wanted) in [
        ("고양이", vec![9, 1]),
        ("고양", vec![9, 1]),
        ("공", vec![]),
        ("춤", vec![9, 3, 1]),
        ("춤 고", vec![9, 1]),
        ("CAT", vec![9, 4, 2]),
        ("cat da", vec![2]),
        ("kit jump", vec![9]),
        ("cats", vec![]),
        ("at", vec![]),
        ("", vec![9, 4, 3, 2, 1]),
    ] {
        assert_eq!(found(&store, query).await, wanted, "{query}");
    }
    let all = store.library(&terms("kitten"), None, 1).await.unwrap();
    assert_eq!((&all[0].about, all[0].gif, all[0].uses), (&said.about, said.gif, 0));
    assert_eq!(numbers(&store.library_entries(&[id(3), id(77), id(1)]).await.unwrap()), [3, 1]);
}

async fn the_most_used_come_first_and_pages_join(place: Place) {
    let (store, _desk) = with_entries(&place, &["a", "a", "a", "a", "a", "b"]).await;
    // Who shows one GIF and says that it is another's entry makes neither popular.
    let forged = Used { gif: entry(5, "").gif.hash, ..used(1, 7) };
    store.count_uses(vec![used(2, 5), used(4, 1), used(3, 1), used(99, 7), forged]).await.unwrap();
    assert_eq!(found(&store, "").await, [2, 4, 3, 6, 5, 1]);
    store.count_uses(vec![used(4, 9)]).await.unwrap();
    for (query, wanted) in [("a", vec![4, 2, 3, 5, 1]), ("", vec![4, 2, 3, 6, 5, 1])] {
        let (mut all, mut after) = (Vec::new(), None::<LibraryCursor>);
        loop {
            let page = store.library(&terms(query), after.as_ref(), 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(LibraryCursor::of(last));
            all.extend(numbers(&page));
        }
        assert_eq!(all, wanted, "{query}");
    }
}

async fn who_takes_all_misses_nothing_that_is_used_meanwhile(place: Place) {
    let most = limits::LIBRARY_PAGE as usize;
    let (store, mut desk) = with_entries(&place, &vec!["a"; 2 * most + 1]).await;
    desk.import(&offer(999, "a"), BROUGHT, MANY).await.unwrap();
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = desk.all(after).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        all.extend(numbers(&page));
        // One that was not met yet is the most used now.
        let unmet = (1..).find(|number| !all.contains(number)).unwrap();
        store.count_uses(vec![used(unmet, 1000)]).await.unwrap();
    }
    all.sort_unstable();
    assert_eq!(all, (1..=all.len() as u16).collect::<Vec<_>>());
    assert_eq!(all.len(), 2 * most + 1);
}

/// There are more entries than are gathered or gone through at once, so each of the three ways is taken.
async fn searches_leave_readers_to_others(place: Place) {
    let (store, _desk) = with_entries(&place, &[]).await;
    let all = store.shared.searches.acquire_many(limits::SEARCHES as u32).await.unwrap();
    let words = terms("cat");
    let mut search = std::pin::pin!(store.library(&words, None, 10));
    assert!(futures_util::poll!(&mut search).is_pending());
    assert!(store.is_in_library(gif(0).hash).await.is_ok());
    assert!(futures_util::poll!(&mut search).is_pending());
    drop(all);
    assert_eq!(search.await.unwrap(), []);
}

async fn every_way_of_looking_finds_the_same(place: Place) {
    let (store, _desk) = with_entries(&place, &[]).await;
    let mut stranger = place.stranger().await;
    // uses 0 to 999 in no order; "61" (a) for all, "62" (b) for every third, "63" (c) for every hundredth, "64" (d) for
    // those that nobody uses; three words with "65" (e) for all, and ten with "66" (f) for those that nobody uses; six
    // with "67" (g) for the even ones, with "68" (h) and "69" (i) for the odd ones.
    let fill = "
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
        INSERT INTO gifs (hash, width, height, frames, duration_ms, bytes)
            SELECT SUBSTR('0000000000000000000000000000000000000000000000000000000000000000', 1, 60) || (i + 999),
                1, 1, 1, 0, 1 FROM n;
        INSERT INTO library (id, number, gif, state, tags, uses, created_at)
            SELECT 'a00000000000' || SUBSTR(hash, 61), CAST(SUBSTR(hash, 61) AS BIGINT), hash, 'approved', '',
                (CAST(SUBSTR(hash, 61) AS BIGINT) * 7919) % 1000, 5 FROM gifs;
        INSERT INTO library_words SELECT '61', number FROM library;
        INSERT INTO library_words SELECT '62', number FROM library WHERE number % 3 = 0;
        INSERT INTO library_words SELECT '63', number FROM library WHERE number % 100 = 0;
        INSERT INTO library_words SELECT '64', number FROM library WHERE uses < 250;
        WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
        INSERT INTO library_words SELECT '65' || n.i, number FROM library, n;
        WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 19)
        INSERT INTO library_words SELECT '66' || n.i, number FROM library, n WHERE uses < 250;
        WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 15)
        INSERT INTO library_words SELECT w.word || n.i, number
            FROM library, n, (SELECT '67' AS word, 0 AS odd UNION SELECT '68', 1 UNION SELECT '69', 1) w
            WHERE number % 2 = w.odd";
    stranger.run(fill, fill).await;
    let page = async |query: &str, after: Option<&LibraryCursor>| {
        let found = store.library(&terms(query), after, 50).await.unwrap();
        let keys: Vec<_> = found.iter().map(LibraryCursor::of).collect();
        let ordered =
            |pair: &[LibraryCursor]| (pair[0].uses, pair[0].id.to_string()) > (pair[1].uses, pair[1].id.to_string());
        assert!(keys.windows(2).all(ordered), "{query}: {keys:?}");
        keys
    };
    for (query, top, wanted) in [
        ("a", 999, 9000),
        ("b", 999, 3000),
        ("c", 900, 90),
        ("d", 249, 2250),
        ("a b", 999, 3000),
        ("b d", 249, 750),
        ("d c", 200, 27),
        ("e", 999, 9000),
        ("e b", 999, 3000),
        ("f", 249, 2250),
        ("f e", 249, 2250),
        ("f b e", 249, 750),
        ("g h", 0, 0),
        ("g e", 998, 4500),
        ("h i", 999, 4500),
        ("f h", 249, 1125),
        ("h i f", 249, 1125),
        ("d h e", 249, 1125),
    ] {
        let mut all = page(query, None).await;
        assert_eq!(all.first().map_or(0, |first| first.uses), top, "{query}");
        while let Some(last) = all.last().copied()
            && let more = page(query, Some(&last)).await
            && !more.is_empty()
        {
            assert!(more[0].uses <= last.uses);
            all.extend(more);
        }
        assert_eq!(all.len(), wanted, "{query}");
    }
}

async fn tags_are_told_by_their_beginning(place: Place) {
    let (store, mut desk) = with_entries(&place, &["고양이 cat", "고래", "cat", "cattle 고양이", "cat"]).await;
    let tags = async |beginning: &str| store.library_tags(beginning, 10).await.unwrap();
    assert_eq!(tags("고").await, ["고양이", "고래"]);
    assert_eq!(tags("ca").await, ["cat", "cattle"]);
    assert_eq!(tags("").await[0], "cat");
    assert_eq!(tags("x").await, [] as [&str; 0]);
    assert_eq!(store.library_tags("", 1).await.unwrap().len(), 1);
    desk.discard(id(2), false).await.unwrap();
    assert_eq!(tags("고").await, ["고양이"]);
}

async fn an_offer_is_found_by_nobody_until_it_is_approved(place: Place) {
    let (store, mut desk) = with_entries(&place, &[]).await;
    desk.import(&offer(1, "cat"), BROUGHT, MANY).await.unwrap();
    assert_eq!((found(&store, "cat").await, found(&store, "").await), (vec![], vec![]));
    assert_eq!(store.library_tags("", 10).await.unwrap(), [] as [&str; 0]);
    assert_eq!(numbers(&store.library_entries(&[id(1)]).await.unwrap()), [] as [u16; 0]);
    store.count_uses(vec![used(1, 5)]).await.unwrap();
    assert_eq!(numbers(&desk.offers().await.unwrap()), [1]);
    assert!(desk.approve(id(1)).await.unwrap());
    assert!(!desk.approve(id(1)).await.unwrap(), "once is enough");
    assert!(!desk.approve(id(2)).await.unwrap());
    assert_eq!(desk.offers().await.unwrap(), []);
    assert_eq!(store.library(&terms("cat"), None, 9).await.unwrap()[0].uses, 0);
    assert_eq!(store.library_tags("c", 10).await.unwrap(), ["cat"]);
}

async fn what_is_rejected_or_removed_leaves_nothing(place: Place) {
    let (store, mut desk) = with_entries(&place, &["cat"]).await;
    desk.import(&offer(2, "dog"), BROUGHT, MANY).await.unwrap();
    assert_eq!(desk.discard(id(1), true).await.unwrap(), None, "it is no offer");
    assert_eq!(desk.discard(id(7), false).await.unwrap(), None);
    for (number, only_offer) in [(2, true), (1, false)] {
        let gone = desk.discard(id(number), only_offer).await.unwrap().unwrap();
        assert_eq!(gone.freed, Some(entry(number, "").gif.hash));
    }
    assert_eq!(found(&store, "").await, [] as [u16; 0]);
    let mut stranger = place.stranger().await;
    for rows in [
        "SELECT COUNT(*) FROM library",
        "SELECT COUNT(*) FROM library_words",
        "SELECT COUNT(*) FROM library_tags",
        "SELECT COUNT(*) FROM gifs",
    ] {
        assert_eq!(stranger.count(rows).await, 0, "{rows}");
    }
}

async fn a_gif_is_in_the_library_once(place: Place) {
    let (store, mut desk) = with_entries(&place, &["cat"]).await;
    let again = NewEntry { id: id(7), ..entry(1, "dog") };
    let added = desk.import(&again, BROUGHT, MANY).await.unwrap();
    assert_eq!((added.id, added.state, added.first), (id(1), LibraryState::Approved, false));
    assert_eq!((found(&store, "cat").await, found(&store, "dog").await), (vec![1], vec![]));
    desk.import(&again, ANEW, MANY).await.unwrap();
    assert_eq!((found(&store, "cat").await, found(&store, "dog").await), (vec![], vec![1]));
    assert_eq!(store.library_tags("", 10).await.unwrap(), ["dog"]);

    desk.import(&offer(2, "owl"), BROUGHT, MANY).await.unwrap();
    let added = desk.import(&entry(2, "fox"), BROUGHT, MANY).await.unwrap();
    assert_eq!((added.state, added.first), (LibraryState::Approved, false), "an operator brings what was offered");
    assert_eq!(found(&store, "owl").await, [2]);
}

async fn the_library_and_its_offers_are_bounded(place: Place) {
    let (store, mut desk) = with_entries(&place, &["a", "b"]).await;
    let full = desk.import(&entry(3, "c"), BROUGHT, 2).await;
    assert!(matches!(full, Err(StoreError::LibraryFull)), "{full:?}");
    assert!(desk.import(&entry(1, "a"), BROUGHT, 2).await.is_ok(), "it is there");
    assert_eq!(place.stranger().await.count("SELECT COUNT(*) FROM gifs").await, 2);
    assert_eq!(found(&store, "").await, [2, 1]);

    let fill = "
        WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)
        INSERT INTO gifs (hash, width, height, frames, duration_ms, bytes) SELECT 'offer' || i, 1, 1, 1, 0, 1 FROM n;
        INSERT INTO library (id, number, gif, state, tags, uses, created_at)
            SELECT hash, CAST(SUBSTR(hash, 6) AS BIGINT), hash, 'offered', '', 0, 5 FROM gifs WHERE hash LIKE 'offer%'";
    place.stranger().await.run(fill, fill).await;
    let full = desk.import(&offer(4, "c"), BROUGHT, 5000).await;
    assert!(matches!(full, Err(StoreError::LibraryFull)), "strangers do not fill the library: {full:?}");
    assert!(desk.import(&entry(4, "c"), BROUGHT, 5000).await.is_ok(), "an operator may");
}

async fn nobody_has_too_many_offers_waiting(place: Place) {
    let (store, mut desk) = with_entries(&place, &[]).await;
    let (room, caller) = (place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let limits = OfferLimits { waiting: 2, entries: MANY };
    let offers = async |number: u8, by: Offerer| {
        store.post(place.gif(room.id, &caller, number)).await.unwrap();
        let new = NewEntry { gif: gif(number), ..offer(number.into(), "cat") };
        match store.offer(new, by, limits).await {
            Ok(added) => added.first,
            Err(StoreError::TooManyOffers) => false,
            Err(other) => panic!("{other}"),
        }
    };
    assert!(offers(1, by(1, 1)).await && offers(2, by(1, 2)).await);
    assert!(!offers(3, by(1, 3)).await, "a session");
    assert!(offers(4, by(2, 3)).await, "others may");
    let again = store.offer(NewEntry { gif: gif(1), ..offer(9, "cat") }, by(1, 1), limits).await.unwrap();
    assert_eq!((again.id, again.first), (id(1), false), "it waits already");
    // From one address five times as many, whoever they say they are.
    for number in 10..19 {
        assert!(offers(number, by(number, 1)).await, "{number}");
    }
    assert!(!offers(19, by(19, 1)).await, "an address");
    desk.approve(id(1)).await.unwrap();
    desk.discard(id(2), true).await.unwrap();
    assert!(offers(20, by(1, 1)).await && offers(21, by(1, 3)).await, "what is decided does not wait");
    let names = "SELECT COUNT(*) FROM library WHERE offered_by IS NOT NULL AND state = 'approved'";
    assert_eq!(place.stranger().await.count(names).await, 0);
}

async fn a_gif_stays_as_long_as_the_library_has_it(place: Place) {
    let (store, mut desk) = with_entries(&place, &[]).await;
    let (room, caller) = (place.room(), place.caller());
    store.create_room(room.clone(), MANY).await.unwrap();
    let shown = |number| place.gif(room.id, &caller, number);
    for number in [1, 2] {
        store.post(shown(number)).await.unwrap();
        let new = NewEntry { id: id(number.into()), gif: gif(number), ..offer(number.into(), "cat") };
        let offered = store.offer(new, by(1, 1), AMPLE).await.unwrap();
        assert_eq!((offered.id, offered.state, offered.first), (id(number.into()), LibraryState::Offered, true));
    }
    desk.approve(id(1)).await.unwrap();
    store.post(place.entry(room.id, &caller, Content::Remove { target: 1, right: Right::Any })).await.unwrap();
    assert_eq!(store.remove_room(room.id).await.unwrap(), [], "also an offer keeps it");
    for number in [1, 2] {
        assert!(
            store.is_gif_used(gif(number).hash).await.unwrap() && desk.is_gif_used(gif(number).hash).await.unwrap()
        );
    }
    let room = place.room();
    store.create_room(room.clone(), MANY).await.unwrap();
    store.post(place.gif(room.id, &caller, 1)).await.unwrap();
    assert_eq!(desk.discard(id(1), false).await.unwrap().unwrap().freed, None, "a message shows it");
    assert_eq!(desk.discard(id(2), true).await.unwrap().unwrap().freed, Some(gif(2).hash));
    assert_eq!(store.remove_room(room.id).await.unwrap(), [gif(1).hash]);
}

async fn what_is_offered_must_still_be_shown(place: Place) {
    let (store, mut desk) = with_entries(&place, &[]).await;
    let gone = store.offer(offer(1, "cat"), by(1, 1), AMPLE).await;
    assert!(matches!(gone, Err(StoreError::NoSuchMessage)), "{gone:?}");
    assert!(!desk.is_gif_used(offer(1, "").gif.hash).await.unwrap());
}

#[tokio::test]
async fn a_desk_beside_another_version_is_refused() {
    let place = Place::sqlite();
    let file = place.file();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::File::create(&file).unwrap();
    place.stranger().await.migrate_to(3).await;
    let refused = Desk::open(place.database.clone(), place.env.clone(), false).await.unwrap_err();
    assert!(matches!(refused, DeskError::OtherVersion), "{refused:?}");
    assert!(refused.to_string().ends_with("or stop it first"), "{refused}");
    assert!(matches!(place.database, Database::Sqlite(..)));
    Desk::open(place.database.clone(), place.env.clone(), true).await.unwrap().close().await;
    assert!(Desk::open(place.database.clone(), place.env.clone(), false).await.is_ok());
}
