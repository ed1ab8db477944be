//! A bucket of a service that speaks the S3 protocol.
//!
//! Pieces are sent several at a time, and kept in memory until the service has taken them: what is
//! owed is at most [`LANES`] pieces. A file longer than [`PART`] goes up in parts.

mod client;
mod lease;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use assay_net::{Method, bucket::read_page, xml::each_text};

use self::client::{Ask, Client, Said};
use super::{Hold, Listed, Medium};
use crate::{BackupError, S3Settings, place::damaged};

/// Requests at a time.
const LANES: usize = 4;
/// Bytes of one part of a long file; services want at least 5 MiB.
const PART: usize = 8 << 20;
/// Bytes of one page of a list.
const PAGE_BYTES_MAX: u64 = 16 << 20;

#[derive(Debug)]
pub(crate) struct BucketMedium {
    client: Client,
    owed: Mutex<Vec<(String, Vec<u8>)>>,
    /// Lengths of the objects that are there, by the first half of their names; listed once, before
    /// the first is asked for.
    known: Mutex<Option<HashMap<u128, u64>>>,
}

impl BucketMedium {
    pub(crate) fn new(
        name: &str,
        prefix: &str,
        settings: &S3Settings,
    ) -> Result<Self, BackupError> {
        let client = Client::new(name, prefix, settings)?;
        Ok(Self { client, owed: Mutex::default(), known: Mutex::default() })
    }

    /// Calls `take` for each page of the list of what lies below; grouped by folder where `is_flat`
    /// is not set.
    fn list(
        &self,
        below: &str,
        is_flat: bool,
        take: &mut dyn FnMut(assay_net::bucket::Page) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let prefix = self.client.key(below);
        let mut token: Option<String> = None;
        loop {
            let mut query = Vec::new();
            query.extend(token.as_deref().map(|token| ("continuation-token", token)));
            if !is_flat {
                query.push(("delimiter", "/"));
            }
            query.extend([("encoding-type", "url"), ("list-type", "2"), ("prefix", &prefix)]);
            let ask = Ask::of_bucket(Method::GET, &query, PAGE_BYTES_MAX);
            let Said { bytes, .. } = self.client.ask("list", below, ask)?.success()?;
            let mut page = read_page(&bytes)
                .map_err(|reason| self.client.refused("list", below, reason, 200))?;
            let next = page.next.take();
            if next.is_some() && next == token {
                let reason = "the next page of the list is the same again".to_owned();
                return Err(self.client.refused("list", below, reason, 200));
            }
            take(page)?;
            match next {
                Some(next) => token = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Calls `take` with each file below a folder: its name below that folder, and the rest.
    fn each(
        &self,
        below: &str,
        take: &mut dyn FnMut(Listed, u64) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let prefix = self.client.key(below);
        self.list(below, true, &mut |page| {
            page.objects.into_iter().try_for_each(|object| {
                let Some(name) = object.key.strip_prefix(&prefix) else { return Ok(()) };
                let modified_ms = object.modified.map_or(i64::MAX, |at| at.as_millisecond());
                take(Listed { name: name.to_owned(), modified_ms }, object.size)
            })
        })
    }

    /// Sends everything that is owed. What is not taken stays owed.
    fn send(&self, owed: &mut Vec<(String, Vec<u8>)>) -> Result<(), BackupError> {
        let asks = owed.iter().map(|(name, bytes)| {
            (name.as_str(), Ask { body: bytes.clone(), ..Ask::of(Method::PUT) })
        });
        let mut first = Ok(());
        let mut taken = self.client.ask_all("write", asks).into_iter();
        owed.retain(|(name, bytes)| match taken.next().map(|said| said?.success()) {
            Some(Ok(_)) => {
                if let Some(known) = lock(&self.known).as_mut() {
                    known.insert(short(name), bytes.len() as u64);
                }
                false
            }
            Some(Err(error)) => {
                if first.is_ok() {
                    first = Err(error);
                }
                true
            }
            None => true,
        });
        first
    }

    /// Sends a long file in parts; nobody sees it before the last.
    fn write_parts(&self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let ask =
            Ask { query: vec![("uploads".to_owned(), String::new())], ..Ask::of(Method::POST) };
        let begun = self.client.ask("write", name, ask)?.success()?;
        let mut id = String::new();
        let _ = each_text(&String::from_utf8_lossy(&begun.bytes), &mut |_, tag, text| {
            if tag == "UploadId" {
                text.clone_into(&mut id);
            }
            Ok(())
        });
        if id.is_empty() {
            let reason = "the service names no upload".to_owned();
            return Err(self.client.refused("write", name, reason, 200));
        }
        let sent = self.send_parts(name, &id, bytes);
        if sent.is_err() {
            // What was sent costs room until somebody tells the service that it is not wanted.
            let query = vec![("uploadId".to_owned(), id)];
            let _told = self.client.ask("remove", name, Ask { query, ..Ask::of(Method::DELETE) });
        }
        sent
    }

    fn send_parts(&self, name: &str, id: &str, bytes: &[u8]) -> Result<(), BackupError> {
        let mut list = "<CompleteMultipartUpload>".to_owned();
        for (number, part) in (1_u32..).zip(bytes.chunks(PART)) {
            let query = [("partNumber", number.to_string()), ("uploadId", id.to_owned())];
            let query = query.map(|(name, value)| (name.to_owned(), value)).into();
            let ask = Ask { query, body: part.to_vec(), ..Ask::of(Method::PUT) };
            let taken = self.client.ask("write", name, ask)?.success()?;
            let tag = taken.etag.replace('&', "&amp;").replace('<', "&lt;");
            let part = format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>");
            list.push_str(&part);
        }
        list.push_str("</CompleteMultipartUpload>");
        let query = vec![("uploadId".to_owned(), id.to_owned())];
        let ask = Ask { query, body: list.into_bytes(), ..Ask::of(Method::POST) };
        let done = self.client.ask("write", name, ask)?.success()?;
        // The service may have begun its answer before it knew.
        if String::from_utf8_lossy(&done.bytes).contains("<Error>") {
            let reason = "the service could not join the parts".to_owned();
            return Err(self.client.refused("write", name, reason, 200));
        }
        Ok(())
    }

    /// The lengths of what is there, with what is owed.
    fn known(&self) -> Result<MutexGuard<'_, Option<HashMap<u128, u64>>>, BackupError> {
        let mut known = lock(&self.known);
        if known.is_none() {
            let mut found = HashMap::new();
            self.each("objects/", &mut |listed, bytes| {
                found.insert(short(&listed.name), bytes);
                Ok(())
            })?;
            *known = Some(found);
        }
        Ok(known)
    }
}

impl Medium for BucketMedium {
    fn path(&self, name: &str) -> PathBuf {
        self.client.path(name)
    }

    fn read(&self, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, BackupError> {
        let said = self.client.ask("read", name, Ask { bytes_max, ..Ask::of(Method::GET) });
        match said {
            Ok(said) if said.is_missing() => Ok(None),
            Ok(said) => Ok(Some(said.success()?.bytes)),
            Err(BackupError::TooLong { path }) => Err(damaged(&path, "is too long".to_owned())),
            Err(error) => Err(error),
        }
    }

    fn write(&self, name: &str, bytes: Vec<u8>) -> Result<(), BackupError> {
        if bytes.len() > PART {
            return self.write_parts(name, &bytes);
        }
        let ask = Ask { body: bytes, ..Ask::of(Method::PUT) };
        self.client.ask("write", name, ask)?.success().map(|_| ())
    }

    fn owe(&self, name: &str, bytes: Vec<u8>) -> Result<(), BackupError> {
        let mut owed = lock(&self.owed);
        if owed.len() >= LANES {
            // They could not be sent before.
            self.send(&mut owed)?;
        }
        owed.push((name.to_owned(), bytes));
        if owed.len() < LANES { Ok(()) } else { self.send(&mut owed) }
    }

    fn flush(&self) -> Result<(), BackupError> {
        let mut owed = lock(&self.owed);
        if owed.is_empty() { Ok(()) } else { self.send(&mut owed) }
    }

    fn anchor(&self, _: &str) -> Result<(), BackupError> {
        Ok(())
    }

    fn length(&self, name: &str) -> Result<Option<u64>, BackupError> {
        let owed = lock(&self.owed).iter().find(|(owed, _)| owed == name).map(|(_, it)| it.len());
        if let Some(bytes) = owed {
            return Ok(Some(bytes as u64));
        }
        Ok(self.known()?.as_ref().and_then(|known| known.get(&short(name)).copied()))
    }

    fn names(&self, below: &str) -> Result<Vec<String>, BackupError> {
        let prefix = self.client.key(below);
        let mut names = Vec::new();
        self.list(below, false, &mut |page| {
            let keys = page.objects.into_iter().map(|object| object.key).chain(page.prefixes);
            let own = keys.filter_map(|key| {
                let name = key.strip_prefix(&prefix)?.trim_end_matches('/');
                (!name.is_empty()).then(|| name.to_owned())
            });
            names.extend(own);
            Ok(())
        })?;
        Ok(names)
    }

    fn each_object(
        &self,
        take: &mut dyn FnMut(Listed) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        self.each("objects/", &mut |listed, _| take(listed))
    }

    fn remove(&self, names: &[String]) -> Result<(), BackupError> {
        for names in names.chunks(LANES) {
            let asks = names.iter().map(|name| (name.as_str(), Ask::of(Method::DELETE)));
            for said in self.client.ask_all("remove", asks) {
                let said = said?;
                if !said.is_missing() {
                    said.success()?;
                }
            }
            if let Some(known) = lock(&self.known).as_mut() {
                names.iter().for_each(|name| {
                    known.remove(&short(name));
                });
            }
        }
        Ok(())
    }

    fn remove_folder(&self, below: &str) -> Result<(), BackupError> {
        let below = format!("{below}/");
        let mut names = Vec::new();
        self.each(&below, &mut |listed, _| {
            names.push(format!("{below}{}", listed.name));
            Ok(())
        })?;
        self.remove(&names)
    }

    fn hold(&self, holder: &str) -> Result<Box<dyn Hold>, BackupError> {
        Ok(Box::new(lease::Lease::take(self.client.clone(), holder)?))
    }
}

/// The first half of the name of an object, as a number; two objects of one are as unlikely as a
/// damaged disk.
fn short(name: &str) -> u128 {
    let digits = name.trim_start_matches("objects/").chars().filter(char::is_ascii_hexdigit);
    digits
        .take(32)
        .fold(0, |number, digit| number << 4 | u128::from(digit.to_digit(16).unwrap_or_default()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
