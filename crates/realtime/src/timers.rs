//! What comes due on a connection: pings, and the ends of patience.

use std::time::Instant;

use crate::reason::DisconnectReason;
use crate::shard::Shard;

impl Shard {
    /// Puts the connection into the wheel for the next thing that is due.
    pub(crate) fn schedule(&mut self, place: usize) {
        let session = &mut self.sessions[place];
        let timers = &mut session.timers;
        let mut next = if timers.pong_by > 0 { timers.pong_by } else { timers.ping_at };
        if session.seats.is_empty() {
            next = next.min(timers.connect_by);
        }
        if session.probe.is_some() {
            next = next.min(timers.probe_by);
        }
        if timers.wake_at <= self.wheel.now() || next < timers.wake_at {
            let at = next.clamp(self.wheel.now() + 1, self.wheel.now() + 1000);
            timers.wake_at = at;
            self.wheel.insert(at, (session.key, at));
        }
    }

    pub(crate) fn turn(&mut self, now: Instant) {
        for (key, at) in self.wheel.turn(now) {
            if let Some(place) = self.place_of(key)
                && self.sessions[place].timers.wake_at == at
            {
                self.bring_up(place);
            }
        }
        self.set_now();
        let now = self.wheel.now();
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|&key| {
            let Some(place) = self.place_of(key) else { return false };
            match self.sessions[place].is_stalled(now) {
                Some(true) => self.effects.doomed.push((place, DisconnectReason::Stalled)),
                Some(false) => return true,
                None => {}
            }
            self.sessions[place].is_watched = false;
            false
        });
        self.waiting.append(&mut waiting);
        self.settle();
    }

    pub(crate) fn bring_up(&mut self, place: usize) {
        self.set_now();
        let now = self.wheel.now();
        let session = &mut self.sessions[place];
        if session.seats.is_empty() && session.timers.connect_by <= now {
            return self.close(place, DisconnectReason::ConnectTimeout);
        }
        if session.timers.pong_by > 0 && session.timers.pong_by <= now {
            return self.close(place, DisconnectReason::PingTimeout);
        }
        if session.probe.is_some() && session.timers.probe_by <= now {
            session.probe = None;
        }
        if session.timers.pong_by == 0 && session.timers.ping_at <= now {
            session.timers.pong_by = self.wheel.after(self.shared.config.ping_timeout);
            session.send(place, &self.shared.ping, &self.shared.config, &mut self.effects);
        }
        self.schedule(place);
    }

    /// The client has answered the ping.
    pub(crate) fn pong(&mut self, place: usize) {
        let timers = &mut self.sessions[place].timers;
        timers.pong_by = 0;
        timers.ping_at = self.wheel.after(self.shared.config.ping_interval);
    }
}
