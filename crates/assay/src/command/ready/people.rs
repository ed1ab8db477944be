//! What people say.

use std::process::ExitCode;

use assay_ready::{
    ReadyError,
    people::{
        attest::{self, Attestation},
        moment, sign,
        waive::{self, Waiver},
    },
};
use sha2::{Digest, Sha256};

use super::{Room, now};
use crate::{
    cli::{ReadyAttest, ReadyForm, ReadySign, ReadyWaive},
    command::Context,
    output::{json as print, line},
};

/// Lists what waits for a word in the newest run.
pub(super) fn ask(
    context: &Context,
    role: Option<&str>,
    form: &ReadyForm,
) -> anyhow::Result<ExitCode> {
    let room = Room::open(context, form)?;
    let run = room.folder.load("latest")?;
    let open = attest::open(&run, role);
    if context.json {
        print(&open)?;
        return Ok(ExitCode::SUCCESS);
    }
    for outcome in &open {
        line(&format!(
            "{:<8} {:<12} {} ({})",
            outcome.id,
            outcome.role,
            outcome.title,
            outcome.severity.as_str()
        ));
    }
    line(&format!("{} open. Say your word with `assay ready attest ID --role ROLE …`", open.len()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn attest(context: &Context, args: ReadyAttest) -> anyhow::Result<ExitCode> {
    let room = Room::open(context, &args.form)?;
    let file_sha256 = match &args.file {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(|error| {
                ReadyError::bad("the attestation", format!("`{}`: {error}", path.display()))
            })?;
            Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()
        }
        None => String::new(),
    };
    let word = Attestation {
        check: args.id,
        by: args.by,
        role: args.role,
        second: args.second,
        text: args.text,
        link: args.link,
        file_sha256,
        at: now(),
        expires: until(&args.until)?,
    };
    attest::add(room.folder.path(), &room.catalogue, &word)?;
    line(&format!("{}: {}", word.check, word.shown()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn waive(context: &Context, args: ReadyWaive) -> anyhow::Result<ExitCode> {
    let room = Room::open(context, &args.form)?;
    let waiver = Waiver {
        check: args.id,
        reason: args.reason,
        owner: args.owner,
        control: args.control,
        approver: args.approver,
        created: now(),
        expires: until(&args.until)?,
    };
    let told = format!("{} is waived until {}", waiver.check, args.until);
    waive::add(room.folder.path(), &room.catalogue, waiver)?;
    line(&told);
    Ok(ExitCode::SUCCESS)
}

pub(super) fn sign(context: &Context, args: &ReadySign) -> anyhow::Result<ExitCode> {
    let room = Room::open(context, &args.form)?;
    let folder = &room.folder;
    let run = folder.load(&args.run)?;
    let verified = folder.verify(&run.id)?;
    if !verified.faults.is_empty() {
        return Err(
            ReadyError::BadInput { what: "the run".to_owned(), problems: verified.faults }.into()
        );
    }
    let head = folder.head(&run.id)?;
    let path = folder.run_path(&run.id);
    let signed = sign::sign(&path, &run, &head, &args.role, &args.by, &args.key, now())?;
    line(&format!("signed run {} as {} with the key {}", run.id, args.role, signed.key));
    let open: Vec<String> = folder
        .load(&run.id)?
        .blockers()
        .map(|outcome| format!("{} {}", outcome.id, outcome.says))
        .collect();
    if !open.is_empty() {
        line(&format!("still open: {}", open.join("; ")));
    }
    Ok(ExitCode::SUCCESS)
}

fn until(text: &str) -> anyhow::Result<jiff::Timestamp> {
    Ok(moment(text).map_err(|problem| ReadyError::bad("--until", problem))?)
}
