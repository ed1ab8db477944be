//! The offline check of an exported chain: nothing but the lines and the key is needed.

use super::{AuditEntry, Checkpoint, GENESIS, hash};

/// What is wrong with an export, and at which line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Fault {
    /// The line, from 1; 0 when it is the whole.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// What a sound export says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whose chain it is.
    pub tenant: String,
    /// Entries in it.
    pub entries: u64,
    /// The newest checkpoint: keep it elsewhere, and a later export must hold it.
    pub newest: Checkpoint,
}

/// Checks an export: every line as it was written, each naming the one before, none missing up to
/// the newest checkpoint, every signature by one key.
///
/// `key` is the public key of the installation, when it is known from elsewhere; without it the
/// export is checked against the key it brings. `known` is a checkpoint that was given away earlier:
/// the export must contain it.
///
/// # Errors
/// The first fault.
pub fn verify(
    text: &str,
    key: Option<&str>,
    known: Option<&Checkpoint>,
) -> Result<Verified, Fault> {
    let mut lines = text.lines().enumerate();
    let Some((_, first)) = lines.next() else {
        return Err(Fault { line: 0, what: "the export is empty".to_owned() });
    };
    let newest = checkpoint(first)
        .ok_or_else(|| fault(1, "it is no checkpoint, with which an export begins"))?;
    let key = key.unwrap_or(&newest.key);
    signed(&newest, key, 1)?;
    let mut chain = Chain { seq: 0, hash: GENESIS.to_owned(), tenant: newest.tenant.clone() };
    let mut known = known;
    let (mut covered, mut ended) = (false, false);
    for (number, line) in lines {
        let number = number + 1;
        if let Some(checkpoint) = checkpoint(line) {
            signed(&checkpoint, key, number)?;
            chain.meets(&checkpoint, number)?;
            covered |= checkpoint == newest;
            ended = true;
        } else {
            chain.add(line, number)?;
            ended = false;
            if let Some(given) = known.filter(|given| given.checkpoint == chain.seq) {
                if given.hash != chain.hash || given.tenant != chain.tenant {
                    return Err(fault(number, "the checkpoint that was given away is of another"));
                }
                known = None;
            }
        }
    }
    if !covered {
        let what = format!(
            "the export ends at entry {}, and its newest checkpoint covers {}: it was cut",
            chain.seq, newest.checkpoint
        );
        return Err(Fault { line: 0, what });
    }
    if !ended {
        return Err(Fault { line: 0, what: "the last entries are not signed for".to_owned() });
    }
    if let Some(known) = known {
        let what =
            format!("entry {}, which a checkpoint given away covers, is gone", known.checkpoint);
        return Err(Fault { line: 0, what });
    }
    Ok(Verified { tenant: chain.tenant, entries: chain.seq, newest })
}

/// The chain up to a line.
struct Chain {
    seq: u64,
    hash: String,
    tenant: String,
}

impl Chain {
    fn add(&mut self, line: &str, number: usize) -> Result<(), Fault> {
        let entry: AuditEntry = serde_json::from_str(line)
            .map_err(|error| fault(number, &format!("it is no entry: {error}")))?;
        // Two spellings of the same entry would have two hashes; there is one.
        if entry.line() != line {
            return Err(fault(number, "it is not written as Assay writes entries"));
        }
        if entry.seq != self.seq + 1 {
            let what = format!("entry {} follows entry {}", entry.seq, self.seq);
            return Err(fault(number, &what));
        }
        if entry.prev != self.hash {
            return Err(fault(number, "it or the entry before it was changed"));
        }
        if entry.tenant != self.tenant {
            return Err(fault(number, "it belongs to another tenant"));
        }
        self.seq = entry.seq;
        self.hash = hash(line);
        Ok(())
    }

    fn meets(&self, checkpoint: &Checkpoint, number: usize) -> Result<(), Fault> {
        let meets = checkpoint.checkpoint == self.seq
            && checkpoint.hash == self.hash
            && checkpoint.tenant == self.tenant;
        if meets {
            Ok(())
        } else {
            Err(fault(number, "the entries before it are not those it signs"))
        }
    }
}

fn checkpoint(line: &str) -> Option<Checkpoint> {
    let read: Checkpoint = serde_json::from_str(line).ok()?;
    (read.line() == line).then_some(read)
}

fn signed(checkpoint: &Checkpoint, key: &str, number: usize) -> Result<(), Fault> {
    if checkpoint.key != key {
        return Err(fault(number, "it is signed by another key"));
    }
    if checkpoint.is_signed() { Ok(()) } else { Err(fault(number, "its signature is wrong")) }
}

fn fault(line: usize, what: &str) -> Fault {
    Fault { line, what: what.to_owned() }
}
