//! What the crate promises, through its public door.

// Only tests: a failed `unwrap` is a failed test.
#![allow(clippy::unwrap_used)]

mod bounds;
mod build;
mod chance;
mod corpus;
mod decoded;
mod hostile;
mod playing;
mod properties;
mod reading;
mod receiving;
mod sources;
mod webp;
