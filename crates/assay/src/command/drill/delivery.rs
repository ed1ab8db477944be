//! `assay drill delivery`: a test alert with a code to everybody who is told of alerts. Who reads it types
//! the code: that shows the way from the server to a person's eyes, whatever lies between.

use std::{
    io::BufRead as _,
    process::ExitCode,
    time::{Duration, Instant},
};

use assay_core::{Clock as _, DocumentId, SystemClock, timestamp};
use assay_ready::{Blast, ReadyError, drill::Plan};
use assay_telemetry::{Alert, Notice};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::load::keep;
use crate::{
    cli::DrillDelivery,
    command::Context,
    connect::install_crypto,
    notify,
    output::{json as print, line, note},
};

/// What stands in the place of a receiver's name for the Alertmanager.
const ALERTMANAGER: &str = "alertmanager";
/// How long the Alertmanager takes the test alert for firing, when its end does not arrive.
const AT_MOST: Duration = Duration::from_secs(3_600);

/// How it went with one receiver.
#[derive(Debug, Serialize)]
struct Sent {
    receiver: String,
    #[serde(skip)]
    code: String,
    /// Why it was not taken.
    refused: Option<String>,
    /// From the sending to the code.
    seconds: Option<f64>,
}

pub(super) async fn run(context: &Context, args: &DrillDelivery) -> anyhow::Result<ExitCode> {
    let receivers = &context.config.telemetry.receivers;
    let names = receivers.iter().map(|it| it.name.clone());
    let names: Vec<String> =
        names.chain(args.alertmanager.iter().map(|_| ALERTMANAGER.to_owned())).collect();
    if names.is_empty() {
        let problem = "there is none: set telemetry.receivers, or name --alertmanager URL";
        return Err(ReadyError::bad("receivers of alerts", problem).into());
    }
    note(plan(&names, args).shown("the receivers of alerts").trim_end());
    if args.plan {
        return Ok(ExitCode::SUCCESS);
    }
    install_crypto();
    let client = notify::client()?;
    let begun = Instant::now();
    let mut all = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let code = code();
        let told = match receivers.get(at) {
            Some(receiver) => notify::once(&client, receiver, &notice(&code, false)).await,
            None => post(&client, args, &code, false).await,
        };
        match &told {
            Ok(()) => note(&format!("sent to {name}")),
            Err(why) => note(&format!("not taken by {name}: {why}")),
        }
        all.push(Sent { receiver: name, code, refused: told.err(), seconds: None });
    }
    note("type each code that arrives, and Enter");
    hear(&mut all, begun, Duration::from_secs_f64(args.seconds)).await;
    // What was begun for a test is ended, so that nobody is called again.
    for (at, sent) in all.iter().enumerate() {
        let ended = match receivers.get(at) {
            Some(receiver) => notify::once(&client, receiver, &notice(&sent.code, true)).await,
            None => post(&client, args, &sent.code, true).await,
        };
        if let Err(why) = ended {
            note(&format!("{} was not told of the end: {why}", sent.receiver));
        }
    }
    let result = result(&all);
    keep(context, "delivery", &result)?;
    if context.json {
        print(&result)?;
    } else {
        all.iter().for_each(|sent| line(&shown(sent)));
    }
    Ok(ExitCode::from(u8::from(all.iter().any(|it| it.seconds.is_none()))))
}

fn plan(names: &[String], args: &DrillDelivery) -> Plan {
    Plan {
        name: "delivery",
        steps: vec![
            format!("a critical test alert with a code of its own to {}", names.join(", ")),
            "whoever reads one types its code here".to_owned(),
        ],
        blast: Blast::None,
        seconds: args.seconds,
        restore: "every receiver is told that the test alert is over",
    }
}

/// Eight signs that only the reader of an alert knows.
fn code() -> String {
    let id = DocumentId::new().to_string();
    id.get(id.len().saturating_sub(8)..).unwrap_or_default().to_owned()
}

fn says(code: &str) -> String {
    format!("This is a test of the way of alerts. Type this code where the drill waits: {code}")
}

fn notice(code: &str, over: bool) -> Notice {
    Notice { alerts: vec![Alert::test(&says(code), SystemClock.now_ms(), over)] }
}

/// Hands the alert to the Alertmanager, or tells it of its end.
async fn post(
    client: &reqwest::Client,
    args: &DrillDelivery,
    code: &str,
    over: bool,
) -> Result<(), String> {
    let alert = Alert::test(&says(code), SystemClock.now_ms(), over);
    let lasts = if over { Duration::ZERO } else { AT_MOST };
    let end = SystemClock.now_ms() + i64::try_from(lasts.as_millis()).unwrap_or_default();
    let body = json!([{ "labels": alert.labels(), "endsAt": timestamp(end),
        "annotations": { "summary": alert.summary } }]);
    let address = args.alertmanager.as_deref().unwrap_or_default().trim_end_matches('/');
    let posted = client.post(format!("{address}/api/v2/alerts")).json(&body).send().await;
    match posted {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("it answers {}", answer.status())),
        Err(error) => Err(error.without_url().to_string()),
    }
}

/// Takes codes from the standard input until all are there, nothing more comes, or the time is over.
async fn hear(all: &mut [Sent], begun: Instant, most: Duration) {
    let (heard, mut lines) = mpsc::unbounded_channel();
    // Its last read may outlive the drill; the process does not wait for it.
    std::thread::spawn(move || {
        let lines = std::io::stdin().lock().lines();
        lines.map_while(Result::ok).try_for_each(|text| heard.send(text))
    });
    while all.iter().any(|it| it.seconds.is_none()) {
        let next = tokio::time::timeout_at((begun + most).into(), lines.recv()).await;
        let Ok(Some(text)) = next else { break };
        let seconds = (begun.elapsed().as_secs_f64() * 1e3).round() / 1e3;
        match all.iter_mut().find(|it| it.code == text.trim().to_lowercase()) {
            Some(sent) => {
                sent.seconds.get_or_insert(seconds);
                note(&format!("{} was read after {seconds:.1} s", sent.receiver));
            }
            None => note("that is no code of this drill"),
        }
    }
}

fn result(all: &[Sent]) -> Value {
    let read = all.iter().filter_map(|it| it.seconds);
    json!({
        "acknowledged": { "count": read.clone().count(), "of": all.len() },
        "seconds": read.reduce(f64::max), "receivers": all,
    })
}

fn shown(sent: &Sent) -> String {
    match (&sent.refused, sent.seconds) {
        (_, Some(seconds)) => format!("{:<20} read after {seconds:.1} s", sent.receiver),
        (Some(why), None) => format!("{:<20} not taken: {why}", sent.receiver),
        (None, None) => format!("{:<20} taken, but nobody typed its code", sent.receiver),
    }
}

#[cfg(test)]
mod tests {
    //! Codes and what comes of them.

    use super::*;

    #[test]
    fn codes_differ_and_what_nobody_read_is_no_success() {
        let codes: std::collections::BTreeSet<String> = (0..1_000).map(|_| code()).collect();
        assert!(codes.len() > 990 && codes.iter().all(|it| it.len() == 8));
        let sent =
            |seconds| Sent { receiver: "a".to_owned(), code: code(), refused: None, seconds };
        let half = result(&[sent(Some(3.0)), sent(None)]);
        assert_eq!(half["acknowledged"], json!({ "count": 1, "of": 2 }));
        assert_eq!(half["seconds"], 3.0);
        assert!(result(&[sent(None)])["seconds"].is_null());
    }
}
