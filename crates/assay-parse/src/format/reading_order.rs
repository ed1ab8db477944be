//! The order in which people read boxes that stand on a page.

/// Most boxes that are put in order; more are a drawing, not a layout.
const BOXES_MAX: usize = 300;

/// A box on a page in any unit; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) x0: f64,
    pub(crate) y0: f64,
    pub(crate) x1: f64,
    pub(crate) y1: f64,
}

impl Area {
    /// A box by its corner and size; none for sizes and places that are no numbers.
    pub(crate) fn at(x: f64, y: f64, width: f64, height: f64) -> Option<Self> {
        let area = Self { x0: x, y0: y, x1: x + width.max(0.0), y1: y + height.max(0.0) };
        [area.x0, area.y0, area.x1, area.y1].iter().all(|edge| edge.is_finite()).then_some(area)
    }

    /// The smallest box that holds both.
    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}

/// Puts things in reading order by cutting the page at its widest gap, across or down, and then
/// each half again. What no gap parts keeps its order, and so does everything when a place is not
/// known.
pub(crate) fn sort<T>(things: Vec<(Option<Area>, T)>) -> Vec<T> {
    let areas: Option<Vec<Area>> = things.iter().map(|(area, _)| *area).collect();
    let mut order: Vec<usize> = (0..things.len()).collect();
    if let Some(areas) = areas.filter(|areas| areas.len() <= BOXES_MAX) {
        cut(&mut order, &areas);
    }
    let mut things: Vec<Option<T>> = things.into_iter().map(|(_, thing)| Some(thing)).collect();
    order.into_iter().filter_map(|at| things.get_mut(at)?.take()).collect()
}

fn cut(order: &mut [usize], areas: &[Area]) {
    let across = widest_gap(order, areas, |area| (area.y0, area.y1));
    let down = widest_gap(order, areas, |area| (area.x0, area.x1));
    let (place, edge): (f64, fn(&Area) -> f64) = match (across, down) {
        (Some(across), Some(down)) if down.0 > across.0 => (down.1, |area| area.x0),
        (Some(across), _) => (across.1, |area| area.y0),
        (None, Some(down)) => (down.1, |area| area.x0),
        (None, None) => return,
    };
    let is_after = |at: &usize| areas.get(*at).is_some_and(|area| edge(area) >= place);
    order.sort_by_key(is_after);
    let middle = order.partition_point(|at| !is_after(at));
    let (first, second) = order.split_at_mut(middle);
    if !first.is_empty() && !second.is_empty() {
        cut(first, areas);
        cut(second, areas);
    }
}

/// The widest gap between the boxes on one axis: its width, and where the boxes behind it start.
/// Boxes may overlap a little, as frames of text are larger than the text.
fn widest_gap(
    order: &[usize],
    areas: &[Area],
    extent: fn(&Area) -> (f64, f64),
) -> Option<(f64, f64)> {
    const OVERLAP: f64 = 0.1;
    let mut extents: Vec<(f64, f64)> =
        order.iter().filter_map(|at| areas.get(*at)).map(extent).collect();
    extents.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut extents = extents.into_iter();
    let inner_end = |(start, end): (f64, f64)| end - (end - start) * OVERLAP;
    let mut end = inner_end(extents.next()?);
    let mut widest: Option<(f64, f64)> = None;
    for extent in extents {
        let gap = extent.0 - end;
        if gap >= 0.0 && widest.is_none_or(|(width, _)| gap > width) {
            widest = Some((gap, extent.0));
        }
        end = end.max(inner_end(extent));
    }
    widest
}

#[cfg(test)]
mod tests {
    use super::{Area, sort};

    fn order(boxes: &[(f64, f64, f64, f64)]) -> Vec<usize> {
        let area = |&(x, y, width, height): &(f64, f64, f64, f64)| Area::at(x, y, width, height);
        sort(boxes.iter().enumerate().map(|(at, place)| (area(place), at)).collect())
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        let boxes = [
            (60.0, 70.0, 30.0, 20.0),
            (0.0, 40.0, 30.0, 20.0),
            (60.0, 40.0, 30.0, 20.0),
            (0.0, 70.0, 30.0, 20.0),
            (0.0, 0.0, 90.0, 10.0),
        ];
        assert_eq!(order(&boxes), [4, 1, 3, 2, 0]);
    }

    #[test]
    fn rows_are_read_across_where_they_stand_apart() {
        let boxes = [
            (0.0, 60.0, 30.0, 10.0),
            (35.0, 60.0, 30.0, 10.0),
            (35.0, 0.0, 30.0, 10.0),
            (0.0, 0.0, 30.0, 10.0),
        ];
        assert_eq!(order(&boxes), [3, 2, 0, 1]);
    }

    #[test]
    fn overlapping_boxes_and_unknown_places_keep_their_order() {
        assert_eq!(order(&[(5.0, 5.0, 30.0, 30.0), (0.0, 0.0, 30.0, 30.0)]), [0, 1]);
        assert_eq!(order(&[(0.0, 50.0, 9.0, 9.0), (0.0, f64::NAN, 9.0, 9.0)]), [0, 1]);
    }

    #[test]
    fn equal_and_empty_boxes_come_to_an_end() {
        assert_eq!(order(&[(0.0, 0.0, 0.0, 0.0); 4]), [0, 1, 2, 3]);
    }
}
