//! What git names: files of a tree, and their contents.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// Bytes of the line before a content.
const HEADER_BYTES_MAX: u64 = 512;

/// A file of the tree.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) object: String,
    pub(super) size: u64,
}

/// `mode type object size<tab>path`; only ordinary files count.
pub(super) fn entry(line: &str) -> Option<Entry> {
    let (fields, path) = line.split_once('\t')?;
    let mut fields = fields.split_ascii_whitespace();
    let (mode, kind, object, size) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let is_file = kind == "blob" && matches!(mode, "100644" | "100755" | "100664");
    (is_file && is_object(object)).then_some(())?;
    Some(Entry { path: path.to_owned(), object: object.to_owned(), size: size.parse().ok()? })
}

pub(super) fn is_object(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Contents, one after the other, from one process.
#[derive(Debug)]
pub(super) struct Blobs {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _child: Running,
}

impl Blobs {
    /// Starts `git cat-file --batch`.
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        let mut child = Running(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
        let missing = || io::Error::other("it has no input or output");
        let input = child.0.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.0.stdout.take().ok_or_else(missing)?);
        Ok(Self { _child: child, input, output })
    }

    /// The content of a file, which has the size that the tree says.
    pub(super) fn read(&mut self, entry: &Entry) -> io::Result<Vec<u8>> {
        writeln!(self.input, "{}", entry.object)?;
        let mut header = String::new();
        self.output.by_ref().take(HEADER_BYTES_MAX).read_line(&mut header)?;
        if header.trim_end() != format!("{} blob {}", entry.object, entry.size) {
            return Err(io::Error::other("git does not have its content"));
        }
        let mut bytes = Vec::new();
        self.output.by_ref().take(entry.size).read_to_end(&mut bytes)?;
        let mut end = [0];
        self.output.read_exact(&mut end)?;
        Ok(bytes)
    }
}

/// A process that ends when nobody waits for it any more.
#[derive(Debug)]
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
