//! Measures text recognition: recall and precision of words, F1 of the document that comes of it,
//! CPU seconds a page.
//!
//! `cargo run --release -p assay-models --example ocr_bench -- MODEL_FOLDER FILES_FOLDER [SIDE
//! [STRETCH [DOUBT [COLUMNS [THREADS]]]]]` reads each PDF and picture of a folder that has its words
//! beside it, in `NAME.txt` or `NAME.ENDING.expected.md`. Files are grouped by the letters that
//! their names start with.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use assay_core::ParseLimits;
use assay_models::ocr::{GreyImage, Line, Reader, ReaderSettings};
use assay_parse::{
    FileHint, ReadLine, add_read_lines, page_images, parse, score::token_f1, to_markdown,
};

/// Hits, expected words, found words, F1, CPU seconds, pages, files.
type Sums = [f64; 7];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, models, files, rest @ ..] = arguments.as_slice() else {
        return Err("give the model folder and a folder of files".into());
    };
    let default = ReaderSettings::default();
    let settings = ReaderSettings {
        side: setting(rest, 0, default.side)?,
        stretch: setting(rest, 1, default.stretch)?,
        doubt: setting(rest, 2, default.doubt)?,
        doubt_columns: setting(rest, 3, default.doubt_columns)?,
        threads: setting(rest, 4, default.threads)?,
    };
    let before = cpu_seconds();
    let reader = Reader::load(Path::new(models), &settings)?;
    println!("{settings:?}, loaded in {:.2} CPU s", cpu_seconds() - before);
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(files)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
    for path in paths {
        let Some(truth) = truth(&path) else { continue };
        let sums = measure(&reader, &path, &truth)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        println!("{name:<28} {}", shown(&sums));
        let group = name.chars().take_while(|c| c.is_alphabetic()).collect();
        for key in [group, "ALL".to_owned()] {
            let group = groups.entry(key).or_default();
            group.iter_mut().zip(sums).for_each(|(sum, value)| *sum += value);
        }
    }
    for (group, sums) in groups {
        println!("== {group:<25} {}", shown(&sums));
    }
    println!("resident at most {} MiB", resident_most_mib());
    Ok(())
}

fn setting<T: FromStr>(given: &[String], at: usize, default: T) -> Result<T, T::Err> {
    given.get(at).map_or(Ok(default), |text| text.parse())
}

/// The words expected of a file; none of what is itself an expectation.
fn truth(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    if path.extension()? == "txt" || path.extension()? == "md" {
        return None;
    }
    let beside = path.with_file_name(format!("{name}.expected.md"));
    fs::read_to_string(path.with_extension("txt")).or_else(|_| fs::read_to_string(beside)).ok()
}

fn measure(reader: &Reader, path: &Path, truth: &str) -> Result<Sums, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let (hint, limits) = (FileHint::default(), ParseLimits::default());
    let mut parsed = parse(&bytes, &hint, &limits)?;
    let pages = parsed.pages_to_read();
    let mut text = String::new();
    let mut cpu = 0.0;
    for image in page_images(&bytes, &hint, &limits, &pages)? {
        let image = image?;
        let (width, height) = (image.width as usize, image.height as usize);
        let grey = GreyImage::new(width, height, image.pixels).ok_or("a picture without pixels")?;
        let before = cpu_seconds();
        let lines = reader.read(&grey)?;
        cpu += cpu_seconds() - before;
        for line in &lines {
            text.push_str(&line.text);
            text.push('\n');
        }
        let lines: Vec<ReadLine> =
            lines.into_iter().map(|line| placed(line, image.scale)).collect();
        parsed = add_read_lines(parsed, image.page, &lines);
    }
    let (hits, expected, found) = compare(truth, &text);
    let f1 = token_f1(truth, &to_markdown(&parsed));
    Ok([hits, expected, found, f1, cpu, pages.len() as f64, 1.0])
}

/// The line in points of the page.
fn placed(line: Line, scale: f32) -> ReadLine {
    let corners = line.corners.map(|corner| corner.map(|pixels| pixels / scale));
    ReadLine { text: line.text, corners, confidence: line.confidence }
}

fn shown([hits, expected, found, f1, cpu, pages, files]: &Sums) -> String {
    format!(
        "recall {:.3} precision {:.3} document F1 {:.3} CPU s a page {:.2} pages {pages}",
        hits / expected,
        hits / found,
        f1 / files,
        cpu / pages,
    )
}

/// Words of both, of the first and of the second text, each as often as it occurs.
fn compare(truth: &str, text: &str) -> (f64, f64, f64) {
    let bag = |text: &str| {
        let mut bag: BTreeMap<String, f64> = BTreeMap::new();
        for word in text.split_whitespace() {
            *bag.entry(word.to_lowercase()).or_default() += 1.0;
        }
        bag
    };
    let (truth, found) = (bag(truth), bag(text));
    let both = truth.iter().map(|(word, count)| found.get(word).unwrap_or(&0.0).min(*count));
    (both.sum(), truth.values().sum(), found.values().sum())
}

/// CPU time of this process so far.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse().ok()).unwrap_or(0.0);
    let (user, system): (f64, f64) = (ticks(11), ticks(12));
    (user + system) / 100.0
}

fn resident_most_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
