//! `assay config`.

use std::process::ExitCode;

use serde_json::json;

use super::Context;
use crate::{
    cli::ConfigCommand,
    output::{json as print, line},
};

pub(crate) fn run(context: &Context, args: &ConfigCommand) -> anyhow::Result<ExitCode> {
    let config = &context.config;
    match args {
        // Loading has told every problem by now.
        ConfigCommand::Check => {
            if context.json {
                print(&json!({ "problems": [] }))?;
            } else {
                line("The configuration is sound.");
            }
        }
        ConfigCommand::Show => {
            let writer = config.writer.as_ref().map(|writer| {
                let endpoint = writer.endpoint.as_ref();
                json!({
                    "base_url": endpoint.map(|endpoint| &endpoint.base_url),
                    "model": endpoint.map_or(&writer.model, |endpoint| &endpoint.model),
                    "api_key": endpoint.and_then(|it| it.api_key.as_ref()).map(|_| "set"),
                })
            });
            let shown = json!({
                "data_dir": config.data(),
                "models_dir": config.models(),
                "server": { "host": config.server.host, "port": config.server.port,
                            "body_bytes_max": config.server.body_bytes_max },
                "log": { "filter": config.log.filter, "format": format!("{:?}", config.log.format).to_lowercase() },
                "answer": config.answer,
                "web": { "providers": config.web.providers, "contact": config.web.contact,
                         "github_token": config.web.github.token.as_ref().map(|_| "set") },
                "embedding": { "model": config.embedding.model,
                               "endpoint": config.embedding.endpoint.as_ref().map(|e| &e.base_url) },
                "writer": writer,
            });
            if context.json {
                print(&shown)?;
            } else {
                line(&serde_json::to_string_pretty(&shown)?);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
