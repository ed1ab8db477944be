//! The eight things that can come of a check.

use serde::{Deserialize, Serialize};

/// What came of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Observed, and it holds.
    Pass,
    /// A person with the role has said so, with evidence, and the word has not run out.
    Attested,
    /// It does not hold, and somebody has accepted that until a date.
    Waived,
    /// The condition under which it is asked does not hold here.
    NotApplicable,
    /// Observed, and it does not hold.
    Fail,
    /// No data, too few tries, or nobody has said so yet.
    #[default]
    Inconclusive,
    /// There is evidence, but it is too old, or of another configuration or build.
    Stale,
    /// The probe broke; nothing is known.
    Error,
}

impl Verdict {
    /// All, in the order of the values of the gauge `assay_readiness_check`.
    pub const ALL: [Self; 8] = [
        Self::Pass,
        Self::Attested,
        Self::Waived,
        Self::NotApplicable,
        Self::Fail,
        Self::Inconclusive,
        Self::Stale,
        Self::Error,
    ];

    /// Whether a blocker with this verdict leaves a deployment ready.
    #[must_use]
    pub const fn lets_through(self) -> bool {
        matches!(self, Self::Pass | Self::Attested | Self::Waived | Self::NotApplicable)
    }

    /// Whether it was decided, one way or the other.
    #[must_use]
    pub const fn is_decided(self) -> bool {
        !matches!(self, Self::Inconclusive | Self::Stale | Self::Error)
    }

    /// The word as it stands in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Attested => "attested",
            Self::Waived => "waived",
            Self::NotApplicable => "not_applicable",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Stale => "stale",
            Self::Error => "error",
        }
    }

    /// The value of the gauge: its place in [`Self::ALL`].
    #[must_use]
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|it| *it == self).unwrap_or_default()
    }

    /// Of several parts of one check, the one that decides it.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        let rank = |it: Self| match it {
            Self::Fail => 4,
            Self::Error => 3,
            Self::Stale => 2,
            Self::Inconclusive => 1,
            _ => 0,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
