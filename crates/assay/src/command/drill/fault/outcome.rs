//! What the parts of the drill found, and how it is told.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::super::carry::{Found, Kept};

/// How often something held, of how many tries.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Held {
    pub(super) count: u64,
    pub(super) of: u64,
}

impl Held {
    const fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, of: self.of + other.of }
    }

    fn shown(self) -> String {
        format!("{} of {}", self.count, self.of)
    }
}

/// What was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// Accepted work was found once after a kill.
    Resumed,
    /// The steady state was there after a kill.
    KillRecovers,
    StoppedCleanly,
    FreezeRecovers,
    DiskFull,
    /// Starts at which what was ready answered, with all that it depends on.
    StartOrder,
    /// Questions that were answered with a lane missing.
    LanesDegrade,
    /// Lanes that came back.
    LanesRecover,
    ProviderRecovers,
    Parked,
    LimitHeld,
    BrokenFiles,
    /// Runs under way while the clock jumped that ended once.
    ClockJumps,
    /// Keys, logins and tasks that wait for their time, beside a clock that jumped.
    ClockKept,
    /// Readiness said that the clock is off.
    ClockTold,
}

/// What came of a part, or of all.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    held: BTreeMap<What, Held>,
    /// Seconds from the start after a kill until what was accepted was found, the longest.
    pub(super) slowest: f64,
    /// What did not hold, a few.
    pub(super) broken: Vec<String>,
    pub(super) left_out: Vec<String>,
}

impl Outcome {
    /// Notes a try, and why it did not hold.
    pub(super) fn note(&mut self, what: What, held: Result<(), String>) {
        let counted = self.held.entry(what).or_default();
        counted.of += 1;
        match held {
            Ok(()) => counted.count += 1,
            Err(why) => self.broken.push(why),
        }
    }

    /// Takes back what was noted as held.
    pub(super) fn unnote(&mut self, what: What, why: String) {
        let counted = self.held.entry(what).or_default();
        counted.count = counted.count.saturating_sub(1);
        self.broken.push(why);
    }

    pub(super) fn held(&self, what: What) -> Held {
        self.held.get(&what).copied().unwrap_or_default()
    }

    /// What two parts found.
    pub(super) fn and(mut self, other: Self) -> Self {
        for (what, held) in other.held {
            let own = self.held.entry(what).or_default();
            *own = own.and(held);
        }
        self.slowest = self.slowest.max(other.slowest);
        self.broken.extend(other.broken);
        self.left_out.extend(other.left_out);
        self
    }

    pub(super) fn told(self) -> Found {
        use What::*;
        let held = |what| self.held(what);
        let mut result = json!({
            "tasks": {
                "resumed": held(Resumed), "stopped_cleanly": held(StoppedCleanly),
                "parked": held(Parked), "limit_held": held(LimitHeld),
            },
            "start_order": held(StartOrder), "lanes_degrade": held(LanesDegrade),
            "lanes_recover": held(LanesRecover), "provider_recovers": held(ProviderRecovers),
            "broken_files": held(BrokenFiles),
            // Parse, embed, keep, retrieve, write: each made to fail.
            "stages_recovered": held(BrokenFiles).and(held(Parked)).and(held(DiskFull))
                .and(held(LanesDegrade)),
            "kill_recovers": held(KillRecovers), "freeze_recovers": held(FreezeRecovers),
            "slowest_seconds": self.slowest, "broken": self.broken, "left_out": self.left_out,
        });
        // What could not be tried is absent, and so decides nothing.
        let tried = [
            ("disk_full", DiskFull),
            ("clock_jumps", ClockJumps),
            ("clock_kept", ClockKept),
            ("clock_told", ClockTold),
        ];
        if let Some(fields) = result.as_object_mut() {
            let tried = tried.into_iter().filter(|it| held(it.1).of > 0);
            fields.extend(tried.map(|(name, what)| (name.to_owned(), json!(held(what)))));
        }
        let shown = |what| held(what).shown();
        let mut lines = vec![
            format!(
                "SIGKILL: accepted work found once {}, steady state {}, slowest {:.1} s",
                shown(Resumed),
                shown(KillRecovers),
                self.slowest
            ),
            format!("SIGTERM: ended by itself, work found once {}", shown(StoppedCleanly)),
            format!("SIGSTOP and SIGCONT: answered {}", shown(FreezeRecovers)),
            format!("full disk: refused as such, searches go on {}", shown(DiskFull)),
            format!("starts: what is ready answers {}", shown(StartOrder)),
            format!(
                "lines to models dead, cut, slow, silent: answered with what is missing {}, back again {}",
                shown(LanesDegrade),
                shown(LanesRecover)
            ),
            format!("providers: fallback, left alone, asked again {}", shown(ProviderRecovers)),
            format!(
                "work that fails: tried again, done when healed, else parked {}; not more at once than may {}; \
                 broken files refused by name {}",
                shown(Parked),
                shown(LimitHeld),
                shown(BrokenFiles)
            ),
            format!(
                "clock jumps: work under way ended once {}; keys, logins, what waits for its time {}; readiness \
                 says that the clock is off {}",
                shown(ClockJumps),
                shown(ClockKept),
                shown(ClockTold)
            ),
        ];
        let further = self.left_out.iter().chain(self.broken.iter().take(10));
        lines.extend(further.map(|text| format!("  {text}")));
        // The server of the drill has the usual settings, so the result is of no configuration.
        let kept = vec![Kept { name: "fault", result, of_settings: false }];
        Found { kept, lines, holds: self.broken.is_empty() }
    }
}
