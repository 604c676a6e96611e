//! System messages as JSON. The sentence is Korean, as the book's clients know it; clients with a language of their own
//! make theirs from the code and its parameters.

use serde::Serialize;
use utoipa::ToSchema;

use super::name;
use crate::domain::{Member, Message, Notice, NoticeCode, RoomId, Timestamp};

/// Somebody came or went, or something became of the room.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Notice, description = "A system message: who came and went, and what the owner did.")]
pub struct NoticeView<'a> {
    /// The name of its event.
    #[schema(pattern = "^(join|exit|nick|owner|settings|kick|ban|unban|mute|unmute|raid)$")]
    kind: &'static str,
    room: RoomId,
    /// Missing only where a `join` or `exit` could not be stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    seq: Option<i64>,
    /// Always `system`.
    user: &'static str,
    /// The Korean sentence.
    chat: String,
    code: &'static str,
    /// Who came or went, or did it.
    member: &'a Member,
    /// To whom it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    whom: Option<&'a Member>,
    /// The old name; the new title, limit, seconds or preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    until: Option<Timestamp>,
    /// How many are here now: of `join` and `exit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    members: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    created_at: Option<Timestamp>,
}

impl<'a> NoticeView<'a> {
    pub fn stored(message: &'a Message, notice: &'a Notice) -> Self {
        Self {
            kind: event_of(notice.code),
            room: message.room,
            seq: Some(message.seq),
            user: "system",
            chat: sentence(&message.member, notice),
            code: notice.code.as_str(),
            member: &message.member,
            whom: notice.whom.as_ref(),
            value: notice.value.as_deref(),
            until: notice.until,
            members: notice.members,
            created_at: Some(message.created_at),
        }
    }

    /// Somebody who came or went, of which nothing is stored.
    pub fn passing(room: RoomId, code: NoticeCode, member: &'a Member, members: u32) -> Self {
        Self {
            kind: event_of(code),
            room,
            seq: None,
            user: "system",
            chat: sentence(member, &Notice::new(code)),
            code: code.as_str(),
            member,
            whom: None,
            value: None,
            until: None,
            members: Some(members),
            created_at: None,
        }
    }

    pub const fn name(&self) -> &'static str {
        self.kind
    }
}

/// One verb for each thing.
pub const fn event_of(code: NoticeCode) -> &'static str {
    match code {
        NoticeCode::Joined => name::JOIN,
        NoticeCode::Left => name::EXIT,
        NoticeCode::Renamed => name::NICK,
        NoticeCode::OwnerLeft | NoticeCode::OwnerHanded => name::OWNER,
        NoticeCode::Kicked => name::KICK,
        NoticeCode::Banned => name::BAN,
        NoticeCode::Unbanned => name::UNBAN,
        NoticeCode::Muted => name::MUTE,
        NoticeCode::Unmuted => name::UNMUTE,
        NoticeCode::Title
        | NoticeCode::Limit
        | NoticeCode::PasswordSet
        | NoticeCode::PasswordRemoved
        | NoticeCode::Locked
        | NoticeCode::Unlocked
        | NoticeCode::Slow
        | NoticeCode::Preset => name::SETTINGS,
        NoticeCode::RaidOn | NoticeCode::RaidOff => name::RAID,
    }
}

/// The book's own sentences name people by their colour; ours by their name.
fn sentence(member: &Member, notice: &Notice) -> String {
    let name = &member.name;
    let whom = notice.whom.as_ref().map_or("", |whom| &whom.name);
    let value = notice.value.as_deref().unwrap_or_default();
    match notice.code {
        NoticeCode::Joined => format!("{}님이 입장하셨습니다.", member.color),
        NoticeCode::Left => format!("{}님이 퇴장하셨습니다.", member.color),
        NoticeCode::Renamed => format!("{value}님이 이름을 {name}(으)로 바꿨습니다."),
        NoticeCode::OwnerLeft => format!("{whom}님이 나가서 {name}님이 방장이 되었습니다."),
        NoticeCode::OwnerHanded => format!("{name}님이 {whom}님에게 방장을 넘겼습니다."),
        NoticeCode::Kicked => format!("{whom}님이 내보내졌습니다."),
        NoticeCode::Banned => format!("{whom}님이 차단되었습니다."),
        NoticeCode::Unbanned => format!("{whom}님의 차단이 풀렸습니다."),
        NoticeCode::Muted => format!("{whom}님은 당분간 말할 수 없습니다."),
        NoticeCode::Unmuted => format!("{whom}님이 다시 말할 수 있습니다."),
        NoticeCode::Title => format!("방 제목이 {value}(으)로 바뀌었습니다."),
        NoticeCode::Limit => format!("허용 인원이 {value}명으로 바뀌었습니다."),
        NoticeCode::PasswordSet => String::from("방에 비밀번호가 생겼습니다."),
        NoticeCode::PasswordRemoved => String::from("방의 비밀번호가 없어졌습니다."),
        NoticeCode::Locked => String::from("방이 잠겼습니다."),
        NoticeCode::Unlocked => String::from("방의 잠금이 풀렸습니다."),
        NoticeCode::Slow if value == "0" => String::from("느린 모드가 꺼졌습니다."),
        NoticeCode::Slow => format!("느린 모드: {value}초에 한 번 말할 수 있습니다."),
        NoticeCode::Preset => format!("방의 보호 단계가 {value}(으)로 바뀌었습니다."),
        NoticeCode::RaidOn => String::from("방장이 난입 방어를 켰습니다."),
        NoticeCode::RaidOff => String::from("난입 방어가 꺼졌습니다."),
    }
}
