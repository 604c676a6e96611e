//! Every GIF of the corpus goes through, pixel for pixel; its WebP shows the same.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gifchat_gif::samples::corpus::{CORPUS, Kind, Specimen};
use gifchat_gif::samples::ssim::ssim;
use gifchat_gif::samples::witness::{self, Play, Shown};
use gifchat_gif::{Error, Frames, Limits, animate, receive};

/// Runs `check` on every GIF of the corpus, on all cores; the results are in the corpus' order.
fn each<T: Send>(check: impl Fn(&Specimen) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(specimen) = CORPUS.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((specimen.name, check(specimen)));
        }
        done
    };
    let mut all: Vec<_> = std::thread::scope(|scope| {
        let workers = [(); 4].map(|()| scope.spawn(work));
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    all.sort_by_key(|(name, _)| CORPUS.iter().position(|specimen| specimen.name == *name));
    all.into_iter().map(|(_, result)| result).collect()
}

/// Slow machines and debug builds must not matter here.
fn limits() -> Limits {
    Limits { cpu: Duration::from_secs(600), animation_cpu: Duration::from_secs(600), ..Limits::default() }
}

fn frames(gif: &[u8]) -> Result<Play, Error> {
    let mut frames = Frames::open(gif, &limits())?;
    let (width, height) = frames.size();
    let times = frames.info().loops;
    let mut shown = Vec::new();
    while let Some(frame) = frames.next()? {
        shown.push(Shown { rgba: frame.rgba.to_vec(), milliseconds: frame.delay.as_millis() as u32 });
    }
    let times = match times {
        gifchat_gif::Loops::Forever => 0,
        gifchat_gif::Loops::Once => 1,
        gifchat_gif::Loops::Again(again) => again.get() + 1,
    };
    Ok(Play { width, height, frames: shown, times })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn the_corpus_is_large_and_of_all_kinds() {
    assert!(CORPUS.len() >= 40);
    assert_eq!(CORPUS.iter().map(|specimen| specimen.name).collect::<HashSet<_>>().len(), CORPUS.len());
    for kind in [Kind::Film, Kind::Drawn, Kind::Screen, Kind::Odd] {
        assert!(CORPUS.iter().filter(|specimen| specimen.kind == kind).count() >= 7, "{kind:?}");
    }
}

#[test]
fn every_pixel_goes_through() {
    let numbers = each(|specimen| {
        let (name, gif) = (specimen.name, specimen.to_gif());
        let received = receive(&gif, &limits()).unwrap();
        let expected = witness::gif(&gif).unwrap();
        let stored = witness::gif(&received.gif).unwrap();
        assert!(stored.times == expected.times && stored.frames == expected.frames, "{name} is stored as it was");
        let got = frames(&received.gif).unwrap();
        assert_eq!((got.width, got.height, got.times), (expected.width, expected.height, expected.times), "{name}");
        assert_eq!(got.frames.len(), expected.frames.len(), "{name}");
        for (number, (got, expected)) in got.frames.iter().zip(&expected.frames).enumerate() {
            assert_eq!(got.milliseconds, expected.milliseconds, "{name}, frame {number}");
            assert!(got.rgba == expected.rgba, "{name}, frame {number}: pixels differ");
        }
        expected.frames.len()
    });
    assert_eq!((numbers.iter().min(), numbers.iter().max()), (Some(&1), Some(&500)));
}

/// What became of one GIF.
struct Outcome {
    name: &'static str,
    kind: Kind,
    /// The median of its frames.
    alike: f64,
    /// Of its bytes, what is not sent; 0 when the GIF stays.
    saved: f64,
}

fn light(specimen: &Specimen) -> Outcome {
    let Specimen { name, kind, .. } = *specimen;
    let gif = specimen.to_gif();
    let webp = animate(&gif, &limits(), usize::MAX, &|| true).unwrap().unwrap();
    let kept = animate(&gif, &limits(), gif.len(), &|| true).unwrap();
    assert_eq!(kept.is_some(), webp.len() < gif.len(), "{name}: never larger than the GIF");
    assert!(kept.is_none_or(|kept| kept == webp), "{name}: always the same");

    let expected = witness::gif(&gif).unwrap().joined();
    let got = witness::webp(&webp).unwrap();
    assert_eq!((got.width, got.height), (expected.width, expected.height), "{name}");
    assert_eq!(got.frames.len(), expected.frames.len(), "{name}: what does not change is one frame");
    if got.frames.len() > 1 {
        assert_eq!(got.times, expected.times, "{name}: as often");
        let times = |play: &Play| play.frames.iter().map(|frame| frame.milliseconds).collect::<Vec<_>>();
        assert_eq!(times(&got), times(&expected), "{name}: as long");
    }
    let width = expected.width;
    let frames = || got.frames.iter().zip(&expected.frames);
    for (number, (got, expected)) in frames().enumerate() {
        let alpha = |shown: &Shown| shown.rgba.as_chunks::<4>().0.iter().map(|pixel| pixel[3]).collect::<Vec<_>>();
        assert!(alpha(got) == alpha(expected), "{name}, frame {number}: transparency differs");
    }
    let alike = frames().map(|(got, expected)| ssim(&got.rgba, &expected.rgba, width)).collect::<Vec<_>>();
    let worst = alike.iter().copied().fold(1.0, f64::min);
    let alike = median(alike);
    // No frame falls behind the others: nothing adds up from frame to frame.
    assert!(worst > alike.min(0.95) - 0.03, "{name}: {worst} is much less than {alike}");
    Outcome { name, kind, alike, saved: (1.0 - webp.len() as f64 / gif.len() as f64).max(0.0) }
}

#[test]
fn webp_shows_the_same_with_much_less() {
    let results = each(light);
    for Outcome { name, kind, alike, .. } in &results {
        // Noise on purpose, up to the last bit: film. What is drawn has to stay clean.
        let least = if *kind == Kind::Film { 0.9 } else { 0.93 };
        assert!(*alike > least, "{name}: {alike}");
        let clean = matches!(*kind, Kind::Screen | Kind::Odd);
        assert!(*alike > 0.99 || !clean, "{name} is not clean: {alike}");
    }
    let film = results.iter().filter(|result| result.kind == Kind::Film).map(|result| result.alike);
    assert!(median(film.collect()) >= 0.95);
    let saved = median(results.iter().map(|result| result.saved).collect());
    assert!(saved >= 0.55, "{saved}");
    // The honest end of it: some GIFs are the smaller ones, and stay.
    assert!(results.iter().any(|result| result.saved == 0.0));
}
