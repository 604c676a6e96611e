//! What frames are drawn on.

/// Part of a canvas, in pixels; it may stick out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rect {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// What becomes of a frame before the next one is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disposal {
    Keep,
    /// Its place becomes transparent.
    Clear,
    /// Its place becomes what it was before.
    Restore,
}

/// RGBA pixels, transparent at first.
#[derive(Debug)]
pub(super) struct Canvas {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
    /// What the last frame covered, when it is to come back.
    covered: Vec<u8>,
    /// The last frame's place on the canvas, and what becomes of it.
    last: Option<(Rect, Disposal)>,
}

impl Canvas {
    pub fn new(width: u32, height: u32) -> Self {
        let rgba = vec![0; width as usize * height as usize * 4];
        Self { width, height, rgba, covered: Vec::new(), last: None }
    }

    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    pub fn into_rgba(self) -> Vec<u8> {
        self.rgba
    }

    /// Disposes of the last frame; the next one will be in `rect`.
    ///
    /// Returns the part of `rect` that is on the canvas: none when it is outside.
    pub fn turn(&mut self, rect: Rect, disposal: Disposal) -> Option<Rect> {
        match self.last.take() {
            Some((rect, Disposal::Clear)) => self.rows(rect).for_each(|row| row.fill(0)),
            Some((rect, Disposal::Restore)) => {
                let covered = std::mem::take(&mut self.covered);
                let rows = covered.chunks_exact(rect.width as usize * 4);
                self.rows(rect).zip(rows).for_each(|(row, before)| row.copy_from_slice(before));
                self.covered = covered;
            }
            Some((_, Disposal::Keep)) | None => {}
        }
        let rect = self.clip(rect)?;
        if disposal == Disposal::Restore {
            let mut covered = std::mem::take(&mut self.covered);
            covered.clear();
            self.rows(rect).for_each(|row| covered.extend_from_slice(row));
            self.covered = covered;
        }
        self.last = Some((rect, disposal));
        Some(rect)
    }

    /// The pixels of one row of `rect`, which is on the canvas.
    pub fn row(&mut self, rect: Rect, row: u32) -> &mut [u8] {
        let start = ((rect.top + row) as usize * self.width as usize + rect.left as usize) * 4;
        &mut self.rgba[start..start + rect.width as usize * 4]
    }

    fn rows(&mut self, rect: Rect) -> impl Iterator<Item = &mut [u8]> {
        let left = rect.left as usize * 4;
        let right = left + rect.width as usize * 4;
        let line = self.width as usize * 4;
        let start = rect.top as usize * line;
        self.rgba[start..start + rect.height as usize * line]
            .chunks_exact_mut(line)
            .map(move |row| &mut row[left..right])
    }

    fn clip(&self, rect: Rect) -> Option<Rect> {
        let width = rect.width.min(self.width.checked_sub(rect.left)?);
        let height = rect.height.min(self.height.checked_sub(rect.top)?);
        (width > 0 && height > 0).then_some(Rect { width, height, ..rect })
    }
}
