use super::*;

#[test]
fn the_longest_present_takes_over_when_the_owner_exits() {
    let mut world = World::new();
    world.all_enter([OWNER, 1, 2]);
    world.store_all();
    world.leave(OWNER, 1);
    world.wait(29);
    assert_eq!(world.owner(), session(OWNER));
    world.wait(1);
    assert_eq!(world.owner(), session(1));
    let acts = world.store_all();
    assert_eq!(acts.len(), 1, "in one step");
    let notices = notices(&acts);
    assert_eq!(codes(&acts), [NoticeCode::Left, NoticeCode::OwnerLeft]);
    assert_eq!(notices[1].0, member(1));
    assert_eq!(notices[1].1.whom.as_ref().map(|whom| whom.id), Some(member(OWNER)));
    assert!(matches!(changes(&acts)[..], [Change::Owner(new, _)] if *new == session(1)));
    world.all_enter([OWNER]);
    assert_eq!(world.owner(), session(1), "who returns is an ordinary member");
    assert!(!world.listed(OWNER).is_owner);
}

#[test]
fn an_owner_who_says_goodbye_is_replaced_at_once() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.ask(|state, moment| state.leave_now(ROOM, session(OWNER), moment)).unwrap();
    assert_eq!(world.owner(), session(1));
}

#[test]
fn a_first_owner_who_never_comes_loses_the_room() {
    let mut world = World::new();
    world.all_enter([1]);
    world.wait(10);
    world.all_enter([2]);
    world.wait(19);
    assert_eq!(world.owner(), session(OWNER));
    world.wait(1);
    assert_eq!(world.owner(), session(1));
    assert_eq!(codes(&world.store_all()), [NoticeCode::Joined, NoticeCode::Joined, NoticeCode::OwnerLeft]);
}

#[test]
fn a_first_owner_who_comes_in_time_keeps_it() {
    let mut world = World::new();
    world.all_enter([1]);
    world.wait(29);
    world.all_enter([OWNER]);
    world.wait(100);
    assert_eq!(world.owner(), session(OWNER));
}

#[test]
fn an_empty_room_keeps_its_last_owner_and_waits_for_them_again() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    world.leave(OWNER, 1);
    world.wait(30);
    assert_eq!(world.owner(), session(OWNER));
    world.all_enter([1]);
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    world.wait(10);
    world.all_enter([2]);
    world.wait(29);
    assert_eq!(world.owner(), session(OWNER), "waited for anew");
    world.wait(1);
    assert_eq!(world.owner(), session(2));
}

#[test]
fn who_is_silenced_or_gone_for_a_moment_takes_over_last() {
    let mut world = World::new();
    world.all_enter([OWNER, 1, 2, 3]);
    world.mute(OWNER, 1, 600).unwrap();
    world.leave(2, 3);
    world.ask(|state, moment| state.leave_now(ROOM, session(OWNER), moment)).unwrap();
    assert_eq!(world.owner(), session(3));
    world.ask(|state, moment| state.leave_now(ROOM, session(3), moment)).unwrap();
    assert_eq!(world.owner(), session(2));
    world.wait(10);
    assert_eq!(world.owner(), session(1));
    assert!(!world.listed(1).is_muted, "an owner is not muted");
    assert!(codes(&world.store_all()).ends_with(&[NoticeCode::OwnerLeft, NoticeCode::Unmuted]));
}

#[test]
fn a_room_is_handed_over() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.heard();
    assert_eq!(world.hand_over(1, 1), Err(Refusal::NotOwner));
    assert_eq!(world.hand_over(OWNER, OWNER), Err(Refusal::CannotSelf));
    assert_eq!(world.hand_over(OWNER, 2), Err(Refusal::NoSuchMember));
    world.hand_over(OWNER, 1).unwrap();
    assert_eq!(world.owner(), session(1));
    assert_eq!(lobby(&world.heard()), 1);
    let acts = world.store_all();
    let (by, notice) = notices(&acts).pop().unwrap();
    assert_eq!((by, notice.code), (member(OWNER), NoticeCode::OwnerHanded));
    assert_eq!(notice.whom.map(|whom| whom.id), Some(member(1)));
    assert_eq!(world.state.members(ROOM).unwrap()[0].member.id, member(1), "owner first");
}

#[test]
fn a_hand_over_that_is_not_stored_goes_back() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.store_all();
    world.hand_over(OWNER, 1).unwrap();
    world.store(false);
    assert_eq!(world.owner(), session(OWNER));
}

#[test]
fn a_takeover_that_is_not_stored_is_stored_with_the_next_act() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.store_all();
    world.ask(|state, moment| state.leave_now(ROOM, session(OWNER), moment)).unwrap();
    world.store(false);
    assert_eq!(world.owner(), session(1));
    world.all_enter([2]);
    let acts = world.store_all();
    assert!(matches!(changes(&acts)[..], [Change::Owner(new, _)] if *new == session(1)));
    world.all_enter([3]);
    assert!(changes(&world.store_all()).is_empty(), "once");
}
