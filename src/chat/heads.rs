//! Silent rooms are told how far they are, so that nobody misses the last word for long.
//!
//! Who loses an event in the middle sees a gap in the numbers. Who loses the newest one sees nothing, until the next comes:
//! so a room that has fallen silent is told its head, soon at first and then ever less often.

use std::collections::HashMap;

use super::Chat;
use crate::domain::{Event, Position, RoomId};

/// Intervals from one telling of a room that stays silent to the next, at most: 80 s by default.
const SELDOM: u32 = 16;

/// The rooms as they were found an interval ago, each with how many intervals it has been silent.
pub(super) type Silence = HashMap<RoomId, (Position, u32)>;

impl Chat {
    /// Tells silent rooms their heads. One task runs it, for ever.
    pub async fn tell_heads(&self) {
        let mut silence = Silence::new();
        loop {
            self.env.sleep_until(self.env.now() + self.settings.head_interval).await;
            match self.store.positions().await {
                Ok(positions) => {
                    let (next, due) = look(&silence, positions);
                    silence = next;
                    due.into_iter().for_each(|(room, position)| self.bus.publish(&Event::Head { room, position }));
                }
                Err(error) => tracing::debug!(%error, "the heads of the rooms are not known for now"),
            }
        }
    }
}

/// What is known after one more look, and which rooms are to be told their heads. A head is told an interval after it was
/// first seen: by then its message has been published, if it ever is.
fn look(before: &Silence, positions: Vec<(RoomId, Position)>) -> (Silence, Vec<(RoomId, Position)>) {
    let mut due = Vec::new();
    let see = |(room, position): (RoomId, Position)| {
        let silent = match before.get(&room) {
            Some((same, silent)) if *same == position => silent + 1,
            _ => 0,
        };
        if silent.is_power_of_two() || silent > 0 && silent.is_multiple_of(SELDOM) {
            due.push((room, position));
        }
        (room, (position, silent))
    };
    (positions.into_iter().map(see).collect(), due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_told_when_it_falls_silent_and_then_ever_less_often() {
        let room = RoomId::from_bytes([1; 12]);
        let mut silence = Silence::new();
        let mut heads = |seq| {
            let (next, due) = look(&silence, vec![(room, Position { epoch: 7, seq })]);
            silence = next;
            due.iter().map(|(_, position)| position.seq).collect::<Vec<_>>()
        };
        for seq in 0..5 {
            assert_eq!(heads(seq), [0; 0], "it is not silent");
        }
        let told: Vec<u32> = (1..=50).filter(|_| heads(4) == [4]).collect();
        assert_eq!(told, [1, 2, 4, 8, 16, 32, 48]);
        assert_eq!(heads(5), [0; 0]);
        assert_eq!(heads(5), [5]);
    }
}
