//! Commands of plain WebSockets.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| gifchat_realtime::fuzzing::command(text));
