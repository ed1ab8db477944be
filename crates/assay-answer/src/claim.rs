//! Splits an answer into claims: the sentences and list items that say something to be checked.
//!
//! Headings, questions, greetings and remarks about the conversation are left out. A claim that
//! leans on what stands before it (`It was built …`, or an item under `The members are:`) keeps that
//! as its context.

use assay_core::TextRange;

use crate::verify::words::tokens;

/// Something in an answer that evidence can bear out or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Where it stands in the answer, without list markers and white space around it.
    pub range: TextRange,
    /// What it leans on: the sentence before it or the lead-in of its list.
    pub context: Option<TextRange>,
}

impl Claim {
    /// The claim with its context in front, for checking it apart from the answer.
    #[must_use]
    pub(crate) fn in_context(&self, answer: &str) -> String {
        let text = self.range.of(answer);
        match self.context {
            Some(context) => format!("{} {text}", context.of(answer).trim_end_matches([':', ' '])),
            None => text.to_owned(),
        }
    }
}

/// The claims of an answer whose sentences lie at `sentences`, in reading order.
///
/// A sentence that runs over a list, a heading or an empty line is cut there, so the ranges may
/// come from a splitter that knows no Markdown.
#[must_use]
pub(crate) fn claims(answer: &str, sentences: &[TextRange]) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut lead: Option<TextRange> = None;
    let mut before: Option<TextRange> = None;
    let mut in_code = false;
    for piece in sentences.iter().flat_map(|&sentence| pieces(answer, sentence)) {
        if piece.text(answer).starts_with("```") {
            in_code = !in_code;
            continue;
        }
        if in_code {
            continue;
        }
        match piece.role(answer) {
            Role::Lead => lead = Some(piece.range),
            Role::Silent => {}
            Role::Heading => (lead, before) = (None, None),
            Role::Claim => {
                let context = if piece.item {
                    lead
                } else {
                    lead = None;
                    before.filter(|_| leans(piece.text(answer)))
                };
                claims.push(Claim { range: piece.range, context });
                before = Some(piece.range);
            }
        }
    }
    claims
}

/// A sentence, or the part of one that stands in one block.
#[derive(Debug, Clone, Copy)]
struct Piece {
    range: TextRange,
    item: bool,
    heading: bool,
}

enum Role {
    Claim,
    /// Announces a list.
    Lead,
    Heading,
    /// Says nothing to check.
    Silent,
}

impl Piece {
    fn text(self, answer: &str) -> &str {
        self.range.of(answer)
    }

    fn role(self, answer: &str) -> Role {
        let text = self.text(answer).trim_matches(['*', '_', ' ']);
        let words = tokens(text);
        let content = words.iter().filter(|token| token.is_content()).count();
        let lower = text.to_lowercase().replace('’', "'");
        let bold = self.text(answer).starts_with("**") && self.text(answer).ends_with("**");
        if self.heading || (bold && !text.ends_with('.')) {
            Role::Heading
        } else if text.ends_with(':') {
            Role::Lead
        } else if text.ends_with('?') || REMARKS.iter().any(|remark| lower.starts_with(remark)) {
            Role::Silent
        } else if content > 1 || (self.item && content == 1) {
            Role::Claim
        } else {
            Role::Silent
        }
    }
}

/// Openings of sentences that greet, close or speak about the answer itself.
const REMARKS: [&str; 22] = [
    "hello",
    "hi ",
    "hi,",
    "hi!",
    "sure,",
    "sure!",
    "certainly",
    "of course",
    "thank",
    "you're welcome",
    "great question",
    "i hope",
    "let me know",
    "feel free",
    "please let",
    "if you have any",
    "i don't know",
    "i do not know",
    "i'm sorry",
    "i am sorry",
    "i cannot",
    "here is ",
];

/// Whether a sentence opens with a word that stands for something said before.
fn leans(text: &str) -> bool {
    let words = tokens(text);
    let opens = words.first().map_or("", |token| token.lower.as_str());
    matches!(
        opens,
        "he" | "she"
            | "it"
            | "they"
            | "this"
            | "that"
            | "these"
            | "those"
            | "his"
            | "her"
            | "its"
            | "their"
            | "him"
            | "them"
            | "such"
            | "both"
            | "there"
            | "then"
            | "here"
            | "it's"
            | "he's"
            | "she's"
            | "they're"
    )
}

/// Cuts a sentence where a list item, a heading, a table row or a new paragraph begins.
fn pieces(answer: &str, sentence: TextRange) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut at = sentence.start as usize;
    let mut joins = false;
    for line in sentence.of(answer).split_inclusive('\n') {
        let (from, to) = (at, at + line.len());
        at = to;
        // A marker counts only where a line of the answer begins, not in the middle of one.
        let opens = from == 0
            || answer
                .get(..from)
                .is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('\n'));
        let text = line.trim();
        let skip = if opens { marker(text) } else { 0 };
        let heading = opens && text.starts_with('#');
        let is_block = skip > 0 || heading || text.starts_with('|') || text.starts_with("```");
        if text.is_empty() || text.trim_matches(['-', '*', '_', '|', ':', ' ']).is_empty() {
            joins = false;
            continue;
        }
        let start = from + (line.len() - line.trim_start().len()) + skip;
        let end = from + line.trim_end().len();
        match found.last_mut() {
            Some(last) if joins && !is_block => {
                last.range = TextRange::new(last.range.start as usize, end);
            }
            _ if start < end => {
                found.push(Piece { range: TextRange::new(start, end), item: skip > 0, heading });
            }
            _ => {}
        }
        joins = !heading;
    }
    found
}

/// Bytes of the list marker at the start of a line with the space behind it: `- `, `2. `, `b) `.
fn marker(line: &str) -> usize {
    let sign = match line.chars().next() {
        Some(sign @ ('-' | '*' | '+' | '•' | '–')) => sign.len_utf8(),
        Some(c) if c.is_alphanumeric() => {
            let label = line.bytes().take_while(u8::is_ascii_alphanumeric).count();
            let numbered = label <= 3 && line.bytes().take(label).all(|byte| byte.is_ascii_digit());
            let closed = matches!(line.as_bytes().get(label), Some(b'.' | b')'));
            if closed && (numbered || label == 1) { label + 1 } else { 0 }
        }
        _ => 0,
    };
    let spaces = line.get(sign..).map_or(0, |rest| rest.len() - rest.trim_start().len());
    if sign > 0 && (spaces > 0 || sign == line.len()) { sign + spaces } else { 0 }
}

#[cfg(test)]
mod tests;
