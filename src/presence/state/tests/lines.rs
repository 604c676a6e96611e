use super::*;

/// Who a listener believes is here after the acts that were stored and the hints, as `true` for the last that was said.
fn hints(events: &[Event]) -> Vec<(MemberId, bool)> {
    let hint = |event: &Event| match event {
        Event::Joined { member, .. } => Some((member.id, true)),
        Event::Left { member, .. } => Some((member.id, false)),
        _ => None,
    };
    events.iter().filter_map(hint).collect()
}

#[test]
fn a_line_that_is_not_stored_is_told_without_a_number() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    assert!(hints(&world.heard()).is_empty());
    world.store(false);
    assert_eq!(hints(&world.heard()), [(member(OWNER), true)]);
    world.ask(|state, moment| state.leave_now(ROOM, session(OWNER), moment)).unwrap();
    world.store(false);
    assert_eq!(hints(&world.heard()), [(member(OWNER), false)]);
}

#[test]
fn a_hint_does_not_overtake_a_line_that_is_on_its_way() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    world.store(true);
    world.store(true);
    world.store(false);
    assert_eq!(hints(&world.heard()), [(member(1), false)], "the exit was lost");

    world.all_enter([1]);
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    world.store(false);
    world.store(false);
    assert!(hints(&world.heard()).is_empty(), "nobody ever knew");
}

#[test]
fn a_kick_that_is_not_stored_is_told_as_an_exit() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.store_all();
    world.kick(OWNER, 1).unwrap();
    world.store(false);
    assert_eq!(hints(&world.heard()), [(member(1), false)]);
    assert!(matches!(world.enter(1), Err(Refusal::Kicked { .. })), "it holds all the same");
}

#[test]
fn a_full_queue_fails_acts_at_once() {
    let mut world = World::new();
    world.state.acts.most = Some(2);
    world.all_enter([OWNER, 1]);
    assert_eq!(world.enter(2).map(|(_, entered)| entered), Ok(Entered::First(Queued::Failed)));
    assert_eq!(hints(&world.heard()), [(member(2), true)]);
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    assert!(hints(&world.heard()).is_empty(), "their join is on its way");
    let (renamed, queued) = world.rename(2, "Ada").unwrap();
    assert_eq!((renamed.name.as_str(), queued), ("Ada", Queued::Failed));
    assert_eq!(world.name(2), "Guest c", "gone back");
    assert!(matches!(world.kick(OWNER, 2), Ok((_, Queued::Failed))));
    assert_eq!(hints(&world.heard()), [(member(2), false)]);
    assert!(!world.is_here(2));
    world.store_all();
    assert_eq!(hints(&world.heard()), [(member(1), false)]);
    assert!(matches!(world.rename(OWNER, "Eve"), Ok((_, Queued::As(2)))), "there is room again");
}

#[test]
fn acts_of_a_room_that_is_gone_change_nothing() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    assert!(world.state.removed(ROOM));
    world.heard();
    world.store(false);
    assert!(world.heard().is_empty());
}
