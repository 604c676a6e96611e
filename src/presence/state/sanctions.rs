//! Who is shut out of a room or silenced in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Scene;
use super::acts::Draft;
use super::agenda::Due;
use crate::domain::{Change, MemberId, NetworkHash, Refusal, Sanction, SanctionKind, SessionId, Timestamp};

/// How many sanctions a room holds. One more takes the place of the oldest.
const MOST_SANCTIONS: usize = 10_000;

#[derive(Debug, Default)]
pub struct Sanctions {
    all: BTreeMap<(SessionId, SanctionKind), Sanction>,
    /// Whose bans shut out newcomers of a network.
    networks: HashMap<NetworkHash, BTreeSet<SessionId>>,
}

impl Sanctions {
    /// It takes the place of one of the same kind for the same session, which is returned.
    pub fn impose(&mut self, sanction: Sanction) -> Option<Sanction> {
        let before = self.lift(sanction.session, sanction.kind);
        if let (Some(network), SanctionKind::Ban) = (sanction.network, sanction.kind) {
            self.networks.entry(network).or_default().insert(sanction.session);
        }
        self.all.insert((sanction.session, sanction.kind), sanction);
        before
    }

    pub fn lift(&mut self, session: SessionId, kind: SanctionKind) -> Option<Sanction> {
        let lifted = self.all.remove(&(session, kind))?;
        if let (Some(network), SanctionKind::Ban) = (lifted.network, kind)
            && let Some(sessions) = self.networks.get_mut(&network)
        {
            sessions.remove(&session);
            if sessions.is_empty() {
                self.networks.remove(&network);
            }
        }
        Some(lifted)
    }

    pub fn get(&self, session: SessionId, kind: SanctionKind, now: Timestamp) -> Option<&Sanction> {
        self.all.get(&(session, kind)).filter(|sanction| sanction.holds_at(now))
    }

    pub fn holds(&self, session: SessionId, kind: SanctionKind, now: Timestamp) -> bool {
        self.get(session, kind, now).is_some()
    }

    /// Whether one is there; what is over is taken out at its deadline.
    pub fn has(&self, session: SessionId, kind: SanctionKind) -> bool {
        self.all.contains_key(&(session, kind))
    }

    /// Why somebody does not get in; `network` of a newcomer.
    pub fn shuts_out(&self, session: SessionId, network: Option<NetworkHash>, now: Timestamp) -> Option<Refusal> {
        let of_network = network.and_then(|network| self.networks.get(&network)).into_iter().flatten();
        let bans = of_network.chain([&session]).filter_map(|session| self.get(*session, SanctionKind::Ban, now));
        // The one that lasts longest; one without an end is longer than any.
        if let Some(ban) = bans.max_by_key(|ban| ban.until.unwrap_or(Timestamp(i64::MAX))) {
            return Some(Refusal::Banned { retry_after: ban.until.map(|until| until.since(now)) });
        }
        let kick = self.get(session, SanctionKind::Kick, now)?;
        Some(Refusal::Kicked { retry_after: kick.until.unwrap_or(now).since(now) })
    }

    pub fn all(&self) -> impl Iterator<Item = &Sanction> {
        self.all.values()
    }

    /// Somebody against whom something holds, as they were.
    pub fn whom(&self, member: MemberId) -> Option<&Sanction> {
        self.all.values().find(|sanction| sanction.member.id == member)
    }
}

impl Scene<'_, '_> {
    /// Lets a sanction hold until its time is over.
    pub fn impose(&mut self, sanction: Sanction, draft: &mut Draft) {
        if self.live.sanctions.all.len() >= MOST_SANCTIONS {
            let oldest = self.live.sanctions.all().min_by_key(|sanction| sanction.created_at);
            if let Some((session, kind)) = oldest.map(|oldest| (oldest.session, oldest.kind)) {
                self.lift(session, kind, draft);
            }
        }
        draft.change(Change::Impose(sanction.clone()));
        let (session, kind, until) = (sanction.session, sanction.kind, sanction.until);
        let before = self.live.sanctions.impose(sanction);
        self.forget_lapse(before.as_ref());
        if let Some(until) = until {
            self.agenda.add(until, Due::Lapse(self.id, session, kind));
        }
    }

    /// Lets a sanction hold no more. Whether it did.
    pub fn lift(&mut self, session: SessionId, kind: SanctionKind, draft: &mut Draft) -> bool {
        let lifted = self.live.sanctions.lift(session, kind);
        self.forget_lapse(lifted.as_ref());
        if lifted.is_some() {
            draft.change(Change::Lift(session, kind));
        }
        lifted.is_some_and(|lifted| lifted.holds_at(self.now()))
    }

    fn forget_lapse(&mut self, sanction: Option<&Sanction>) {
        if let Some(sanction) = sanction
            && let Some(until) = sanction.until
        {
            self.agenda.remove(until, Due::Lapse(self.id, sanction.session, sanction.kind));
        }
    }
}
