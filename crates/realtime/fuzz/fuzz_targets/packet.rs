//! Packets of Engine.IO and Socket.IO as text.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| gifchat_realtime::fuzzing::packet(text, &[]));
