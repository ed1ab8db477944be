//! Kills a server in the middle of a task, starts it anew, and tells how long it takes from the kill
//! until the task runs again.
//!
//! `cargo run -p assay-testkit --example resume -- BINARY [ROUNDS]`
#![expect(clippy::print_stdout, reason = "the report is the output")]

use std::{
    error::Error,
    path::PathBuf,
    time::{Duration, Instant},
};

use assay_testkit::{long_pdf, process::Server};
use reqwest::{Client, multipart};
use serde_json::Value;

type Failed = Box<dyn Error + Send + Sync>;

/// Pages that take longer to read than a start takes.
const PAGES: usize = 4_000;
/// Longest wait for a state.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let binary = PathBuf::from(arguments.next().ok_or("give the binary")?);
    let rounds: usize = arguments.next().map_or(Ok(20), |rounds| rounds.parse())?;
    assay_testkit::install_crypto();
    let (folder, client) = (tempfile::tempdir()?, Client::builder().no_proxy().build()?);
    let mut server = Server::start(&binary, folder.path())?;
    let (mut resumed, mut started) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let job = take_in(&client, &server.url, round).await?;
        wait(&client, &server.url, &job, |task| task["progress"]["done"].as_u64() > Some(0))
            .await?;
        let killed = Instant::now();
        server.kill()?;
        server = Server::start(&binary, folder.path())?;
        started.push(killed.elapsed());
        // The run that was lost is in its history, and there is another one.
        let runs_again = |task: &Value| {
            task["failures"].as_array().is_some_and(|lost| lost.len() == 1)
                && task["state"] == "running"
        };
        wait(&client, &server.url, &job, runs_again).await?;
        resumed.push(killed.elapsed());
        client.post(format!("{}/v1/tasks/{job}/cancel", server.url)).send().await?;
    }
    for (what, times) in
        [("the server listens", &mut started), ("the task runs again", &mut resumed)]
    {
        times.sort_unstable();
        let median = times.get(rounds / 2).copied().unwrap_or_default();
        let most = times.last().copied().unwrap_or_default();
        println!("{rounds} kills, until {what}: median {median:?}, at most {most:?}");
    }
    Ok(())
}

/// Sends a file that takes long; the job.
async fn take_in(client: &Client, url: &str, round: usize) -> Result<String, Failed> {
    let part = multipart::Part::bytes(long_pdf(PAGES + round)).file_name(format!("{round}.pdf"));
    let form = multipart::Form::new().part("file", part);
    let sent = client.post(format!("{url}/documents/upload")).multipart(form).send().await?;
    let accepted: Value = sent.error_for_status()?.json().await?;
    Ok(accepted["job_id"].as_str().ok_or("the file was there already")?.to_owned())
}

/// Waits until a task is as it should be.
async fn wait(
    client: &Client,
    url: &str,
    job: &str,
    holds: impl Fn(&Value) -> bool,
) -> Result<(), Failed> {
    let start = Instant::now();
    loop {
        let shown: Value = client.get(format!("{url}/v1/tasks/{job}")).send().await?.json().await?;
        if holds(&shown) {
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("it stays so: {shown}").into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
