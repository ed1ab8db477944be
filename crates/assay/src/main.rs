//! The Assay binary: configuration, wiring, commands, shutdown.

mod cli;
mod command;
mod config;
mod connect;
mod log_file;
mod mail;
mod notify;
mod output;
#[cfg(unix)]
mod supervisor;
mod traces;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

/// The system's allocator keeps what a large file took: after a folder of them a server held
/// several times the memory that it needed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let json = cli.json;
    match command::run(cli) {
        Ok(code) => code,
        Err(error) => output::report(&error, json),
    }
}
