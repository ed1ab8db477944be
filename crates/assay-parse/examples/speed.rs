//! How fast files are parsed, by CPU time: `speed [DIR]`.
//!
//! Text of each kind is made here, some megabytes of it, and read once: with and without cutting
//! it into passages. With a folder, each of its PDFs is read again and again for a second.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

#[path = "../tests/it/mutation.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod mutation;

use std::{error::Error, fs, path::Path};

use assay_core::ParseLimits;
use assay_parse::{FileHint, Parsed, PassageSettings, parse, passages};

/// Bytes of each made file.
const SIZE: usize = 8 << 20;
/// Parts of a second that the kernel counts CPU time in, the same on every Linux.
const TICKS: f64 = 100.0;

fn main() -> Result<(), Box<dyn Error>> {
    println!("kind    MB/s parsed  MB/s with passages  peak MiB");
    for (ending, head, line, tail) in KINDS {
        let _ = fs::write("/proc/self/clear_refs", "5");
        let bytes = made(head, line, tail);
        let megabytes = bytes.len() as f64 / 1e6;
        let start = cpu_seconds();
        let parsed = read(&format!("a.{ending}"), &bytes)?;
        let parse_time = cpu_seconds() - start;
        let words = |text: &str| text.split_whitespace().count();
        let count = passages(&parsed, &PassageSettings::default(), &words).len();
        let whole_time = cpu_seconds() - start;
        println!(
            "{ending:<6} {:>12.1} {:>19.1} {:>9}   {count} passages",
            megabytes / parse_time,
            megabytes / whole_time,
            peak_mib()
        );
    }
    let Some(folder) = std::env::args().nth(1) else { return Ok(()) };
    let (mut pages, mut seconds) = (0.0, 0.0);
    for path in mutation::files(Path::new(&folder)) {
        if path.extension().is_none_or(|ending| ending != "pdf") {
            continue;
        }
        let bytes = fs::read(&path)?;
        let start = cpu_seconds();
        let mut own = 0.0;
        while cpu_seconds() - start < 1.0 {
            own += f64::from(read("a.pdf", &bytes)?.pages.unwrap_or(0));
        }
        let took = cpu_seconds() - start;
        println!("{:>6.0} pages a CPU second  {}", own / took, path.display());
        // Each file counts alike, whatever its pages cost.
        pages += 1.0;
        seconds += took / own;
    }
    println!("{:>6.0} pages a CPU second, mean over the files", pages / seconds);
    Ok(())
}

fn read(name: &str, bytes: &[u8]) -> Result<Parsed, Box<dyn Error>> {
    let hint = FileHint { name: Some(name), media_type: None };
    Ok(parse(bytes, &hint, &ParseLimits::default())?)
}

/// Ending, head, repeated part and tail; `#` in the repeated part is its number.
const KINDS: &[(&str, &str, &str, &str)] = &[
    (
        "txt",
        "",
        "The survey of year # counted many ducks. It rained, and Dr. Fox was late; 3.5 km\n\
     of the shore were closed to all visitors.\n\n",
        "",
    ),
    (
        "md",
        "# Survey\n\n",
        "## Part #\n\nThe *survey* counted [many ducks](x#). It rained all day, so that most of the \
     paths were closed, and those who had come to see the ponds went home again before noon.\n\n\
     - one of them\n- another\n\n| a | b |\n|---|---|\n| # | 2 |\n\n",
        "",
    ),
    (
        "html",
        "<html><body>",
        "<h2>Part #</h2><p>The <i>survey</i> counted <a href='x#'>many ducks\
     </a>. It rained.</p><ul><li>one of them<li>another</ul><table><tr><th>a<th>b<tr><td>#<td>2\
     </table>\n",
        "</body></html>",
    ),
    ("csv", "number,name,place,count\n", "#,\"Duck, wild\",Pond of the north,3.5\n", ""),
    (
        "json",
        "[",
        "{\"number\": #, \"name\": \"Duck\", \"tags\": [\"a\", \"b\"], \"at\": {\"x\": 1.5}},\n",
        "{}]",
    ),
    (
        "jsonl",
        "",
        "{\"number\": #, \"name\": \"Duck\", \"tags\": [\"a\", \"b\"], \"at\": {\"x\": 1.5}}\n",
        "",
    ),
    (
        "xml",
        "<?xml version='1.0'?><a>",
        "<duck number='#'><name>Wild duck</name><place>Pond</place>\
     </duck>\n",
        "</a>",
    ),
    (
        "py",
        "import x\n",
        "def count_#(ducks):\n    \"\"\"Counts them.\"\"\"\n    # How many?\n    \
     return len(ducks) + #\n\n\n",
        "",
    ),
    ("yaml", "", "- number: #\n  name: Duck\n  tags: [a, b]\n", ""),
];

fn made(head: &str, line: &str, tail: &str) -> Vec<u8> {
    let mut text = head.to_owned();
    for number in 0.. {
        if text.len() >= SIZE {
            break;
        }
        text.push_str(&line.replace('#', &number.to_string()));
    }
    text.push_str(tail);
    text.into_bytes()
}

/// CPU time of all threads of the process.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / TICKS
}

/// The most memory that the process has held.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1_024
}
