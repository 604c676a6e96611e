//! What comes due on a connection: pings, and the ends of patience.

use std::time::Instant;

use bytes::Bytes;
use tungstenite::protocol::frame::coding::Control;

use crate::encoding::Dialect;
use crate::framing::control;
use crate::reason::DisconnectReason;
use crate::shard::Shard;

/// A line that the reader of an event stream ignores; sending it finds out who is gone.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

impl Shard {
    pub(crate) fn begin_timers(&mut self, place: usize) {
        let config = &self.shared.config;
        let timers = &mut self.sessions[place].timers;
        timers.connect_by = self.wheel.after(config.connect_timeout);
        timers.ping_at = self.wheel.within(config.ping_interval);
        if self.sessions[place].encoding.is_version_3() {
            self.expect_ping(place);
        }
        self.schedule(place);
    }

    /// In version 3 the client pings: so long it has for the next.
    pub(crate) fn expect_ping(&mut self, place: usize) {
        let config = &self.shared.config;
        self.sessions[place].timers.pong_by = self.wheel.within(config.ping_interval + config.ping_timeout);
    }

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
        let due = self.wheel.turn(now);
        self.set_now();
        for (key, at) in due {
            if let Some(place) = self.place_of(key)
                && self.sessions[place].timers.wake_at == at
            {
                self.bring_up(place);
            }
        }
        let (now, stall_by) = (self.wheel.now(), self.effects.stall_by);
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|&key| {
            let Some(place) = self.place_of(key) else { return false };
            match self.sessions[place].is_stalled(now, stall_by) {
                Some(true) => self.effects.doomed.push((place, DisconnectReason::Stalled)),
                Some(false) => return true,
                None => {}
            }
            self.sessions[place].is_watched = false;
            false
        });
        self.waiting.append(&mut waiting);
        let mut lingering = std::mem::take(&mut self.lingering);
        lingering.retain(|&(key, until)| {
            let Some(&place) = self.places.get(&key).filter(|&&place| self.sessions[place].is_lingering) else {
                return false;
            };
            if until <= now {
                self.cut(place, DisconnectReason::Stalled, false);
                self.sessions[place].wake();
            }
            until > now
        });
        self.lingering.append(&mut lingering);
        self.settle();
    }

    fn bring_up(&mut self, place: usize) {
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
            let (config, effects) = (&self.shared.config, &mut self.effects);
            session.timers.pong_by = self.wheel.within(config.ping_timeout);
            match session.dialect {
                Dialect::SocketIo | Dialect::EngineIo => session.send(place, &self.shared.ping, config, effects),
                Dialect::Plain | Dialect::Raw => session.send_raw(place, control(Control::Ping, b""), config, effects),
                Dialect::EventStream => {
                    session.timers.pong_by = 0;
                    session.timers.ping_at = self.wheel.within(config.ping_interval);
                    session.send_raw(place, COMMENT, config, effects);
                }
            }
        }
        self.schedule(place);
    }

    /// The client has answered the ping.
    pub(crate) fn pong(&mut self, place: usize) {
        let timers = &mut self.sessions[place].timers;
        timers.pong_by = 0;
        timers.ping_at = self.wheel.within(self.shared.config.ping_interval);
    }
}
