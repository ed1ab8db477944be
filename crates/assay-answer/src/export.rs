//! Everything of a tenant as one archive (tar): what it took in, who belongs to it, what was done.
//!
//! The archive is made while it is read, with one original in memory at a time. Its last entry is
//! `manifest.json`: without it the archive is not whole.

use std::{
    collections::HashSet,
    io::{self, Write},
    sync::Arc,
};

use assay_core::{Holder, TenantScope, timestamp};
use assay_identity::{Actor, Event, Identities};
use assay_store::{
    DocumentFilter, DocumentSummary, SourceRecord, StoreError, TenantStore, TurnRecord,
    VersionState,
};
use futures_util::Stream;
use serde_json::{Value, json};
use tar::{Builder, Header};
use tokio::sync::mpsc;

use crate::{AnswerError, Engine, sources::without_secrets};

/// Bytes that wait for a slow reader at most: parts of this size, so many.
const PART_BYTES: usize = 256 << 10;
const PARTS_WAITING: usize = 8;
/// Documents, or entries of the audit log, that are read together.
const PAGE: u32 = 500;
/// Conversations that are read together; each holds up to 100 answers.
const SESSIONS_PAGE: u32 = 20;
/// The writing of the archive, raised when its entries change.
const FORMAT: u32 = 1;

/// A part of an archive, or why there is no more of it.
pub type Part = io::Result<Vec<u8>>;

impl Engine {
    /// The archive of a tenant, part by part, as far as the reader may see it; for an owner that is
    /// everything. An error in between ends it: what is there is then not whole.
    ///
    /// # Errors
    /// When the tenant cannot be opened.
    pub fn export_tenant(
        self: &Arc<Self>,
        actor: Actor,
        scope: TenantScope,
    ) -> Result<impl Stream<Item = Part> + Send + use<>, AnswerError> {
        let tenant = self.store.tenant(&scope)?;
        let (sender, receiver) = mpsc::channel(PARTS_WAITING);
        let identities = Arc::clone(&self.identities);
        tokio::task::spawn_blocking(move || {
            let out = Parts { sender: sender.clone(), part: Vec::new() };
            let export = Export { identities, scope, tenant, archive: Builder::new(out), now_s: 0 };
            if let Err(error) = export.write(actor) {
                // Nobody may be there any more to hear it.
                let _ = sender.blocking_send(Err(error));
            }
        });
        Ok(futures_util::stream::unfold(receiver, |mut receiver| async move {
            Some((receiver.recv().await?, receiver))
        }))
    }
}

/// Sends what is written in parts, and waits while too many of them wait.
struct Parts {
    sender: mpsc::Sender<Part>,
    part: Vec<u8>,
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(bytes);
        if self.part.len() >= PART_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let part = std::mem::take(&mut self.part);
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader has left");
        if part.is_empty() { Ok(()) } else { self.sender.blocking_send(Ok(part)).map_err(gone) }
    }
}

struct Export {
    identities: Arc<Identities>,
    scope: TenantScope,
    tenant: TenantStore,
    archive: Builder<Parts>,
    /// When the archive is made, in seconds since 1970: the time of its entries.
    now_s: u64,
}

impl Export {
    fn write(mut self, actor: Actor) -> io::Result<()> {
        let record = self.identities.tenant(self.scope.tenant()).map_err(io::Error::other)?;
        let begun = Event::done("tenant.export", format!("tenant:{}", record.id));
        self.identities.record(actor, begun).map_err(io::Error::other)?;
        self.now_s = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0);
        let about = json!({
            "id": record.id.to_string(),
            "name": record.name,
            "state": record.state.as_str(),
            "created_at": timestamp(record.created_ms).to_string(),
        });
        self.file("tenant.json", about.to_string().as_bytes())?;
        let members = self.people()?;
        self.collections()?;
        let (documents, originals) = self.documents()?;
        let entries = self.audit()?;
        let is_whole = self.scope.reader().holders().is_none();
        // Answers hold what their documents hold: who may not see all of those gets none of these.
        let sessions = if is_whole { self.sessions()? } else { 0 };
        let opinions = if is_whole { self.opinions()? } else { 0 };
        let manifest = json!({
            "format": FORMAT, "everything": is_whole, "documents": documents,
            "sessions": sessions, "opinions": opinions, "originals": originals, "members": members, "audit_lines": entries,
        });
        self.file("manifest.json", manifest.to_string().as_bytes())?;
        self.archive.into_inner()?.flush()
    }

    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.now_s);
        self.archive.append_data(&mut header, path, bytes)
    }

    fn lines(&mut self, path: &str, rows: &[Value]) -> io::Result<usize> {
        let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        self.file(path, text.as_bytes())?;
        Ok(rows.len())
    }

    /// Members, groups and open invitations; how many members there are.
    fn people(&mut self) -> io::Result<usize> {
        let members = self.identities.members(&self.scope).map_err(io::Error::other)?;
        let members: Vec<Value> = members
            .iter()
            .map(|it| {
                json!({
                    "id": it.principal.id.to_string(), "kind": it.principal.kind.as_str(),
                    "name": it.principal.name, "role": it.role.as_str(),
                    "since": timestamp(it.since_ms).to_string(),
                })
            })
            .collect();
        let groups = self.identities.groups(&self.scope).map_err(io::Error::other)?;
        let mut shown = Vec::new();
        for group in groups {
            let detail = self.identities.group(&self.scope, &group.id.to_string());
            let detail = detail.map_err(io::Error::other)?;
            let ids: Vec<String> = detail.members.iter().map(|it| it.id.to_string()).collect();
            shown.push(json!({ "id": group.id.to_string(), "name": group.name, "members": ids }));
        }
        self.lines("groups.jsonl", &shown)?;
        self.lines("members.jsonl", &members)
    }

    /// Collections and sources, without secrets.
    fn collections(&mut self) -> io::Result<()> {
        let collections = self.tenant.collections().map_err(io::Error::other)?;
        let mut rows = Vec::new();
        for collection in &collections {
            let list = self.tenant.collection_access(collection.id).map_err(io::Error::other)?;
            rows.push(json!({
                "id": collection.id.to_string(), "name": collection.name,
                "settings": collection.settings, "access": shown(list.as_deref()),
            }));
        }
        self.lines("collections.jsonl", &rows)?;
        let sources = self.tenant.sources().map_err(io::Error::other)?;
        let row = |source: SourceRecord| {
            json!({
                "id": source.id.to_string(), "name": source.name,
                "collection": source.collection.to_string(), "every_seconds": source.every_s,
                "settings": without_secrets(source.settings),
            })
        };
        self.lines("sources.jsonl", &sources.into_iter().map(row).collect::<Vec<_>>())?;
        Ok(())
    }

    /// Documents with their versions, and each original once; how many of both.
    fn documents(&mut self) -> io::Result<(u64, u64)> {
        let tenant = self.tenant.clone();
        let (mut filter, mut kept) = (DocumentFilter::default(), HashSet::new());
        let (mut number, mut pages) = (0, 0);
        loop {
            let page = tenant.documents(filter.clone(), PAGE).map_err(io::Error::other)?;
            let Some(last) = page.last() else { return Ok((number, kept.len() as u64)) };
            filter.after = Some(last.id);
            let mut rows = Vec::new();
            for document in &page {
                // One that was deleted meanwhile is not there any more.
                rows.extend(self.document(&tenant, document, &mut kept)?);
            }
            number += rows.len() as u64;
            pages += 1;
            self.lines(&format!("documents/{pages:05}.jsonl"), &rows)?;
        }
    }

    /// A document as a line; the originals of its versions go into the archive before it.
    fn document(
        &mut self,
        tenant: &TenantStore,
        summary: &DocumentSummary,
        kept: &mut HashSet<String>,
    ) -> io::Result<Option<Value>> {
        let read = || Ok((tenant.document(summary.id)?, tenant.document_access(summary.id)?));
        let (document, access) = match read() {
            Err(StoreError::NotFound { .. }) => return Ok(None),
            read => read.map_err(io::Error::other)?,
        };
        let mut versions = Vec::new();
        for version in &document.versions {
            let hash = version.blob.to_string();
            if !kept.contains(&hash) && version.state != VersionState::Deleted {
                let bytes = tenant.blob(version.blob).map_err(io::Error::other)?;
                self.file(&format!("originals/{hash}"), &bytes)?;
                kept.insert(hash.clone());
            }
            versions.push(json!({
                "id": version.id.to_string(), "state": version.state.as_str(),
                "original": hash, "bytes": version.size, "media_type": version.media_type,
                "received_at": timestamp(version.received_ms).to_string(),
            }));
        }
        Ok(Some(json!({
            "id": summary.id.to_string(), "name": summary.latest.name,
            "collection": summary.latest.collection.to_string(),
            "source": summary.latest.source_key, "parent": summary.parent.map(|it| it.to_string()),
            "tags": summary.tags, "metadata": summary.metadata, "told": summary.told,
            "access": access.own.as_deref().map(|list| shown(Some(list))), "versions": versions,
        })))
    }

    /// Conversations with their questions and answers, whoever they belong to; how many.
    fn sessions(&mut self) -> io::Result<u64> {
        let tenant = self.tenant.clone();
        let (mut after, mut number, mut pages) = (None, 0, 0);
        loop {
            let page = tenant.all_sessions(after, SESSIONS_PAGE).map_err(io::Error::other)?;
            let Some((_, last)) = page.last() else { return Ok(number) };
            after = Some(last.id);
            let mut rows = Vec::new();
            for (owner, session) in &page {
                let turns = match tenant.turns(session.id, u32::MAX) {
                    // One that was deleted meanwhile is not there any more.
                    Err(StoreError::NotFound { .. }) => continue,
                    turns => turns.map_err(io::Error::other)?,
                };
                let turn = |it: TurnRecord| {
                    let at = timestamp(it.created_ms).to_string();
                    json!({ "number": it.number, "created_at": at, "said": it.body })
                };
                rows.push(json!({
                    "id": session.id.to_string(), "owner": format!("principal:{owner}"),
                    "title": session.title, "active": session.is_active,
                    "shared_at": session.shared_ms.map(|it| timestamp(it).to_string()),
                    "created_at": timestamp(session.created_ms).to_string(),
                    "used_at": timestamp(session.used_ms).to_string(),
                    "messages": turns.into_iter().map(turn).collect::<Vec<_>>(),
                }));
            }
            number += rows.len() as u64;
            pages += 1;
            self.lines(&format!("sessions/{pages:05}.jsonl"), &rows)?;
        }
    }

    /// What people said of answers; how many.
    fn opinions(&mut self) -> io::Result<usize> {
        let (mut rows, mut before) = (Vec::new(), None);
        loop {
            let page = self.tenant.opinions(before, PAGE).map_err(io::Error::other)?;
            let Some((number, _)) = page.last() else { break };
            before = Some(*number);
            rows.extend(page.iter().map(|(_, opinion)| {
                json!({
                    "session": opinion.session.to_string(), "message": opinion.turn,
                    "owner": format!("principal:{}", opinion.owner),
                    "question": opinion.question, "state": opinion.state,
                    "useful": opinion.useful, "comment": opinion.comment,
                    "created_at": timestamp(opinion.created_ms).to_string(),
                })
            }));
        }
        self.lines("opinions.jsonl", &rows)
    }

    /// The audit log as `assay audit verify` takes it; how many lines.
    fn audit(&mut self) -> io::Result<usize> {
        let (mut text, mut after) = (String::new(), 0);
        loop {
            let (part, last) =
                self.identities.export_audit(&self.scope, after, PAGE).map_err(io::Error::other)?;
            if part.is_empty() {
                break;
            }
            text.push_str(&part);
            after = last;
        }
        self.file("audit.jsonl", text.as_bytes())?;
        Ok(text.lines().count())
    }
}

/// A list as ids with their kinds; `everybody` where none closes anything.
fn shown(list: Option<&[Holder]>) -> Value {
    let holder = |holder: &Holder| match holder {
        Holder::Everybody => json!("everybody"),
        Holder::Principal(id) => json!(format!("principal:{id}")),
        Holder::Group(id) => json!(format!("group:{id}")),
    };
    list.map_or_else(|| json!(["everybody"]), |list| list.iter().map(holder).collect())
}
