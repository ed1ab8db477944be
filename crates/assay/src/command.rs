//! The commands.

mod access;
mod alerts;
mod ask;
mod audit;
mod backup;
mod bench;
mod budgets;
mod cite;
mod collections;
mod config;
mod doctor;
mod documents;
mod drill;
mod encryption;
mod eval;
mod feedback;
mod gateway;
mod groups;
mod guard;
mod health;
mod index;
mod ingest;
mod jobs;
mod keys;
mod migrate;
mod models;
mod opinions;
mod ready;
mod restore;
mod rollout;
mod search;
mod serve;
mod sessions;
mod sources;
mod tasks;
mod tenant;
mod usage;
mod users;
mod worker;

use std::{path::PathBuf, process::ExitCode};

use crate::{
    cli::{Cli, Command},
    config::Config,
    connect::Connection,
    output::Told,
    wiring,
};

/// What every command gets.
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) json: bool,
    /// Where the configuration came from.
    pub(crate) given: Given,
}

/// What the command line says about the configuration.
pub(crate) struct Given {
    file: Option<PathBuf>,
    data_dir: Option<PathBuf>,
}

impl Given {
    /// The file that was named.
    pub(crate) fn file(&self) -> Option<&std::path::Path> {
        self.file.as_deref()
    }

    /// The folder that was named.
    pub(crate) fn data_dir(&self) -> Option<&std::path::Path> {
        self.data_dir.as_deref()
    }

    /// Whether the command line says of which deployment it speaks.
    pub(crate) const fn is_named(&self) -> bool {
        self.file.is_some() || self.data_dir.is_some()
    }

    /// The configuration with further variables over those of the environment.
    pub(crate) fn load(&self, further: &[(String, String)]) -> Result<Config, Told> {
        let variables = variables().chain(further.iter().cloned());
        let mut config = Config::load(self.file.as_deref(), variables)?;
        if let Some(data_dir) = &self.data_dir {
            config.data_dir = Some(data_dir.clone());
        }
        Ok(config)
    }
}

/// The variables of the environment that are text.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    let all = std::env::vars_os();
    all.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Carries out the command line.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let given = Given { file: cli.config, data_dir: cli.data_dir };
    let mut config = given.load(&[])?;
    let quiet = !matches!(cli.command, Command::Serve(_) | Command::Worker(_));
    if quiet && config.log.filter == "info" {
        // A command for a person shows what it was asked for; the log is for the server.
        "error".clone_into(&mut config.log.filter);
    }
    if quiet {
        // The file and the collector are the server's.
        config.log.file = None;
        config.telemetry.traces.endpoint.clear();
    }
    let traces = wiring::start_log(&config)?;
    let context = Context { config, json: cli.json, given };
    match cli.command {
        Command::Serve(args) => wiring::runtime()?.block_on(serve::run(context, args, traces)),
        Command::Worker(args) => wiring::runtime()?.block_on(worker::run(context, args)),
        Command::Migrate(args) => migrate::run(context, args),
        Command::Ingest(args) => wiring::runtime()?.block_on(ingest::run(context, args)),
        Command::Jobs(args) => wiring::runtime()?.block_on(jobs::run(context, args)),
        Command::Tasks(args) => wiring::runtime()?.block_on(tasks::run(context, args)),
        Command::Ask(args) => wiring::runtime()?.block_on(ask::run(context, args)),
        Command::Sessions(args) => wiring::runtime()?.block_on(sessions::run(context, args)),
        Command::Opinions(args) => wiring::runtime()?.block_on(opinions::run(context, args)),
        Command::Guard(args) => guard::run(&context, &args),
        Command::Cite(args) => wiring::runtime()?.block_on(cite::run(context, args)),
        Command::Search(args) => wiring::runtime()?.block_on(search::run(context, args)),
        Command::Feedback(args) => wiring::runtime()?.block_on(feedback::run(context, args)),
        Command::Documents(args) => wiring::runtime()?.block_on(documents::run(context, args)),
        Command::Collections(args) => wiring::runtime()?.block_on(collections::run(context, args)),
        Command::Sources(args) => wiring::runtime()?.block_on(sources::run(context, args)),
        Command::Models(args) => wiring::runtime()?.block_on(models::run(context, args)),
        Command::Gateway(args) => wiring::runtime()?.block_on(gateway::run(context, args)),
        Command::Usage(args) => wiring::runtime()?.block_on(usage::run(context, args)),
        Command::Alerts(args) => wiring::runtime()?.block_on(alerts::run(context, args)),
        Command::Dashboards(args) => alerts::dashboards(&context, &args),
        Command::Slo { what: None } => wiring::runtime()?.block_on(alerts::slo(context)),
        Command::Slo { what: Some(args) } => alerts::openslo(&context, &args),
        Command::Budgets(args) => wiring::runtime()?.block_on(budgets::run(context, args)),
        Command::Tenant(args) => wiring::runtime()?.block_on(tenant::run(context, args)),
        Command::Keys(args) => wiring::runtime()?.block_on(keys::run(context, args)),
        Command::Groups(args) => wiring::runtime()?.block_on(groups::run(context, args)),
        Command::Access(args) => wiring::runtime()?.block_on(access::run(context, args)),
        Command::Users(args) => wiring::runtime()?.block_on(users::run(context, args)),
        Command::Audit(args) => wiring::runtime()?.block_on(audit::run(context, args)),
        Command::Config(args) => config::run(&context, &args),
        Command::Index(args) => wiring::runtime()?.block_on(index::run(context, args)),
        Command::Encryption(args) => encryption::run(&context, args),
        Command::Backup(args) => wiring::runtime()?.block_on(backup::run(context, args)),
        Command::Restore(args) => restore::run(&context, &args),
        Command::Health => wiring::runtime()?.block_on(health::run(context)),
        Command::Doctor(args) => wiring::runtime()?.block_on(doctor::run(context, args)),
        Command::Eval(args) => wiring::runtime()?.block_on(eval::run(context, args)),
        Command::Ready(args) => wiring::runtime()?.block_on(ready::run(context, args)),
        Command::Drill(args) => wiring::runtime()?.block_on(drill::run(context, args)),
        Command::Rollout(args) => wiring::runtime()?.block_on(rollout::run(context, args)),
        Command::Bench(args) => wiring::runtime()?.block_on(bench::run(context, args)),
    }
}

/// Does `work` over a connection and ends the connection, whatever came of it.
pub(crate) async fn connected<T>(
    context: &Context,
    work: impl AsyncFnOnce(&Connection) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let connection = Connection::open(&context.config).await?;
    let outcome = work(&connection).await;
    connection.close().await;
    outcome
}
