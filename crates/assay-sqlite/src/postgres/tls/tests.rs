//! What an address asks for, with servers that have it, have another, and have none.

use std::path::PathBuf;

use assay_core::{Coded as _, ErrorCode};

use super::{super::Server, *};
use crate::{
    ServerSettings,
    testing::{Postgres, binaries},
};

fn certificate(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
    folder.join(name).display().to_string()
}

/// Whether a connection with these options is encrypted, or why there is none.
fn connects(postgres: &Postgres, host: &str, options: &str) -> Result<bool, SqliteError> {
    let url = postgres.url("postgres", "assay").replace("127.0.0.1", host);
    let server = Server::at(&format!("{url}?{options}"), &ServerSettings::default())?;
    let session = server.connect()?;
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let rows = session.query(&*session.prepare(sql)?, &[])?;
    Ok(rows[0].get(0))
}

fn refused(postgres: &Postgres, host: &str, options: &str, reason: &str) {
    let error = connects(postgres, host, options).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert!(matches!(error, SqliteError::Unsafe(_)), "{options}: {error:?}");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains(reason), "{options}: {source}");
    assert!(error.hint().unwrap().contains("sslrootcert"));
}

#[test]
fn a_certificate_is_checked_as_far_as_the_address_says() {
    let Some(bin) = binaries() else { return };
    let postgres = Postgres::start(bin).unwrap();
    let [issuer, other] = ["issuer.pem", "other.pem"].map(certificate);

    // Whoever asks for TLS gets it or nothing.
    for mode in ["require", "verify-ca", "verify-full"] {
        let options = format!("sslmode={mode}&sslrootcert={issuer}");
        refused(&postgres, "127.0.0.1", &options, "server does not support TLS");
    }
    refused(&postgres, "127.0.0.1", &format!("sslrootcert={issuer}"), "does not support TLS");
    assert!(!connects(&postgres, "127.0.0.1", "").unwrap(), "it stays on the machine");

    postgres.speak_tls(&certificate("server.pem"), &certificate("server.key")).unwrap();
    // The server is 127.0.0.1, and `localhost` is another name.
    for host in ["127.0.0.1", "localhost"] {
        assert!(!connects(&postgres, host, "sslmode=disable").unwrap());
        assert!(connects(&postgres, host, "sslmode=require").unwrap());
        for mode in ["require", "verify-ca"] {
            let by = |roots: &str| format!("sslmode={mode}&sslrootcert={roots}");
            assert!(connects(&postgres, host, &by(&issuer)).unwrap());
            refused(&postgres, host, &by(&other), "UnknownIssuer");
        }
    }
    let full = format!("application_name=x&sslmode=verify-full&sslrootcert={issuer}");
    assert!(connects(&postgres, "127.0.0.1", &full).unwrap());
    refused(&postgres, "localhost", &full, "not valid for name");
    assert!(connects(&postgres, "127.0.0.1", &format!("sslrootcert={issuer}")).unwrap());
    refused(&postgres, "localhost", &format!("sslrootcert={issuer}"), "not valid for name");
    let stranger = format!("sslmode=verify-full&sslrootcert={other}");
    refused(&postgres, "127.0.0.1", &stranger, "UnknownIssuer");
    // The system knows neither.
    refused(&postgres, "127.0.0.1", "sslmode=verify-full", "invalid peer certificate");
}

#[test]
fn an_address_that_leaves_the_machine_is_checked_in_full() {
    let is_plain = |url: &str| {
        let (rest, asked) = Asked::split(url);
        asked.connector(&rest.parse().unwrap()).unwrap().is_none()
    };
    for url in [
        "postgres://u@127.0.0.1/d",
        "postgres://u:a?b@localhost:5433/d?connect_timeout=3",
        "postgres://u@localhost/d?hostaddr=::1",
        "postgres://u@%2Fvar%2Frun%2Fpostgresql/d",
        "postgres://u@db.example.org/d?sslmode=disable",
    ] {
        assert!(is_plain(url), "{url}");
    }
    for url in [
        "postgres://u@db.example.org/d",
        "postgres://u@127.0.0.1,db.example.org/d",
        "postgres://u@localhost/d?hostaddr=192.0.2.1",
        "postgres://u@127.0.0.1/d?sslmode=require",
        "postgres://u@127.0.0.1/d?sslrootcert=system",
    ] {
        assert!(!is_plain(url), "{url}");
    }
}

#[test]
fn what_cannot_be_kept_is_refused_before_anything_is_sent() {
    let missing = certificate("absent.pem");
    let no_certificate = certificate("README.md");
    for options in [
        "sslmode=prefer",
        "sslmode=allow",
        "sslmode=prefer&sslrootcert=system",
        "sslmode=verify-ca",
        "sslmode=verify-ca&sslrootcert=system",
        "sslmode=on",
        "sslmode",
        "sslcert=client.pem",
        &format!("sslrootcert={missing}"),
        &format!("sslrootcert={no_certificate}"),
    ] {
        let url = format!("postgres://u:hush@127.0.0.1:1/d?{options}");
        let error = Server::at(&url, &ServerSettings::default()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadRequest, "{options}");
        let said = format!("{error} {error:?} {:?}", error.hint());
        assert!(error.hint().is_some() && !said.contains("hush"), "{said}");
    }
}
