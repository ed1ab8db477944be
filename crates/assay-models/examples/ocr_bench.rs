//! Measures text recognition: word recall and precision, CPU seconds a page.
#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::{collections::HashMap, error::Error, fs, path::Path, time::Instant};

use assay_models::ocr::{GreyImage, Reader, ReaderSettings};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, models, pages, rest @ ..] = arguments.as_slice() else {
        return Err("give the model folder and a folder of pictures, each with a .txt".into());
    };
    let setting = |at: usize| rest.get(at);
    let settings = ReaderSettings {
        side: setting(0).map_or(Ok(736), |s| s.parse())?,
        stretch: setting(1).map_or(Ok(0.9), |s| s.parse())?,
        doubt: setting(2).map_or(Ok(0.95), |s| s.parse())?,
        doubt_columns: setting(3).map_or(Ok(6_000), |s| s.parse())?,
        ..Default::default()
    };
    let verbose = setting(4).is_some();
    let reader = Reader::load(Path::new(models), &settings)?;
    let mut paths: Vec<_> =
        fs::read_dir(pages)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending != "txt"));
    paths.sort();
    let mut groups: HashMap<String, [f64; 5]> = HashMap::new();
    for path in &paths {
        let truth = fs::read_to_string(path.with_extension("txt"))?;
        let picture = image::open(path)?.into_luma8();
        let (width, height) = picture.dimensions();
        let picture =
            GreyImage::new(width as usize, height as usize, picture.into_raw()).ok_or("empty")?;
        let (cpu, start) = (cpu_seconds(), Instant::now());
        let lines = reader.read(&picture)?;
        let (cpu, wall) = (cpu_seconds() - cpu, start.elapsed());
        let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let text = text.join("\n");
        let (hits, expected, found) = compare(&truth, &text, verbose);
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        println!(
            "{name:<22} recall {:.3} precision {:.3} cpu {cpu:.2} wall {wall:.2?} lines {}",
            hits / expected,
            hits / found,
            lines.len()
        );
        if verbose {
            println!("{text}");
        }
        let group: String = name.chars().take_while(|c| c.is_alphabetic()).collect();
        for key in [group, "all".to_owned()] {
            let sum = groups.entry(key).or_default();
            for (sum, value) in sum.iter_mut().zip([hits, expected, found, cpu, 1.0]) {
                *sum += value;
            }
        }
    }
    for (key, [hits, expected, found, cpu, pages]) in groups {
        println!(
            "== {key:<10} recall {:.4} precision {:.4} cpu {:.3} pages {pages}",
            hits / expected,
            hits / found,
            cpu / pages
        );
    }
    Ok(())
}

fn compare(truth: &str, text: &str, verbose: bool) -> (f64, f64, f64) {
    let bag = |text: &str| {
        let mut bag: HashMap<String, f64> = HashMap::new();
        for word in text.split_whitespace() {
            *bag.entry(word.to_lowercase()).or_default() += 1.0;
        }
        bag
    };
    let (truth, found) = (bag(truth), bag(text));
    let hits = truth.iter().map(|(word, count)| found.get(word).unwrap_or(&0.0).min(*count)).sum();
    if verbose {
        let mut m: Vec<_> = truth
            .iter()
            .filter(|(w, c)| found.get(*w).unwrap_or(&0.0) < *c)
            .map(|(w, _)| w)
            .collect();
        m.sort();
        println!("missed {m:?}");
        let mut m: Vec<_> = found
            .iter()
            .filter(|(w, c)| truth.get(*w).unwrap_or(&0.0) < *c)
            .map(|(w, _)| w)
            .collect();
        m.sort();
        println!("wrong {m:?}");
    }
    (hits, truth.values().sum(), found.values().sum())
}

fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}
