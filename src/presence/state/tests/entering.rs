use super::*;

#[test]
fn one_stay_however_many_connections() {
    let mut world = World::new();
    let (arrival, entered) = world.enter(OWNER).unwrap();
    assert!(matches!(entered, Entered::First(Queued::As(0))));
    assert_eq!(world.enter(OWNER), Ok((arrival, Entered::Again)));
    world.leave(OWNER, arrival);
    world.wait(100);
    assert!(world.is_here(OWNER), "one connection is left");
    world.leave(OWNER, arrival);
    world.wait(29);
    assert_eq!(world.enter(OWNER), Ok((arrival, Entered::Again)), "back in time");
    world.leave(OWNER, arrival);
    world.wait(30);
    assert!(!world.is_here(OWNER));
    assert_eq!(codes(&world.store_all()), [NoticeCode::Joined, NoticeCode::Left]);
}

#[test]
fn a_member_keeps_the_place_for_the_damping_only() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.leave(1, 2);
    world.wait(9);
    assert!(world.is_here(1));
    world.wait(1);
    assert!(!world.is_here(1));
}

#[test]
fn reasons_to_stay_out_come_in_an_order() {
    let mut world = World::with(room(2));
    let gone = RoomId::from_bytes([9; 12]);
    let got = world.ask(|state, moment| state.may_enter(gone, session(1), None, false, moment));
    assert_eq!(got, Err(Refusal::NoSuchRoom));
    world.all_enter([OWNER, 1]);
    world.kick(OWNER, 1).unwrap();
    world.configure(OWNER, RoomChange { locked: Some(true), ..RoomChange::default() }).unwrap();
    assert_eq!(world.enter(1), Err(Refusal::Kicked { retry_after: TIMING.kick_time }), "before: locked");
    world.ban(OWNER, 1, None, false).unwrap();
    assert_eq!(world.enter(1), Err(Refusal::Banned { retry_after: None }), "before: kicked");
    assert_eq!(world.enter(2), Err(Refusal::RoomLocked));
    world.configure(OWNER, RoomChange { locked: Some(false), ..RoomChange::default() }).unwrap();
    world.all_enter([2]);
    world.configure(OWNER, RoomChange { locked: Some(true), ..RoomChange::default() }).unwrap();
    assert_eq!(world.enter(3), Err(Refusal::RoomLocked), "before: full");
    assert_eq!(world.enter(2).map(|(_, entered)| entered), Ok(Entered::Again), "who is here passes the lock");
    world.configure(OWNER, RoomChange { locked: Some(false), ..RoomChange::default() }).unwrap();
    assert_eq!(world.enter(3), Err(Refusal::RoomFull));
    assert_eq!(
        world.ask(|state, moment| state.may_enter(ROOM, session(3), None, true, moment)),
        Err(Refusal::RoomFull)
    );
}

#[test]
fn the_owner_gets_in_through_a_lock_and_from_a_banned_network() {
    let mut world = World::new();
    let (arrival, _) = world.enter_from(OWNER, Some(network(1)), true).unwrap();
    world.enter_from(1, Some(network(1)), false).unwrap();
    world.ban(OWNER, 1, None, false).unwrap();
    world.configure(OWNER, RoomChange { locked: Some(true), ..RoomChange::default() }).unwrap();
    world.leave(OWNER, arrival);
    world.wait(30);
    assert!(!world.is_here(OWNER));
    assert!(world.enter_from(OWNER, Some(network(1)), false).is_ok());
}

#[test]
fn a_network_ban_is_for_newcomers() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    world.enter_from(1, Some(network(1)), false).unwrap();
    world.enter_from(2, Some(network(1)), false).unwrap();
    world.ban(OWNER, 1, Some(Duration::from_secs(60)), false).unwrap();
    assert!(world.is_here(2), "who is here stays");
    let banned = Err(Refusal::Banned { retry_after: Some(Duration::from_secs(60)) });
    assert_eq!(world.enter_from(3, Some(network(1)), false), banned);
    assert!(world.enter_from(3, Some(network(2)), false).is_ok());
    assert!(world.enter_from(4, Some(network(1)), true).is_ok(), "admitted before");
    assert_eq!(world.enter_from(1, Some(network(2)), true), banned, "the session itself, from wherever");
    world.wait(60);
    assert!(world.enter_from(1, Some(network(1)), false).is_ok());
}

#[test]
fn the_end_of_an_old_stay_does_not_touch_a_new_one() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.enter(1).unwrap();
    world.kick(OWNER, 1).unwrap();
    assert!(!world.state.is_seated(ROOM, session(1), 2));
    world.unban(OWNER, 1).unwrap();
    let (arrival, _) = world.enter(1).unwrap();
    // The two connections of the first stay hear of the kick late.
    world.leave(1, 2);
    world.leave(1, 2);
    world.wait(60);
    assert!(world.state.is_seated(ROOM, session(1), arrival));
}

#[test]
fn leaving_at_once_is_for_all_connections_and_without_damping() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.enter(1).unwrap();
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    assert!(!world.is_here(1));
    let again = world.ask(|state, moment| state.leave_now(ROOM, session(1), moment));
    assert_eq!(again, Err(Refusal::NotInRoom));
    assert_eq!(codes(&world.store_all()), [NoticeCode::Joined, NoticeCode::Joined, NoticeCode::Left]);
}

#[test]
fn an_empty_room_expires_and_one_with_people_does_not() {
    let mut world = World::new();
    world.wait(59);
    world.all_enter([1]);
    world.wait(600);
    assert!(!world.state.has_expired());
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    world.wait(60);
    assert_eq!(world.state.take_expired(), Some(ROOM));
    assert_eq!(world.enter(1), Err(Refusal::NoSuchRoom));
    assert!(world.state.removed(ROOM));
    assert_eq!(world.state.next_deadline(), None, "nothing is left of it");
}

#[test]
fn a_kick_can_empty_a_room_whose_owner_is_away() {
    let mut world = World::new();
    world.all_enter([1]);
    world.kick(OWNER, 1).unwrap();
    world.wait(60);
    assert_eq!(world.state.take_expired(), Some(ROOM));
}
