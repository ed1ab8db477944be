//! Embeds the texts of training cases, and writes the features of the cases.
//!
//! `verifier-features embed FOLDER MODEL` turns `texts.json` (a list of strings) into `vectors.f32`
//! (384 floats a text, little endian). `verifier-features verify|extract FOLDER [plain]` reads both
//! and `<mode>.jsonl`, and prints the features of each case as a JSON array a line; with `plain` as
//! if there were no vectors.

#![allow(dead_code, reason = "only part of each module is used here")]

#[path = "../../../../crates/assay-answer/src"]
mod answer {
    pub(crate) mod extract;
    pub(crate) mod verify;
}

use answer::{extract, verify};

use std::{
    fs,
    io::{BufWriter, Write as _, stdout},
    path::Path,
};

use assay_models::{Embedder, EmbedderSettings, TextRole};
use serde::Deserialize;
use verify::{Sentence, features};

const WIDTH: usize = 384;

#[derive(Deserialize)]
struct Case {
    claim: usize,
    evidence: Vec<usize>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let mode = args.next().ok_or("no mode")?;
    let folder = args.next().ok_or("no folder")?;
    let third = args.next();
    let folder = Path::new(&folder);
    let texts: Vec<String> = serde_json::from_slice(&fs::read(folder.join("texts.json"))?)?;
    if mode == "embed" {
        return embed(&texts, folder, Path::new(&third.ok_or("no model folder")?));
    }
    let plain = third.is_some();
    let floats: Vec<f32> = fs::read(folder.join("vectors.f32"))?
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    let sentence = |at: usize| Sentence {
        text: &texts[at],
        vector: floats.get(at * WIDTH..(at + 1) * WIDTH).filter(|_| !plain),
    };
    let mut out = BufWriter::new(stdout().lock());
    let cases = fs::read_to_string(folder.join(format!("{mode}.jsonl")))?;
    let start = std::time::Instant::now();
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line)?;
        let evidence: Vec<_> = case.evidence.iter().map(|&at| sentence(at)).collect();
        let claim = sentence(case.claim);
        if mode == "verify" {
            let reading = features::read(&claim, &evidence);
            let row = (
                reading.features.to_vec(),
                reading.deciding,
                reading.contradicted,
                reading.unfounded,
                reading.reworded,
            );
            serde_json::to_writer(&mut out, &row)?;
        } else {
            let question = verify::align::Analysed::new(claim.text);
            let candidates: Vec<_> = evidence
                .iter()
                .enumerate()
                .map(|(position, sentence)| extract::EvidenceSentence {
                    passage: 0,
                    position,
                    text: sentence.text,
                    vector: sentence.vector,
                    passage_score: 0.0,
                })
                .collect();
            let scene = extract::features::Scene::new(&question, claim.vector, &candidates);
            let sentences: Vec<_> =
                (0..candidates.len()).map(|at| scene.sentence(at).to_vec()).collect();
            serde_json::to_writer(&mut out, &(scene.answer().to_vec(), sentences))?;
        }
        writeln!(out)?;
    }
    let n = u32::try_from(cases.lines().count())?.max(1);
    eprintln!("{n} cases, {:?} each", start.elapsed() / n);
    Ok(())
}

fn embed(texts: &[String], folder: &Path, model: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let embedder = Embedder::load(model, &EmbedderSettings::default())?;
    let mut out = BufWriter::new(fs::File::create(folder.join("vectors.f32"))?);
    for some in texts.chunks(512) {
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        for value in embedder.embed(&some, TextRole::Passage)?.into_iter().flatten() {
            out.write_all(&value.to_le_bytes())?;
        }
    }
    Ok(())
}
