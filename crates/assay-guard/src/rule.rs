//! What a rule says of itself.

use std::borrow::Cow;

use crate::{Kind, Severity};

/// A rule: what it finds and why, with examples that it must find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name, such as `email`; unique.
    pub id: Cow<'static, str>,
    /// What it finds.
    pub kind: Kind,
    /// How bad it would be to let it pass.
    pub severity: Severity,
    /// Why the rule exists, and what it checks.
    pub reason: Cow<'static, str>,
    /// Texts in which it finds something.
    pub examples: &'static [&'static str],
}

impl Rule {
    /// A rule that is built in.
    pub(crate) const fn built_in(
        id: &'static str,
        kind: Kind,
        severity: Severity,
        reason: &'static str,
        examples: &'static [&'static str],
    ) -> Self {
        Self { id: Cow::Borrowed(id), kind, severity, reason: Cow::Borrowed(reason), examples }
    }
}
