//! What `assay ingest` shows while it works: the whole, each file in work with its step, and why
//! nothing finishes.

use std::{
    collections::BTreeMap,
    io::IsTerminal,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use assay_api::{JobResponse, ReadyResponse};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{command::jobs::standing, connect::Connection, output::note};

/// Time between two looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// Without a terminal a file in work is told this often when it has got further.
const LINES_EVERY: Duration = Duration::from_secs(3);

/// Shared by all that take files in.
pub(super) struct Board {
    /// Bars on a terminal; lines elsewhere.
    bars: Option<Bars>,
    state: Mutex<State>,
    total: usize,
}

struct Bars {
    all: MultiProgress,
    whole: ProgressBar,
}

struct State {
    working: BTreeMap<usize, Work>,
    finished: usize,
    /// When a file finished last.
    quiet_since: Instant,
    /// How often it was told since that nothing finishes.
    told: u32,
    lines_at: Instant,
}

/// A file in work.
struct Work {
    name: String,
    step: String,
    is_accepted: bool,
    /// Its step has been told on a line.
    is_told: bool,
    bar: Option<ProgressBar>,
}

impl Board {
    pub(super) fn new(total: usize) -> Self {
        let now = Instant::now();
        let state = State {
            working: BTreeMap::new(),
            finished: 0,
            quiet_since: now,
            told: 0,
            lines_at: now,
        };
        let bars = std::io::stderr().is_terminal().then(|| Bars::new(total));
        Self { bars, state: Mutex::new(state), total }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A file is being sent.
    pub(super) fn start(&self, number: usize, name: String) {
        let step = "sending".to_owned();
        let work = Work { name, step, is_accepted: false, is_told: true, bar: None };
        self.lock().working.insert(number, work);
    }

    /// The server has the file.
    pub(super) fn accept(&self, number: usize) {
        if let Some(work) = self.lock().working.get_mut(&number) {
            work.is_accepted = true;
        }
    }

    /// A job has moved or stalled.
    pub(super) fn show(&self, number: usize, job: &JobResponse) {
        let mut state = self.lock();
        let Some(work) = state.working.get_mut(&number) else { return };
        let step = standing(job);
        if step == work.step {
            return;
        }
        work.step = step;
        work.is_told = false;
        let Some(bars) = self.bars.as_ref().filter(|_| job.state == "running" || job.stalled)
        else {
            return;
        };
        let bar = work.bar.get_or_insert_with(|| bars.all.add(file_bar(&work.name)));
        bar.set_message(work.step.clone());
    }

    /// Nothing more comes of a file; `outcome` says what came of it.
    pub(super) fn finish(&self, number: usize, outcome: &str, is_failure: bool) {
        let mut state = self.lock();
        let Some(work) = state.working.remove(&number) else { return };
        state.finished += 1;
        state.quiet_since = Instant::now();
        state.told = 0;
        drop(state);
        let text = format!("{}: {outcome}", work.name);
        match &self.bars {
            Some(bars) => {
                if let Some(bar) = work.bar {
                    bar.finish_and_clear();
                }
                bars.whole.inc(1);
                if is_failure {
                    self.say(&text);
                }
            }
            None => self.say(&text),
        }
    }

    /// Files that did not finish: those that the server has, and those that it has not.
    pub(super) fn unfinished(&self) -> (Vec<String>, usize) {
        let state = self.lock();
        let accepted = state.working.values().filter(|work| work.is_accepted);
        let accepted: Vec<String> =
            accepted.map(|work| format!("{}: {}", work.name, work.step)).collect();
        let unsent = self.total - state.finished - accepted.len();
        (accepted, unsent)
    }

    pub(super) fn clear(&self) {
        if let Some(bars) = &self.bars {
            bars.whole.finish_and_clear();
            let _ = bars.all.clear();
        }
    }

    /// Tells what moves and what does not, for as long as it is polled; a stall after `stall`
    /// without a file that finished.
    pub(super) async fn keep(&self, connection: &Connection, stall: Duration) {
        loop {
            tokio::time::sleep(TICK).await;
            if let Some(bars) = &self.bars {
                bars.whole.tick();
            } else {
                self.tell_steps();
            }
            if let Some(quiet) = self.quiet_for(stall) {
                let obstacles = obstacles(connection).await;
                self.tell_stall(quiet, &obstacles);
            }
        }
    }

    fn tell_steps(&self) {
        let mut state = self.lock();
        if state.lines_at.elapsed() < LINES_EVERY {
            return;
        }
        state.lines_at = Instant::now();
        for work in state.working.values_mut().filter(|work| !work.is_told) {
            work.is_told = true;
            note(&format!("{}: {}", work.name, work.step));
        }
    }

    /// For how long nothing has finished, when it is time to say so: after `stall`, and each time
    /// after twice as long.
    fn quiet_for(&self, stall: Duration) -> Option<Duration> {
        let mut state = self.lock();
        let quiet = state.quiet_since.elapsed();
        let is_due = quiet >= stall.saturating_mul(2_u32.saturating_pow(state.told));
        state.told += u32::from(is_due);
        is_due.then_some(quiet)
    }

    fn tell_stall(&self, quiet: Duration, obstacles: &[String]) {
        let mut lines = vec![format!("no file has finished for {} s", quiet.as_secs())];
        lines.extend(obstacles.iter().map(|obstacle| format!("  {obstacle}")));
        let state = self.lock();
        let waiting = |work: &&Work| work.step == "queued";
        lines.extend(
            state
                .working
                .values()
                .filter(|work| !waiting(work))
                .map(|work| format!("  {}: {}", work.name, work.step)),
        );
        let queued = state.working.values().filter(waiting).count();
        drop(state);
        if queued > 0 {
            lines.push(format!("  {queued} more wait for their turn"));
        }
        self.say(&lines.join("\n"));
    }

    fn say(&self, text: &str) {
        match &self.bars {
            Some(bars) => {
                let _ = bars.all.println(text);
            }
            None => note(text),
        }
    }
}

impl Bars {
    fn new(total: usize) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let whole = all.add(ProgressBar::new(total as u64));
        let template = "{wide_bar} {pos}/{len} files, {elapsed}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            whole.set_style(style);
        }
        Self { all, whole }
    }
}

fn file_bar(name: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_prefix(name.to_owned());
    if let Ok(style) = ProgressStyle::with_template("  {prefix:32!} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// What the server says is not well.
async fn obstacles(connection: &Connection) -> Vec<String> {
    match connection.ready().await {
        Ok(ReadyResponse { dependencies, .. }) => dependencies
            .into_iter()
            .filter(|part| matches!(part.status.as_str(), "degraded" | "failed"))
            .map(|part| format!("{}: {}", part.name, part.error_message.unwrap_or(part.status)))
            .collect(),
        Err(error) => vec![format!("the server does not answer: {error:#}")],
    }
}
