//! Who writes to a bucket. Nothing tells a bucket that a process has ended, so whoever holds it says
//! for how long, and says it again.

use std::time::{Duration, Instant};

use assay_core::{Clock as _, SystemClock};
use assay_net::{Method, header};
use serde::{Deserialize, Serialize};

use super::client::{Ask, Client, Said};
use crate::{BackupError, medium::Hold};

/// How long one that is not renewed is respected. The clocks of two machines may differ by less.
const VALID_MS: i64 = 5 * 60_000;
/// When it is renewed.
const RENEW: Duration = Duration::from_secs(60);
const NAME: &str = "lock";

#[derive(Debug, Serialize, Deserialize)]
struct Text {
    /// Names the data folder.
    holder: String,
    until_ms: i64,
}

/// The place, held.
#[derive(Debug)]
pub(super) struct Lease {
    client: Client,
    holder: String,
    renewed: Instant,
}

impl Lease {
    /// Takes the place, unless another data folder has it. The same one gets it back at once after a
    /// crash.
    pub(super) fn take(client: Client, holder: &str) -> Result<Self, BackupError> {
        let mut lease = Self { client, holder: holder.to_owned(), renewed: Instant::now() };
        lease.write()?;
        // A service that knows no conditions takes what came last.
        if lease.is_own()? { Ok(lease) } else { Err(lease.in_use()) }
    }

    fn is_own(&self) -> Result<bool, BackupError> {
        Ok(self.read()?.is_some_and(|(text, _)| text.holder == self.holder))
    }

    fn in_use(&self) -> BackupError {
        BackupError::InUse { path: self.client.path("") }
    }

    fn read(&self) -> Result<Option<(Text, String)>, BackupError> {
        let said = self.client.ask("read", NAME, Ask::of(Method::GET))?;
        if said.is_missing() {
            return Ok(None);
        }
        let Said { bytes, etag, .. } = said.success()?;
        // What cannot be read is not ours to overwrite.
        let text = serde_json::from_slice(&bytes);
        let text = text.unwrap_or(Text { holder: String::new(), until_ms: i64::MAX });
        Ok(Some((text, etag)))
    }

    fn write(&mut self) -> Result<(), BackupError> {
        let now_ms = SystemClock.now_ms();
        let found = self.read()?;
        let condition = match &found {
            Some((text, _)) if text.holder != self.holder && text.until_ms > now_ms => {
                return Err(self.in_use());
            }
            Some((_, etag)) => (header::IF_MATCH, format!("\"{etag}\"")),
            None => (header::IF_NONE_MATCH, "*".to_owned()),
        };
        let text = Text { holder: self.holder.clone(), until_ms: now_ms + VALID_MS };
        let body = serde_json::to_vec(&text).unwrap_or_default();
        let ask = Ask { body, header: Some(condition), ..Ask::of(Method::PUT) };
        let mut said = self.client.ask("write", NAME, ask.clone())?;
        if said.status == 501 {
            said = self.client.ask("write", NAME, Ask { header: None, ..ask })?;
        }
        if !said.is_overtaken() {
            said.success()?;
        } else if !self.is_own()? {
            // The answer to a first attempt that was taken may have been lost: this was not ours.
            return Err(self.in_use());
        }
        self.renewed = Instant::now();
        Ok(())
    }
}

impl Hold for Lease {
    fn renew(&mut self) -> Result<(), BackupError> {
        if self.renewed.elapsed() < RENEW { Ok(()) } else { self.write() }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // It ends by itself otherwise.
        if matches!(self.is_own(), Ok(true)) {
            let _ = self.client.ask("remove", NAME, Ask::of(Method::DELETE));
        }
    }
}
