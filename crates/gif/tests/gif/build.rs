//! Builds GIFs of every kind, right and wrong, byte by byte and without the code under test.

/// A GIF in the making. Nothing is checked: wrong ones are wanted too.
#[derive(Clone, Debug)]
pub struct Build(pub Vec<u8>);

/// Left, top, width, height.
pub type Rect = [u16; 4];

impl Build {
    /// Version 89a and a global table of four colours.
    pub fn new(width: u16, height: u16) -> Self {
        Self::version(b"GIF89a", width, height, Some(2))
    }

    /// `colors`: bits of the global table, 1 to 8, if any.
    pub fn version(version: &[u8; 6], width: u16, height: u16, colors: Option<u8>) -> Self {
        let mut build = Self(version.to_vec()).u16(width).u16(height).bytes(&[flags(colors), 0, 0]);
        build.table(colors);
        build
    }

    pub fn comment(self, text: &[u8]) -> Self {
        self.bytes(&[0x21, 0xfe]).data(text)
    }

    /// A name of 11 bytes and data.
    pub fn application(self, name: &[u8; 11], data: &[u8]) -> Self {
        self.bytes(&[0x21, 0xff, 11]).bytes(name).data(data)
    }

    pub fn plain_text(self, text: &[u8]) -> Self {
        self.bytes(&[0x21, 0x01, 12]).bytes(&[7; 12]).data(text)
    }

    /// Any extension at all.
    pub fn extension(self, label: u8, data: &[u8]) -> Self {
        self.bytes(&[0x21, label]).data(data)
    }

    pub fn loops(self, count: u16) -> Self {
        let [low, high] = count.to_le_bytes();
        self.application(b"NETSCAPE2.0", &[1, low, high])
    }

    /// The delay in hundredths of a second.
    pub fn control(self, delay: u16) -> Self {
        self.control_with(delay, 0, 0)
    }

    pub fn control_with(self, delay: u16, flags: u8, transparent: u8) -> Self {
        self.bytes(&[0x21, 0xf9, 4, flags]).u16(delay).bytes(&[transparent, 0])
    }

    /// A frame in the colours of the screen, with pixels all over it.
    pub fn frame(self, rect: Rect) -> Self {
        self.frame_with(rect, None, 0, 2, 0)
    }

    /// Just a descriptor and one byte of data: quick to make, whatever its size says.
    pub fn tiny_frame(self, rect: Rect) -> Self {
        self.descriptor(rect, None, 0).bytes(&[2]).data(&[0x44])
    }

    /// `extra`: further flags. `depth`: the LZW minimum code size. `seed` varies the pixels.
    pub fn frame_with(self, rect: Rect, colors: Option<u8>, extra: u8, depth: u8, seed: u8) -> Self {
        let pixels = usize::from(rect[2]) * usize::from(rect[3]);
        let pixels: Vec<u8> = (0..pixels).map(|at| ((at * 7 + usize::from(seed)) % (1 << depth)) as u8).collect();
        self.descriptor(rect, colors, extra).bytes(&[depth]).data(&lzw(depth, &pixels))
    }

    pub fn descriptor(self, rect: Rect, colors: Option<u8>, extra: u8) -> Self {
        let mut build = self.bytes(&[0x2c]);
        for number in rect {
            build = build.u16(number);
        }
        build = build.bytes(&[flags(colors) | extra]);
        build.table(colors);
        build
    }

    pub fn trailer(self) -> Self {
        self.bytes(b";")
    }

    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// Sub-blocks and their terminator.
    pub fn data(mut self, data: &[u8]) -> Self {
        for block in data.chunks(255) {
            self.0.push(block.len() as u8);
            self.0.extend_from_slice(block);
        }
        self.0.push(0);
        self
    }

    fn u16(self, number: u16) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    fn table(&mut self, colors: Option<u8>) {
        let entries = colors.map_or(0, |bits| 1_u16 << bits);
        self.0.extend((0..entries).flat_map(|entry| [entry as u8, (entry * 31) as u8, !(entry as u8)]));
    }
}

fn flags(colors: Option<u8>) -> u8 {
    colors.map_or(0, |bits| 0x80 | (bits - 1))
}

/// LZW without compression, for depths of 2 and more: a clear code comes before codes would grow.
fn lzw(depth: u8, pixels: &[u8]) -> Vec<u8> {
    let (clear, end, width) = (1_u32 << depth, (1 << depth) + 1, u32::from(depth) + 1);
    let mut codes = Vec::new();
    for run in pixels.chunks((1 << depth) - 2) {
        codes.push(clear);
        codes.extend(run.iter().map(|&pixel| u32::from(pixel)));
    }
    codes.push(end);
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for code in codes {
        bits |= code << count;
        count += width;
        while count >= 8 {
            bytes.push(bits as u8);
            bits >>= 8;
            count -= 8;
        }
    }
    if count > 0 {
        bytes.push(bits as u8);
    }
    bytes
}
