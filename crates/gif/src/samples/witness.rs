//! Independent witnesses of what a file shows: other people's decoders, and a compositor that shares nothing with
//! [`Frames`](crate::Frames).

use std::io::Cursor;

use gif::{ColorOutput, DecodeOptions, DisposalMethod};

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
    options.set_color_output(ColorOutput::RGBA);
    let mut decoder = options.read_info(bytes)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let mut canvas = vec![[0_u8; 4]; width * height];
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame()? {
        let saved = (frame.dispose == DisposalMethod::Previous).then(|| canvas.clone());
        let mut covered = Vec::new();
        for (at, pixel) in frame.buffer.as_chunks::<4>().0.iter().enumerate() {
            let row = usize::from(frame.width);
            let (x, y) = (usize::from(frame.left) + at % row, usize::from(frame.top) + at / row);
            if x < width && y < height {
                covered.push(y * width + x);
                if pixel[3] != 0 {
                    canvas[y * width + x] = *pixel;
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
