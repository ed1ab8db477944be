//! Text of one block while it is being put together.

use std::ops::Range;

/// Text with links, before it has a place in the document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inline {
    /// The text so far.
    pub(crate) text: String,
    /// Finished links: where and to what.
    pub(crate) links: Vec<(Range<usize>, String)>,
    open: Option<(usize, String)>,
}

impl Inline {
    /// Text without links.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Adds text as it is, without characters that no text should hold.
    pub(crate) fn push_raw(&mut self, text: &str) {
        if text.bytes().all(|b| b.is_ascii_graphic() || matches!(b, b' ' | b'\n' | b'\t')) {
            self.text.push_str(text);
        } else {
            self.text.extend(text.chars().filter(|c| is_text(*c)));
        }
    }

    /// Adds text with each run of white space as one space, none at the start of a line.
    pub(crate) fn push(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            // Most text is words of ASCII, which are copied whole.
            let word = rest.bytes().take_while(u8::is_ascii_graphic).count();
            let Some((word, after)) = rest.split_at_checked(word) else { return };
            self.text.push_str(word);
            let mut chars = after.chars();
            match chars.next() {
                Some(c) if c.is_whitespace() => self.space(),
                Some(c) if is_text(c) => self.text.push(c),
                _ => {}
            }
            rest = chars.as_str();
        }
    }

    /// Adds a space unless one is there.
    pub(crate) fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    /// Adds a line break unless the text is empty or one is there.
    pub(crate) fn line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Starts a link; one that is open ends here.
    pub(crate) fn open_link(&mut self, url: &str) {
        self.close_link();
        self.open = Some((self.text.len(), url.to_owned()));
    }

    /// Ends the open link, if it has text.
    pub(crate) fn close_link(&mut self) {
        let Some((start, url)) = self.open.take() else { return };
        // The start may lie behind the end where `line` has cut off a space.
        let text = self.text.get(start..).unwrap_or("");
        let start = start + (text.len() - text.trim_start().len());
        let end = self.text.trim_end().len();
        if start < end {
            self.links.push((start..end, url));
        }
    }

    /// The target of the open link.
    pub(crate) fn open_url(&self) -> Option<&str> {
        self.open.as_ref().map(|(_, url)| url.as_str())
    }

    /// Whether there is nothing to read.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Adds another inline text.
    pub(crate) fn append(&mut self, other: &Self) {
        let offset = self.text.len();
        self.text.push_str(&other.text);
        let moved = |(range, url): &(Range<usize>, String)| {
            (range.start + offset..range.end + offset, url.clone())
        };
        self.links.extend(other.links.iter().map(moved));
    }
}

/// Whether a character belongs in text: no control characters, no byte order mark, no soft
/// hyphen, no non-character.
fn is_text(c: char) -> bool {
    match c {
        '\n' | '\t' => true,
        '\u{ad}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => !c.is_control(),
    }
}
