//! Decides whether a host may be reached, and sees to it that the address which was checked is the
//! one that is connected to.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ipnet::IpNet;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::address::is_public;

/// Ports of hosts that are not allowed by name: what is elsewhere is seldom meant for everybody.
const PUBLIC_PORTS: [u16; 2] = [80, 443];

/// The hosts that may be reached: public ones, and those that are named.
#[derive(Debug, Default)]
pub struct Guard {
    names: Vec<String>,
    networks: Vec<IpNet>,
}

/// A host that may not be reached, with the reason for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{host}` is not allowed: {reason}")]
pub struct Blocked {
    /// The host, with its port where that is the reason.
    pub host: String,
    /// Which rule.
    pub reason: &'static str,
}

/// An entry of the list of allowed hosts that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("holds `{0}`, which is no name, address or network")]
pub struct InvalidHost(pub String);

impl Guard {
    /// A guard that lets through the public internet and the private hosts named: names (matched
    /// exactly), addresses, or networks such as `10.2.0.0/16`.
    ///
    /// # Errors
    /// [`InvalidHost`] for an entry that is none of these.
    pub fn new(private_hosts: &[String]) -> Result<Arc<Self>, InvalidHost> {
        let mut guard = Self::default();
        for entry in private_hosts {
            let bare = entry.trim_start_matches('[').trim_end_matches(']');
            if let Ok(network) = bare.parse() {
                guard.networks.push(network);
            } else if let Ok(address) = bare.parse::<IpAddr>() {
                guard.networks.push(address.into());
            } else if entry.is_empty() || entry.contains(['/', ':', '*', ' ']) {
                return Err(InvalidHost(entry.clone()));
            } else {
                guard.names.push(canonical(entry));
            }
        }
        Ok(Arc::new(guard))
    }

    /// Checks all of a URL that can be checked before its name is resolved.
    ///
    /// # Errors
    /// [`Blocked`] with the rule.
    pub fn check_url(&self, url: &Url) -> Result<(), Blocked> {
        let host = url.host_str().unwrap_or_default();
        let blocked = |reason| Err(Blocked { host: host.to_owned(), reason });
        if !matches!(url.scheme(), "http" | "https") {
            return blocked("only `http` and `https` are followed");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return blocked("the URL holds a user name or password");
        }
        self.check_host(host, url.port_or_known_default().unwrap_or_default(), &PUBLIC_PORTS)
    }

    /// Checks a host and port; `public_ports` are those that need no leave.
    ///
    /// # Errors
    /// [`Blocked`] with the rule.
    pub fn check_host(&self, host: &str, port: u16, public_ports: &[u16]) -> Result<(), Blocked> {
        // The URL parser has made one form of the many that an IPv4 address can be written in.
        if let Ok(address) = host.trim_matches(['[', ']']).parse() {
            self.admit(host, [address])?;
        }
        if !public_ports.contains(&port) && !self.is_named(host) {
            let reason = "its port is not one that is open to everybody";
            return Err(Blocked { host: format!("{host}:{port}"), reason });
        }
        Ok(())
    }

    /// Of the addresses that a name resolved to, those that may be connected to.
    pub(crate) fn admit(
        &self,
        host: &str,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Vec<IpAddr>, Blocked> {
        let named = self.names.contains(&canonical(host));
        let allowed: Vec<_> = addresses
            .into_iter()
            .filter(|&address| named || is_public(address) || self.in_network(address))
            .collect();
        if allowed.is_empty() {
            let reason = "it is an address inside the network";
            return Err(Blocked { host: host.to_owned(), reason });
        }
        Ok(allowed)
    }

    /// Resolves a name, and gives only addresses that may be connected to.
    ///
    /// # Errors
    /// When the name is not found, or leads only into the network.
    pub async fn resolve(&self, host: &str, port: u16) -> std::io::Result<Vec<SocketAddr>> {
        let found = tokio::net::lookup_host((host, port)).await?;
        let allowed = self.admit(host, found.map(|address| address.ip()));
        let allowed = allowed.map_err(std::io::Error::other)?;
        Ok(allowed.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    /// Whether the policy names this host.
    #[must_use]
    pub fn is_named(&self, host: &str) -> bool {
        let address = host.trim_matches(['[', ']']).parse();
        self.names.contains(&canonical(host))
            || address.is_ok_and(|address| self.in_network(address))
    }

    fn in_network(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }
}

fn canonical(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Makes the HTTP client connect to what the guard allows: no second look-up can give another
/// address than the one that was checked.
#[derive(Debug)]
pub(crate) struct GuardedResolver(pub(crate) Arc<Guard>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = guard.resolve(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests;
