//! `assay ready evidence`: writes what checks read beside the deployment itself.

mod descriptor;
mod staging;

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use assay_ready::{
    ReadyError,
    evidence::{self, Build, INPUT_BYTES_MAX, Input, Kind, Told},
    fingerprint,
};
use serde_json::{Value, json};

use super::{now, settings};
use crate::{
    cli::{Evidence, EvidenceCi},
    command::Context,
    output::{json as print, line},
};

/// Digits of a hash that name a configuration, at least.
const HASH_DIGITS_MIN: usize = 8;
/// Letters that say what was seen, at least.
const WORDS_MIN: usize = 20;
/// Files that are read at most.
const FILES_MAX: usize = 5_000;

pub(super) fn run(
    context: &Context,
    args: Evidence,
    handle: &tokio::runtime::Handle,
) -> anyhow::Result<ExitCode> {
    match args {
        Evidence::Ci(args) => ci(context, &args),
        Evidence::Reviewed { author, reviewer, of, folder } => {
            let config = fingerprint(&settings(context));
            let document = reviewed(author.trim(), reviewer.trim(), of.trim(), &config)?;
            keep(context, &place(context, folder.as_deref(), "reviewed"), &document)
        }
        Evidence::Descriptor { file, folder } => {
            let document = descriptor::look(&file)?;
            keep(context, &place(context, folder.as_deref(), "descriptor"), &document)
        }
        Evidence::Runbook { name, by, saw, docs, folder } => {
            let path = place(context, folder.as_deref(), "runbooks");
            let document = walked(&path, &docs, &name, by.trim(), saw.trim())?;
            keep(context, &path, &document)
        }
        Evidence::Staging(args) => {
            let document = staging::compare(context, &args, handle)?;
            keep(context, &place(context, args.folder.as_deref(), "staging"), &document)
        }
    }
}

/// The runbooks that people walked through, with this one.
fn walked(path: &Path, docs: &Path, name: &str, by: &str, saw: &str) -> Result<Value, ReadyError> {
    let bad = |problem: String| ReadyError::bad("the walk through a runbook", problem);
    let page = docs.join("runbooks").join(format!("{name}.md"));
    if name.contains(['/', '\\']) || !page.is_file() {
        return Err(bad(format!("there is no page {}", page.display())));
    }
    if by.is_empty() || saw.chars().count() < WORDS_MIN {
        return Err(bad(format!("say who it was, and in {WORDS_MIN} letters what was seen")));
    }
    let mut document = match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|error| bad(format!("{}: {error}", path.display())))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => json!({}),
        Err(error) => return Err(ReadyError::io(path, error)),
    };
    let pages = document
        .as_object_mut()
        .ok_or_else(|| bad(format!("{} holds no table of runbooks", path.display())))?;
    pages.insert(name.to_owned(), json!({ "at": now().to_string(), "by": by, "saw": saw }));
    Ok(document)
}

/// The record of a review, of the configuration that is there and that the reviewer saw.
fn reviewed(author: &str, reviewer: &str, of: &str, config: &str) -> Result<Value, ReadyError> {
    let mut problems = Vec::new();
    if author.is_empty() || reviewer.is_empty() {
        problems.push("an author and a reviewer have names".to_owned());
    } else if author.to_lowercase() == reviewer.to_lowercase() {
        problems.push(format!("`{author}` cannot review what `{reviewer}` wrote"));
    }
    if of.len() < HASH_DIGITS_MIN || !config.starts_with(&of.to_lowercase()) {
        let there = config.get(..HASH_DIGITS_MIN).unwrap_or(config);
        problems.push(format!(
            "the configuration here is {there}…, and not `{of}`: look at it again, with the file and \
             the variables of the deployment"
        ));
    }
    if !problems.is_empty() {
        return Err(ReadyError::BadInput { what: "the review".to_owned(), problems });
    }
    Ok(json!({ "config": config, "author": author, "reviewer": reviewer, "at": now().to_string() }))
}

/// Reads what the tools of a build wrote. The file is written whole and takes the place of the one
/// before: a field of another run of the build would be evidence of nothing.
fn ci(context: &Context, args: &EvidenceCi) -> anyhow::Result<ExitCode> {
    let told = args.told.iter().map(|word| Told::parse(word)).collect::<Result<Vec<_>, _>>()?;
    let given = Kind::ALL.map(|kind| (kind, args.files(kind)));
    let files: usize = given.iter().map(|(_, files)| files.len()).sum();
    if files > FILES_MAX {
        let problem = format!("{files} files are more than {FILES_MAX}: name fewer");
        return Err(ReadyError::bad("the evidence", problem).into());
    }
    let mut inputs: BTreeMap<Kind, Vec<Input>> = BTreeMap::new();
    for (kind, files) in given {
        for path in files {
            inputs.entry(kind).or_default().push(input(kind, path)?);
        }
    }
    let build = Build {
        version: args.of.clone().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
        commit: args.commit.clone(),
        at: now(),
    };
    let document = evidence::ci(&build, &inputs, &told)?;
    let path = match &args.out {
        Some(path) => path.clone(),
        None => place(context, args.folder.as_deref(), "ci"),
    };
    keep(context, &path, &document)
}

fn input(kind: Kind, path: &Path) -> Result<Input, ReadyError> {
    let refused =
        |why: String| ReadyError::bad(format!("--{} {}", kind.as_str(), path.display()), why);
    let mut bytes = Vec::new();
    let mut file =
        fs::File::open(path).map_err(|error| refused(error.to_string()))?.take(INPUT_BYTES_MAX + 1);
    file.read_to_end(&mut bytes).map_err(|error| refused(error.to_string()))?;
    if bytes.len() as u64 > INPUT_BYTES_MAX {
        return Err(refused(format!("it has more than {} MB", INPUT_BYTES_MAX >> 20)));
    }
    Ok(Input { path: path.display().to_string(), bytes })
}

/// Where evidence of this name lies.
fn place(context: &Context, folder: Option<&Path>, name: &str) -> PathBuf {
    let ready = folder.map_or_else(|| context.config.data().join("ready"), Path::to_owned);
    ready.join("evidence").join(format!("{name}.json"))
}

/// Writes evidence whole, and tells its fields.
fn keep(context: &Context, path: &Path, document: &Value) -> anyhow::Result<ExitCode> {
    let write = || -> std::io::Result<()> {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        std::io::Write::write_all(&mut file, format!("{document:#}\n").as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| ReadyError::io(path, error))?;
    if context.json {
        print(document)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (name, value) in document.as_object().into_iter().flatten() {
        if !value.is_array() && !matches!(name.as_str(), "told") {
            line(&format!(
                "{name:<28} {}",
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            ));
        }
    }
    line(&format!("wrote {}", path.display()));
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    //! A review is of what is there, by somebody else.

    use super::*;

    #[test]
    fn a_walk_is_through_a_page_that_there_is() {
        let root = tempfile::tempdir().unwrap();
        let (docs, path) = (root.path().join("docs"), root.path().join("runbooks.json"));
        fs::create_dir_all(docs.join("runbooks")).unwrap();
        for name in ["cpu-high", "restore"] {
            fs::write(docs.join(format!("runbooks/{name}.md")), "# page").unwrap();
        }
        let saw = "the ingest paused, and load fell";
        let first = walked(&path, &docs, "cpu-high", "ada", saw).unwrap();
        fs::write(&path, first.to_string()).unwrap();
        let both = walked(&path, &docs, "restore", "eve", saw).unwrap();
        assert_eq!(
            (&both["cpu-high"]["by"], &both["restore"]["by"]),
            (&json!("ada"), &json!("eve"))
        );
        for (name, by, saw) in [
            ("none", "ada", saw),
            ("../x", "ada", saw),
            ("restore", "", saw),
            ("restore", "ada", "ok"),
        ] {
            assert!(walked(&path, &docs, name, by, saw).is_err(), "{name} {by} {saw}");
        }
        fs::write(&path, "[]").unwrap();
        assert!(walked(&path, &docs, "restore", "eve", saw).is_err());
    }

    #[test]
    fn a_review_is_by_another_and_of_what_is_there() {
        let config = "fed3b8f4".repeat(8);
        let record = reviewed("ada", "eve", "FED3B8F4fed", &config).unwrap();
        assert_eq!((&record["config"], &record["reviewer"]), (&json!(config), &json!("eve")));
        for (author, reviewer, of) in [
            ("ada", "Ada", "fed3b8f4"),
            ("ada", "", "fed3b8f4"),
            ("ada", "eve", "fed3"),
            ("ada", "eve", "00000000"),
        ] {
            assert!(reviewed(author, reviewer, of, &config).is_err(), "{author} {reviewer} {of}");
        }
    }
}
