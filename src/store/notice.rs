//! The parameters of a notice as the column `detail` has them: JSON, without what is absent.

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::rows::{corrupt, read};
use crate::domain::{Member, Notice, Timestamp};

#[derive(Serialize, Deserialize)]
struct Detail<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    whom: Option<Whom<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    value: Option<std::borrow::Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct Whom<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    color: std::borrow::Cow<'a, str>,
}

pub(super) fn to_detail(notice: &Notice) -> String {
    let whom = notice.whom.as_ref().map(|whom| Whom {
        id: whom.id.to_string().into(),
        name: whom.name.as_str().into(),
        color: whom.color.to_string().into(),
    });
    let detail = Detail {
        whom,
        value: notice.value.as_deref().map(Into::into),
        until: notice.until.map(|until| until.0),
        members: notice.members,
    };
    serde_json::to_string(&detail).unwrap_or_default()
}

pub(super) fn from_columns(code: &str, detail: &str) -> Result<Notice, StoreError> {
    let read_detail = serde_json::from_str(detail).map_err(|_| corrupt("messages.detail"));
    let Detail { whom, value, until, members } = read_detail?;
    let whom = match whom {
        None => None,
        Some(Whom { id, name, color }) => Some(Member {
            id: read("messages.detail", &id)?,
            name: name.into_owned(),
            color: read("messages.detail", &color)?,
        }),
    };
    Ok(Notice {
        code: read("messages.code", code)?,
        whom,
        value: value.map(std::borrow::Cow::into_owned),
        until: until.map(Timestamp),
        members,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Color, MemberId, NoticeCode, SessionId};

    #[test]
    fn a_notice_comes_back_from_its_columns() {
        let whom = Member {
            id: MemberId::from_bytes([3; 8]),
            name: "\"졸린\" \\ 고래".to_owned(),
            color: Color::of_session(&SessionId::from_bytes([4; 16])),
        };
        let full = Notice::new(NoticeCode::Banned).whom(whom).value("a\n\"b\"").until(Some(Timestamp(7))).members(5);
        for notice in [full, Notice::new(NoticeCode::Locked)] {
            assert_eq!(from_columns(notice.code.as_str(), &to_detail(&notice)).unwrap(), notice);
        }
        assert_eq!(to_detail(&Notice::new(NoticeCode::Locked)), "{}");
        for (code, detail) in [("locked", ""), ("locked", "[]x"), ("what", "{}"), ("kicked", r#"{"whom":{"id":"x"}}"#)]
        {
            assert!(from_columns(code, detail).is_err(), "{code} {detail}");
        }
    }
}
