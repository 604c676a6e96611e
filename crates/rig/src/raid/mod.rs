//! A raid: hundreds post without end into a room in which a few people talk. With the button pressed the talk goes on,
//! and one step leaves the room as if nobody had come.

mod after;
mod frames;
mod honest;
mod horde;
mod newcomer;
mod raider;
mod stage;
mod talk;

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;
use clap::Args;
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::clock::now;
use crate::report::Report;
use crate::{Common, Outcome};
use horde::{Horde, State};
use stage::Stage;
use talk::Phase;

/// How long after the end of a part everything that was said in it may take to be heard.
const SETTLE_TIME: Duration = Duration::from_secs(120);
/// How long the connections of those who are banned may take to end.
const CLOSE_TIME: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, Args)]
pub struct Options {
    #[arg(long, default_value_t = 500)]
    raiders: usize,
    /// Messages a second of each of them.
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// People who talk; the first of them owns the room.
    #[arg(long, default_value_t = 5)]
    honest: usize,
    /// Seconds with the button pressed.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Seconds of talk before the raid.
    #[arg(long, default_value_t = 15)]
    calm: u64,
    /// Seconds of raid until the button is pressed.
    #[arg(long, default_value_t = 5)]
    endure: u64,
    /// Milliseconds that the honest may wait for each other's messages with the button pressed, in 99 of 100 cases; 0
    /// judges no time.
    #[arg(long, default_value_t = 250)]
    bound: u32,
}

pub async fn run(common: &Common, options: &Options) -> anyhow::Result<Outcome> {
    ensure!((2..=20).contains(&options.honest) && options.raiders > 0 && options.rate > 0, "two are needed for a talk");
    let mut report = Report::default();
    let mut stage = Stage::set(common, options).await?;
    report.add("honest people", options.honest);

    sleep(Duration::from_secs(options.calm)).await;
    let begin = now();
    let horde = Horde::start(stage.raiders(options.raiders).await?, options.rate);
    report.add("raiders", horde.state().open);
    report.add("seconds until all of them were in", format!("{:.1}", begin.elapsed().as_secs_f64()));
    ensure!(horde.state().open == options.raiders, "not all raiders are in");

    stage.talk.enter(Phase::Raid);
    horde.post(true);
    let begin = now();
    sleep(Duration::from_secs(options.endure)).await;
    let pressed_at = now();
    let pressed = stage.owner().order("raid", json!({"on": true})).await?;
    report.add("without the button, seconds", format!("{:.1}", begin.elapsed().as_secs_f64()));
    report.add("pressing the button, ms", pressed_at.elapsed().as_millis());
    stage.check("the button", pressed["raid"] == true, || format!("it was answered {pressed}"));
    let before = Mark { state: horde.state(), shown: stage.rubbish() };

    stage.talk.enter(Phase::Button);
    let newcomer = tokio::spawn(newcomer::comes(stage.http().clone(), stage.room().to_owned()));
    sleep(Duration::from_secs(options.seconds)).await;
    let during = Mark { state: horde.state(), shown: stage.rubbish() };
    let came = newcomer.await?;
    stage.check("a newcomer in the raid", came.is_ok(), || format!("{came:?}"));
    if let Ok(solved) = came {
        report.add("a newcomer solved the challenge in ms", solved.as_millis());
    }

    stage.talk.enter(Phase::Cleaning);
    let begin = now();
    let cleaned = stage.owner().order("raid", json!({"on": false, "clean": true})).await?;
    report.add("cleaning in one step, ms", begin.elapsed().as_millis());
    let banned = cleaned["banned"].as_u64();
    stage.check("the step", banned == Some(options.raiders as u64), || format!("it was answered {cleaned}"));
    stage.talk.enter(Phase::After);
    let closed = timeout(CLOSE_TIME, horde.all_closed()).await.is_ok();
    let open = horde.state().open;
    stage.check("the raiders", closed, || format!("{open} of them are still connected {CLOSE_TIME:?} later"));
    sleep(Duration::from_secs(3)).await;
    let quiet = stage.end_talk(SETTLE_TIME).await;
    stage.check("the talk", quiet, || format!("not everything was heard within {SETTLE_TIME:?}"));
    stage.check_clean(options.raiders).await?;
    let raided = horde.stop().await?;

    add_posts(&mut report, "without the button", &Mark::default(), &before);
    add_posts(&mut report, "with the button", &before, &during);
    let shown = stage.rubbish();
    report.add("raiders' posts shown in all (stored before)", shown);
    report.add("raiders' posts swallowed (acked, never stored)", raided.counts.acked.saturating_sub(shown));
    for (phase, name) in [
        (Phase::Calm, "calm"),
        (Phase::Raid, "raid without the button"),
        (Phase::Button, "with the button"),
        (Phase::Cleaning, "while it was cleaned"),
        (Phase::After, "after cleaning"),
    ] {
        let times = stage.talk.times(phase);
        if phase == Phase::Button {
            stage.judge(&times.heard, options.bound);
        }
        report.add_times(&format!("{name}, from send to heard"), times.heard);
        report.add_times(&format!("{name}, from send to ack"), times.acked);
    }
    let mut refused: BTreeMap<String, u64> = BTreeMap::new();
    for (code, count) in stage.honest.iter().flat_map(|honest| honest.look().refused) {
        *refused.entry(code).or_default() += count;
    }
    refused.into_iter().for_each(|(code, count)| report.add(format!("honest posts refused: {code}"), count));
    Ok(Outcome { report, verdict: stage.end().await? })
}

/// How far the raid was at a moment.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    state: State,
    /// What one of the honest was shown of it.
    shown: u64,
}

fn add_posts(report: &mut Report, part: &str, from: &Mark, to: &Mark) {
    let (before, after) = (from.state.counts, to.state.counts);
    report.add(format!("{part}, raiders' posts sent"), after.sent - before.sent);
    report.add(format!("{part}, not sent because the server did not read"), after.held_back - before.held_back);
    report.add(format!("{part}, acked"), after.acked - before.acked);
    report.add(format!("{part}, refused"), after.refused - before.refused);
    report.add(format!("{part}, shown"), to.shown - from.shown);
}
