//! Rectangles that may be turned, and the smallest one around a set of points.

/// A point in pixels from the upper left corner.
pub(super) type Point = [f32; 2];

/// A rectangle in any direction: a corner and two sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quad {
    /// The corner where the text starts.
    pub(super) origin: Point,
    /// From the origin along the text to its end.
    pub(super) along: Point,
    /// From the origin across the text to its lower edge.
    pub(super) across: Point,
}

impl Quad {
    /// The smallest rectangle around the points, with its text side the one nearest to level.
    pub(super) fn around(points: Vec<Point>) -> Option<Self> {
        let hull = hull(points);
        let edges = hull.iter().zip(hull.iter().cycle().skip(1));
        let rectangles = edges.filter_map(|(a, b)| {
            let length = (b[0] - a[0]).hypot(b[1] - a[1]);
            let unit = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
            (length > 0.0).then(|| Self::in_direction(level(unit), &hull))
        });
        rectangles.min_by(|a, b| a.area().total_cmp(&b.area()))
    }

    fn in_direction(unit: Point, points: &[Point]) -> Self {
        let normal = [-unit[1], unit[0]];
        let span = |axis: Point| {
            let at = points.iter().map(|point| point[0] * axis[0] + point[1] * axis[1]);
            at.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), at| {
                (low.min(at), high.max(at))
            })
        };
        let ((left, right), (top, bottom)) = (span(unit), span(normal));
        Self {
            origin: [unit[0] * left + normal[0] * top, unit[1] * left + normal[1] * top],
            along: unit.map(|part| part * (right - left)),
            across: normal.map(|part| part * (bottom - top)),
        }
    }

    /// Length along the text.
    pub(super) fn width(&self) -> f32 {
        self.along[0].hypot(self.along[1])
    }

    /// Height of the text.
    pub(super) fn height(&self) -> f32 {
        self.across[0].hypot(self.across[1])
    }

    fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// The rectangle with its edges moved outwards by `margin`.
    pub(super) fn grown(&self, margin: f32) -> Self {
        let scaled = |side: Point, length: f32| side.map(|part| part / length.max(1e-6) * margin);
        let (u, v) = (scaled(self.along, self.width()), scaled(self.across, self.height()));
        Self {
            origin: [self.origin[0] - u[0] - v[0], self.origin[1] - u[1] - v[1]],
            along: [self.along[0] + 2.0 * u[0], self.along[1] + 2.0 * u[1]],
            across: [self.across[0] + 2.0 * v[0], self.across[1] + 2.0 * v[1]],
        }
    }

    /// The rectangle in a picture whose sides are larger by these factors.
    pub(super) fn scaled(&self, x: f32, y: f32) -> Self {
        let scale = |point: Point| [point[0] * x, point[1] * y];
        Self { origin: scale(self.origin), along: scale(self.along), across: scale(self.across) }
    }

    /// The same rectangle with the text running towards the next side, clockwise.
    pub(super) fn quarter_turned(&self) -> Self {
        Self {
            origin: [self.origin[0] + self.along[0], self.origin[1] + self.along[1]],
            along: self.across,
            across: self.along.map(|part| -part),
        }
    }

    /// Whether it is much higher than wide, as text that runs up or down.
    pub(super) fn is_tall(&self) -> bool {
        self.height() > 1.5 * self.width()
    }

    /// The rectangle in the picture before that was turned clockwise by a quarter; `height` is the
    /// height before.
    pub(super) fn turned_back(&self, height: f32) -> Self {
        let back = |side: Point| [side[1], -side[0]];
        Self {
            origin: [self.origin[1], height - self.origin[0]],
            along: back(self.along),
            across: back(self.across),
        }
    }

    /// The same rectangle with the text upside down.
    pub(super) fn half_turned(&self) -> Self {
        self.quarter_turned().quarter_turned()
    }

    /// The corners in the order in which the text is framed: start and end of its upper edge, end
    /// and start of its lower edge.
    pub(super) fn corners(&self) -> [Point; 4] {
        let [o, u, v] = [self.origin, self.along, self.across];
        let end = [o[0] + u[0], o[1] + u[1]];
        [o, end, [end[0] + v[0], end[1] + v[1]], [o[0] + v[0], o[1] + v[1]]]
    }
}

/// The direction among the four that a rectangle has that is nearest to level, from left to right.
fn level(unit: Point) -> Point {
    let [x, y] = unit;
    if x.abs() >= y.abs() {
        if x >= 0.0 { [x, y] } else { [-x, -y] }
    } else if y >= 0.0 {
        [y, -x]
    } else {
        [-y, x]
    }
}

/// The corners of the convex hull.
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let mut lower = chain(points.iter());
    let mut upper = chain(points.iter().rev());
    lower.pop();
    upper.pop();
    lower.append(&mut upper);
    lower
}

fn chain<'a>(points: impl Iterator<Item = &'a Point>) -> Vec<Point> {
    let mut chain: Vec<Point> = Vec::new();
    for point in points {
        while let [.., a, b] = chain.as_slice()
            && (b[0] - a[0]) * (point[1] - a[1]) <= (b[1] - a[1]) * (point[0] - a[0])
        {
            chain.pop();
        }
        chain.push(*point);
    }
    chain
}
