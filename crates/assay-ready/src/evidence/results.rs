//! How tests went: JUnit XML, and what the test harness of Rust prints.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// How tests went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Results {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

impl Results {
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed.saturating_add(other.passed),
            failed: self.failed.saturating_add(other.failed),
            skipped: self.skipped.saturating_add(other.skipped),
        }
    }

    /// Tests that were run.
    pub(super) const fn all(self) -> u64 {
        self.passed.saturating_add(self.failed)
    }

    fn some(self) -> Result<Self, String> {
        if self.all() == 0 { Err("no test was run".to_owned()) } else { Ok(self) }
    }
}

/// Cases of JUnit XML. Of a suite that counts more failures than it has cases for, the count holds.
pub(super) fn junit(text: &str) -> Result<Results, String> {
    let mut reader = Reader::from_str(text);
    let mut seen = Results::default();
    let mut counted = 0_u64;
    let mut open: Vec<String> = Vec::new();
    let mut case = Case::default();
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|error| format!("no XML at byte {at}: {error}"))?;
        match &event {
            Event::Start(start) | Event::Empty(start) => {
                let name = start.local_name().as_ref().to_owned();
                if open.is_empty() && !matches!(name.as_str(), "testsuites" | "testsuite") {
                    return Err(format!("it is no JUnit XML: it begins with <{name}>"));
                }
                match name.as_str() {
                    "testsuite" if !open.iter().any(|it| it == "testsuite") => {
                        for bad in [number(start, "failures"), number(start, "errors")] {
                            counted = counted.saturating_add(bad.unwrap_or(0));
                        }
                    }
                    "testcase" => case = Case::default(),
                    "failure" | "error" => case.failed = true,
                    "skipped" => case.skipped = true,
                    _ => {}
                }
                match event {
                    Event::Empty(_) if name == "testcase" => seen = seen.and(case.result()),
                    Event::Start(_) => open.push(name),
                    _ => {}
                }
            }
            Event::End(_) if open.pop().as_deref() == Some("testcase") => {
                seen = seen.and(case.result());
            }
            Event::Eof if open.is_empty() => break,
            Event::Eof => return Err("it is cut: an element is not closed".to_owned()),
            _ => {}
        }
    }
    seen.failed = seen.failed.max(counted);
    seen.some()
}

#[derive(Default)]
struct Case {
    failed: bool,
    skipped: bool,
}

impl Case {
    const fn result(&self) -> Results {
        let (failed, skipped) = (self.failed, self.skipped && !self.failed);
        Results {
            passed: !(failed || skipped) as u64,
            failed: failed as u64,
            skipped: skipped as u64,
        }
    }
}

/// A number that an element bears.
pub(super) fn number(start: &BytesStart<'_>, name: &str) -> Option<u64> {
    let found = start.attributes().with_checks(false).flatten().find(|it| it.key.as_ref() == name);
    found?.value.trim().parse().ok()
}

/// What `cargo test` prints: the lines `test result: …`. A program of tests that began and told no
/// result has failed, and so has a build that broke.
pub(super) fn libtest(text: &str) -> Result<Results, String> {
    let mut seen = Results::default();
    let (mut begun, mut told, mut broken) = (0_u64, 0_u64, false);
    for line in text.lines().map(str::trim_end) {
        if let Some(rest) = line.strip_prefix("test result: ") {
            told += 1;
            seen = seen.and(result(rest).ok_or_else(|| format!("no result of tests: `{line}`"))?);
        } else if is_start(line) {
            begun += 1;
        } else if line.starts_with("error: could not compile") || line.starts_with("error[E") {
            broken = true;
        }
    }
    if begun == 0 && told == 0 && !broken {
        return Err(
            "it has no line `test result: …` of `cargo test`, and is no JUnit XML".to_owned()
        );
    }
    let died = begun.saturating_sub(told);
    seen.failed = seen.failed.saturating_add(died).saturating_add(broken.into());
    seen.some()
}

/// Whether a line is `running 3 tests`.
fn is_start(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    matches!(words.as_slice(), ["running", number, "test" | "tests"]
        if number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Reads `ok. 12 passed; 0 failed; 3 ignored; …`.
fn result(text: &str) -> Option<Results> {
    let (_, counts) = text.split_once(". ")?;
    let of = |name: &str| {
        counts.split("; ").find_map(|part| part.strip_suffix(name)?.trim().parse::<u64>().ok())
    };
    Some(Results { passed: of(" passed")?, failed: of(" failed")?, skipped: of(" ignored")? })
}
