//! Feeds each parser with files that were changed at random, for a fixed time each:
//!
//! `fuzz [--seconds N] [--target NAME] [--seeds DIR] [--out DIR] [--seed N] [--memory MIB]`
//!
//! There is a target for each format, by the ending of its files; without `--target` all run, one
//! after the other, for 60 seconds each. They start from small files made here, and from the files
//! of the format below `--seeds`. Packages are unpacked, changed inside and packed again, so that
//! the parsers behind the packaging are reached too.
//!
//! A target runs in a process of its own. A panic in this crate's own code, a file that takes
//! longer than 10 seconds, more memory than the limit, or the end of the process is a find: the
//! file is kept in `--out`, named after the target and what happened, and the exit code is 1.
//! Panics of libraries are counted; the parser catches them and calls the file malformed.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

mod change;
mod compound;
#[path = "../../tests/it/mutation.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod mutation;
mod options;
mod package;
mod pdf;
mod run;
mod seeds;

use std::{
    error::Error,
    fs,
    process::{Command, ExitCode},
};

use options::Options;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let options = Options::read(std::env::args().skip(1))?;
    fs::create_dir_all(&options.out)?;
    if options.is_child {
        let target = options.target.as_deref().ok_or("a child needs a target")?;
        let finds = run::run(target, &options)?;
        return Ok(if finds == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let targets = match &options.target {
        Some(target) => vec![target.as_str()],
        None => seeds::TARGETS.to_vec(),
    };
    println!("target  seeds    files  refused  panics  slowest   memory");
    let mut is_clean = true;
    for target in targets {
        let status =
            Command::new(std::env::current_exe()?).args(options.of_child(target)).status()?;
        is_clean &= status.success();
        let running = options.out.join(format!("running.{target}"));
        if status.code().is_none() {
            let kept = options.out.join(format!("{target}-died.{target}"));
            fs::rename(&running, &kept)?;
            println!("{target:<8} died ({status}) of {}", kept.display());
        } else {
            // The last file, unless it is a find and was moved.
            let _ = fs::remove_file(&running);
        }
    }
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
