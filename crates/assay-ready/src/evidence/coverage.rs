//! How many lines the tests run.

use quick_xml::{Reader, events::Event};

use super::results::number;

/// Lines of lcov that were run, of so many.
pub(super) fn lcov(text: &str) -> Result<(u64, u64), String> {
    let (mut run, mut of, mut ended, mut begun) = (0_u64, 0_u64, 0_u64, 0_u64);
    for line in text.lines() {
        let number =
            |rest: &str| rest.trim().parse::<u64>().map_err(|_| format!("`{line}` has no number"));
        match line.trim().split_once(':') {
            Some(("SF", _)) => begun += 1,
            Some(("LF", rest)) => of = of.saturating_add(number(rest)?),
            Some(("LH", rest)) => run = run.saturating_add(number(rest)?),
            None if line.trim() == "end_of_record" => ended += 1,
            _ => {}
        }
    }
    if begun == 0 {
        return Err("it has no record `SF:` of lcov, and is no Cobertura XML".to_owned());
    }
    if begun != ended {
        return Err("it is cut: a record has no `end_of_record`".to_owned());
    }
    sound(run, of)
}

/// Lines of Cobertura XML that were run, of so many.
pub(super) fn cobertura(text: &str) -> Result<(u64, u64), String> {
    let mut reader = Reader::from_str(text);
    let mut found = None;
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|error| format!("no XML: {error}"))? {
            Event::Start(start) => {
                if depth == 0 {
                    let name = start.local_name().as_ref().to_owned();
                    if name != "coverage" {
                        return Err(format!("it is no Cobertura XML: it begins with <{name}>"));
                    }
                    found = number(&start, "lines-covered").zip(number(&start, "lines-valid"));
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if depth == 0 => break,
            Event::Eof => return Err("it is cut: an element is not closed".to_owned()),
            _ => {}
        }
    }
    let (run, of) = found.ok_or("<coverage> has no `lines-covered` and `lines-valid`")?;
    sound(run, of)
}

fn sound(run: u64, of: u64) -> Result<(u64, u64), String> {
    match (run, of) {
        (_, 0) => Err("it speaks of no line".to_owned()),
        (run, of) if run > of => Err(format!("{run} of {of} lines cannot be")),
        sound => Ok(sound),
    }
}
