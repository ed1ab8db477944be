//! `assay gateway`.

mod import;

use std::process::ExitCode;

use assay_api::{RouteExplanation, RouteTarget};
use serde_json::{Value, json};

use super::{Context, connected};
use crate::{
    cli::{Explain, GatewayCommand},
    output::{json as print, line},
};

pub(crate) async fn run(context: Context, args: GatewayCommand) -> anyhow::Result<ExitCode> {
    let args = match args {
        GatewayCommand::Explain(args) => args,
        GatewayCommand::Import(args) => return import::run(&context, &args),
    };
    let body = request(&args);
    let headers: Vec<(&str, &str)> = [
        ("x-assay-role", args.role.as_deref()),
        ("x-assay-complexity", args.complexity.as_deref()),
        ("x-assay-session", args.session.as_deref()),
        ("x-assay-no-training", args.no_training.then_some("true")),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect();
    let explained: RouteExplanation = connected(&context, async |connection| {
        connection.post_with("/v1/gateway/explain", &body, &headers).await
    })
    .await?;
    if context.json {
        print(&explained)?;
    } else {
        show(&explained);
    }
    Ok(ExitCode::SUCCESS)
}

/// A chat completion with the needs that are asked about.
fn request(args: &Explain) -> Value {
    let mut content = vec![json!({ "type": "text", "text": args.prompt })];
    if args.image {
        let url = json!({ "url": "https://example.com/image.png" });
        content.push(json!({ "type": "image_url", "image_url": url }));
    }
    let mut body = json!({
        "model": args.model, "messages": [{ "role": "user", "content": content }],
    });
    if args.tools {
        body["tools"] = json!([{ "type": "function", "function": { "name": "a_tool" } }]);
    }
    if args.json_schema {
        let schema = json!({ "name": "a_schema", "schema": { "type": "object" } });
        body["response_format"] = json!({ "type": "json_schema", "json_schema": schema });
    }
    if let Some(tokens) = args.max_tokens {
        body["max_tokens"] = tokens.into();
    }
    body
}

fn show(explained: &RouteExplanation) {
    let needs = match explained.needs.is_empty() {
        true => "nothing special".to_owned(),
        false => explained.needs.join(", "),
    };
    line(&format!(
        "{} goes by the route {} (about {} tokens; needs {needs})",
        explained.model, explained.route, explained.prompt_tokens
    ));
    for (place, target) in explained.targets.iter().enumerate() {
        line(&format!("  {}. {}", place + 1, shown(target)));
    }
    if explained.targets.is_empty() {
        line("  nothing can serve it");
    }
    for skipped in &explained.skipped {
        let target = shown(&skipped.target);
        line(&format!("  left out: {target}: {} ({})", skipped.why, skipped.reason));
    }
    if !explained.reasons.is_empty() {
        line(&format!("  because of: {}", explained.reasons.join(", ")));
    }
    line(&format!("  attempts at most: {}", explained.attempts_max));
}

fn shown(target: &RouteTarget) -> String {
    let mut text = format!("{}/{} [{}]", target.provider, target.model, target.tier);
    if target.key > 0 {
        text.push_str(&format!(" key {}", target.key + 1));
    }
    if let Some(latency) = target.latency_ms {
        text.push_str(&format!(" {latency:.0} ms lately"));
    }
    if target.circuit_state != "closed" {
        text.push_str(&format!(", breaker {}", target.circuit_state));
    }
    text
}
