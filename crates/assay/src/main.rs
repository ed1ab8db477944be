//! The Assay binary: configuration, wiring, commands, shutdown.

mod cli;
mod command;
mod config;
mod connect;
mod output;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let json = cli.json;
    match command::run(cli) {
        Ok(code) => code,
        Err(error) => output::report(&error, json),
    }
}
