use super::*;

const TEXT: Speech = Speech::Text { has_link: false };
const LINK: Speech = Speech::Text { has_link: true };

fn slow(seconds: u64) -> World {
    let mut world = World::with(Room { slow: Slow::new(seconds).unwrap(), ..room(10) });
    world.all_enter([OWNER, 1]);
    world
}

#[test]
fn only_who_is_here_speaks_and_by_the_name_they_have_here() {
    let mut world = World::new();
    assert_eq!(world.say(1, TEXT), Err(Refusal::NotInRoom));
    world.all_enter([OWNER, 1]);
    world.rename(1, "Ada").unwrap();
    let Ok(Voice::Heard(who)) = world.say(1, TEXT) else { panic!("heard") };
    assert_eq!((who.id, who.name.as_str()), (member(1), "Ada"));
    world.leave(1, 2);
    assert!(world.say(1, TEXT).is_ok(), "within the damping");
    world.wait(10);
    assert_eq!(world.say(1, TEXT), Err(Refusal::NotInRoom));
}

#[test]
fn nothing_is_accepted_after_a_kick() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.kick(OWNER, 1).unwrap();
    for what in [TEXT, Speech::Gif, Speech::Aside { has_link: false }, Speech::Other] {
        assert_eq!(world.say(1, what), Err(Refusal::NotInRoom));
    }
}

#[test]
fn the_muted_say_nothing_until_it_is_over() {
    let mut world = World::new();
    world.all_enter([OWNER, 1]);
    world.mute(OWNER, 1, 60).unwrap();
    world.wait(59);
    let muted = Err(Refusal::Muted { retry_after: Some(Duration::from_secs(1)) });
    for what in [TEXT, Speech::Gif, Speech::Aside { has_link: false }, Speech::Other] {
        assert_eq!(world.say(1, what), muted);
    }
    world.wait(1);
    assert!(world.say(1, TEXT).is_ok());
    assert!(!world.listed(1).is_muted);
}

#[test]
fn slow_mode_counts_what_was_accepted() {
    let mut world = slow(10);
    assert!(world.say(1, TEXT).is_ok());
    world.wait(4);
    assert_eq!(world.say(1, Speech::Gif), Err(Refusal::SlowMode { retry_after: Duration::from_secs(6) }));
    assert!(world.say(1, Speech::Other).is_ok());
    assert!(world.say(1, Speech::Aside { has_link: true }).is_ok());
    world.wait(6);
    assert!(world.say(1, TEXT).is_ok(), "what was refused does not count");
    assert!(world.say(OWNER, TEXT).is_ok() && world.say(OWNER, TEXT).is_ok(), "the owner is exempt");
}

#[test]
fn going_out_and_in_does_not_clear_slow_mode() {
    let mut world = slow(10);
    assert!(world.say(1, TEXT).is_ok());
    world.ask(|state, moment| state.leave_now(ROOM, session(1), moment)).unwrap();
    world.all_enter([1]);
    assert!(matches!(world.say(1, TEXT), Err(Refusal::SlowMode { .. })));
}

#[test]
fn a_retry_is_neither_refused_nor_counted_by_slow_mode() {
    let mut world = slow(10);
    let say = |world: &mut World, id: &str| {
        let id = ClientMessageId::parse(id).unwrap();
        world.ask(|state, moment| state.speak(ROOM, session(1), TEXT, Some(&id), moment)).is_ok()
    };
    assert!(say(&mut world, "a"));
    world.wait(9);
    assert!(say(&mut world, "a"));
    assert!(!say(&mut world, "b"));
    assert!(say(&mut world, "a"), "what was refused is not what was said last");
    world.wait(1);
    assert!(say(&mut world, "b"));
}

#[test]
fn a_strict_room_lets_newcomers_wait() {
    let mut world = World::with(Room { preset: Preset::Strict, ..room(10) });
    world.all_enter([OWNER]);
    assert!(world.say(OWNER, LINK).is_ok(), "the owner is exempt");
    world.all_enter([1]);
    let newcomer = |seconds| Err(Refusal::Newcomer { retry_after: Duration::from_secs(seconds) });
    assert_eq!(world.say(1, TEXT), newcomer(10));
    assert_eq!(world.say(1, Speech::Gif), newcomer(60));
    assert!(world.say(1, Speech::Other).is_ok());
    world.wait(10);
    assert!(world.say(1, TEXT).is_ok());
    assert_eq!(world.say(1, TEXT), Err(Refusal::SlowMode { retry_after: Duration::from_secs(5) }));
    assert_eq!(world.say(1, Speech::Aside { has_link: true }), newcomer(50));
    world.wait(49);
    assert_eq!(world.say(1, LINK), newcomer(1));
    world.wait(1);
    assert!(world.say(1, LINK).is_ok());
}
