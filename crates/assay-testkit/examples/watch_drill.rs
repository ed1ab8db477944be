//! Kills `assay ingest --watch` many times over a folder that changes and tells what differs.
//!
//! `cargo run --release -p assay-testkit --example watch_drill -- BINARY [KILLS] [SEED]`
#![expect(clippy::print_stdout, reason = "the report is the output")]

use std::{error::Error, path::PathBuf};

use assay_testkit::watch::drill;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let binary = PathBuf::from(arguments.next().ok_or("give the binary")?);
    let kills = arguments.next().map_or(Ok(500), |kills| kills.parse())?;
    let seed = arguments.next().map_or(Ok(1), |seed| seed.parse())?;
    assay_testkit::install_crypto();
    let folder = tempfile::tempdir()?;
    let report = drill(&binary, folder.path(), kills, seed).await?;
    println!("{report:#?}");
    if report.is_whole() {
        return Ok(());
    }
    Err(format!("not whole; everything is kept in {}", folder.keep().display()).into())
}
