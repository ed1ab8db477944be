//! What is to be read in a run, in which order, and what is remembered for the next one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::run::KEY_BYTES_MAX;

/// Addresses that wait at most, in a run and between runs.
const WAITING_MAX: usize = 100_000;
/// Bytes of all addresses of a run.
const BYTES_MAX: usize = 64 << 20;
/// Redirects one after the other.
const HOPS_MAX: u8 = 5;

/// What is remembered of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) modified: Option<String>,
    pub(super) sha256: String,
    /// Links away from a start page; `None` when a sitemap lists it.
    pub(super) depth: Option<u32>,
}

/// The state of the source.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) pages: BTreeMap<String, Mark>,
    /// Addresses that were to be read but were not: they failed, or the run had to end. They come
    /// first in the next run, so that in a site with more pages than a run reads each gets its turn.
    pub(super) waiting: BTreeMap<String, Option<u32>>,
}

/// An address to be read.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) url: Url,
    /// Links away from a start page; `None` when a sitemap lists it.
    pub(super) depth: Option<u32>,
    /// Redirects that led here.
    hops: u8,
}

/// The addresses of a run, each once.
#[derive(Debug, Default)]
pub(super) struct Plan {
    queue: VecDeque<Visit>,
    seen: BTreeSet<String>,
    /// Bytes of what was seen.
    bytes: usize,
    /// Addresses that were not read, for the next run.
    unread: BTreeMap<String, Option<u32>>,
}

impl Plan {
    /// Adds an address unless it was added before or too many wait.
    pub(super) fn add(&mut self, url: Url, depth: Option<u32>) {
        self.push(Visit { url, depth, hops: 0 });
    }

    /// Adds the address that `from` redirects to; not when that was the last of too many.
    pub(super) fn redirect(&mut self, from: &Visit, to: Url) -> Result<(), String> {
        if from.hops >= HOPS_MAX {
            return Err(format!("more than {HOPS_MAX} redirects one after the other"));
        }
        self.push(Visit { url: to, depth: from.depth, hops: from.hops + 1 });
        Ok(())
    }

    fn push(&mut self, visit: Visit) {
        let length = visit.url.as_str().len();
        let has_room = self.queue.len() < WAITING_MAX && self.bytes < BYTES_MAX;
        if length <= KEY_BYTES_MAX && has_room && self.seen.insert(visit.url.to_string()) {
            self.bytes += length;
            self.queue.push_back(visit);
        }
    }

    pub(super) fn next(&mut self) -> Option<Visit> {
        self.queue.pop_front()
    }

    /// Puts an address aside for the next run.
    pub(super) fn put_off(&mut self, visit: &Visit) {
        if self.unread.len() < WAITING_MAX {
            self.unread.insert(visit.url.to_string(), visit.depth);
        }
    }

    /// What is to be read first in the next run: what was put aside and what was not reached.
    pub(super) fn rest(mut self) -> BTreeMap<String, Option<u32>> {
        while let Some(visit) = self.next() {
            self.put_off(&visit);
        }
        self.unread
    }
}
