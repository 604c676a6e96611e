//! The whole app through its doors, in one test binary; one module for each promise or door.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod admission;
mod architecture;
mod asyncapi;
mod asyncapi_commands;
mod bursts;
mod cli;
mod dependencies;
mod ends;
mod events;
mod exercises;
mod export;
mod gifs;
mod handover;
mod hazards;
mod http;
mod imports;
mod library;
mod life;
mod limits;
mod lobby;
mod manual;
mod model;
mod openapi;
mod order;
mod origin;
mod outage;
mod peace;
mod pictures;
mod plain;
mod posting;
mod presence;
mod provider;
mod recovery;
mod restart;
mod rooms;
mod space;
mod stalled;
mod starts;
mod support;
mod tenor;
mod transports;
mod unheard;
