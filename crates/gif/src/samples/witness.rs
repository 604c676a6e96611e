//! Independent witnesses of what a file shows: a GIF with `gif` for its container, the specification's LZW in so many words,
//! and a compositor of its own, none of which [`Frames`](crate::Frames) has; a WebP with `image-webp`.

use std::io::Cursor;

use gif::{DecodeOptions, DisposalMethod, Frame};

use super::lzw;

/// What is seen for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The whole canvas, straight alpha.
    pub rgba: Vec<u8>,
    pub milliseconds: u32,
}

/// Everything that a file shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    pub width: u32,
    pub height: u32,
    pub frames: Vec<Shown>,
    /// How often; 0 is without end.
    pub times: u16,
}

impl Play {
    /// For each frame of `self`, what `other` shows when it begins: what to compare it with, however `other` is cut into
    /// frames. Empty when `other` has no frame.
    pub fn beside<'a>(&'a self, other: &'a Self) -> Vec<(&'a Shown, &'a Shown)> {
        let mut pairs = Vec::new();
        let mut rest = other.frames.iter();
        let Some(mut shown) = rest.next() else { return pairs };
        let (mut now, mut until) = (0, shown.milliseconds);
        for frame in &self.frames {
            while now >= until {
                let Some(next) = rest.next() else { break };
                shown = next;
                until += shown.milliseconds;
            }
            pairs.push((frame, shown));
            now += frame.milliseconds;
        }
        pairs
    }

    /// How alike `other` looks: the median of [`ssim`](super::ssim::ssim) over the frames of `self`; `None` when the sizes
    /// differ.
    pub fn likeness(&self, other: &Self) -> Option<f64> {
        if (self.width, self.height) != (other.width, other.height) {
            return None;
        }
        let alike = |(one, other): (&Shown, &Shown)| super::ssim::ssim(&one.rgba, &other.rgba, self.width);
        let mut all: Vec<f64> = self.beside(other).into_iter().map(alike).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    }

    /// The same with frames joined that show the same.
    pub fn joined(&self) -> Self {
        let mut frames: Vec<Shown> = Vec::new();
        for frame in &self.frames {
            match frames.last_mut() {
                Some(last) if last.rgba == frame.rgba => last.milliseconds += frame.milliseconds,
                _ => frames.push(frame.clone()),
            }
        }
        Self { frames, ..*self }
    }
}

/// Plays a GIF as browsers do: delays below 20 ms become 100 ms, the canvas begins transparent, and the background is
/// transparent too.
///
/// # Errors
/// What the decoder says.
pub fn gif(bytes: &[u8]) -> Result<Play, Box<dyn std::error::Error>> {
    let mut options = DecodeOptions::new();
    // It hands out the data of a frame as it is.
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(bytes)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let global = decoder.global_palette().map(<[u8]>::to_vec);
    let mut canvas = vec![[0_u8; 4]; width * height];
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame()? {
        let saved = (frame.dispose == DisposalMethod::Previous).then(|| canvas.clone());
        let table = frame.palette.as_ref().or(global.as_ref()).ok_or("no colours")?;
        let mut covered = Vec::new();
        for (x, y, index) in pixels(frame)? {
            if x < width && y < height {
                covered.push(y * width + x);
                if Some(index) != frame.transparent {
                    let [red, green, blue] = *table.as_chunks().0.get(usize::from(index)).ok_or("no such colour")?;
                    canvas[y * width + x] = [red, green, blue, 255];
                }
            }
        }
        let hundredths = if frame.delay < 2 { 10 } else { u32::from(frame.delay) };
        frames.push(Shown { rgba: canvas.as_flattened().to_vec(), milliseconds: hundredths * 10 });
        match (frame.dispose, saved) {
            (DisposalMethod::Background, _) => covered.iter().for_each(|&at| canvas[at] = [0; 4]),
            (_, Some(saved)) => canvas = saved,
            _ => {}
        }
    }
    let times = match decoder.repeat() {
        gif::Repeat::Infinite => 0,
        // A file without the extension says 0 times again.
        gif::Repeat::Finite(again) => again + 1,
    };
    Ok(Play { width: width as u32, height: height as u32, frames, times })
}

/// The pixels of a frame: column and row on the canvas, and the place in the colour table.
fn pixels(frame: &Frame<'_>) -> Result<impl Iterator<Item = (usize, usize, u8)>, &'static str> {
    let [left, top, width, height] = [frame.left, frame.top, frame.width, frame.height].map(usize::from);
    let (depth, data) = frame.buffer.split_first().ok_or("no data")?;
    let indices = lzw::read(*depth, data).filter(|indices| indices.len() >= width * height).ok_or("broken data")?;
    let rows: Vec<usize> = match frame.interlaced {
        false => (0..height).collect(),
        true => {
            [(0, 8), (4, 8), (2, 4), (1, 2)].iter().flat_map(|&(first, step)| (first..height).step_by(step)).collect()
        }
    };
    let places = rows.into_iter().flat_map(move |y| (left..left + width).map(move |x| (x, top + y)));
    Ok(places.zip(indices).map(|((x, y), index)| (x, y, index)))
}

/// Plays a WebP, animated or not.
///
/// # Errors
/// What the decoder says.
pub fn webp(bytes: &[u8]) -> Result<Play, Box<dyn std::error::Error>> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes))?;
    let (width, height) = decoder.dimensions();
    let size = decoder.output_buffer_size().unwrap_or_default();
    let opaque = !decoder.has_alpha();
    let rgba = |buffer: &[u8]| match opaque {
        true => buffer.as_chunks::<3>().0.iter().flat_map(|&[red, green, blue]| [red, green, blue, 255]).collect(),
        false => buffer.to_vec(),
    };
    let mut buffer = vec![0; size];
    let mut frames = Vec::new();
    if !decoder.is_animated() {
        decoder.read_image(&mut buffer)?;
        frames.push(Shown { rgba: rgba(&buffer), milliseconds: 0 });
        return Ok(Play { width, height, frames, times: 1 });
    }
    let times = match decoder.loop_count() {
        image_webp::LoopCount::Forever => 0,
        image_webp::LoopCount::Times(times) => times.get(),
    };
    for _ in 0..decoder.num_frames() {
        let milliseconds = decoder.read_frame(&mut buffer)?;
        frames.push(Shown { rgba: rgba(&buffer), milliseconds });
    }
    Ok(Play { width, height, frames, times })
}
