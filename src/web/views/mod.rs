//! The pages as data: plain values in, HTML out (askama, `templates/`). They know no HTTP.
//!
//! Colours of people without inline style attributes: what a page shows in somebody's colour has the class
//! `u-<rrggbb>`, and one `<style nonce>` block in the head lists `.u-<rrggbb>{--u:#<rrggbb>}` for the colours on that
//! page, so the policy stays `style-src 'self' 'nonce-..'`. The script sets the same property on what it adds.

mod export;
mod form;
mod frame;
mod history;
mod line;
mod lobby;
mod message;
mod pieces;
mod plain;
mod room;
#[cfg(test)]
mod tests;

pub use export::ExportPage;
pub use form::{FormPage, PasswordPage};
pub use frame::{Frame, Theme};
pub use lobby::{LobbyError, LobbyPage};
pub use plain::{ErrorPage, NotFoundPage, WorkPage};
pub use room::{PictureLimits, RoomPage};
