//! People as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Color, Listed, Member, MemberId, RoomId};

/// A person in a room's list.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Listed, description = "A person in a room's list.")]
pub struct MemberView<'a> {
    id: MemberId,
    name: &'a str,
    color: Color,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    owner: bool,
    /// Looks elsewhere, or has no connection for the moment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    away: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    muted: bool,
}

impl<'a> MemberView<'a> {
    pub fn new(listed: &'a Listed) -> Self {
        let Member { id, ref name, color } = listed.member;
        Self { id, name, color, owner: listed.is_owner, away: listed.is_away, muted: listed.is_muted }
    }

    pub fn all(listed: &'a [Listed]) -> Vec<Self> {
        listed.iter().map(Self::new).collect()
    }
}

/// Somebody is writing: `typing`.
#[derive(Clone, Debug, Serialize)]
pub struct TypingView<'a> {
    pub room: RoomId,
    pub member: MemberId,
    pub name: &'a str,
    pub user: Color,
}

/// Somebody looks elsewhere, or is back: `away`.
#[derive(Clone, Debug, Serialize)]
pub struct AwayView {
    pub room: RoomId,
    pub member: MemberId,
    pub away: bool,
}

/// Many have joined in a short time: `raid-watch`, for the owner.
#[derive(Clone, Debug, Serialize)]
pub struct RaidWatchView {
    pub room: RoomId,
    pub joins: u32,
}
