//! Why a use case could not do what was asked.

use crate::domain::{Invalid, Refusal};
use crate::media::MediaError;
use crate::provider::ProviderError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Gif(#[from] gifchat_gif::Error),
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// Too much of this work is waiting already.
    #[error("too much is waiting")]
    Busy,
    /// Nothing more is taken: the process ends.
    #[error("the server ends")]
    ShuttingDown,
    /// Not the caller's fault: a full disk, a database that is away. Worth another try.
    #[error("cannot {doing}")]
    Unavailable {
        doing: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Whether GIFs have no space; what is stored already has.
    pub const fn is_for_space(&self) -> bool {
        use Refusal::{DiskFull, RoomFullOfGifs, ServerFullOfGifs, TooMuchShown};
        matches!(self, Self::Refused(RoomFullOfGifs | TooMuchShown | ServerFullOfGifs | DiskFull))
    }

    pub(crate) fn unavailable(
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Unavailable { doing, source: source.into() }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchRoom => Refusal::NoSuchRoom.into(),
            StoreError::TooManyRooms => Refusal::TooManyRooms.into(),
            StoreError::RoomFullOfGifs => Refusal::RoomFullOfGifs.into(),
            StoreError::TooMuchShown => Refusal::TooMuchShown.into(),
            StoreError::ServerFullOfGifs => Refusal::ServerFullOfGifs.into(),
            StoreError::NoSuchMessage => Refusal::NoSuchMessage.into(),
            StoreError::NotYours => Refusal::NotYours.into(),
            StoreError::TooLate => Refusal::TooLate.into(),
            StoreError::LibraryFull => Refusal::LibraryFull.into(),
            StoreError::TooManyOffers => Refusal::TooManyOffers.into(),
            StoreError::TooManyReactions => Refusal::TooManyReactions.into(),
            error => Self::unavailable("reach the database", error),
        }
    }
}

impl From<MediaError> for Error {
    fn from(error: MediaError) -> Self {
        Self::unavailable("reach the GIFs", error)
    }
}
