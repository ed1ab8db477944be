//! Parses files and prints blocks, pages a second and problems: `parse [--repeat N] FILE…`.
#![expect(clippy::print_stdout, reason = "a command for people")]

use std::{error::Error, time::Instant};

use assay_core::ParseLimits;
use assay_parse::{FileHint, parse, to_markdown};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let mut repeat = None;
    if arguments.next_if_eq("--repeat").is_some() {
        repeat = Some(arguments.next().ok_or("a number of rounds is missing")?.parse::<u32>()?);
    }
    for path in arguments {
        let bytes = std::fs::read(&path)?;
        let hint = FileHint { name: Some(&path), media_type: None };
        let start = Instant::now();
        let mut parsed = parse(&bytes, &hint, &ParseLimits::default())?;
        for _ in 1..repeat.unwrap_or(1) {
            parsed = parse(&bytes, &hint, &ParseLimits::default())?;
        }
        if repeat.is_none() {
            println!("{}", to_markdown(&parsed));
            continue;
        }
        let pages = f64::from(parsed.pages.unwrap_or(1) * repeat.unwrap_or(1));
        let rate = pages / start.elapsed().as_secs_f64();
        println!(
            "{path}: {} blocks, {rate:.0} pages/s, {:?}",
            parsed.blocks.len(),
            parsed.problems
        );
    }
    Ok(())
}
