//! Can the checklist fail? A defect is planted for each automatic check, which must turn it red, and
//! nothing may pass where there is nothing to see.

mod plant;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::{
    Blast, Catalogue, Deployment, Own, Profile, Request, Response, Transport,
    judge::judge,
    people::Said,
    run::{Given, perform},
    verdict::Verdict,
};

/// What the self-test found.
#[derive(Debug, Serialize)]
pub struct Selftest {
    /// Checks that are decided without a person.
    pub automatic: usize,
    /// Those of which every expectation turned red on a planted defect of its own.
    pub red: usize,
    /// Expectations, and those that turned red.
    pub expectations: usize,
    /// Expectations that turned red.
    pub expectations_red: usize,
    /// Checks that did not turn red, with the expectation.
    pub not_red: Vec<String>,
    /// Checks that pass although nothing was seen.
    pub pass_on_nothing: Vec<String>,
    /// Checks that pass on a deployment that answers every request with 200 and an empty body.
    pub pass_on_empty_answers: Vec<String>,
    /// Checks that pass on a deployment that answers every request with 500.
    pub pass_on_faults: Vec<String>,
}

/// The share of the automatic checks that must turn red.
const BAR: f64 = 0.95;

impl Selftest {
    /// Whether the bar holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.red as f64 >= BAR * self.automatic as f64
            && self.pass_on_nothing.is_empty()
            && self.pass_on_empty_answers.is_empty()
            && self.pass_on_faults.is_empty()
    }

    /// For a person.
    #[must_use]
    pub fn shown(&self) -> String {
        let share = self.red as f64 / self.automatic.max(1) as f64 * 100.0;
        let mut out = format!(
            "{} of {} automatic checks turned red on each planted defect ({share:.1} %)\n\
             {} of {} expectations turned red\n\
             passes without data: {}; on empty answers: {}; on a server that answers 500: {}\n",
            self.red,
            self.automatic,
            self.expectations_red,
            self.expectations,
            self.pass_on_nothing.len(),
            self.pass_on_empty_answers.len(),
            self.pass_on_faults.len(),
        );
        let lists = [
            ("not red", &self.not_red),
            ("passes without data", &self.pass_on_nothing),
            ("passes on empty answers", &self.pass_on_empty_answers),
            ("passes on a server that answers 500", &self.pass_on_faults),
        ];
        for (what, ids) in lists.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            out.push_str(&format!("  {what}: {}\n", ids.join(", ")));
        }
        out
    }
}

/// Plants a defect for each expectation of each automatic check; then asks two deployments that
/// cannot be ready.
#[must_use]
pub fn selftest(catalogue: &Catalogue) -> Selftest {
    let mut found = Selftest {
        automatic: 0,
        red: 0,
        expectations: 0,
        expectations_red: 0,
        not_red: Vec::new(),
        pass_on_nothing: Vec::new(),
        pass_on_empty_answers: passing(catalogue, 200),
        pass_on_faults: passing(catalogue, 500),
    };
    for check in catalogue.checks.iter().filter(|check| check.is_automatic()) {
        found.automatic += 1;
        let sound = plant::sound(check);
        let mut all_red = true;
        for (at, expect) in check.expect.iter().enumerate() {
            found.expectations += 1;
            let planted = plant::defect(check, expect);
            let is_red = planted.is_some_and(|bad| {
                let mut seen = sound.clone();
                seen.retain(|it| it.name != expect.of);
                seen.push(bad);
                let judged = judge(&check.expect, &seen);
                let wanted = if expect.first { Verdict::Inconclusive } else { Verdict::Fail };
                judged.get(at).is_some_and(|it| it.verdict == wanted)
            });
            found.expectations_red += usize::from(is_red);
            if !is_red {
                all_red = false;
                found.not_red.push(format!("{} {}", check.id, expect.of));
            }
        }
        found.red += usize::from(all_red);
        if judge(&check.expect, &[]).iter().all(|it| it.verdict == Verdict::Pass) {
            found.pass_on_nothing.push(check.id.clone());
        }
    }
    found
}

/// A deployment that answers everything alike.
struct Alike(u16);

impl Transport for Alike {
    fn send(&self, _: &Request) -> Result<Response, String> {
        Ok(Response { status: self.0, ..Response::default() })
    }
}

impl Own for Alike {
    fn tell(&self, _: &str) -> Result<Json, String> {
        Ok(Json::Object(serde_json::Map::new()))
    }
}

/// The automatic checks that pass on such a deployment.
fn passing(catalogue: &Catalogue, status: u16) -> Vec<String> {
    let alike = Alike(status);
    let deployment = Deployment {
        url: "http://selftest.invalid".to_owned(),
        transport: &alike,
        own: &alike,
        config: None,
        data: None,
        docs: None,
        prometheus: Some("http://prometheus.invalid".to_owned()),
        traces: Some("http://traces.invalid".to_owned()),
        key: None,
        other_key: None,
        allow: Blast::Low,
        version: String::new(),
    };
    // No waiting: what is waited for never comes here.
    let mut catalogue = catalogue.clone();
    for check in &mut catalogue.checks {
        check.timeout_seconds = check.timeout_seconds.min(1);
        check.probe.iter_mut().for_each(crate::probe::Probe::hurry);
    }
    let profile = Profile {
        uses: crate::catalogue::DECLARED.map(str::to_owned).into(),
        ..Profile::default()
    };
    let given = Given {
        catalogue: &catalogue,
        profile: &profile,
        said: &Said::default(),
        folder: std::path::Path::new("/nonexistent/assay-ready-selftest"),
        now: jiff::Timestamp::UNIX_EPOCH,
        build: String::new(),
        previous: String::new(),
    };
    let run: Result<(_, BTreeMap<_, _>), _> = perform(&given, &deployment);
    let outcomes = run.map(|(run, _)| run.outcomes).unwrap_or_default();
    outcomes.into_iter().filter(|it| it.verdict == Verdict::Pass).map(|it| it.id).collect()
}

#[cfg(test)]
mod tests {
    //! The bar holds for the checklist that the program brings.

    use super::*;

    #[test]
    fn the_checklist_can_fail() {
        let found = selftest(&Catalogue::load(None).unwrap());
        assert!(found.holds(), "{}", found.shown());
    }
}
