//! What an act changes beside the history: names, owner, settings, sanctions.

use super::limits;
use super::sql::{Arg, args};
use super::write::Batch;
use crate::domain::{Change, RoomChange, RoomId, Sanction};

impl Batch<'_> {
    /// The room is there.
    pub(super) async fn change(&mut self, room: RoomId, changes: &[Change]) -> Result<(), sqlx::Error> {
        let (mut renamed, mut imposed) = (false, 0);
        for change in changes {
            match change {
                Change::Rename(session, name) => {
                    renamed = true;
                    self.sql()
                        .run(
                            "INSERT INTO names (room, session, name, turn)
                             SELECT $1, $2, $3, COALESCE(MAX(turn), 0) + 1 FROM names WHERE room = $1
                             ON CONFLICT (room, session) DO UPDATE SET name = excluded.name, turn = excluded.turn",
                            args![room, *session, name.as_str()],
                        )
                        .await?;
                }
                Change::Owner(session, owner) => {
                    self.sql()
                        .run(
                            "UPDATE rooms SET owner_session = $2, owner_id = $3, owner_name = $4, owner_color = $5
                             WHERE id = $1",
                            args![room, *session, owner.id, owner.name.as_str(), owner.color],
                        )
                        .await?;
                }
                Change::Room(change) => self.change_room(room, change).await?,
                Change::Impose(sanction) => {
                    imposed += 1;
                    self.impose(room, sanction).await?;
                }
                Change::Lift(session, kind) => {
                    self.sql()
                        .run(
                            "DELETE FROM sanctions WHERE room = $1 AND session = $2 AND kind = $3",
                            args![room, *session, kind.as_str()],
                        )
                        .await?;
                }
            }
        }
        if renamed {
            self.drop_oldest_names(room).await?;
        }
        if imposed > 0 {
            self.drop_oldest_sanctions(room, imposed).await?;
        }
        Ok(())
    }

    async fn change_room(&mut self, room: RoomId, change: &RoomChange) -> Result<(), sqlx::Error> {
        let RoomChange { title, limit, password_hash, locked, slow, preset, raid_since } = change;
        self.sql()
            .run(
                "UPDATE rooms SET title = COALESCE($2, title), member_limit = COALESCE($3, member_limit),
                     locked = COALESCE($4, locked), slow = COALESCE($5, slow), preset = COALESCE($6, preset),
                     password_hash = CASE WHEN $7 = 1 THEN $8 ELSE password_hash END,
                     raid_since = CASE WHEN $9 = 1 THEN $10 ELSE raid_since END
                 WHERE id = $1",
                args![
                    room,
                    title.as_ref(),
                    Arg::MaybeInt(limit.map(|limit| limit.get().into())),
                    Arg::MaybeInt(locked.map(i64::from)),
                    Arg::MaybeInt(slow.map(|slow| slow.seconds().into())),
                    preset.as_ref(),
                    password_hash.is_some(),
                    Arg::Maybe(password_hash.clone().flatten()),
                    raid_since.is_some(),
                    Arg::MaybeInt(raid_since.flatten().map(|since| since.0)),
                ],
            )
            .await?;
        Ok(())
    }

    async fn impose(&mut self, room: RoomId, sanction: &Sanction) -> Result<(), sqlx::Error> {
        self.sql()
            .run(
                "INSERT INTO sanctions (room, session, kind, member_id, member_name, member_color, network, turn,
                     created_at, until)
                 SELECT $1, $2, $3, $4, $5, $6, $7, COALESCE(MAX(turn), 0) + 1, $8, $9 FROM sanctions WHERE room = $1
                 ON CONFLICT (room, session, kind) DO UPDATE SET member_id = excluded.member_id,
                     member_name = excluded.member_name, member_color = excluded.member_color,
                     network = excluded.network, turn = excluded.turn, created_at = excluded.created_at,
                     until = excluded.until",
                args![
                    room,
                    sanction.session,
                    sanction.kind.as_str(),
                    sanction.member.id,
                    sanction.member.name.as_str(),
                    sanction.member.color,
                    sanction.network,
                    sanction.created_at,
                    Arg::MaybeInt(sanction.until.map(|until| until.0)),
                ],
            )
            .await?;
        Ok(())
    }

    async fn drop_oldest_names(&mut self, room: RoomId) -> Result<(), sqlx::Error> {
        // Turns are given out one by one, so few of them apart means few names.
        let few: Option<(Option<i64>, Option<i64>)> = self
            .sql()
            .first(
                "SELECT (SELECT MIN(turn) FROM names WHERE room = $1), (SELECT MAX(turn) FROM names WHERE room = $1)",
                args![room],
            )
            .await?;
        if few.is_some_and(|(oldest, newest)| newest.unwrap_or(0) - oldest.unwrap_or(0) < limits::NAMES) {
            return Ok(());
        }
        self.sql()
            .run(
                "DELETE FROM names WHERE room = $1 AND turn <= (
                     SELECT turn FROM names WHERE room = $1 ORDER BY turn DESC LIMIT 1 OFFSET $2)",
                args![room, limits::NAMES],
            )
            .await?;
        Ok(())
    }

    /// Those that are over go first (of every room: once in a while is enough for them), then the oldest of those that pass by themselves. The newest, which are being
    /// imposed, stay.
    async fn drop_oldest_sanctions(&mut self, room: RoomId, newest: i64) -> Result<(), sqlx::Error> {
        let now = self.now;
        self.sql().run("DELETE FROM sanctions WHERE until <= $1", args![now]).await?;
        self.sql()
            .run(
                "DELETE FROM sanctions WHERE room = $1 AND (session, kind) IN (
                     SELECT session, kind FROM sanctions WHERE room = $1
                     ORDER BY CASE WHEN turn > (SELECT MAX(turn) FROM sanctions WHERE room = $1) - $2 THEN 0
                         WHEN kind IN ('mute', 'kick') THEN 2 ELSE 1 END, turn DESC
                     LIMIT 1000000 OFFSET $3)",
                args![room, newest, limits::SANCTIONS],
            )
            .await?;
        Ok(())
    }
}
