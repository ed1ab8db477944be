//! Cuts code at its definitions.

use std::ops::Range;

use super::{
    definition::{Definition, definition},
    language::{Family, Language},
    mask::masked,
};
use crate::{ParseError, parse::Input};

/// The level from which on the insides of definitions are not cut.
const DEEPEST: u8 = 4;
/// Characters of a heading made from a line of code.
const TITLE_MAX: usize = 80;

/// A part of the code, by its bytes in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// What a definition is called.
    Heading { level: u8, text: String, range: Range<usize> },
    /// Whole lines.
    Code(Range<usize>),
}

/// Cuts code into headings and whole lines; together the pieces hold every line that is not blank.
pub(super) fn pieces(
    code: &str,
    language: &Language,
    input: &Input,
) -> Result<Vec<Piece>, ParseError> {
    let masked = masked(code, language);
    let lines = lines(code, &masked, language);
    let mut cutter = Cutter { code, masked: &masked, language, input, lines, pieces: Vec::new() };
    let all = 0..cutter.lines.len();
    let margin = cutter.margin(&all);
    cutter.scope(all, 0, &Scope { level: 1, margin, path: "" })?;
    Ok(cutter.pieces)
}

#[derive(Debug)]
struct Line {
    range: Range<usize>,
    /// Characters of white space before the first other one.
    indent: usize,
    /// How many brackets are open before it.
    depth: usize,
    is_blank: bool,
    /// Whether it is nothing but a comment or text.
    is_hidden: bool,
    /// Whether it starts inside a comment or text.
    is_inside: bool,
}

/// Where definitions are looked for.
struct Scope<'a> {
    level: u8,
    /// The indentation or depth of the lines that may open one.
    margin: usize,
    /// The names of the definitions around.
    path: &'a str,
}

struct Cutter<'a> {
    code: &'a str,
    masked: &'a str,
    language: &'a Language,
    input: &'a Input,
    lines: Vec<Line>,
    pieces: Vec<Piece>,
}

fn lines(code: &str, masked: &str, language: &Language) -> Vec<Line> {
    let brackets: (&[u8], &[u8]) = match language.family {
        Family::Indent => (b"([{", b")]}"),
        _ => (b"{", b"}"),
    };
    let (mut start, mut depth, mut is_inside) = (0, 0_usize, false);
    let mut lines = Vec::new();
    for text in code.split_inclusive('\n') {
        let range = start..start + text.len();
        let hidden = masked.get(range.clone()).unwrap_or_default();
        let body = text.trim_start();
        lines.push(Line {
            range: range.clone(),
            indent: text.len() - body.len(),
            depth,
            is_blank: body.is_empty(),
            is_hidden: !body.is_empty() && hidden.trim().is_empty(),
            is_inside,
        });
        for byte in hidden.bytes() {
            if brackets.0.contains(&byte) {
                depth += 1;
            } else if brackets.1.contains(&byte) {
                depth = depth.saturating_sub(1);
            }
        }
        is_inside = !hidden.ends_with('\n');
        start = range.end;
    }
    lines
}

impl Cutter<'_> {
    /// Cuts some lines; the first `head` of them open no definition.
    fn scope(
        &mut self,
        lines: Range<usize>,
        head: usize,
        scope: &Scope<'_>,
    ) -> Result<(), ParseError> {
        let mut loose = lines.start;
        let mut at = lines.start + head;
        let mut is_first = true;
        while at < lines.end {
            self.input.check_time()?;
            let Some(found) = self.definition(at, scope) else {
                at += 1;
                continue;
            };
            let start = self.with_comments(at, loose);
            self.loose(loose..start, scope, is_first);
            let end = self.end(at, lines.end, scope);
            self.found(&found, start, at, end, scope)?;
            (at, loose, is_first) = (end, end, false);
        }
        self.loose(loose..lines.end, scope, is_first);
        Ok(())
    }

    fn found(
        &mut self,
        found: &Definition,
        start: usize,
        at: usize,
        end: usize,
        scope: &Scope<'_>,
    ) -> Result<(), ParseError> {
        let separator = if scope.path.is_empty() { "" } else { self.language.separator() };
        let path = format!("{}{separator}{}", scope.path, found.name);
        let text = match &found.title {
            Some(title) => title.clone(),
            None if found.is_container || scope.path.is_empty() => {
                format!("{} {path}", found.keyword)
            }
            None => path.clone(),
        };
        let range = self.bytes(start..end);
        self.pieces.push(Piece::Heading { level: scope.level, text, range: range.clone() });
        let mut body = at + 1..end;
        let margin = self.margin(&body);
        let inner = Scope { level: scope.level + 1, margin, path: &path };
        let is_cut = found.is_container
            && scope.level < DEEPEST
            && body.any(|line| self.definition(line, &inner).is_some());
        if is_cut {
            return self.scope(start..end, at + 1 - start, &inner);
        }
        self.pieces.push(Piece::Code(range));
        Ok(())
    }

    fn definition(&self, at: usize, scope: &Scope<'_>) -> Option<Definition> {
        let line = self.lines.get(at)?;
        let is_at_margin = match self.language.family {
            Family::Brace | Family::TypedBrace => line.depth == scope.margin,
            Family::Indent => line.indent == scope.margin && line.depth == 0,
            _ => line.indent == 0,
        };
        if !is_at_margin || line.is_blank || line.is_hidden || line.is_inside {
            return None;
        }
        let code = self.code.get(line.range.start..)?;
        let masked = self.masked.get(line.range.start..)?;
        definition(code, masked, self.language, !scope.path.is_empty())
    }

    /// The indentation or depth of the outermost lines.
    fn margin(&self, lines: &Range<usize>) -> usize {
        let lines = self.lines.get(lines.clone()).unwrap_or_default().iter();
        let code = lines.filter(|line| !line.is_blank && !line.is_hidden && !line.is_inside);
        match self.language.family {
            Family::Indent => {
                let code = code.filter(|line| line.depth == 0 && !self.is_closing(line));
                code.map(|line| line.indent).min().unwrap_or(0)
            }
            // A brace on a line of its own opens the body.
            _ => {
                let body = code.filter(|line| !self.masked_line(line).starts_with('{'));
                body.map(|line| line.depth).next().unwrap_or(0)
            }
        }
    }

    fn masked_line(&self, line: &Line) -> &str {
        self.masked.get(line.range.clone()).unwrap_or_default().trim()
    }

    fn is_closing(&self, line: &Line) -> bool {
        is_closing(self.masked, line)
    }

    /// The first of the comments and attributes directly above a definition.
    fn with_comments(&self, at: usize, first: usize) -> usize {
        let belongs = |line: &Line| {
            let text = self.masked_line(line);
            let is_attribute = text.starts_with(['@', '[']) || text.starts_with("#[");
            let is_template = text.starts_with("template") && text.ends_with('>');
            // In C the type may stand on a line of its own above the name.
            let is_type = matches!(self.language.name, "c" | "cpp")
                && !text.is_empty()
                && text.chars().all(|c| c.is_alphanumeric() || "_ *&".contains(c));
            !line.is_blank && (line.is_hidden || is_attribute || is_template || is_type)
        };
        let above = self.lines.get(first..at).unwrap_or_default().iter().rev();
        at - above.take_while(|line| belongs(line)).count()
    }

    /// The line after the last one of the definition that opens at a line.
    fn end(&self, at: usize, last: usize, scope: &Scope<'_>) -> usize {
        let end = match self.language.family {
            Family::Brace | Family::TypedBrace => self.end_of_braces(at, last),
            Family::Indent => self.end_of_indent(at, last),
            Family::Statement => self.end_of_statement(at, last),
            Family::Margin | Family::Section | Family::Plain => {
                let opened = self.definition(at, scope);
                let next = (at + 1..last).find(|line| {
                    // Clauses of one function follow each other.
                    self.definition(*line, scope).is_some_and(|next| Some(next) != opened)
                });
                next.map_or(last, |next| self.with_comments(next, at + 1))
            }
        };
        let lines = self.lines.get(at..end).unwrap_or_default();
        end - lines.iter().rev().take_while(|line| line.is_blank).count()
    }

    fn end_of_braces(&self, at: usize, last: usize) -> usize {
        let Some(base) = self.lines.get(at).map(|line| line.depth) else { return last };
        let (mut is_open, mut parentheses) = (false, 0_i64);
        for number in at..last {
            let Some(line) = self.lines.get(number) else { break };
            let text = self.masked_line(line);
            is_open |= text.contains('{');
            for byte in text.bytes() {
                parentheses += i64::from(byte == b'(') - i64::from(byte == b')');
            }
            let next = self.lines.get(number + 1);
            let is_back = next.is_none_or(|next| next.depth <= base);
            let is_over = is_open
                || text.ends_with(';')
                || next.is_none_or(|next| next.is_blank || self.is_closing(next));
            if is_back && is_over && parentheses <= 0 {
                return number + 1;
            }
        }
        last
    }

    fn end_of_indent(&self, at: usize, last: usize) -> usize {
        let Some(base) = self.lines.get(at).map(|line| line.indent) else { return last };
        for number in at + 1..last {
            let Some(line) = self.lines.get(number) else { break };
            if line.is_blank || line.is_inside || line.depth > 0 || line.indent > base {
                continue;
            }
            let text = self.masked_line(line);
            let goes_on = line.indent == base
                && ["rescue", "ensure", "else", "elsif"].iter().any(|word| text.starts_with(word));
            if !goes_on {
                let is_end = line.indent == base && self.is_closing(line);
                return number + usize::from(is_end);
            }
        }
        last
    }

    /// Up to a semicolon that ends a line; bodies with `BEGIN` go on to their `END`.
    fn end_of_statement(&self, at: usize, last: usize) -> usize {
        let mut has_begin = false;
        for number in at..last {
            let Some(line) = self.lines.get(number) else { break };
            let text = self.masked_line(line).to_ascii_uppercase();
            let mut words = text.split(|c: char| !c.is_alphanumeric());
            has_begin |= text == "BEGIN" || text.ends_with(" BEGIN");
            let is_end = words.next() == Some("END");
            if text.ends_with(';') && (!has_begin || (is_end && line.indent == 0)) {
                return number + 1;
            }
        }
        last
    }

    /// Lines between definitions. The first ones of a scope need no heading; lines that only close
    /// something belong to what they close.
    fn loose(&mut self, lines: Range<usize>, scope: &Scope<'_>, is_first: bool) {
        let mut start = lines.start;
        while let Some(line) = self.lines.get(start).filter(|_| start < lines.end) {
            match self.pieces.last_mut() {
                _ if line.is_blank => {}
                Some(Piece::Code(range)) if !is_first && is_closing(self.masked, line) => {
                    range.end = line.range.end;
                }
                _ => break,
            }
            start += 1;
        }
        if start >= lines.end {
            return;
        }
        if !is_first {
            let range = self.bytes(start..lines.end);
            if let Some(text) = self.title(start..lines.end) {
                self.pieces.push(Piece::Heading { level: scope.level, text, range });
            }
        }
        // Blank lines at the margin part what is said from what is said next.
        let mut from = start;
        for at in start + 1..lines.end {
            let is_new = self.lines.get(at).is_some_and(|line| {
                let depth = match self.language.family {
                    Family::Indent => line.indent,
                    _ => line.depth,
                };
                !line.is_blank && !line.is_inside && depth <= scope.margin
            });
            let after_blank = self.lines.get(at - 1).is_some_and(|line| line.is_blank);
            if is_new && after_blank {
                self.pieces.push(Piece::Code(self.bytes(from..at)));
                from = at;
            }
        }
        self.pieces.push(Piece::Code(self.bytes(from..lines.end)));
    }

    /// The first line of code, or of a comment where there is none.
    fn title(&self, lines: Range<usize>) -> Option<String> {
        let lines = self.lines.get(lines)?;
        let code = lines.iter().find(|line| !line.is_blank && !line.is_hidden);
        let line = code.or_else(|| lines.iter().find(|line| !line.is_blank))?;
        let text = self.code.get(line.range.clone())?.trim();
        let text = text.trim_matches(|c: char| "/#*-=;{} ".contains(c));
        let short: String = text.chars().take(TITLE_MAX).collect();
        (!short.is_empty()).then_some(short)
    }

    fn bytes(&self, lines: Range<usize>) -> Range<usize> {
        let start = self.lines.get(lines.start).map_or(self.code.len(), |line| line.range.start);
        let last = lines.end.checked_sub(1).and_then(|last| self.lines.get(last));
        start..last.map_or(start, |line| line.range.end).max(start)
    }
}

/// Whether a line is nothing but the end of something.
fn is_closing(masked: &str, line: &Line) -> bool {
    let text = masked.get(line.range.clone()).unwrap_or_default().trim();
    let rest = text.trim_matches(|c: char| "})];,".contains(c));
    !text.is_empty() && matches!(rest, "" | "end")
}
