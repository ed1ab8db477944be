//! Slow, cut, dead and silent lines to what a server depends on: the model that embeds, the model that
//! writes, the providers of a gateway.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    COMMON, RESUMED, STEADY, embedded_by,
    line::{Fault, Line},
    outcome::{Outcome, What},
    side_by_side, steady,
};
use crate::command::{
    drill::{
        private::{Home, Private, unreachable},
        provider::Provider,
    },
    ready::Http,
};

/// Faults that one process is shown: five within a minute open the breaker of a lane, and what is left
/// out then is no fault.
const OF_PROCESS: u32 = 3;
/// Servers that are shown faults at the same time: each waits for its model nearly all the time.
const SERVERS: usize = 3;
/// Longest that an answer may take: the 3 s that a question has, and what a busy machine adds.
const ANSWERED: Duration = Duration::from_millis(4_500);
/// Failures that open the breaker of a provider; and how long it stays open, as that of a lane does.
const FAILURES: u32 = 5;
const REST: Duration = Duration::from_secs(61);
/// Longest until a provider is asked again after that.
const AGAIN: Duration = Duration::from_secs(30);
/// Providers that are called at the same time.
const AT_ONCE: usize = 20;
/// Calls of providers cost what nobody has a price for.
const PRICES: &str = "[ledger.unknown_model]\naction = \"charge\"\ninput = \"1\"\noutput = \"1\"\n";

/// Questions while the line to one lane is at fault: they must be answered, and say what is missing.
pub(super) fn lanes(
    http: &Http,
    rounds: u32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let next = AtomicU32::new(0);
    let part = |outcome: &mut Outcome| some_lanes(http, rounds, &next, stop, outcome);
    let parts: [super::Part<'_>; SERVERS] = [("lanes of a server", &part); SERVERS];
    *outcome = std::mem::take(outcome).and(side_by_side(&parts)?);
    Ok(())
}

/// The faults of those processes that nobody else has taken.
fn some_lanes(
    http: &Http,
    rounds: u32,
    next: &AtomicU32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let upstream = Provider::start()?;
    let (vectors, writer) = (Line::to(upstream.address)?, Line::to(upstream.address)?);
    let home = Home::make(&format!(
        "{}{PRICES}[writer]\nmodel = \"drill/writer\"\n[gateway]\nretries = 0\nattempts_max = 1\n\
         [gateway.providers.drill]\nbase_url = \"http://{}/v1\"\napi_key = \"drill\"\nmodels = [\"*\"]\n",
        embedded_by(&vectors),
        writer.address
    ))?;
    let mut is_first = true;
    loop {
        let process = next.fetch_add(1, Ordering::Relaxed);
        let begin = process * OF_PROCESS;
        if begin >= rounds || stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let server = Private::start(&home, http, None)?;
        if std::mem::take(&mut is_first) {
            steady(&server)?;
        } else if !server.finds_once(STEADY, RESUMED) {
            return Err(unreachable("the server does not find its first document"));
        }
        let (line, lane) =
            if process.is_multiple_of(2) { (&vectors, "vector") } else { (&writer, "writer") };
        for number in begin..rounds.min(begin + OF_PROCESS) {
            let fault =
                Fault::ALL.get(number as usize % Fault::ALL.len()).copied().unwrap_or(Fault::Dead);
            line.make(fault);
            let told = asked(&server, lane, number);
            line.make(Fault::None);
            let (held, missing) = told.unwrap_or_else(|why| (Err(why.clone()), Some(why)));
            // A question that the fault did not reach has shown nothing.
            if missing.is_some() {
                outcome.note(
                    What::LanesDegrade,
                    held.map_err(|why| format!("{lane} {fault:?}: {why}")),
                );
            }
        }
        let begun = Instant::now();
        let back = loop {
            let why = match asked(&server, lane, 1_000 + process) {
                Ok((_, None)) => break Ok(()),
                Ok((_, Some(why))) | Err(why) => why,
            };
            // On a busy machine late answers after a fault can open the breaker all the same.
            if begun.elapsed() > REST {
                break Err(format!("the lane {lane} does not come back: {why}"));
            }
        };
        outcome.note(What::LanesRecover, back);
    }
}

/// Asks something new; whether it was answered as it must be, and how the lane fared where it was missing.
fn asked(
    server: &Private<'_>,
    lane: &str,
    number: u32,
) -> Result<(Result<(), String>, Option<String>), String> {
    let question = json!({ "query": format!("What is the mark of report {STEADY}? ({number})") });
    let begun = Instant::now();
    let answer = server.ask("", "POST", "/query", Some(&question))?;
    let took = begun.elapsed();
    let says: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let fared = says.pointer(&format!("/lane_results/{lane}"));
    let is_there = fared.and_then(|it| it.get("is_successful")) == Some(&Value::Bool(true));
    let missing = (!is_there).then(|| fared.map_or_else(|| says.to_string(), Value::to_string));
    let holds_steady = says.to_string().contains(&format!("report is {STEADY}"));
    let is_told = says.get("partial_results") == Some(&Value::Bool(true));
    let held = if answer.status != 200 {
        Err(format!("it answers {}: {}", answer.status, answer.text()))
    } else if took > ANSWERED {
        Err(format!("it takes {:.1} s", took.as_secs_f64()))
    } else if !holds_steady {
        Err("the document is not in the answer".to_owned())
    } else if missing.is_some() && !is_told {
        Err("it does not say that something is missing".to_owned())
    } else {
        Ok(())
    };
    Ok((held, missing))
}

/// Providers that fail: the fallback answers, after five failures they are left alone, and a minute later
/// they are asked again.
pub(super) fn providers(
    http: &Http,
    rounds: u32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let upstream = Provider::start()?;
    let lines = (0..rounds).map(|_| Line::to(upstream.address)).collect::<Result<Vec<_>, _>>()?;
    let mut settings = format!(
        "{COMMON}{PRICES}[embedding]\nmodel = \"\"\n[gateway]\nretries = 0\n\
         [gateway.providers.good]\nbase_url = \"http://{}/v1\"\napi_key = \"drill\"\n",
        upstream.address
    );
    for (number, line) in lines.iter().enumerate() {
        settings.push_str(&format!(
            "[gateway.providers.p{number}]\nbase_url = \"http://{}/v1\"\napi_key = \"drill\"\n\
             first_seconds = 1\nidle_seconds = 1\ntotal_seconds = 2\n\
             [gateway.routes.r{number}]\ntargets = [{{ provider = \"p{number}\", model = \"m\" }}, \
             {{ provider = \"good\", model = \"m\" }}]\n",
            line.address
        ));
    }
    let home = Home::make(&settings)?;
    let server = Private::start(&home, http, None)?;
    let each = |one: &(dyn Fn(usize, &Line) -> Result<(), String> + Sync)| {
        let next = std::sync::atomic::AtomicUsize::new(0);
        let faults = std::sync::Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some((number, line)) = {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        lines.get(number).map(|line| (number, line))
                    } {
                        if let Err(why) = one(number, line) {
                            let mut faults =
                                faults.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                            faults.push((number, why));
                        }
                    }
                });
            }
        });
        faults.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    let call = |number: usize| call(&server, number);
    let mut faults = each(&|number, line| {
        call(number).map_err(|why| format!("before: {why}"))?;
        let fault = Fault::ALL.get(number % Fault::ALL.len()).copied().unwrap_or(Fault::Dead);
        line.make(fault);
        for _ in 0..FAILURES {
            call(number).map_err(|why| format!("during {fault:?}: {why}"))?;
        }
        let made = line.made();
        call(number).map_err(|why| format!("after {fault:?}: {why}"))?;
        if line.made() == made { Ok(()) } else { Err(format!("{fault:?}: it is not left alone")) }
    });
    lines.iter().for_each(|line| line.make(Fault::None));
    let rested = Instant::now() + REST;
    while Instant::now() < rested && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(100));
    }
    faults.extend(each(&|number, line| {
        let (made, begun) = (line.made(), Instant::now());
        while line.made() == made {
            call(number).map_err(|why| format!("when healed: {why}"))?;
            if begun.elapsed() > AGAIN {
                return Err("when healed: it is not asked again".to_owned());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }));
    for number in 0..lines.len() {
        let mut why = faults.iter().filter(|it| it.0 == number).map(|it| it.1.as_str());
        let held = why.next().map_or(Ok(()), |why| Err(format!("provider {number}, {why}")));
        outcome.note(What::ProviderRecovers, held);
    }
    Ok(())
}

/// Calls a route; somebody must answer.
fn call(server: &Private<'_>, number: usize) -> Result<(), String> {
    let body = json!({ "model": format!("r{number}"), "messages": [{ "role": "user", "content": "hello" }] });
    let answer = server.ask("", "POST", "/v1/chat/completions", Some(&body))?;
    if answer.status == 200 { Ok(()) } else { Err(format!("{}: {}", answer.status, answer.text())) }
}
