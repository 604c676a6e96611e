//! A database of the time before rooms remembered more than texts and GIFs.

use super::on_both;
use super::place::{Place, gif, named, shown};
use crate::domain::{Caller, ChatText, Color, Content, Gif, Member, MemberId, Preset, RoomId, SessionId, Terms};
use crate::store::{Database, Desk};

on_both! {
    what_was_said_before_is_still_there,
    what_was_found_before_is_still_found,
}

async fn what_was_said_before_is_still_there(place: Place) {
    if let Database::Sqlite(file, _) = &place.database {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::File::create(file).unwrap();
    }
    let mut stranger = place.stranger().await;
    stranger.migrate_to(2).await;
    let before = "
        INSERT INTO rooms VALUES ('010101010101010101010101', 'title', 10, NULL, '0202020202020202', 'name', '#7b8cff',
            '03030303030303030303030303030303', 7, 2, 1000);
        INSERT INTO gifs VALUES ('0101010101010101010101010101010101010101010101010101010101010101', 2, 4, 6, 8, 10);
        INSERT INTO messages VALUES ('010101010101010101010101', 1, '050505050505050505050505',
            '03030303030303030303030303030303', '0202020202020202', 'name', '#7b8cff', 'text', NULL, 'a', 1001);
        INSERT INTO messages VALUES ('010101010101010101010101', 2, '060606060606060606060606',
            '03030303030303030303030303030303', '0202020202020202', 'name', '#7b8cff', NULL,
            '0101010101010101010101010101010101010101010101010101010101010101', NULL, 1002)";
    stranger.run(before, before).await;
    let (store, id) = (place.open().await, RoomId::from_bytes([1; 12]));
    let room = store.room(id).await.unwrap().unwrap();
    assert_eq!((room.locked, room.slow.seconds(), room.preset, room.raid_since), (false, 0, Preset::Normal, None));
    let messages = store.messages_after(id, None, 0, 10).await.unwrap();
    let contents: Vec<&Content> = messages.iter().map(|message| &message.content).collect();
    assert_eq!(
        contents,
        [
            &Content::Text(ChatText::parse("text").unwrap()),
            &shown(Gif { color: Color::GREY, flashes: false, ..gif(1) })
        ]
    );
    assert_eq!(store.search(id, "ext", None, None, 10).await.unwrap(), messages[..1]);
    let member = Member { id: MemberId::from_bytes([2; 8]), ..room.owner.clone() };
    let owner = Caller { session: SessionId::from_bytes([3; 16]), member };
    let retry = store.post(named("a", place.text(id, &owner, "text"))).await.unwrap();
    assert_eq!((&retry.message, retry.first), (&messages[0], false));
    assert_eq!(store.remove_room(id).await.unwrap(), [gif(1).hash]);
}

/// Of the time when words led to ids.
async fn what_was_found_before_is_still_found(place: Place) {
    if let Database::Sqlite(file, _) = &place.database {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::File::create(file).unwrap();
    }
    let mut stranger = place.stranger().await;
    stranger.migrate_to(5).await;
    // "636174" is cat, "646f67" is dog.
    let before = "
        INSERT INTO gifs (hash, width, height, frames, duration_ms, bytes)
            SELECT '010101010101010101010101010101010101010101010101010101010101010' || i, 1, 1, 1, 0, 1
            FROM (SELECT 1 AS i UNION SELECT 2 UNION SELECT 3) n;
        INSERT INTO library (id, gif, state, tags, uses, created_at)
            SELECT 'a00000000000000' || SUBSTR(hash, 64), hash, 'approved', 'cat', 0, 5 FROM gifs;
        UPDATE library SET state = 'offered' WHERE id = 'a000000000000003';
        INSERT INTO library_words VALUES ('636174', 'a000000000000001'), ('636174', 'a000000000000002'),
            ('646f67', 'a000000000000002');
        INSERT INTO library_tags VALUES ('636174', 2)";
    stranger.run(before, before).await;
    let store = place.open().await;
    let found = async |query: &str| {
        let found = store.library(&Terms::parse(query).unwrap(), None, 10).await.unwrap();
        found.iter().map(|entry| entry.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found("cat").await, ["a000000000000002", "a000000000000001"]);
    assert_eq!(found("cat dog").await, ["a000000000000002"]);
    let mut desk = Desk::open(place.database.clone(), place.env.clone(), false).await.unwrap();
    assert!(desk.approve("a000000000000003".parse().unwrap()).await.unwrap());
    assert!(desk.discard("a000000000000002".parse().unwrap(), false).await.unwrap().is_some());
    assert_eq!(found("cat").await, ["a000000000000003", "a000000000000001"]);
    assert_eq!(place.stranger().await.count("SELECT COUNT(*) FROM library_words").await, 2);
}
