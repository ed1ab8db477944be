//! Pictures in grey and what is done to them before a model sees them.

/// A picture in grey: one byte a pixel, row by row from the top, 0 is black.
#[derive(Clone, PartialEq, Eq)]
pub struct GreyImage {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl GreyImage {
    /// `None` when a side is 0 or the number of pixels is another.
    #[must_use]
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        let fits = width > 0 && height > 0 && width.checked_mul(height) == Some(pixels.len());
        fits.then_some(Self { width, height, pixels })
    }

    /// Pixels in a row.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// The rows from the top.
    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, u8> {
        self.pixels.chunks_exact(self.width)
    }

    /// The picture with other sides. Each new pixel is the mean of what it covers; where the new
    /// picture is larger, it lies between its neighbours.
    pub(super) fn resized(&self, width: usize, height: usize) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let columns = Weights::of(self.width, width);
        let rows = Weights::of(self.height, height);
        // One pass for each direction, both along rows.
        let narrow: Vec<Vec<f32>> = self
            .rows()
            .map(|row| columns.taps.iter().map(|taps| taps.sum(row)).collect())
            .collect();
        let mut pixels = Vec::with_capacity(width * height);
        let mut line = vec![0.0; width];
        for taps in &rows.taps {
            line.fill(0.5);
            for (row, share) in narrow.iter().skip(taps.first).zip(&taps.shares) {
                for (sum, value) in line.iter_mut().zip(row) {
                    *sum += value * share;
                }
            }
            pixels.extend(line.iter().map(|value| *value as u8));
        }
        Self { width, height, pixels }
    }

    /// The picture turned clockwise by a number of quarter turns.
    pub(super) fn turned(&self, quarters: u8) -> Self {
        let (width, height) = (self.width, self.height);
        let at = |x: usize, y: usize| self.pixels.get(y * width + x).copied().unwrap_or(255);
        let pixels = match quarters % 4 {
            0 => self.pixels.clone(),
            1 => (0..width)
                .flat_map(|x| (0..height).rev().map(move |y| (x, y)))
                .map(|(x, y)| at(x, y))
                .collect(),
            2 => self.pixels.iter().rev().copied().collect(),
            _ => (0..width)
                .rev()
                .flat_map(|x| (0..height).map(move |y| (x, y)))
                .map(|(x, y)| at(x, y))
                .collect(),
        };
        let (width, height) =
            if quarters.is_multiple_of(2) { (width, height) } else { (height, width) };
        Self { width, height, pixels }
    }

    /// The brightness at a point, between the four pixels around it; the edge goes on outside.
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) =
            (x.clamp(0.0, (self.width - 1) as f32), y.clamp(0.0, (self.height - 1) as f32));
        let (left, top) = (x as usize, y as usize);
        let (part_x, part_y) = (x - left as f32, y - top as f32);
        let right = (left + 1).min(self.width - 1);
        let below = (top + 1).min(self.height - 1) * self.width;
        let top = top * self.width;
        let pixel = |at: usize| f32::from(self.pixels[at]);
        let upper = pixel(top + left) + (pixel(top + right) - pixel(top + left)) * part_x;
        let lower = pixel(below + left) + (pixel(below + right) - pixel(below + left)) * part_x;
        upper + (lower - upper) * part_y
    }
}

impl std::fmt::Debug for GreyImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GreyImage({} x {})", self.width, self.height)
    }
}

/// What each new pixel of a row or column is made of.
struct Weights {
    taps: Vec<Taps>,
}

/// Neighbouring old pixels and their shares.
struct Taps {
    first: usize,
    shares: Vec<f32>,
}

impl Weights {
    fn of(old: usize, new: usize) -> Self {
        let scale = old as f32 / new as f32;
        let reach = scale.max(1.0);
        let taps = (0..new).map(|at| {
            let centre = (at as f32 + 0.5) * scale - 0.5;
            let first = ((centre - reach).ceil().max(0.0) as usize).min(old - 1);
            let last = ((centre + reach).floor().max(0.0) as usize).clamp(first, old - 1);
            let share = |from: usize| (1.0 - (from as f32 - centre).abs() / reach).max(0.0);
            let mut shares: Vec<f32> = (first..=last).map(share).collect();
            let sum: f32 = shares.iter().sum();
            if sum > 0.0 {
                shares.iter_mut().for_each(|share| *share /= sum);
            } else {
                shares.fill(1.0 / (last - first + 1) as f32);
            }
            Taps { first, shares }
        });
        Self { taps: taps.collect() }
    }
}

impl Taps {
    fn sum(&self, row: &[u8]) -> f32 {
        let values = row.get(self.first..).unwrap_or_default();
        values.iter().zip(&self.shares).map(|(value, share)| f32::from(*value) * share).sum()
    }
}
