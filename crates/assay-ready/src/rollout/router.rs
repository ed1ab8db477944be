//! Proxies that split the traffic: each told in its own way, and asked what it took.

mod haproxy;
mod nginx;

use super::plan::{Place, Plan, Proxy};

/// Shares in percent; together 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights(pub Place<u8>);

impl PartialEq for Place<u8> {
    fn eq(&self, other: &Self) -> bool {
        (self.stable, self.canary, self.baseline) == (other.stable, other.canary, other.baseline)
    }
}

impl Eq for Place<u8> {}

impl Copy for Place<u8> {}

impl Weights {
    /// The shares with so many percent for the canary. A baseline gets as much as the canary, as long as
    /// there is as much.
    #[must_use]
    pub fn of(percent: u8, has_baseline: bool) -> Self {
        let rest = 100 - percent.min(100);
        let baseline = has_baseline.then(|| percent.min(rest));
        Self(Place { stable: rest - baseline.unwrap_or(0), canary: percent.min(100), baseline })
    }

    /// Each deployment's name with its share.
    fn named<'a>(&self, names: &'a Place<String>) -> Vec<(&'a str, u8)> {
        let mut all =
            vec![(names.stable.as_str(), self.0.stable), (names.canary.as_str(), self.0.canary)];
        all.extend(names.baseline.as_deref().zip(self.0.baseline));
        all
    }
}

/// A proxy.
pub trait Router: Sync {
    /// Splits the traffic so. It may be told the same again.
    ///
    /// # Errors
    /// In words, when the proxy does not take it.
    fn split(&self, weights: Weights) -> Result<(), String>;

    /// Whether the traffic is split so, as the proxy tells.
    ///
    /// # Errors
    /// In words, when it does not tell.
    fn is_split(&self, weights: Weights) -> Result<bool, String>;
}

/// The proxy of a plan.
#[must_use]
pub fn router(plan: &Plan) -> Box<dyn Router> {
    match &plan.router {
        Proxy::Haproxy { socket, backend, names } => Box::new(haproxy::Haproxy {
            socket: socket.clone(),
            backend: backend.clone(),
            names: names.clone(),
        }),
        Proxy::Nginx { file, upstream, names, test, reload } => Box::new(nginx::Nginx {
            file: file.clone(),
            upstream: upstream.clone(),
            names: names.clone(),
            test: test.clone(),
            reload: reload.clone(),
        }),
    }
}
