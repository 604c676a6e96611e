//! Events with attachments, announced rightly or wrongly, with placeholders anywhere.

#![no_main]

use std::fmt::Write;

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Event<'a> {
    is_ack: bool,
    announced: u8,
    namespace: Option<u8>,
    id: Option<u64>,
    arguments: Vec<Argument<'a>>,
    attachments: Vec<Vec<u8>>,
}

#[derive(Arbitrary, Debug)]
enum Argument<'a> {
    Placeholder(u8),
    Wrong(i64),
    List(Vec<Argument<'a>>),
    Object(Vec<(u8, Argument<'a>)>),
    Text(&'a str),
    Number(f64),
    Raw(&'a str),
}

fn write(argument: &Argument<'_>, out: &mut String) {
    let text = |text: &str, out: &mut String| {
        out.push('"');
        out.extend(text.chars().filter(|&c| c >= ' ' && c != '"' && c != '\\'));
        out.push('"');
    };
    match argument {
        Argument::Placeholder(num) => write!(out, "{{\"_placeholder\":true,\"num\":{}}}", num % 8),
        Argument::Wrong(num) => write!(out, "{{\"num\":{num},\"_placeholder\":{}}}", num % 2 == 0),
        Argument::Number(number) => write!(out, "{number:?}"),
        Argument::Text(of) => return text(of, out),
        Argument::Raw(raw) => return out.push_str(raw),
        Argument::List(list) => {
            out.push('[');
            for (index, argument) in list.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write(argument, out);
            }
            out.push(']');
            Ok(())
        }
        Argument::Object(fields) => {
            out.push('{');
            for (index, (name, argument)) in fields.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { " \n" });
                write!(out, "\"{name}\":").expect("a string takes all");
                write(argument, out);
            }
            out.push('}');
            Ok(())
        }
    }
    .expect("a string takes all");
}

fuzz_target!(|event: Event<'_>| {
    let mut text = format!("4{}{}-", if event.is_ack { 6 } else { 5 }, event.announced % 8);
    if let Some(namespace) = event.namespace {
        write!(text, "/{namespace},").expect("a string takes all");
    }
    if let Some(id) = event.id {
        write!(text, "{id}").expect("a string takes all");
    }
    text.push_str(if event.is_ack { "[" } else { "[\"event\"" });
    for (index, argument) in event.arguments.iter().enumerate() {
        if index > 0 || !event.is_ack {
            text.push(',');
        }
        write(argument, &mut text);
    }
    text.push(']');
    gifchat_realtime::fuzzing::packet(&text, &event.attachments);
});
