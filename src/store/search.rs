use super::{Store, StoreError};
use crate::domain::{MemberId, Message, RoomId};

impl Store {
    pub async fn search(
        &self,
        _: RoomId,
        _: &str,
        _: Option<MemberId>,
        _: Option<i64>,
        _: u32,
    ) -> Result<Vec<Message>, StoreError> {
        Ok(Vec::new())
    }
}
