use super::*;

/// With a name that several have.
fn double(number: u8) -> Caller {
    let mut caller = caller(number);
    caller.member.name = "Sleepy Whale".to_owned();
    caller
}

fn enter(world: &mut World, who: u8) -> String {
    world.ask(|state, moment| state.enter(ROOM, &double(who), None, true, moment)).unwrap();
    world.name(who)
}

#[test]
fn a_generated_name_gets_a_number_where_it_is_taken() {
    let mut world = World::new();
    assert_eq!(enter(&mut world, 1), "Sleepy Whale");
    assert_eq!(enter(&mut world, 2), "Sleepy Whale 2");
    assert_eq!(enter(&mut world, 3), "Sleepy Whale 3");
    world.kick(OWNER, 2).unwrap();
    assert_eq!(enter(&mut world, 4), "Sleepy Whale 2", "free again");
}

#[test]
fn nobody_takes_a_name_that_looks_like_anothers() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.rename(OWNER, "Ivy").unwrap();
    for taken in ["Ivy", "lvy", "IVY", "I v y"] {
        assert_eq!(world.rename(1, taken).err(), Some(Refusal::NameTaken), "{taken}");
    }
    world.rename(OWNER, "ivy").unwrap();
    assert!(world.rename(1, "Ada").is_ok());
    assert_eq!(world.rename(9, "Eve").err(), Some(Refusal::NotInRoom));
}

#[test]
fn a_rename_is_a_line_and_a_change() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.store_all();
    world.heard();
    let (renamed, _) = world.rename(1, "Ada").unwrap();
    assert_eq!(renamed.name, "Ada");
    let acts = world.store_all();
    let [(by, notice)] = &notices(&acts)[..] else { panic!("one line") };
    assert_eq!((*by, notice.code, notice.value.as_deref()), (member(1), NoticeCode::Renamed, Some("Guest b")));
    assert_eq!(acts[0].entries[0].member.name, "Ada");
    assert!(matches!(changes(&acts)[..], [Change::Rename(who, name)] if *who == session(1) && name == "Ada"));
    assert_eq!(lobby(&world.heard()), 0);
    assert!(matches!(world.rename(1, "Ada"), Ok((_, Queued::Nothing))), "already so");
}

#[test]
fn the_lobby_hears_what_the_owner_is_called() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    world.heard();
    world.rename(OWNER, "Ada").unwrap();
    let Some(Event::RoomUpdated(summary)) = world.heard().pop() else { panic!("told") };
    assert_eq!(summary.owner_name, "Ada");
    assert!(
        changes(&world.store_all()).iter().any(|change| matches!(change, Change::Owner(_, it) if it.name == "Ada"))
    );
}

#[test]
fn a_chosen_name_is_remembered_and_numbered_when_it_is_taken_meanwhile() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.rename(1, "Ada").unwrap();
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    world.all_enter([1]);
    assert_eq!(world.name(1), "Ada");
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    world.rename(OWNER, "ADA").unwrap();
    world.all_enter([1]);
    assert_eq!(world.name(1), "Ada 2");
}

#[test]
fn a_rename_that_is_not_stored_goes_back() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.store_all();
    world.rename(1, "Ada").unwrap();
    world.store(false);
    assert_eq!(world.name(1), "Guest b");
    assert!(world.rename(OWNER, "Ada").is_ok(), "free again");
    world.rename(1, "Eve").unwrap();
    world.rename(1, "Eva").unwrap();
    world.store_all();
    world.rename(1, "Eve").unwrap();
    world.rename(1, "Max").unwrap();
    world.store(false);
    assert_eq!(world.name(1), "Max", "another one is on its way");
}
