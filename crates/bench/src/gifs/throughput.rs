//! Processor time, beside other programs: every program is a process for each file, one after the other.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gifchat_gif::samples::corpus::{Kind, Specimen};
use gifchat_gif::samples::witness;

use super::tool::{self, Tool};
use super::{median, write};
use crate::process::children_cpu_time;

/// What one program has done with all files, in all rounds.
struct Done {
    tool: Tool,
    /// Of each round: processor time, and time.
    cpu: Vec<f64>,
    took: Vec<f64>,
    /// Of what it wrote.
    bytes: u64,
    failed: u32,
}

pub(super) fn run(specimens: &[&Specimen], rounds: u32) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let files = write(specimens, folder.path())?;
    let (there, missing): (Vec<Tool>, Vec<Tool>) = tool::all()?.into_iter().partition(Tool::is_there);
    let mut all: Vec<Done> =
        there.into_iter().map(|tool| Done { tool, cpu: Vec::new(), took: Vec::new(), bytes: 0, failed: 0 }).collect();
    for round in 0..rounds {
        for (at, done) in all.iter_mut().enumerate() {
            eprintln!("round {} of {rounds}: {}", round + 1, done.tool.name);
            turn(done, &files, &folder.path().join(format!("out{at}")))?;
        }
    }
    print(&all, specimens, &files, folder.path())?;
    for tool in missing {
        println!("\n{} is not installed.", tool.name);
    }
    Ok(())
}

/// One program, all files.
#[expect(clippy::disallowed_methods, reason = "it measures how long something takes")]
fn turn(done: &mut Done, files: &[PathBuf], out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out)?;
    (done.bytes, done.failed) = (0, 0);
    let (cpu, start) = (children_cpu_time()?, Instant::now());
    for file in files {
        let output = output(&done.tool, file, out);
        if !done.tool.make(file, &output) {
            done.failed += 1;
        }
    }
    done.took.push(start.elapsed().as_secs_f64());
    done.cpu.push((children_cpu_time()?.saturating_sub(cpu)).max(Duration::from_millis(1)).as_secs_f64());
    for file in files {
        done.bytes += std::fs::metadata(output(&done.tool, file, out)).map_or(0, |metadata| metadata.len());
    }
    Ok(())
}

fn output(tool: &Tool, file: &Path, out: &Path) -> PathBuf {
    out.join(file.file_name().unwrap_or_default()).with_extension(tool.makes)
}

fn print(all: &[Done], specimens: &[&Specimen], files: &[PathBuf], folder: &Path) -> anyhow::Result<()> {
    let gifs: u64 = files.iter().map(|file| std::fs::metadata(file).map_or(0, |metadata| metadata.len())).sum();
    println!("{} files, {:.1} MB of GIF.\n", files.len(), gifs as f64 / 1e6);
    println!(
        "| program | CPU s | beside ours | MB of GIF/CPU s | wall s | MB out | of the GIFs | SSIM of film, median | failed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let ours = all.first().map_or(f64::NAN, |done| median(done.cpu.clone()));
    for (at, done) in all.iter().enumerate() {
        let cpu = median(done.cpu.clone());
        let film = specimens.iter().zip(files).filter(|(specimen, _)| specimen.kind == Kind::Film);
        let alike =
            film.filter_map(|(_, file)| likeness(file, &output(&done.tool, file, &folder.join(format!("out{at}")))));
        println!(
            "| {} | {cpu:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.1} % | {:.3} | {} |",
            done.tool.name,
            cpu / ours,
            gifs as f64 / 1e6 / cpu,
            median(done.took.clone()),
            done.bytes as f64 / 1e6,
            done.bytes as f64 / gifs as f64 * 100.0,
            median(alike.collect()),
            done.failed,
        );
    }
    Ok(())
}

fn likeness(gif: &Path, output: &Path) -> Option<f64> {
    let made = std::fs::read(output).ok()?;
    let made = if made.starts_with(b"GIF8") { witness::gif(&made) } else { witness::webp(&made) };
    witness::gif(&std::fs::read(gif).ok()?).ok()?.joined().likeness(&made.ok()?)
}
