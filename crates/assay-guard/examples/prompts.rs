//! Prints the injections found in each line of a file of prompts (JSON Lines with `prompt`).

use assay_guard::{Group, Guard, GuardSettings, Scope};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("no file")?;
    let guard = Guard::new(GuardSettings::default())?;
    let mut out = std::io::stdout();
    for line in std::fs::read_to_string(path)?.lines() {
        let entry: serde_json::Value = serde_json::from_str(line)?;
        let prompt = entry["prompt"].as_str().unwrap_or("");
        let found = guard.scan(prompt, Scope::Everything);
        let rules: Vec<&str> = found
            .iter()
            .filter(|finding| finding.kind.group() == Group::Injection)
            .map(|finding| finding.rule)
            .collect();
        std::io::Write::write_all(
            &mut out,
            format!("{}\t{rules:?}\t{prompt}\n", entry["label"]).as_bytes(),
        )?;
    }
    Ok(())
}
