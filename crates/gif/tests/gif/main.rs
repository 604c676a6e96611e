//! What the crate promises, through its public door.

// Only tests: a failed `unwrap` is a failed test.
#![allow(clippy::unwrap_used)]

mod bounds;
mod build;
mod corpus;
mod decoded;
mod hostile;
mod playing;
mod properties;
mod reading;
mod webp;
mod receiving;
mod sources;
