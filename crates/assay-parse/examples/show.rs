//! Shows what parsing makes of files: `show FILE…` prints the Markdown, the problems and the time
//! of one file, or a line for each of several; beside a `FILE.expected.md`
//! also the F1 of words and the share of table cells that are right.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::{error::Error, fs, path::Path, time::Instant};

use assay_core::ParseLimits;
use assay_parse::{FileHint, members, parse, score, to_markdown};

fn main() -> Result<(), Box<dyn Error>> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    for file in &files {
        let bytes = fs::read(file)?;
        let name = Path::new(file).file_name().and_then(|name| name.to_str());
        let hint = FileHint { name, media_type: None };
        let start = Instant::now();
        let parsed = match parse(&bytes, &hint, &ParseLimits::default()) {
            Ok(parsed) => parsed,
            Err(error) => {
                println!("failed {file}: {error}");
                continue;
            }
        };
        let took = start.elapsed().as_secs_f64() * 1_000.0;
        let markdown = to_markdown(&parsed);
        let expected = fs::read_to_string(format!("{file}.expected.md")).ok();
        let expected = expected.as_deref();
        let shown = |share: Option<f64>| share.map_or(String::new(), |share| format!("{share:.3}"));
        let f1 = shown(expected.map(|text| score::token_f1(text, &markdown)));
        let cells = shown(expected.and_then(|text| score::table_cells(text, &markdown)));
        if files.len() == 1 {
            println!("{markdown}\n");
            for block in &parsed.blocks {
                println!("{:?}", (&block.kind, block.range, block.page, &block.origin));
            }
            for member in members(&bytes, &hint, &ParseLimits::default())? {
                match member {
                    Ok(member) => println!("member {} {}", member.path, member.bytes.len()),
                    Err(error) => println!("member failed: {error}"),
                }
            }
        }
        let problems: Vec<&str> = parsed.problems.iter().map(|p| p.message.as_str()).collect();
        println!("{f1:>5} {cells:>5} {took:>7.1} ms {} {file} {problems:?}", parsed.media_type);
    }
    Ok(())
}
