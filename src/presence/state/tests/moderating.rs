use super::*;

#[test]
fn only_the_owner_and_not_against_themselves() {
    let mut world = World::new();
    world.all_enter([OWNER, 1, 2]);
    assert_eq!(world.kick(1, 2).err(), Some(Refusal::NotOwner));
    assert_eq!(world.ban(1, OWNER, None, true).err(), Some(Refusal::NotOwner));
    assert_eq!(world.mute(1, 2, 60).err(), Some(Refusal::NotOwner));
    assert_eq!(world.unban(1, 2).err(), Some(Refusal::NotOwner));
    assert_eq!(world.unmute(1, 2).err(), Some(Refusal::NotOwner));
    assert_eq!(world.raid(1, true, true).err(), Some(Refusal::NotOwner));
    assert_eq!(world.configure(1, RoomChange::default()).err(), Some(Refusal::NotOwner));
    assert_eq!(world.state.sanctions(ROOM, session(1)).err(), Some(Refusal::NotOwner));
    assert_eq!(world.kick(OWNER, OWNER).err(), Some(Refusal::CannotSelf));
    assert_eq!(world.ban(OWNER, OWNER, None, false).err(), Some(Refusal::CannotSelf));
    assert_eq!(world.mute(OWNER, OWNER, 60).err(), Some(Refusal::CannotSelf));
    assert_eq!(world.kick(OWNER, 9).err(), Some(Refusal::NoSuchMember));
    assert_eq!(world.unban(OWNER, 9).err(), Some(Refusal::NoSuchMember));
    assert_eq!(world.state.members(ROOM).unwrap().len(), 3);
}

#[test]
fn a_kick_is_a_line_a_sanction_and_an_end() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.store_all();
    world.heard();
    let (out, queued) = world.kick(OWNER, 1).unwrap();
    assert!(matches!(queued, Queued::As(_)));
    assert_eq!((out.session, out.until), (session(1), Some(Timestamp(600_000))));
    assert_eq!(lobby(&world.heard()), 1);
    let acts = world.store_all();
    let [(by, notice)] = &notices(&acts)[..] else { panic!("one line") };
    assert_eq!((*by, notice.code, notice.until), (member(OWNER), NoticeCode::Kicked, out.until));
    assert!(matches!(changes(&acts)[..], [Change::Impose(it)] if it.session == session(1) && it.network.is_none()));
    assert!(world.heard().is_empty(), "the line says it all");
    world.wait(599);
    assert_eq!(world.enter(1), Err(Refusal::Kicked { retry_after: Duration::from_secs(1) }));
    world.wait(1);
    assert!(world.enter(1).is_ok());
    assert!(world.state.sanctions(ROOM, session(OWNER)).unwrap().is_empty(), "what is over is forgotten");
}

#[test]
fn what_they_wrote_goes_with_a_ban_in_one_act() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.store_all();
    world.ban(OWNER, 1, None, true).unwrap();
    let acts = world.store_all();
    assert_eq!(acts.len(), 1);
    assert!(
        matches!(&acts[0].entries[1].content, Content::Purge { members } if *members == [member(1)]),
        "after its line"
    );
}

#[test]
fn who_left_lately_can_still_be_banned() {
    let mut world = World::new();
    world.all_enter([OWNER]);
    world.enter_from(1, Some(network(7)), true).unwrap();
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    world.store_all();
    world.heard();
    world.ban(OWNER, 1, None, true).unwrap();
    assert!(matches!(world.enter(1), Err(Refusal::Banned { .. })));
    assert!(matches!(world.enter_from(2, Some(network(7)), false), Err(Refusal::Banned { .. })));
    world.store_all();
    assert!(world.heard().is_empty(), "nobody's list changes");
}

#[test]
fn unban_lifts_kick_and_ban_and_unmute_lifts_a_mute() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.kick(OWNER, 1).unwrap();
    world.ban(OWNER, 1, None, false).unwrap();
    world.mute(OWNER, 1, 60).unwrap();
    world.store_all();
    assert_eq!(world.state.sanctions(ROOM, session(OWNER)).unwrap().len(), 3);
    world.unban(OWNER, 1).unwrap();
    let acts = world.store_all();
    assert_eq!((codes(&acts), changes(&acts).len()), (vec![NoticeCode::Unbanned], 2));
    world.all_enter([1]);
    assert!(world.listed(1).is_muted);
    world.unmute(OWNER, 1).unwrap();
    assert!(!world.listed(1).is_muted);
    assert_eq!(codes(&world.store_all()), [NoticeCode::Joined, NoticeCode::Unmuted]);
    assert_eq!(world.unmute(OWNER, 1), Ok(Queued::Nothing), "a repetition");
    assert_eq!(world.unban(OWNER, 1), Ok(Queued::Nothing));
}

#[test]
fn a_second_sanction_takes_the_place_of_the_first() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.mute(OWNER, 1, 60).unwrap();
    world.mute(OWNER, 1, 600).unwrap();
    world.wait(60);
    assert!(world.listed(1).is_muted, "the end of the first is no end");
    world.mute(OWNER, 1, 10).unwrap();
    world.wait(10);
    assert!(!world.listed(1).is_muted);
    world.unmute(OWNER, 1).unwrap();
    assert_eq!(world.state.next_deadline(), None);
}

#[test]
fn what_was_found_in_the_store_holds() {
    let found = |kind, number, until| crate::domain::Sanction {
        kind,
        session: session(number),
        member: caller(number).member,
        network: Some(network(number)),
        created_at: Timestamp(0),
        until,
    };
    use crate::domain::SanctionKind::{Ban, Kick, Mute};
    let sanctions = vec![
        found(Ban, 1, None),
        found(Kick, 2, Some(Timestamp(5_000))),
        found(Kick, 3, Some(Timestamp(1_000))),
        found(Mute, 4, Some(Timestamp(9_000))),
    ];
    let names = vec![(session(4), "Ada".to_owned())];
    let mut world = World::with(room(10));
    world.state = State::new(TIMING);
    world.now = Timestamp(1_000);
    world.state.restore(Found { room: room(10), names, sanctions }, world.now);
    assert_eq!(world.enter(1), Err(Refusal::Banned { retry_after: None }));
    assert_eq!(world.enter_from(5, Some(network(1)), false), Err(Refusal::Banned { retry_after: None }));
    assert!(world.enter_from(5, Some(network(2)), false).is_ok(), "a kick is of a session");
    assert_eq!(world.enter(2), Err(Refusal::Kicked { retry_after: Duration::from_secs(4) }));
    assert!(world.enter(3).is_ok(), "over");
    world.all_enter([4]);
    assert!(world.listed(4).is_muted);
    assert_eq!(world.name(4), "Ada");
    world.wait(8);
    assert!(!world.listed(4).is_muted && world.enter(2).is_ok());
}
