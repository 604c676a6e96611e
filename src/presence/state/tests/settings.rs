use super::*;

fn all() -> RoomChange {
    RoomChange {
        title: Some(Title::parse("other").unwrap()),
        limit: Some(MemberLimit::new(5, 1000).unwrap()),
        password_hash: Some(Some("hash".to_owned())),
        locked: Some(true),
        slow: Some(Slow::new(30).unwrap()),
        preset: Some(Preset::Strict),
        raid_since: None,
    }
}

#[test]
fn each_thing_that_changes_has_its_line_and_all_are_one_act() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    world.store_all();
    world.heard();
    world.configure(OWNER, all()).unwrap();
    assert_eq!(lobby(&world.heard()), 1);
    let acts = world.store_all();
    assert_eq!(acts.len(), 1);
    use NoticeCode as N;
    assert_eq!(codes(&acts), [N::Title, N::Limit, N::PasswordSet, N::Locked, N::Slow, N::Preset]);
    let values: Vec<_> = notices(&acts).into_iter().map(|(_, notice)| notice.value).collect();
    let value = |text: &str| Some(text.to_owned());
    assert_eq!(values, [value("other"), value("5"), None, None, value("30"), value("strict")]);
    let room = world.state.room(ROOM).unwrap();
    assert_eq!((room.title.as_str(), room.limit.get(), room.locked), ("other", 5, true));
    assert!(matches!(changes(&acts)[..], [Change::Room(to)] if *to == all()));
    assert_eq!(world.configure(OWNER, all()), Ok(Queued::Nothing), "already so");
    let off = RoomChange { password_hash: Some(None), locked: Some(false), ..RoomChange::default() };
    world.configure(OWNER, off).unwrap();
    assert_eq!(codes(&world.store_all()), [N::PasswordRemoved, N::Unlocked]);
}

#[test]
fn a_limit_is_never_below_those_who_are_here() {
    let mut world = World::new();
    world.all_enter([OWNER, 1, 2]);
    let limit = |limit| RoomChange { limit: Some(MemberLimit::new(limit, 1000).unwrap()), ..RoomChange::default() };
    assert_eq!(world.configure(OWNER, limit(2)), Err(Refusal::RoomFull));
    assert!(world.configure(OWNER, limit(3)).is_ok());
    assert_eq!(world.enter(3), Err(Refusal::RoomFull));
}

#[test]
fn what_is_not_stored_goes_back_where_it_is_still_so() {
    let mut world = World::new();
    world.all_enter([OWNER, 1, 2]);
    world.store_all();
    let small = RoomChange { limit: Some(MemberLimit::new(3, 1000).unwrap()), ..RoomChange::default() };
    world.configure(OWNER, small).unwrap();
    world.store_all();
    world.configure(OWNER, all()).unwrap();
    let title =
        RoomChange { title: Some(Title::parse("third").unwrap()), locked: Some(false), ..RoomChange::default() };
    world.configure(OWNER, title).unwrap();
    world.ask(|state, moment| state.enter(ROOM, &caller(3), None, true, moment)).unwrap();
    world.heard();
    world.store(false);
    let now = world.state.room(ROOM).unwrap();
    assert_eq!(now.title.as_str(), "third", "set since");
    assert_eq!((now.slow, now.preset, now.password_hash.as_ref()), (Slow::OFF, Preset::Open, None));
    assert_eq!(now.limit.get(), 5, "four are here");
    assert_eq!(lobby(&world.heard()), 1);
}
