//! The most that is allowed: not hostile, but as dear as a file can be that a person might send. Time and memory hold for
//! these as well; which of them are received depends on the machine.

use gifchat_gif::animate;
use jpeg_encoder::ColorType;

use crate::build::Build;
use crate::gifs::{lzw, noise};
use crate::{Hostile, hostile};

const SIDE: u16 = 2048;
const PIXELS: usize = SIDE as usize * SIDE as usize;

pub fn all() -> Vec<Hostile> {
    let answers = "accepted|gif-too-much-work|gif-too-large";
    let heavy = |name: &str, bytes: Vec<u8>| hostile(format!("heavy {name}"), bytes, answers);
    let large = [0, 0, SIDE, SIDE];
    let smooth = |channels: usize| -> Vec<u8> {
        (0..PIXELS * channels)
            .map(|at| (at / channels % 2048 / 8 + at / channels / 2048 / 16 * (at % channels)) as u8)
            .collect()
    };
    let flat = lzw(2, &vec![0; PIXELS]);
    let stripes: Vec<u8> = (0..PIXELS).map(|at| (at / 7 % 4) as u8).collect();
    let stripes = lzw(2, &stripes);
    let restored = (0..94).fold(Build::new(SIDE, SIDE), |gif, _| {
        gif.control_with(2, 3 << 2 | 1, 1).descriptor(large, None, 0x40).bytes(&[2]).data(&flat)
    });
    let three = |data: &[u8]| {
        (0..3).fold(Build::new(SIDE, SIDE), |gif, at| {
            gif.control_with(5, 3 << 2 | 1, at).descriptor(large, None, 0).bytes(&[2]).data(data)
        })
    };
    let moving = three(&stripes).trailer().0;
    let webp = animate(
        &moving,
        &gifchat_gif::Limits { cpu: std::time::Duration::MAX, ..gifchat_gif::Limits::default() },
        usize::MAX,
        &|| true,
    );
    let grain = lzw(8, &noise(usize::from(SIDE) * 1700));
    let grain =
        Build::version(b"GIF89a", SIDE, 1700, Some(8)).descriptor([0, 0, SIDE, 1700], None, 0).bytes(&[8]).data(&grain);
    vec![
        heavy("gif: 94 frames, taken back each time", restored.trailer().0),
        heavy("gif: one frame of grain", grain.trailer().0),
        heavy("gif: three frames of stripes", moving),
        heavy("webp: three frames of stripes", webp.unwrap().unwrap()),
        heavy("webp: lossless", lossless(&smooth(4))),
        heavy("png: smooth", png(&smooth(4), 1)),
        heavy("apng: three smooth frames, taken back each time", png(&smooth(4), 3)),
        heavy("jpeg: smooth", jpeg(&smooth(3), ColorType::Rgb, false)),
        heavy("jpeg: progressive", jpeg(&smooth(3), ColorType::Rgb, true)),
        heavy("jpeg: four inks", jpeg(&smooth(4), ColorType::Cmyk, false)),
        heavy("jpeg: progressive grain", jpeg(&noise(PIXELS), ColorType::Luma, true)),
    ]
}

fn jpeg(pixels: &[u8], kind: ColorType, progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
    encoder.set_progressive(progressive);
    encoder.encode(pixels, SIDE, SIDE, kind).unwrap();
    bytes
}

fn lossless(pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut bytes);
    encoder.encode(pixels, SIDE.into(), SIDE.into(), image_webp::ColorType::Rgba8).unwrap();
    bytes
}

fn png(pixels: &[u8], frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE.into(), SIDE.into());
    encoder.set_color(png::ColorType::Rgba);
    if frames > 1 {
        encoder.set_animated(frames, 0).unwrap();
        encoder.set_dispose_op(png::DisposeOp::Previous).unwrap();
        encoder.set_blend_op(png::BlendOp::Over).unwrap();
    }
    let mut writer = encoder.write_header().unwrap();
    (0..frames).for_each(|_| writer.write_image_data(pixels).unwrap());
    writer.finish().unwrap();
    bytes
}
