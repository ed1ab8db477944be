//! Lists the files of the web page that were built into `web/dist`, so that they become part of the
//! program. Without that folder the list is empty and the server says that the page is missing.

#![expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment")]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let dist = root.join("../../web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    if dist.join("index.html.gz").try_exists()? {
        packed(&dist.canonicalize()?, "", &mut files)?;
    }
    files.sort();
    let lines: Vec<String> = files.iter().map(|(name, path)| line(name, path)).collect();
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("files.rs"), format!("&[\n{}]\n", lines.concat()))
}

/// The packed files below a folder, by the name under which they are asked for.
fn packed(folder: &Path, prefix: &str, found: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            packed(&path, &format!("{prefix}{name}/"), found)?;
        } else if let Some(name) = name.strip_suffix(".gz") {
            found.push((format!("{prefix}{name}"), path));
        }
    }
    Ok(())
}

fn line(name: &str, path: &Path) -> String {
    format!("    ({name:?}, include_bytes!({:?})),\n", path.display().to_string())
}
