//! Bodies of polling requests, of both versions and both kinds.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, body)) = bytes.split_first() else { return };
    gifchat_realtime::fuzzing::payload(body, kind & 1 == 1, kind & 2 == 2);
});
