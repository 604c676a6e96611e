//! Bodies of our answers to polls are split into what was joined.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|packets: Vec<(String, Option<Vec<u8>>)>| gifchat_realtime::fuzzing::payload_of(&packets));
