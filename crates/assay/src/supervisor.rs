//! Tells a service manager that asked for it (systemd's `Type=notify`) what state the server is in.

use std::{ffi::OsStr, io, os::unix::net::UnixDatagram};

/// The variable with the socket of the service manager.
const SOCKET: &str = "NOTIFY_SOCKET";

/// The server takes requests.
pub(crate) const READY: &str = "READY=1";
/// A stop was asked for; work under way ends.
pub(crate) const STOPPING: &str = "STOPPING=1";

/// Sends `state`, where somebody waits for it. Nobody is worse off when that fails but the service
/// manager, which says so when its time is over.
#[expect(clippy::disallowed_methods, reason = "the service manager names its socket there")]
pub(crate) fn tell(state: &str) {
    let told = std::env::var_os(SOCKET).map(|socket| send(&socket, state));
    if let Some(Err(error)) = told {
        tracing::warn!(%error, state, "the service manager was not told");
    }
}

/// A name that begins with `@` is one of Linux's abstract namespace.
fn send(socket: &OsStr, state: &str) -> io::Result<()> {
    let sender = UnixDatagram::unbound()?;
    #[cfg(target_os = "linux")]
    {
        use std::os::{linux::net::SocketAddrExt, unix::ffi::OsStrExt, unix::net::SocketAddr};
        if let Some(name) = socket.as_bytes().strip_prefix(b"@") {
            let address = SocketAddr::from_abstract_name(name)?;
            return sender.send_to_addr(state.as_bytes(), &address).map(drop);
        }
    }
    sender.send_to(state.as_bytes(), socket).map(drop)
}

#[cfg(test)]
mod tests {
    //! What is sent arrives, by a path and by an abstract name.

    use super::*;

    #[test]
    fn a_service_manager_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        send(path.as_os_str(), READY).unwrap();
        let mut heard = [0; 16];
        let bytes = manager.recv(&mut heard).unwrap();
        assert_eq!(&heard[..bytes], b"READY=1");
        assert!(send(OsStr::new("/nowhere/notify"), READY).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_service_manager_with_an_abstract_socket_is_told() {
        use std::os::{linux::net::SocketAddrExt, unix::net::SocketAddr};
        let name = format!("assay-supervisor-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let manager = UnixDatagram::bind_addr(&address).unwrap();
        send(OsStr::new(&format!("@{name}")), STOPPING).unwrap();
        let mut heard = [0; 16];
        let bytes = manager.recv(&mut heard).unwrap();
        assert_eq!(&heard[..bytes], b"STOPPING=1");
    }
}
