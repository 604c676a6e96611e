//! What is read and remembered without a server.

use super::link::{Act, Post};
use super::outgoing::Outgoing;
use crate::clock::now;

fn post(number: u64) -> Post {
    Post { number, client_message_id: number.to_string(), text: String::from("x"), act: Act::Say }
}

fn numbers(outgoing: &mut Outgoing, window: usize) -> Vec<(u64, bool)> {
    std::iter::from_fn(|| outgoing.next(window, now())).map(|(post, again)| (post.number, again)).collect()
}

#[tokio::test]
async fn what_is_not_acked_is_sent_again_in_order() {
    let mut outgoing = Outgoing::default();
    (0..5).for_each(|number| outgoing.push(post(number)));
    assert_eq!(numbers(&mut outgoing, 3), [(0, false), (1, false), (2, false)]);
    assert!(outgoing.acked(1, now()).is_some_and(|done| !done.refused));
    assert_eq!(numbers(&mut outgoing, 3), [(3, false)]);
    outgoing.lost();
    assert!(outgoing.oldest().is_none());
    assert_eq!(numbers(&mut outgoing, 9), [(0, true), (2, true), (3, true), (4, false)]);
    assert!(outgoing.acked(1, now()).is_none(), "it is gone");
}

#[tokio::test]
async fn a_refused_post_waits_and_is_marked() {
    let mut outgoing = Outgoing::default();
    (0..2).for_each(|number| outgoing.push(post(number)));
    assert_eq!(numbers(&mut outgoing, 1), [(0, false)]);
    let moment = now() + std::time::Duration::from_secs(1);
    outgoing.refused(0, moment);
    assert!(outgoing.next(1, now()).is_none());
    assert_eq!(outgoing.not_before(), Some(moment));
    assert_eq!(outgoing.next(1, moment).map(|(post, again)| (post.number, again)), Some((0, true)));
    outgoing.unanswered(0, moment);
    assert!(outgoing.acked(0, moment).is_some_and(|done| done.refused));
}
