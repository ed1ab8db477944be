//! Attacks on limits: a server of this program with a budget for each tenant, a provider that counts
//! what it was made to write, and tries that want more than the limit allows.
//!
//! A try has a tenant of its own, so that each is counted by itself. It gets through when the
//! provider wrote more tokens than the tenant may use in a day, or when more requests were let in
//! than the rates allow. What the program says of itself is not asked.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use assay_api::{TenantRequest, TenantResponse};
use assay_core::SystemClock;
use assay_identity::{Actor, AuthSettings, Identities, NewKey};
use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;
use tokio::net::TcpListener;

use super::{Case, Group};
use crate::{
    command::{Context, bench::Server},
    connect::{Connection, client_with},
    output::note,
};

mod provider;
mod shots;

use provider::Served;
use shots::{BENIGN, FAMILIES, RATE_FAMILIES, Shot};

/// Tokens that each tenant may use in a day.
const TOKENS: u64 = 2_000;
/// Tries of each family.
const TRIES: usize = 30;
/// Ordinary calls that must pass.
const TWINS: usize = 60;
/// Tries that run at the same time.
const AT_ONCE: usize = 3;
/// Keys of a tenant that attacks a budget, and of one that attacks a rate.
const KEYS: usize = 4;
const RATE_KEYS: usize = 12;
/// Longest that a request is waited for.
const REQUEST: Duration = Duration::from_secs(60);

/// Requests of a key at once and a minute, and of a tenant a minute: the usual rates.
const BURST: f64 = 10.0;
const KEY_PER_MINUTE: f64 = 60.0;
const TENANT_PER_MINUTE: f64 = 100.0;

/// A server that is attacked.
struct Target {
    /// Ended when it is dropped.
    _server: Server,
    connection: Connection,
    url: String,
    identities: Identities,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

/// A tenant of a try.
struct Tenant {
    name: String,
    id: String,
    keys: Vec<String>,
}

/// How a try went.
struct Outcome {
    /// Requests that were not refused.
    admitted: usize,
    seconds: f64,
}

/// What the budgets came to, beside the shares of the group.
#[derive(Debug, Default, Serialize)]
pub(super) struct Limits {
    /// Tokens that were written beyond what was allowed, of all tries.
    overshoot: u64,
    /// Tries that got more than their limit allows.
    over_limit_allowed: Held,
    /// Tries of a budget, which all want more than it has, in which something was refused.
    refused_over_budget: Held,
}

/// How many, of how many.
#[derive(Debug, Default, Serialize)]
struct Held {
    count: usize,
    of: usize,
}

pub(super) async fn run(context: &Context) -> anyhow::Result<(Group, Limits)> {
    note("attacking limits of a server of its own");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let served = Served::default();
    let provider = listener.local_addr()?.to_string();
    let serving = tokio::spawn(provider::serve(listener, served.clone()));
    let mut attacks = 0;
    let mut through = Vec::new();
    let mut limits = Limits::default();

    let target = Target::start(context, &budgets(&provider)).await?;
    for (number, (family, shots)) in FAMILIES.iter().enumerate() {
        let tries = (0..TRIES).map(|variant| {
            let (target, served) = (&target, &served);
            async move {
                let name = format!("try-{}", number * TRIES + variant);
                let tenant = target.tenant(&name, KEYS).await?;
                let shots = shots(variant);
                let wanted = shots.len();
                let outcome = target.fire(&tenant, shots, family.at_once).await?;
                Ok::<_, anyhow::Error>((variant, served.of(&name), outcome.admitted < wanted))
            }
        });
        let done: Vec<(usize, u64, bool)> =
            futures_util::stream::iter(tries).buffered(AT_ONCE).try_collect().await?;
        attacks += done.len();
        limits.overshoot += done.iter().map(|it| it.1.saturating_sub(TOKENS)).sum::<u64>();
        // Where less was written than the budget has, nothing had to be refused.
        let full = done.iter().filter(|(_, tokens, refused)| *refused || *tokens > TOKENS);
        limits.refused_over_budget.of += full.count();
        limits.refused_over_budget.count += done.iter().filter(|it| it.2).count();
        through.extend(done.into_iter().filter(|(_, tokens, _)| *tokens > TOKENS).map(
            |(variant, tokens, _)| Case {
                family: family.name.to_owned(),
                text: format!("variant {variant}: {tokens} tokens of {TOKENS}"),
            },
        ));
    }
    let mut alarms = Vec::new();
    for twin in 0..TWINS {
        let tenant = target.tenant(&format!("twin-{twin}"), 1).await?;
        let shot = BENIGN(twin);
        let about = shot.body.clone();
        if target.fire(&tenant, vec![shot], false).await?.admitted == 0 {
            alarms.push(about);
        }
    }
    drop(target);

    let target = Target::start(context, RATES).await?;
    for (number, (family, shots)) in RATE_FAMILIES.iter().enumerate() {
        for variant in 0..TRIES / 2 {
            let name = format!("rate-{}", number * TRIES + variant);
            let tenant = target.tenant(&name, RATE_KEYS).await?;
            let shots = shots(variant);
            let keys = shots.iter().map(|shot| shot.key).max().map_or(0, |most| most + 1) as f64;
            let outcome = target.fire(&tenant, shots, family.at_once).await?;
            let in_time = |per_minute: f64| outcome.seconds * per_minute / 60.0;
            let of_keys = keys * (BURST + in_time(KEY_PER_MINUTE));
            let allowed = of_keys.min(TENANT_PER_MINUTE + in_time(TENANT_PER_MINUTE)).ceil();
            attacks += 1;
            if outcome.admitted as f64 > allowed {
                through.push(Case {
                    family: family.name.to_owned(),
                    text: format!("variant {variant}: {} requests of {allowed}", outcome.admitted),
                });
            }
        }
    }
    serving.abort();
    limits.over_limit_allowed = Held { count: through.len(), of: attacks };
    Ok((Group::of("quota", attacks, through, TWINS, alarms), limits))
}

fn budgets(provider: &str) -> String {
    format!(
        "[embedding]\nmodel = \"\"\n[auth]\nmode = \"required\"\n\
         [server.rates]\nclient_per_minute = 0\ntenant_per_minute = 0\n\
         [gateway.providers.mock]\nbase_url = \"http://{provider}/v1\"\napi_key = \"drill\"\n\
         max_in_flight = 4096\n\
         [gateway.routes.drill]\ntargets = [{{ provider = \"mock\", model = \"m\" }}]\n\
         [gateway.cache]\nchat = \"exact\"\n\
         [[ledger.prices]]\nprovider = \"mock\"\nmodel = \"*\"\ninput = \"0.15\"\noutput = \"0.6\"\n\
         [[ledger.budgets]]\nname = \"tenants\"\nlimit_tokens = {TOKENS}\nwindow = \"day\"\n\
         tenant = \"*\"\n"
    )
}

/// The usual rates: see [`BURST`].
const RATES: &str = "[embedding]\nmodel = \"\"\n[auth]\nmode = \"required\"\n\
    [server.rates]\nclient_per_minute = 60\nclient_burst = 10\ntenant_per_minute = 100\n";

impl Target {
    async fn start(context: &Context, configuration: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("assay.toml");
        std::fs::write(&file, configuration)?;
        let identities = open(folder.path())?;
        let root = identities.bootstrap(ROOT, ROOT)?.key.expose().to_owned();
        let mut config = context.config.clone();
        config.data_dir = Some(folder.path().to_path_buf());
        let server = Server::start_with(folder.path(), &["--config", &file.display().to_string()])?;
        let (connection, _) = server.wait(&config).await?;
        let url = connection.lasting().unwrap_or_default().to_owned();
        let connection = connection.with_key(&root)?;
        let client = client_with("")?;
        Ok(Self { _server: server, connection, url, identities, client, _folder: folder })
    }

    /// Makes a tenant with some keys of its owner.
    async fn tenant(&self, name: &str, keys: usize) -> anyhow::Result<Tenant> {
        let request = TenantRequest {
            name: name.to_owned(),
            owner: Some(ROOT.to_owned()),
            trial_ends_at: None,
        };
        let made: TenantResponse = self.connection.post("/v1/tenants", &request).await?;
        let principal = self.identities.user_named(ROOT)?.id;
        let (scope, _) = self.identities.managed_tenant(name)?;
        let mint = |number: usize| {
            let new = NewKey {
                name: format!("drill {number}"),
                principal,
                scopes: None,
                expires_ms: None,
            };
            let minted = self.identities.create_key(&Actor::operator(), &scope, new)?;
            Ok::<_, anyhow::Error>(minted.key.expose().to_owned())
        };
        let keys = (0..keys).map(mint).collect::<anyhow::Result<_>>()?;
        Ok(Tenant { name: name.to_owned(), id: made.id, keys })
    }

    /// Sends the requests of a try, all at once or one after the other.
    async fn fire(
        &self,
        tenant: &Tenant,
        shots: Vec<Shot>,
        at_once: bool,
    ) -> anyhow::Result<Outcome> {
        let start = Instant::now();
        let width = if at_once { shots.len() } else { 1 };
        let sent = shots.into_iter().map(|shot| self.send(tenant, shot));
        let admitted: Vec<bool> =
            futures_util::stream::iter(sent).buffer_unordered(width.max(1)).collect().await;
        let admitted = admitted.into_iter().filter(|admitted| *admitted).count();
        Ok(Outcome { admitted, seconds: start.elapsed().as_secs_f64() })
    }

    /// Sends one request; returns whether it was let in. One that is too odd to be sent is refused
    /// before the server sees it.
    async fn send(&self, tenant: &Tenant, shot: Shot) -> bool {
        let key = tenant.keys.get(shot.key % tenant.keys.len().max(1)).map_or("", String::as_str);
        let own = |text: &str| text.replace("{name}", &tenant.name).replace("{id}", &tenant.id);
        let mut request = self
            .client
            .request(shot.method, format!("{}{}", self.url, shot.path))
            .timeout(REQUEST)
            .header(shot.shown, format!("{}{key}", shot.scheme));
        if !shot.body.is_empty() {
            request = request.header("content-type", "application/json").body(own(&shot.body));
        }
        for (name, value) in &shot.headers {
            request = request.header(*name, own(value));
        }
        let Ok(mut response) = request.send().await else { return false };
        let admitted = response.status().is_success();
        // Who leaves reads the beginning and hangs up; everybody else reads to the end.
        while let Ok(Some(_)) = response.chunk().await {
            if shot.leaves {
                break;
            }
        }
        admitted
    }
}

/// Who holds all tenants of the drill.
const ROOT: &str = "drill";

fn open(data: &Path) -> anyhow::Result<Identities> {
    Ok(Identities::open(data, AuthSettings::default(), Arc::new(SystemClock))?)
}
