//! What outputs can be given as, and what a CI can only say.

use serde_json::{Map, Value, json};

use crate::ReadyError;

use super::{Values, coverage, findings, results, sarif, text};

/// As what the output of a tool is given; each is an option of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Results of the tests.
    Tests,
    /// Results of the tests from end to end.
    EndToEnd,
    /// Results of the tests of contracts with other systems.
    Contracts,
    /// Results of the tests of the alert rules.
    AlertRules,
    /// Results of the tests that guard the scope of tenants.
    ScopeRules,
    /// Results of the tests against staging.
    Staging,
    /// Results of following the guide on a clean machine.
    Guide,
    /// What the linter said.
    Lint,
    /// What the check of the formatter said.
    Format,
    /// The difference after the generators were run again.
    Generated,
    /// How much the tests run.
    Coverage,
    /// Advisories on the packages.
    Advisories,
    /// What a scanner found in the image.
    Image,
    /// Licences that are not allowed.
    Licences,
    /// Secrets in sources and history.
    Secrets,
    /// The files that are tracked.
    Tracked,
    /// The description of the API.
    Openapi,
}

/// Names of the forms.
const TESTS: &str = "JUnit XML, or what `cargo test` prints";
const SARIF: &str = "SARIF";

impl Kind {
    /// All, in the order of their declaration.
    pub const ALL: [Self; 17] = [
        Self::Tests,
        Self::EndToEnd,
        Self::Contracts,
        Self::AlertRules,
        Self::ScopeRules,
        Self::Staging,
        Self::Guide,
        Self::Lint,
        Self::Format,
        Self::Generated,
        Self::Coverage,
        Self::Advisories,
        Self::Image,
        Self::Licences,
        Self::Secrets,
        Self::Tracked,
        Self::Openapi,
    ];

    /// The name of its option.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tests => "tests",
            Self::EndToEnd => "end-to-end",
            Self::Contracts => "contracts",
            Self::AlertRules => "alert-rules",
            Self::ScopeRules => "scope-rules",
            Self::Staging => "staging",
            Self::Guide => "guide",
            Self::Lint => "lint",
            Self::Format => "formatted",
            Self::Generated => "generated",
            Self::Coverage => "coverage",
            Self::Advisories => "advisories",
            Self::Image => "image",
            Self::Licences => "licences",
            Self::Secrets => "secrets",
            Self::Tracked => "tracked",
            Self::Openapi => "openapi",
        }
    }

    /// The forms that it may have.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Lint => "`cargo clippy --message-format=json`, or SARIF",
            Self::Format => "what the formatter's check printed, with `exit CODE` as its last line",
            Self::Generated => {
                "what `git diff --exit-code` printed, with `exit CODE` as its last line"
            }
            Self::Coverage => "lcov, or Cobertura XML",
            Self::Advisories => "`cargo audit --json`, `npm audit --json`, JSON of Trivy, or SARIF",
            Self::Image => "JSON of Trivy, or SARIF",
            Self::Licences => "`cargo deny --format json check licenses`",
            Self::Secrets => "JSON of gitleaks, SARIF, or `assay --json guard scan`",
            Self::Tracked => "what `git ls-files` printed",
            Self::Openapi => "an OpenAPI document as JSON",
            // The others are results of tests.
            _ => TESTS,
        }
    }

    /// What a text says, and the name of its form.
    pub(super) fn read(self, input: &str) -> Result<(&'static str, Values), String> {
        let is_xml = input.trim_start().starts_with('<');
        let found = match self {
            Self::Format => Some(("exit", Values::Count(text::checked(input)?))),
            Self::Generated => Some(("diff", Values::Count(text::diff(input)?))),
            Self::Tracked => Some(("list", Values::Count(text::env_files(input)?))),
            Self::Coverage => {
                let (form, (run, of)) = if is_xml {
                    ("Cobertura", coverage::cobertura(input)?)
                } else {
                    ("lcov", coverage::lcov(input)?)
                };
                Some((form, Values::Lines(run, of)))
            }
            Self::Lint => match sarif::parse(input)? {
                Some(report) => Some((SARIF, Values::Count(report.warnings()))),
                None => text::cargo(input)?.map(|count| ("cargo", Values::Count(count))),
            },
            Self::Licences => {
                text::licences(input)?.map(|count| ("cargo deny", Values::Count(count)))
            }
            Self::Image => match sarif::parse(input)? {
                Some(report) => Some((SARIF, Values::Count(report.high()))),
                None => findings::trivy(input)?.map(|count| ("Trivy", Values::Count(count))),
            },
            Self::Advisories => match sarif::parse(input)? {
                Some(report) => Some((SARIF, Values::Count(report.high()))),
                None => findings::advisories(input)?,
            },
            Self::Secrets => match sarif::parse(input)? {
                Some(report) => Some((SARIF, Values::Count(report.all()))),
                None => findings::secrets(input)?,
            },
            Self::Openapi => {
                findings::openapi(input)?.map(|count| ("OpenAPI", Values::Count(count)))
            }
            _ if is_xml => Some(("JUnit", Values::Results(results::junit(input)?))),
            _ => Some(("libtest", Values::Results(results::libtest(input)?))),
        };
        found.ok_or_else(|| format!("it is of another form; expected {}", self.expected()))
    }

    /// The fields that all inputs of this kind decide together.
    pub(super) fn fields(self, found: &[Values]) -> Map<String, Value> {
        let mut together = results::Results::default();
        let (mut count, mut run, mut of, mut day) = (0, 0, 0, None::<&String>);
        for values in found {
            match values {
                Values::Results(results) => together = together.and(*results),
                Values::Count(more) => count += more,
                Values::Dated(more, at) => {
                    count += more;
                    day = Some(day.map_or(at, |day| day.min(at)));
                }
                Values::Lines(more, lines) => {
                    run += more;
                    of += lines;
                }
            }
        }
        let share = || json!({ "count": together.passed, "of": together.all() });
        let holds = || Value::from(together.failed == 0 && together.passed > 0);
        let fields = match self {
            Self::Tests => json!({
                "tests_failed": together.failed, "tests_passed": together.passed,
                "tests_skipped": together.skipped,
            }),
            Self::EndToEnd => json!({ "end_to_end": share() }),
            Self::Contracts => json!({ "contracts": share() }),
            Self::AlertRules => json!({ "alert_rules_tested_both_ways": share() }),
            Self::ScopeRules => json!({ "scope_rules_passed": holds() }),
            Self::Staging => json!({ "staging_green": holds() }),
            Self::Guide => json!({ "guide_followed": holds() }),
            Self::Lint => json!({ "lint_warnings": count }),
            Self::Format => json!({ "format_diffs": count }),
            Self::Generated => json!({ "generated_diff_lines": count }),
            Self::Coverage => json!({ "coverage_percent": percent(run, of) }),
            Self::Advisories => match day {
                Some(day) => json!({ "advisories_high": count, "advisories_of": day }),
                None => json!({ "advisories_high": count }),
            },
            Self::Image => json!({ "image_findings_high": count }),
            Self::Licences => json!({ "licences_denied": count }),
            Self::Secrets => json!({ "secret_findings": count }),
            Self::Tracked => json!({ "tracked_env_files": count }),
            Self::Openapi => json!({ "deprecated_unmarked": count }),
        };
        match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

/// A share in percent, cut to hundredths: never more than it is.
fn percent(run: u64, of: u64) -> f64 {
    (run as f64 / of.max(1) as f64 * 10_000.0).floor() / 100.0
}

/// What no file tells and only the CI knows, with where it knows it from.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) source: String,
}

impl Told {
    /// What can be told: true and false, but for the version.
    pub const NAMES: [&'static str; 6] = [
        "guide_followed",
        "image_pullable",
        "image_reproducible",
        "previous_pullable",
        "previous_version",
        "staging_green",
    ];

    /// Reads `NAME=VALUE@SOURCE`, such as `image_pullable=true@https://ci.example.org/run/7`.
    ///
    /// # Errors
    /// When the name is unknown, the value is no true or false, or the source is missing.
    pub fn parse(word: &str) -> Result<Self, ReadyError> {
        let bad = |problem: String| ReadyError::bad(format!("--told {word}"), problem);
        let (name, rest) =
            word.split_once('=').ok_or_else(|| bad("write NAME=VALUE@SOURCE".to_owned()))?;
        let (value, source) = rest
            .split_once('@')
            .filter(|(_, source)| !source.trim().is_empty())
            .ok_or_else(|| bad("say where it is known from: NAME=VALUE@SOURCE".to_owned()))?;
        if !Self::NAMES.contains(&name) {
            let names = Self::NAMES.join(", ");
            return Err(bad(format!("`{name}` cannot be told; what can is {names}")));
        }
        let value = match (name, value) {
            ("previous_version", value) if !value.trim().is_empty() => value.into(),
            ("previous_version", _) => return Err(bad("the version is empty".to_owned())),
            (_, "true") => true.into(),
            (_, "false") => false.into(),
            (_, other) => return Err(bad(format!("`{other}` is neither true nor false"))),
        };
        Ok(Self { name: name.to_owned(), value, source: source.trim().to_owned() })
    }
}
