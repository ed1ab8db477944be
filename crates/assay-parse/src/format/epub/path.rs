//! Links between the files of a book as paths in its archive.

/// The path that a link in a file of `folder` means, without fragment.
pub(super) fn resolved(folder: &str, link: &str) -> String {
    let link = link.split(['#', '?']).next().unwrap_or_default();
    let base = if link.starts_with('/') { "" } else { folder };
    let mut path: Vec<String> = base.split('/').map(str::to_owned).collect();
    for step in link.split('/') {
        match step {
            "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(unescaped(step)),
        }
    }
    path.retain(|step| !step.is_empty());
    path.join("/")
}

/// Text without percent escapes.
fn unescaped(step: &str) -> String {
    let mut bytes = Vec::with_capacity(step.len());
    let mut rest = step.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
