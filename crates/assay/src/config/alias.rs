//! Variables that other systems have for the same settings. Assay's own variable and the file outrank
//! them.

use toml::{Table, Value};

use super::{Found, set};

/// What a variable holds.
#[derive(Debug, Clone, Copy)]
enum Holds {
    /// A whole number of so many of our units.
    Number(i64),
    /// The address of a Postgres server.
    Postgres,
    /// How much is logged.
    Level,
    /// The kind of a provider of models; it becomes a provider of that name.
    Provider,
    /// Tokens a day of all calls together; it becomes a budget.
    TokensADay,
}

/// A variable, the key that it stands for, what it holds.
const ALIASES: [(&str, &[&str], Holds); 13] = [
    ("EMBEDDING_CACHE_SIZE", &["answer", "query_cache_entries"], Holds::Number(1)),
    ("EMBEDDING_CACHE_TTL", &["answer", "query_cache_seconds"], Holds::Number(1)),
    ("QUERY_CACHE_SIZE", &["gateway", "cache", "semantic_entries"], Holds::Number(1)),
    ("QUERY_CACHE_TTL", &["gateway", "cache", "semantic_seconds"], Holds::Number(1)),
    ("MAX_FILE_SIZE_MB", &["answer", "file_bytes_max"], Holds::Number(1 << 20)),
    ("DATABASE_URL", &["database", "url"], Holds::Postgres),
    ("GATEWAY_PORT", &["server", "port"], Holds::Number(1)),
    ("LOG_LEVEL", &["log", "filter"], Holds::Level),
    ("RATE_LIMIT_PER_MINUTE", &["server", "rates", "client_per_minute"], Holds::Number(1)),
    ("RATE_LIMIT_REQUESTS_PER_MINUTE", &["server", "rates", "client_per_minute"], Holds::Number(1)),
    ("RATE_LIMIT_BURST", &["server", "rates", "client_burst"], Holds::Number(1)),
    ("LLM_PROVIDER", &["gateway", "providers"], Holds::Provider),
    ("QUOTA_DAILY_TOKENS", &["ledger", "budgets"], Holds::TokensADay),
];

/// Takes the variables of other systems where the table says nothing.
pub(super) fn take(table: &mut Table, variables: &[(String, String)], problems: &mut Vec<Found>) {
    for (_, path, value) in given(table, variables, problems) {
        set(table, &path, value);
    }
}

/// The values that variables of other systems give to keys of which the table says nothing; of two
/// for the same key, the first of the list.
pub(super) fn given(
    table: &Table,
    variables: &[(String, String)],
    problems: &mut Vec<Found>,
) -> Vec<(&'static str, Vec<String>, Value)> {
    let mut taken: Vec<(&str, Vec<String>, Value)> = Vec::new();
    for (name, path, kind) in ALIASES {
        let found = variables.iter().find(|(found, value)| found == name && !value.is_empty());
        let Some((_, text)) = found else { continue };
        let mut path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        if let Holds::Provider = kind {
            path.push(text.to_lowercase());
        }
        match value(name, text, kind) {
            Ok(_) if holds(table, &path) || taken.iter().any(|(_, other, _)| *other == path) => {}
            Ok(value) => taken.push((name, path, value)),
            Err(what) => problems.push(Found { place: name.to_owned(), what }),
        }
    }
    taken
}

/// Whether a table says something of a key.
pub(super) fn holds(table: &Table, path: &[impl AsRef<str>]) -> bool {
    match path {
        [] => true,
        [key, rest @ ..] => match table.get(key.as_ref()) {
            Some(Value::Table(inner)) => holds(inner, rest),
            Some(_) => true,
            None => false,
        },
    }
}

fn value(name: &str, text: &str, holds: Holds) -> Result<Value, String> {
    match holds {
        Holds::Number(unit) => {
            let number = text.trim().parse::<u32>().ok().map(i64::from);
            let number = number.and_then(|number| number.checked_mul(unit));
            number.map(Value::Integer).ok_or_else(|| format!("`{text}` is not a whole number"))
        }
        Holds::Postgres if text.starts_with("postgres://") || text.starts_with("postgresql://") => {
            Ok(Value::from(text))
        }
        // It may hold a password.
        Holds::Postgres => {
            Err("it is not the address of a Postgres server: leave it out for files \
             in the data folder"
                .to_owned())
        }
        Holds::Level => match text.to_lowercase().as_str() {
            "critical" | "fatal" => Ok(Value::from("error")),
            "warning" => Ok(Value::from("warn")),
            level @ ("error" | "warn" | "info" | "debug" | "trace") => Ok(Value::from(level)),
            _ => Err(format!("`{text}` is none of error, warning, info, debug")),
        },
        Holds::Provider => {
            let kind = text.to_lowercase();
            let models = Value::Array(vec![Value::from("*")]);
            Ok(table([("kind", Value::from(kind)), ("models", models)]))
        }
        Holds::TokensADay => {
            let tokens = value(name, text, Holds::Number(1))?;
            let entries =
                [("name", name.into()), ("window", "day".into()), ("limit_tokens", tokens)];
            Ok(Value::Array(vec![table(entries)]))
        }
    }
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests {
    //! The page lists them all, and no other.

    use std::collections::BTreeSet;

    use super::ALIASES;

    #[test]
    fn the_reference_page_lists_the_variables_of_other_systems() {
        let page = assay_testkit::workspace_root().join("docs/reference/configuration.md");
        let page = std::fs::read_to_string(page).unwrap();
        let section = page.split("## Variables of other systems").nth(1).unwrap();
        let listed: BTreeSet<String> = section
            .lines()
            .take_while(|line| !line.starts_with("## "))
            .filter_map(|line| line.strip_prefix("| `"))
            .map(|line| {
                let mut parts = line.split('`');
                format!("{} {}", parts.next().unwrap(), parts.nth(1).unwrap())
            })
            .collect();
        let taken: BTreeSet<String> =
            ALIASES.iter().map(|(name, path, _)| format!("{name} {}", path.join("."))).collect();
        // Keys of providers are taken by the gateway.
        assert_eq!(listed, taken);
    }
}
