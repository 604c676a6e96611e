//! What is read once, at the start, and kept in memory from then on: names and sanctions.

use super::Store;
use super::error::StoreError;
use super::rows::read;
use super::sql::args;
use crate::domain::{Member, RoomId, Sanction, SessionId, Timestamp};

impl Store {
    /// What sessions call themselves in the rooms that there are, the oldest of a room first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn names(&self) -> Result<Vec<(RoomId, SessionId, String)>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<(String, String, String)> = lease
            .sql()
            .all(
                "SELECT room, session, name FROM names WHERE EXISTS (SELECT 1 FROM rooms WHERE id = names.room)
                 ORDER BY room, turn",
                args![],
            )
            .await
            .map_err(|error| self.unreadable(error))?;
        rows.into_iter()
            .map(|(room, session, name)| Ok((read("names.room", &room)?, read("names.session", &session)?, name)))
            .collect()
    }

    /// The sanctions that hold now in the rooms that there are, the oldest of a room first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn sanctions(&self) -> Result<Vec<(RoomId, Sanction)>, StoreError> {
        let mut lease = self.reader().await?;
        let rows: Vec<SanctionRow> = lease
            .sql()
            .all(
                "SELECT * FROM sanctions
                 WHERE (until IS NULL OR until > $1) AND EXISTS (SELECT 1 FROM rooms WHERE id = sanctions.room)
                 ORDER BY room, turn",
                args![self.shared.env.now()],
            )
            .await
            .map_err(|error| self.unreadable(error))?;
        rows.into_iter().map(|row| Ok((read("sanctions.room", &row.room)?, row.try_into()?))).collect()
    }
}

#[derive(sqlx::FromRow)]
struct SanctionRow {
    room: String,
    session: String,
    kind: String,
    member_id: String,
    member_name: String,
    member_color: String,
    network: Option<String>,
    created_at: i64,
    until: Option<i64>,
}

impl TryFrom<SanctionRow> for Sanction {
    type Error = StoreError;

    fn try_from(row: SanctionRow) -> Result<Self, StoreError> {
        Ok(Self {
            kind: read("sanctions.kind", &row.kind)?,
            session: read("sanctions.session", &row.session)?,
            member: Member {
                id: read("sanctions.member_id", &row.member_id)?,
                name: row.member_name,
                color: read("sanctions.member_color", &row.member_color)?,
            },
            network: row.network.map(|network| read("sanctions.network", &network)).transpose()?,
            created_at: Timestamp(row.created_at),
            until: row.until.map(Timestamp),
        })
    }
}
