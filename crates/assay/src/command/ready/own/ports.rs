//! Which ports of this machine others can reach.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
};

use serde_json::{Value, json};

/// What a machine in the network has besides: shell, and the web with its redirect.
const USUAL: [u16; 3] = [22, 80, 443];
/// The state of a socket that listens (`include/net/tcp_states.h` of Linux).
const LISTENS: &str = "0A";

/// Ports that listen for others beside that of the server and the usual ones. A scan from outside sees
/// less, where a firewall stands before them; what it found, as `evidence/ports.json`, goes before this.
pub(super) fn unexpected(evidence: &Path, own: Option<u16>) -> Result<Value, String> {
    let path = evidence.join("ports.json");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()));
    }
    let tables: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect();
    if tables.is_empty() {
        return Err(format!("there is no {}, and this system does not tell", path.display()));
    }
    let open: BTreeSet<u16> = tables
        .iter()
        .flat_map(|table| listening(table))
        .filter(|(address, _)| !address.is_loopback())
        .map(|(_, port)| port)
        .collect();
    let others: Vec<&u16> =
        open.iter().filter(|port| Some(**port) != own && !USUAL.contains(port)).collect();
    Ok(json!({ "unexpected_open": others.len(), "ports": others, "open": open }))
}

/// Addresses and ports of a table of sockets that listen.
fn listening(table: &str) -> Vec<(IpAddr, u16)> {
    let one = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let (address, port) = words.next()?.split_once(':')?;
        let listens = words.nth(1)? == LISTENS;
        Some((ip(address)?, u16::from_str_radix(port, 16).ok()?)).filter(|_| listens)
    };
    table.lines().skip(1).filter_map(one).collect()
}

/// An address as Linux prints it: words of four bytes in the order of the machine.
fn ip(text: &str) -> Option<IpAddr> {
    let word =
        |at: usize| u32::from_str_radix(text.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    match text.len() {
        8 => word(0).map(|bytes| Ipv4Addr::from(bytes).into()),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            let address = Ipv6Addr::from(bytes);
            Some(address.to_ipv4_mapped().map_or_else(|| address.into(), IpAddr::from))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    //! Tables as Linux prints them.

    use super::*;

    #[test]
    fn what_listens_for_others_is_told_from_what_does_not() {
        let table = "  sl  local_address rem_address   st tx_queue\n   \
            0: 0100007F:1F90 00000000:0000 0A 00000000:00000000\n   \
            1: 00000000:0016 00000000:0000 0A 00000000:00000000\n   \
            2: 0100000A:C350 0200000A:01BB 01 00000000:00000000\n";
        let found = listening(table);
        assert_eq!(
            found,
            [(Ipv4Addr::LOCALHOST.into(), 8080), (Ipv4Addr::UNSPECIFIED.into(), 22),]
        );
        assert!(ip("0000000000000000FFFF00000100007F").unwrap().is_loopback());
        assert!(ip("00000000000000000000000001000000").unwrap().is_loopback());
    }

    #[test]
    fn a_scan_from_outside_goes_before() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ports.json"), r#"{"unexpected_open": 3}"#).unwrap();
        assert_eq!(unexpected(folder.path(), None).unwrap()["unexpected_open"], 3);
    }
}
