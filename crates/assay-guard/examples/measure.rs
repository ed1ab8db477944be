//! Prints the figures of the guard on a folder: `measure FOLDER`.

use assay_guard::{Guard, GuardSettings, eval::evaluate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("no folder")?;
    let figures = evaluate(&Guard::new(GuardSettings::default())?, folder.as_ref())?;
    let text = serde_json::to_string_pretty(&figures)?;
    std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())?;
    Ok(())
}
