//! Asking the writer without waiting for its answer.

use tokio::sync::mpsc;

use super::answer::Answer;
use super::error::StoreError;
use super::writer::Command;
use super::{Acted, Files, Posted, SpaceLimits, Whispered};
use crate::domain::{Act, NewMessage, NewWhisper};

/// A place in the writer's queue, free again when it is dropped.
#[derive(Debug)]
pub struct Turn<'a>(pub(super) mpsc::Permit<'a, Command>);

impl Turn<'_> {
    /// As [`super::Store::post`], without waiting: `done` is called with what would have been returned, exactly once, on the
    /// writer's task. It must not block.
    pub fn post(self, new: NewMessage, done: impl FnOnce(Result<Posted, StoreError>) + Send + 'static) {
        self.0.send(Command::post(new, Answer::new(done)));
    }

    /// As [`Turn::post`], for a GIF with these files, within these limits.
    ///
    /// `done` may get [`StoreError::RoomFullOfGifs`], [`StoreError::TooMuchShown`] or [`StoreError::ServerFullOfGifs`].
    pub fn show(
        self,
        new: NewMessage,
        files: Files,
        limits: SpaceLimits,
        done: impl FnOnce(Result<Posted, StoreError>) + Send + 'static,
    ) {
        self.0.send(Command::PostEntry(Box::new(new), files, limits, Answer::new(done)));
    }

    /// As [`super::Store::act`], without waiting: see [`Turn::post`].
    pub fn act(self, act: Act, done: impl FnOnce(Result<Acted, StoreError>) + Send + 'static) {
        self.0.send(Command::Act(Box::new(act), Answer::new(done)));
    }

    /// As [`super::Store::whisper`], without waiting: see [`Turn::post`].
    pub fn whisper(self, new: NewWhisper, done: impl FnOnce(Result<Whispered, StoreError>) + Send + 'static) {
        self.0.send(Command::Whisper(Box::new(new), Answer::new(done)));
    }
}
