//! GIF Chat as a library: the whole app can be started in a process, by `main` and by tests. See ARCHITECTURE.md.

pub mod app;
pub mod bus;
pub mod chat;
pub mod cli;
pub mod config;
pub mod data;
pub mod domain;
pub mod env;
mod gifs;
mod listen;
pub mod media;
mod open_files;
pub mod presence;
pub mod provider;
pub mod store;
mod systemd;
pub mod web;
pub mod wire;
