//! Crate edges, module docs, inherited lints and versions, links, forbidden words.

use std::{collections::BTreeMap, fs, process::Command};

use assay_testkit::{files_below, workspace_root};
use serde_json::Value;

/// What each crate may know of the others. The same table, with the reasons, is in
/// ARCHITECTURE.md; an edge that is not here is a decision to take there first.
const EDGES: &[(&str, &[&str])] = &[
    ("assay-core", &[]),
    ("assay-vault", &["assay-core"]),
    ("assay-backup", &["assay-core", "assay-net", "assay-sqlite", "assay-vault"]),
    ("assay-sqlite", &["assay-core", "assay-vault"]),
    ("assay-parse", &["assay-core"]),
    ("assay-ready", &["assay-core"]),
    ("assay-models", &["assay-core"]),
    ("assay-index", &["assay-core", "assay-vault"]),
    ("assay-gateway", &["assay-core"]),
    ("assay-guard", &["assay-core"]),
    ("assay-identity", &["assay-core", "assay-net", "assay-sqlite", "assay-vault"]),
    ("assay-ledger", &["assay-core", "assay-sqlite", "assay-vault"]),
    ("assay-net", &["assay-core"]),
    ("assay-sources", &["assay-core", "assay-net"]),
    ("assay-web", &["assay-core", "assay-net"]),
    ("assay-tasks", &["assay-core", "assay-sqlite"]),
    ("assay-telemetry", &["assay-core"]),
    ("assay-store", &["assay-core", "assay-sqlite", "assay-vault"]),
    (
        "assay-answer",
        &[
            "assay-backup",
            "assay-core",
            "assay-gateway",
            "assay-guard",
            "assay-identity",
            "assay-index",
            "assay-ledger",
            "assay-models",
            "assay-net",
            "assay-parse",
            "assay-sources",
            "assay-store",
            "assay-tasks",
            "assay-vault",
            "assay-web",
        ],
    ),
    ("assay-api", &["assay-core"]),
    (
        "assay-server",
        &[
            "assay-answer",
            "assay-api",
            "assay-core",
            "assay-gateway",
            "assay-identity",
            "assay-ready",
            "assay-telemetry",
        ],
    ),
    (
        "assay",
        &[
            "assay-answer",
            "assay-api",
            "assay-core",
            "assay-gateway",
            "assay-guard",
            "assay-identity",
            "assay-ledger",
            "assay-models",
            "assay-ready",
            "assay-server",
            "assay-sources",
            "assay-telemetry",
            "assay-vault",
        ],
    ),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(workspace_root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn crates_know_only_what_the_table_allows() {
    let allowed: BTreeMap<_, _> = EDGES.iter().copied().collect();
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if name == "assay-testkit" {
            continue;
        }
        let may_know = allowed.get(name).unwrap_or_else(|| panic!("`{name}` is not in the table"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let target = dependency["name"].as_str().unwrap();
            let is_dev = dependency["kind"] == "dev";
            if target == "assay-testkit" {
                assert!(is_dev, "`{name}` ships assay-testkit");
            } else if target.starts_with("assay-") && !is_dev {
                assert!(may_know.contains(&target), "`{name}` must not know `{target}`");
            }
        }
    }
}

/// Who may make the scope of a tenant, by which function. Everywhere else a scope is handed on.
const SCOPES: &[(&str, &[&str])] = &[
    ("TenantScope::authenticated(", &["assay-identity"]),
    ("TenantScope::of_stored_tenant(", &["assay-store"]),
    ("TenantScope::of_recorded_task(", &["assay-tasks"]),
];

#[test]
fn only_authentication_the_store_and_the_task_engine_make_scopes() {
    let crates = workspace_root().join("crates");
    for file in files_below(&crates, "rs").unwrap() {
        let path = file.strip_prefix(&crates).unwrap().to_string_lossy().into_owned();
        // Tests make tenants as they need them; this crate is nothing else.
        if path.contains("tests") || path.contains("contract") || path.starts_with("assay-testkit")
        {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (call, allowed) in SCOPES {
            let may = allowed.iter().any(|owner| path.starts_with(&format!("{owner}/src")));
            assert!(may || !shipped.contains(call), "{path} calls {call}…)");
        }
    }
}

/// Which files may see every document of a tenant, by which call. Everywhere else the reader of the
/// scope decides.
const WHOLE: &[(&str, &[&str])] = &[
    (
        ".for_own_work()",
        &[
            // The index, what is due and the catalogue of searches are one for all readers; a new
            // collection gets its settings, and a document shows where it lies.
            "assay-answer/src/ingest/indexer.rs",
            "assay-answer/src/library.rs",
            "assay-answer/src/overview.rs",
            "assay-answer/src/search/plan.rs",
            "assay-answer/src/tenants.rs",
        ],
    ),
    ("Reader::whole()", &["assay-core/src/scope.rs", "assay-identity/src/caller.rs"]),
    ("ReaderValue::WHOLE", &["assay-store/src/collection.rs", "assay-store/src/tenant.rs"]),
];

#[test]
fn only_named_files_see_every_document() {
    let crates = workspace_root().join("crates");
    for file in files_below(&crates, "rs").unwrap() {
        let path = file.strip_prefix(&crates).unwrap().to_string_lossy().into_owned();
        if path.contains("tests") || path.starts_with("assay-testkit") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let shipped = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (call, allowed) in WHOLE {
            let may = allowed.contains(&path.as_str());
            assert!(may || !shipped.contains(call), "{path} calls {call}");
        }
    }
}

/// Functions of the store that ask no reader, and why that shows nobody a document. One that is
/// added has to ask, or to come here.
const ASKS_NO_READER: &[(&str, &[&str])] = &[
    ("they call one that asks", &["passage", "get_passages", "text"]),
    ("they find by what was read before", &["blob", "vectors", "sentence_vectors"]),
    (
        "sessions are their owner's alone",
        &[
            "create_session",
            "check_session_owner",
            "sessions",
            "find_sessions",
            "add_session_words",
            "session",
            // For an export, which leaves them out unless its reader may see everything.
            "all_sessions",
            "turns",
            "append_turn",
            "set_session_active",
            "delete_session",
        ],
    ),
    (
        "a shared one is shown without the answers whose documents its reader may not read",
        &["share_session", "shared_session"],
    ),
    ("opinions hold no text of a document", &["set_opinion", "opinions"]),
    ("public pages are no documents", &["keep_web_texts", "web_text", "forget_web_texts"]),
    (
        "new things, and names that are taken",
        &["put_blob", "create_collection", "create_collection_for", "ensure_default"],
    ),
    (
        "the index and the catalogue, which are one for all",
        &[
            "outbox_after",
            "last_position",
            "prune_outbox",
            "all_current_versions",
            "current_passage_ids",
            "catalogue_seq",
            "catalogue_after",
            "passage_pages",
            "access_lists_after",
        ],
    ),
    (
        "work of tasks and starts",
        &[
            "pending",
            "save_sentence_vectors",
            "next_source_ms",
            "source_state",
            "save_source_state",
            "end_source_run",
            "contains_blob",
        ],
    ),
    (
        "tidying and checking",
        &[
            "sweep_blobs",
            "sweep_vectors",
            "sweep_sessions",
            "forget_superseded",
            "integrity",
            "damaged_blobs",
        ],
    ),
    ("counts for operators and limits", &["counts", "usage", "tenant"]),
];

#[test]
fn every_function_of_the_store_asks_who_reads() {
    let folder = workspace_root().join("crates/assay-store/src");
    let mut unasked = Vec::new();
    for file in files_below(&folder, "rs").unwrap() {
        let text = fs::read_to_string(&file).unwrap();
        let Some((_, rest)) = text.split_once("\nimpl TenantStore {") else { continue };
        let methods = rest.split("\n}").next().unwrap();
        for function in methods.split("\n    pub fn ").skip(1) {
            let name = function.split('(').next().unwrap();
            let body = function.split("\n    }").next().unwrap();
            if !body.contains("reader()") {
                unasked.push(name.to_owned());
            }
        }
    }
    let known: Vec<&str> = ASKS_NO_READER.iter().flat_map(|(_, names)| *names).copied().collect();
    for name in &unasked {
        assert!(known.contains(&name.as_str()), "`{name}` shows documents and asks no reader");
    }
    for name in known {
        assert!(unasked.iter().any(|it| it == name), "`{name}` is not there or asks: take it out");
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for file in files_below(&workspace_root().join("crates"), "rs").unwrap() {
        let text = fs::read_to_string(&file).unwrap();
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//!") || first.starts_with("#![doc"),
            "{} does not open with a module doc",
            file.display()
        );
    }
}

#[test]
fn manifests_inherit_versions_and_lints() {
    for file in files_below(&workspace_root().join("crates"), "toml").unwrap() {
        if file.file_name().is_none_or(|name| name != "Cargo.toml") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let shown = file.display();
        assert!(text.contains("[lints]\nworkspace = true"), "{shown} does not inherit the lints");
        assert!(text.contains("license.workspace = true"), "{shown} does not inherit the licence");
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('[') {
                section = line;
            } else if section.contains("dependencies") && line.contains('=') {
                // A crate may name itself to switch a feature on for its own tests.
                let inherits = line.contains("workspace = true") || line.contains("path = \".\"");
                assert!(inherits, "{shown}: `{line}` sets its own version");
            }
        }
    }
}

#[test]
fn every_crate_has_a_readme_that_is_its_doc() {
    for entry in fs::read_dir(workspace_root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        assert!(readme.starts_with("# assay"), "{} has no README.md", folder.display());
        let library = fs::read_to_string(folder.join("src/lib.rs")).unwrap_or_default();
        assert!(
            library.is_empty() || library.contains("include_str!(\"../README.md\")"),
            "the README of {} is not its crate doc",
            folder.display()
        );
    }
}

#[test]
fn nothing_unfinished_is_pretended() {
    // Spelt in halves so that this file passes its own rule.
    let words =
        [["to", "do!("], ["unimpl", "emented!("], ["TO", "DO"], ["FIX", "ME"], ["#[ign", "ore"]];
    for file in files_below(&workspace_root().join("crates"), "rs").unwrap() {
        let text = fs::read_to_string(&file).unwrap();
        for word in words.map(|halves| halves.concat()) {
            assert!(!text.contains(&word), "{} contains `{word}`", file.display());
        }
    }
}

#[test]
fn links_in_the_documentation_lead_somewhere() {
    let root = workspace_root();
    let mut files = files_below(&root.join("docs"), "md").unwrap();
    files.extend([root.join("README.md"), root.join("ARCHITECTURE.md")]);
    files.extend(files_below(&root.join("crates"), "md").unwrap());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.contains(' ') || path.contains('\n')
            {
                continue;
            }
            let target = file.parent().unwrap().join(path);
            assert!(target.try_exists().unwrap(), "{}: dead link `{link}`", file.display());
        }
    }
}

#[test]
fn the_architecture_page_stays_short() {
    let text = fs::read_to_string(workspace_root().join("ARCHITECTURE.md")).unwrap();
    assert!(text.lines().count() <= 200, "ARCHITECTURE.md is over 200 lines");
}

#[test]
fn the_lock_file_stays_small() {
    let lock = fs::read_to_string(workspace_root().join("Cargo.lock")).unwrap();
    let packages = lock.matches("[[package]]").count();
    assert!(
        packages <= 546,
        "{packages} locked packages: decide in docs/decisions before raising this"
    );
}
