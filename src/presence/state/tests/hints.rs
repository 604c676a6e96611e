use super::*;

fn away(world: &mut World, who: u8, arrival: u64, away: bool) -> Vec<bool> {
    world.ask(|state, moment| state.away(ROOM, session(who), arrival, away, moment)).unwrap();
    told_away(&world.heard())
}

fn told_away(events: &[Event]) -> Vec<bool> {
    let away = events.iter().filter_map(|event| if let Event::Away { away, .. } = event { Some(*away) } else { None });
    away.collect()
}

#[test]
fn a_session_is_away_when_all_its_connections_are() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    world.enter(OWNER).unwrap();
    assert!(away(&mut world, OWNER, 1, true).is_empty());
    assert!(!world.listed(OWNER).is_away);
    assert_eq!(away(&mut world, OWNER, 1, true), [true]);
    assert!(world.listed(OWNER).is_away);
    world.enter(OWNER).unwrap();
    assert_eq!(told_away(&world.heard()), [false], "a new connection looks here");
    world.leave(OWNER, 1);
    assert_eq!(told_away(&world.heard()), [true], "the others still look elsewhere");
    assert_eq!(away(&mut world, OWNER, 1, false), [false]);
}

#[test]
fn who_has_no_connection_is_away() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    world.leave(OWNER, 1);
    assert_eq!(told_away(&world.heard()), [true]);
    world.enter(OWNER).unwrap();
    assert_eq!(told_away(&world.heard()), [false]);
}

#[test]
fn an_ended_stay_tells_nothing() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.kick(OWNER, 1).unwrap();
    let got = world.ask(|state, moment| state.away(ROOM, session(1), 2, true, moment));
    assert_eq!(got, Err(Refusal::NotInRoom));
}

#[test]
fn typing_is_told_once_in_two_seconds() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.heard();
    let type_ = |world: &mut World, who| {
        world.ask(|state, moment| state.typing(ROOM, session(who), moment)).map(|()| world.heard().len())
    };
    assert_eq!(type_(&mut world, 1), Ok(1));
    assert_eq!(type_(&mut world, OWNER), Ok(1), "each for themselves");
    world.wait(1);
    assert_eq!(type_(&mut world, 1), Ok(0));
    world.wait(1);
    assert_eq!(type_(&mut world, 1), Ok(1));
    world.mute(OWNER, 1, 60).unwrap();
    assert!(matches!(type_(&mut world, 1), Err(Refusal::Muted { .. })));
    assert_eq!(type_(&mut world, 9), Err(Refusal::NotInRoom));
}
