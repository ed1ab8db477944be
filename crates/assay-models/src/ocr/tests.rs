//! Geometry and pictures; the models are measured by the example `ocr_bench`.

use super::{
    detect::cores,
    image::GreyImage,
    line::{Line, in_reading_order},
    quad::{Point, Quad},
    recognise::{Reading, largest, strip},
};

fn is_near(a: f32, b: f32) -> bool {
    (a - b).abs() < 0.6
}

/// A rectangle of this size whose text starts at the point and runs at the angle.
fn quad(at: Point, width: f32, height: f32, degrees: f32) -> Quad {
    let (sin, cos) = degrees.to_radians().sin_cos();
    Quad { origin: at, along: [width * cos, width * sin], across: [-height * sin, height * cos] }
}

#[test]
fn the_smallest_rectangle_is_found_at_any_angle() {
    for degrees in [0.0, 5.0, 30.0, -20.0, 44.0] {
        let whole = quad([100.0, 80.0], 60.0, 12.0, degrees);
        let found = Quad::around(whole.corners().to_vec()).unwrap();
        for (a, b) in found.corners().iter().zip(whole.corners()) {
            assert!(is_near(a[0], b[0]) && is_near(a[1], b[1]), "{degrees}: {found:?}");
        }
    }
    assert!(Quad::around(vec![[3.0, 3.0]]).is_none());
    assert!(Quad::around(Vec::new()).is_none());
}

#[test]
fn turning_and_growing_keep_the_place() {
    let line = quad([10.0, 20.0], 50.0, 10.0, 0.0);
    assert_eq!(line.half_turned().half_turned(), line);
    assert_eq!(line.half_turned().origin, [60.0, 30.0]);
    assert!(!line.is_tall() && line.quarter_turned().is_tall());
    let grown = line.grown(3.0);
    assert_eq!((grown.origin, grown.width(), grown.height()), ([7.0, 17.0], 56.0, 16.0));
    // A point at (x, y) of a picture 100 high stands at (100 - y, x) once that is turned.
    let turned = quad([70.0, 10.0], 20.0, 10.0, 0.0);
    let back = turned.turned_back(100.0);
    assert_eq!(back.corners(), [[10.0, 30.0], [10.0, 10.0], [20.0, 10.0], [20.0, 30.0]]);
}

#[test]
fn connected_pixels_become_lines_and_noise_does_not() {
    let (width, height) = (64, 40);
    let mut map = vec![0.0; width * height];
    let mut fill = |x: std::ops::Range<usize>, y: std::ops::Range<usize>, value: f32| {
        for y in y {
            for x in x.clone() {
                map[y * width + x] = value;
            }
        }
    };
    fill(4..44, 5..9, 0.9);
    fill(4..44, 20..24, 0.4);
    fill(60..64, 36..40, 0.9);
    fill(50..51, 30..31, 0.9);
    let lines = cores(&map, width);
    assert_eq!(lines.len(), 2, "neither the doubtful nor the tiny one");
    let [left, top] = lines[0].origin;
    // 40 x 4 pixels grow by 1.6 * 160 / 88 on each side.
    assert!(is_near(left, 4.0 - 2.9) && is_near(top, 5.0 - 2.9), "{left} {top}");
    assert!(is_near(lines[0].width(), 40.0 + 5.8) && is_near(lines[0].height(), 4.0 + 5.8));
    assert!(cores(&[], 1).is_empty());
}

#[test]
fn pictures_are_made_smaller_and_turned() {
    assert!(GreyImage::new(2, 2, vec![0; 3]).is_none());
    assert!(GreyImage::new(0, 2, Vec::new()).is_none());
    let image = GreyImage::new(3, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
    let pixels = |image: &GreyImage| image.rows().flatten().copied().collect::<Vec<u8>>();
    assert_eq!(pixels(&image.turned(1)), [4, 1, 5, 2, 6, 3]);
    assert_eq!(pixels(&image.turned(2)), [6, 5, 4, 3, 2, 1]);
    assert_eq!(pixels(&image.turned(3)), [3, 6, 2, 5, 1, 4]);
    assert_eq!(image.resized(3, 2), image);
    let stripes: Vec<u8> = (0..64).map(|at| if at % 2 == 0 { 0 } else { 200 }).collect();
    let grey = GreyImage::new(8, 8, stripes).unwrap().resized(2, 2);
    assert!(pixels(&grey).iter().all(|pixel| (80..120).contains(pixel)), "{:?}", pixels(&grey));
    assert_eq!(image.resized(0, 0).width(), 1);
    assert!(is_near(image.at(0.5, 0.0), 1.5) && is_near(image.at(-9.0, 99.0), 4.0));
}

#[test]
fn a_strip_is_cut_out_upright_from_any_direction() {
    // Black above, white below, as the text sees it.
    for degrees in [0.0_f32, 90.0, 180.0, 270.0] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let pixels =
            (0..100_u8).flat_map(|y| (0..100_u8).map(move |x| (f32::from(x), f32::from(y))));
        let shade = |(x, y): (f32, f32)| {
            let down = -(x - 49.5) * sin + (y - 49.5) * cos;
            if down < 0.0 { 0 } else { 255 }
        };
        let image = GreyImage::new(100, 100, pixels.map(shade).collect()).unwrap();
        let start = [50.0 - 30.0 * cos + 12.0 * sin, 50.0 - 30.0 * sin - 12.0 * cos];
        let strip = strip(&image, &quad(start, 60.0, 24.0, degrees), 120, 128);
        assert_eq!(strip.len(), 48 * 128);
        let at = |x: usize, y: usize| strip[y * 128 + x];
        assert!(is_near(at(60, 10), -1.0) && is_near(at(60, 40), 1.0), "{degrees}");
        assert_eq!(at(125, 10), 0.0, "beyond the line it is blank");
    }
}

#[test]
fn the_largest_value_is_found_wherever_it_stands() {
    for at in [0, 1, 63, 64, 130] {
        let mut values = vec![0.1; 131];
        values[at] = 0.7;
        assert_eq!(largest(&values), (at, 0.7));
    }
}

#[test]
fn rows_are_read_from_the_start_and_stamps_last() {
    let line = |text: &str, at: Point, degrees: f32| {
        let reading = Reading { text: text.to_owned(), confidence: 0.9 };
        Line::new(&quad(at, 40.0, 10.0, degrees), reading)
    };
    let lines = vec![
        line("stamp", [500.0, 0.0], 90.0),
        line("second", [10.0, 30.0], 0.0),
        line("right", [100.0, 8.0], 0.0),
        line("left", [10.0, 10.0], 0.0),
    ];
    let texts: Vec<String> = in_reading_order(lines).into_iter().map(|line| line.text).collect();
    assert_eq!(texts, ["left", "right", "second", "stamp"]);
    // Upside down, everything the other way round.
    let lines = vec![line("second", [90.0, 60.0], 180.0), line("first", [90.0, 80.0], 180.0)];
    let texts: Vec<String> = in_reading_order(lines).into_iter().map(|line| line.text).collect();
    assert_eq!(texts, ["first", "second"]);
    assert_eq!(line("", [0.0, 0.0], 268.0).turn(), 3);
}
