//! Compound files: XLS and MSG.

use std::io::{Cursor, Read, Write};

use cfb::CompoundFile;

/// The streams with their paths.
pub(crate) fn streams(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).ok()?;
    let paths: Vec<String> = file
        .walk()
        .filter(|entry| entry.is_stream())
        .map(|entry| entry.path().to_string_lossy().into_owned())
        .collect();
    let mut streams = Vec::new();
    for path in paths {
        let mut content = Vec::new();
        file.open_stream(&path).ok()?.read_to_end(&mut content).ok()?;
        streams.push((path, content));
    }
    Some(streams)
}

/// A file of these streams.
pub(crate) fn file(streams: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (path, content) in streams {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if !folder.is_empty() {
            file.create_storage_all(folder).ok()?;
        }
        file.create_stream(path).ok()?.write_all(content).ok()?;
    }
    file.flush().ok()?;
    Some(file.into_inner().into_inner())
}
