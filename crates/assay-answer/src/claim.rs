//! Splits an answer into claims: the smallest parts of it that say something to be checked.
//!
//! A claim is a sentence, a half of a coordinated sentence that stands alone, an item of a list or a
//! row of a table. Headings, questions, greetings and remarks about the conversation are left out.
//! A claim that leans on what stands before it is resolved where a simple rule tells what it leans on
//! (`She won` → `Marie Curie won`), and else keeps that as its context: the sentence before, the
//! lead-in of the list, the head of the table.

use assay_core::TextRange;

use crate::verify::words::tokens;

mod coordination;
pub(crate) mod grammar;
mod reference;

use reference::{Reference, resolve};

/// Something in an answer that evidence can bear out or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Where it stands in the answer, without list markers, table rules and white space around it.
    pub range: TextRange,
    /// What it leans on: the sentence before it, the lead-in of its list or the head of its table.
    pub context: Option<TextRange>,
    /// What it is.
    pub form: Form,
    /// What the pronoun that it opens with stands for, where that can be told.
    reference: Option<Reference>,
}

/// What a claim is in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A sentence.
    Sentence,
    /// A further half of a coordinated sentence.
    Half,
    /// An item of a list.
    Item,
    /// A row of a table.
    Row,
}

impl Claim {
    /// A claim that is given as such and leans on nothing.
    pub(crate) const fn given(range: TextRange) -> Self {
        Self { range, context: None, form: Form::Sentence, reference: None }
    }

    /// Whether it is a sentence that is checked together with the one before it, because no rule
    /// tells what it leans on.
    pub(crate) fn is_joined(&self) -> bool {
        self.form == Form::Sentence && self.context.is_some() && self.reference.is_none()
    }

    /// The claim so that it can be checked apart from the answer.
    #[must_use]
    pub(crate) fn in_context(&self, answer: &str) -> String {
        let text = self.range.of(answer);
        if let Some(reference) = self.reference {
            return reference.put_into(answer, text);
        }
        match self.context {
            Some(head) if self.form == Form::Row => with_heads(head.of(answer), text),
            Some(context) => format!("{} {text}", context.of(answer).trim_end_matches([':', ' '])),
            None => text.to_owned(),
        }
    }
}

/// A row with the head of each column before its cell: `Drug: aspirin, Price: 6 euros`.
fn with_heads(head: &str, row: &str) -> String {
    let heads = head.split('|').map(str::trim);
    let cells = row.split('|').map(str::trim);
    let pairs = heads.zip(cells).filter(|(_, cell)| !cell.is_empty()).map(|(head, cell)| {
        if head.is_empty() { cell.to_owned() } else { format!("{head}: {cell}") }
    });
    pairs.collect::<Vec<_>>().join(", ")
}

/// The claims of an answer whose sentences lie at `sentences`, in reading order.
///
/// A sentence that runs over a list, a heading or an empty line is cut there, so the ranges may
/// come from a splitter that knows no Markdown.
#[must_use]
pub(crate) fn claims(answer: &str, sentences: &[TextRange]) -> Vec<Claim> {
    let mut splitter = Splitter::default();
    for piece in sentences.iter().flat_map(|&sentence| pieces(answer, sentence)) {
        splitter.take(answer, piece);
    }
    splitter.claims
}

/// What has been read of an answer.
#[derive(Default)]
struct Splitter {
    claims: Vec<Claim>,
    /// Lead-ins of the lists that are open, the innermost last, with the indent of the item that
    /// they are; a paragraph has none.
    leads: Vec<(Option<usize>, TextRange)>,
    /// The head of the table that is open.
    head: Option<TextRange>,
    /// The claim before, where it may be leant on.
    before: Option<Claim>,
    in_code: bool,
}

impl Splitter {
    fn take(&mut self, answer: &str, piece: Piece) {
        if piece.text(answer).starts_with("```") {
            self.in_code = !self.in_code;
            return;
        }
        if self.in_code {
            return;
        }
        if piece.block == Block::Row {
            return self.take_row(piece);
        }
        self.head = None;
        let indent = if let Block::Item { indent } = piece.block { Some(indent) } else { None };
        // A lead-in reaches over what stands deeper than it.
        self.leads.retain(|(lead, _)| indent.is_some() && *lead < indent);
        match piece.role(answer) {
            Role::Lead => self.leads.push((indent, piece.range)),
            Role::Silent => {}
            Role::Heading => self.before = None,
            Role::Claim => self.take_claim(answer, piece, indent.is_some()),
        }
    }

    /// The first row of a table is its head.
    fn take_row(&mut self, piece: Piece) {
        match self.head {
            None => self.head = Some(piece.range),
            head => self.claims.push(Claim {
                range: piece.range,
                context: head,
                form: Form::Row,
                reference: None,
            }),
        }
        self.before = None;
    }

    fn take_claim(&mut self, answer: &str, piece: Piece, is_item: bool) {
        let mut form = if is_item { Form::Item } else { Form::Sentence };
        for range in coordination::parts(answer, piece.range) {
            let lead = self.leads.last().map(|(_, lead)| *lead).filter(|_| form == Form::Item);
            let before = self.before.filter(|_| lead.is_none() && leans(range.of(answer)));
            let claim = Claim {
                range,
                context: lead.or_else(|| before.map(|before| before.range)),
                form,
                reference: before
                    .and_then(|before| resolve(answer, before.range, before.reference, range)),
            };
            self.claims.push(claim);
            self.before = Some(claim);
            form = Form::Half;
        }
    }
}

/// A sentence, or the part of one that stands in one block.
#[derive(Debug, Clone, Copy)]
struct Piece {
    range: TextRange,
    block: Block,
}

/// What a line opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Paragraph,
    /// An item, so many bytes from the edge.
    Item {
        indent: usize,
    },
    Heading,
    Row,
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
        if self.block == Block::Heading || (bold && !text.ends_with('.')) {
            Role::Heading
        } else if text.ends_with(':') {
            Role::Lead
        } else if text.ends_with('?') || REMARKS.iter().any(|remark| lower.starts_with(remark)) {
            Role::Silent
        } else if content > 1 || (matches!(self.block, Block::Item { .. }) && content == 1) {
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
        let text = line.trim();
        if text.is_empty() || text.trim_matches(['-', '*', '_', '|', ':', ' ']).is_empty() {
            joins = false;
            continue;
        }
        let (block, skip) = block(answer, from, text);
        let opens = block != Block::Paragraph || text.starts_with("```");
        let start = from + (line.len() - line.trim_start().len()) + skip;
        let mut end = from + line.trim_end().len();
        if let Some(cells) = text.strip_suffix('|').filter(|_| block == Block::Row) {
            end -= text.len() - cells.trim_end().len();
        }
        match found.last_mut() {
            Some(last) if joins && !opens => {
                last.range = TextRange::new(last.range.start as usize, end);
            }
            _ if start < end => found.push(Piece { range: TextRange::new(start, end), block }),
            _ => {}
        }
        joins = block != Block::Heading;
    }
    found
}

/// What the line with this text, which begins at `from`, opens, and the bytes of its marker.
fn block(answer: &str, from: usize, text: &str) -> (Block, usize) {
    let before = answer.get(..from).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    // A marker counts only where a line of the answer begins, not in the middle of one.
    if !before.get(line_start..).unwrap_or("").trim().is_empty() {
        return (Block::Paragraph, 0);
    }
    let indent = from - line_start
        + answer
            .get(from..)
            .map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\t']).len());
    if text.starts_with('#') {
        (Block::Heading, 0)
    } else if let Some(cells) = text.strip_prefix('|') {
        (Block::Row, 1 + cells.len() - cells.trim_start().len())
    } else {
        match marker(text) {
            0 => (Block::Paragraph, 0),
            skip => (Block::Item { indent }, skip),
        }
    }
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
