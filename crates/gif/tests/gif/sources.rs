//! Pictures in other formats, made by other encoders.

/// Canvases of straight RGBA.
#[derive(Debug)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub frames: Vec<Vec<u8>>,
}

impl Picture {
    pub fn new(width: u32, height: u32, pixel: impl Fn(u32, u32, u32) -> [u8; 4]) -> Self {
        Self::animated(width, height, 1, pixel)
    }

    /// `pixel`: by column, row and frame.
    pub fn animated(width: u32, height: u32, frames: u32, pixel: impl Fn(u32, u32, u32) -> [u8; 4]) -> Self {
        let frame = |frame| {
            let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
            places.flat_map(|(x, y)| pixel(x, y, frame)).collect()
        };
        Self { width, height, frames: (0..frames).map(frame).collect() }
    }
}

/// The first frame.
pub fn png(picture: &Picture, interlaced: bool) -> Vec<u8> {
    if interlaced {
        return adam7(picture);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&picture.frames[0]).unwrap();
    writer.finish().unwrap();
    bytes
}

/// Every frame covers the canvas and replaces what was there.
pub fn apng(picture: &Picture, milliseconds: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(picture.frames.len() as u32, 0).unwrap();
    encoder.set_frame_delay(milliseconds, 1000).unwrap();
    let mut writer = encoder.write_header().unwrap();
    picture.frames.iter().for_each(|frame| writer.write_image_data(frame).unwrap());
    writer.finish().unwrap();
    bytes
}

/// The first frame, lossless.
pub fn webp(picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut bytes);
    encoder.encode(&picture.frames[0], picture.width, picture.height, image_webp::ColorType::Rgba8).unwrap();
    bytes
}

/// The first frame, without alpha.
pub fn jpeg(picture: &Picture, orientation: Option<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    if let Some(orientation) = orientation {
        let exif = [b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation][..], &[0; 6]].concat();
        encoder.add_app_segment(1, exif).unwrap();
    }
    let [width, height] = [picture.width, picture.height].map(|side| side as u16);
    encoder.encode(&picture.frames[0], width, height, jpeg_encoder::ColorType::Rgba).unwrap();
    bytes
}

/// The encoder does not interlace.
fn adam7(picture: &Picture) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for (left, top, across, down) in
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    {
        if left >= picture.width {
            continue;
        }
        for y in (top..picture.height).step_by(down) {
            encoder.write_all(&[0]).unwrap();
            for x in (left..picture.width).step_by(across) {
                let at = (y * picture.width + x) as usize * 4;
                encoder.write_all(&picture.frames[0][at..at + 4]).unwrap();
            }
        }
    }
    let data = encoder.finish().unwrap();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let header = [&picture.width.to_be_bytes()[..], &picture.height.to_be_bytes(), &[8, 6, 0, 0, 1]].concat();
    for (name, data) in [(b"IHDR", &header[..]), (b"IDAT", &data), (b"IEND", &[])] {
        let mut crc = flate2::Crc::new();
        crc.update(name);
        crc.update(data);
        bytes.extend((data.len() as u32).to_be_bytes());
        bytes.extend(name);
        bytes.extend(data);
        bytes.extend(crc.sum().to_be_bytes());
    }
    bytes
}
