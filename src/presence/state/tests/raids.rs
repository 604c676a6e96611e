use super::*;
use crate::domain::SanctionKind;

/// A room with the button pressed at 1 s, its owner and one honest member from before.
fn raid() -> World {
    let mut world = World::with(room(100));
    world.all_enter([OWNER, 1]);
    world.wait(1);
    world.raid(OWNER, true, false).unwrap();
    world.store_all();
    world.heard();
    world
}

fn needs_work(world: &mut World, who: u8, admitted: bool) -> bool {
    world.ask(|state, moment| state.needs_work(ROOM, session(who), admitted, moment)).unwrap()
}

#[test]
fn the_owner_is_told_when_many_come_and_not_too_often() {
    let mut world = World::with(room(1000));
    world.all_enter(0..19);
    assert!(!world.heard().iter().any(|event| matches!(event, Event::RaidWatch { .. })));
    world.all_enter(19..60);
    let watch = |events: &[Event]| {
        let joins = events.iter().filter_map(|event| match event {
            Event::RaidWatch { owner, joins, .. } => Some((owner.id, *joins)),
            _ => None,
        });
        joins.collect::<Vec<_>>()
    };
    assert_eq!(watch(&world.heard()), [(member(OWNER), 20)]);
    world.wait(30);
    world.all_enter(60..90);
    assert_eq!(watch(&world.heard()).len(), 1);
}

#[test]
fn newcomers_work_by_preset_in_a_surge_and_in_a_raid() {
    let with = |preset| World::with(Room { preset, ..room(1000) });
    let mut open = with(Preset::Open);
    open.all_enter(0..40);
    assert!(!needs_work(&mut open, 99, false));
    open.raid(OWNER, true, false).unwrap();
    assert!(needs_work(&mut open, 99, false));
    assert!(!needs_work(&mut open, 99, true), "admitted before");
    assert!(!needs_work(&mut open, 5, false), "is here");
    assert!(!needs_work(&mut open, OWNER, false));
    open.raid(OWNER, false, false).unwrap();
    assert!(!needs_work(&mut open, 99, false));

    let mut normal = with(Preset::Normal);
    normal.all_enter(0..19);
    assert!(!needs_work(&mut normal, 99, false));
    normal.all_enter(19..20);
    assert!(needs_work(&mut normal, 99, false));
    normal.wait(100);
    assert!(!needs_work(&mut normal, 99, false), "for as long as the surge lasts");

    assert!(needs_work(&mut with(Preset::Strict), 99, false));
}

#[test]
fn in_a_raid_coming_and_going_leaves_no_line() {
    let mut world = raid();
    world.all_enter([2]);
    world.ask(|state, moment| state.leave_now(ROOM, session(2), moment)).unwrap();
    assert!(world.store_all().is_empty());
    let told: Vec<_> = world.heard();
    assert!(matches!(
        &told[..],
        [
            Event::Joined { members: 3, .. },
            Event::RoomUpdated(_),
            Event::Left { members: 2, .. },
            Event::RoomUpdated(_)
        ]
    ));
}

#[test]
fn an_owner_who_leaves_in_a_raid_is_replaced_all_the_same() {
    let mut world = raid();
    world.ask(|state, moment| state.leave_now(ROOM, session(OWNER), moment)).unwrap();
    assert_eq!(world.owner(), session(1));
    assert_eq!(codes(&world.store_all()), [NoticeCode::OwnerLeft]);
}

#[test]
fn who_floods_in_a_raid_is_heard_by_nobody_and_does_not_know() {
    let mut world = raid();
    world.all_enter([2]);
    world.flooded(2, 9);
    assert!(matches!(world.say(2, Speech::Gif), Ok(Voice::Heard(_))));
    world.heard();
    world.flooded(2, 1);
    assert!(matches!(world.say(2, Speech::Gif), Ok(Voice::Unheard(_))));
    world.ask(|state, moment| state.typing(ROOM, session(2), moment)).unwrap();
    assert!(matches!(world.rename(2, "Eve"), Ok((_, Queued::Nothing))));
    assert!(world.heard().is_empty());
    assert!(!world.listed(2).is_muted);
    let acts = world.store_all();
    assert!(notices(&acts).is_empty());
    assert!(matches!(changes(&acts)[..], [Change::Impose(it)] if it.kind == SanctionKind::Shadow));
    world.flooded(OWNER, 20);
    assert!(matches!(world.say(OWNER, Speech::Gif), Ok(Voice::Heard(_))));
}

#[test]
fn without_a_raid_floods_are_only_refused() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.flooded(1, 50);
    assert!(matches!(world.say(1, Speech::Gif), Ok(Voice::Heard(_))));
}

#[test]
fn taking_the_button_back_takes_everything_back() {
    let mut world = raid();
    world.all_enter([2]);
    world.flooded(2, 10);
    world.store_all();
    world.raid(OWNER, false, false).unwrap();
    let acts = world.store_all();
    assert_eq!(codes(&acts), [NoticeCode::RaidOff]);
    assert!(
        changes(&acts).iter().any(|it| matches!(it, Change::Lift(who, SanctionKind::Shadow) if *who == session(2)))
    );
    assert!(matches!(world.say(2, Speech::Gif), Ok(Voice::Heard(_))));
    world.all_enter([3]);
    assert_eq!(codes(&world.store_all()), [NoticeCode::Joined]);
    assert_eq!(world.raid(OWNER, false, false), Ok((Cleaned::default(), Queued::Nothing)));
}

#[test]
fn the_room_is_clean_in_one_step() {
    let mut world = raid();
    world.all_enter(2..8);
    world.flooded(1, 3);
    world.flooded(2, 10);
    world.flooded(3, 1);
    world.flooded(4, 10);
    world.ask(|state, moment| state.leave_now(ROOM, session(4), moment)).unwrap();
    world.store_all();
    world.heard();
    let (cleaned, _) = world.raid(OWNER, false, true).unwrap();
    let banned: Vec<_> = cleaned.banned.iter().map(|(session, _)| *session).collect();
    assert_eq!(banned, [session(2), session(3), session(4)], "not who was here before and a little too fast");
    let acts = world.store_all();
    assert_eq!(acts.len(), 1);
    assert!(matches!(
        &acts[0].entries[..],
        [purge, off]
            if purge.content == Content::Purge { members: vec![member(2), member(3), member(4)] }
            && matches!(&off.content, Content::Notice(notice) if notice.code == NoticeCode::RaidOff)
    ));
    let left = world.heard().into_iter().filter(|event| matches!(event, Event::Left { .. })).count();
    assert_eq!(left, 2, "those who were here");
    for who in [2, 3, 4] {
        assert_eq!(world.enter(who), Err(Refusal::Banned { retry_after: None }));
    }
    let here: Vec<_> = world.state.members(ROOM).unwrap().into_iter().map(|listed| listed.member.id).collect();
    assert_eq!(here, [OWNER, 1, 5, 6, 7].map(member));
}

fn attempt(world: &mut World, who: u8) -> Result<Attempt, Refusal> {
    world.ask(|state, moment| state.attempt(ROOM, session(who), || Ok(()), moment))
}

#[test]
fn in_a_raid_who_posts_without_end_is_muted_and_who_only_talks_is_not() {
    let mut world = raid();
    world.all_enter([2]);
    // Member 1 was there before, member 2 came in the raid, both with something to say every 700 ms.
    let mut refused = [0, 0];
    for _ in 0..60 {
        for (who, refused) in [1, 2].into_iter().zip(&mut refused) {
            *refused += u32::from(attempt(&mut world, who).is_err());
        }
        world.wait_millis(700);
    }
    assert_eq!(refused[0], 0);
    assert!(refused[1] > 0, "who has just come is slowed");
    for who in [1, 2] {
        assert!(!attempt(&mut world, who).is_ok_and(|attempt| attempt.is_unheard));
    }

    // A program that gets only three posts a second through a busy server.
    world.all_enter([3]);
    let muted_at = (0..60).find(|_| {
        world.wait_millis(333);
        attempt(&mut world, 3).is_ok_and(|attempt| attempt.is_unheard)
    });
    assert!(muted_at.is_some());
    assert_eq!(attempt(&mut world, 3), Ok(Attempt { is_unheard: true, members: 4 }));
    for _ in 0..100 {
        assert!(attempt(&mut world, OWNER).is_ok(), "the owner is not slowed");
    }
    world.raid(OWNER, false, false).unwrap();
    for _ in 0..100 {
        assert!(attempt(&mut world, 3).is_ok_and(|attempt| !attempt.is_unheard));
    }
}

#[test]
fn who_came_with_the_many_before_the_button_counts_as_new() {
    let mut world = World::with(room(100));
    world.all_enter([OWNER, 1]);
    world.wait(20);
    world.all_enter(10..40);
    world.wait(30);
    world.raid(OWNER, true, false).unwrap();
    let mut until_refused = |who| (0..50).take_while(|_| attempt(&mut world, who).is_ok()).count();
    assert_eq!([1, 10, 39].map(&mut until_refused), [10, 5, 5]);
}
