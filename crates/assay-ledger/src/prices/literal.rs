//! Python expressions that only build values: calls, lists, texts, numbers. Nothing is run.

use std::{iter::Peekable, str::CharIndices};

/// Levels that a value may be nested.
const DEPTH_MAX: usize = 32;

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal<'a> {
    /// `Name(…)` with its arguments; those without a name have an empty one.
    Call(&'a str, Vec<(&'a str, Literal<'a>)>),
    /// `[…]`, `(…)`, or `{…}` with its keys and values one after the other.
    List(Vec<Literal<'a>>),
    /// A text.
    Text(String),
    /// A number or a name such as `None`.
    Word(&'a str),
}

impl<'a> Literal<'a> {
    /// The argument `name` of a call.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Call(_, arguments) = self else { return None };
        arguments.iter().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The arguments of a call that have no name, or the values of a list.
    pub(super) fn values(&self) -> Vec<&Self> {
        match self {
            Self::Call(_, arguments) => {
                arguments.iter().filter(|(name, _)| name.is_empty()).map(|(_, it)| it).collect()
            }
            Self::List(values) => values.iter().collect(),
            Self::Text(_) | Self::Word(_) => Vec::new(),
        }
    }

    /// The name of a call.
    pub(super) fn name(&self) -> &str {
        if let Self::Call(name, _) = self { name } else { "" }
    }

    /// A text, or a number as it is written.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Reads the expression at the beginning of `source`.
    pub(super) fn parse(source: &'a str) -> Result<Self, String> {
        let mut reader = Reader { source, chars: source.char_indices().peekable() };
        reader.value(DEPTH_MAX)
    }
}

struct Reader<'a> {
    source: &'a str,
    chars: Peekable<CharIndices<'a>>,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Literal<'a>, String> {
        let depth = depth.checked_sub(1).ok_or("values are nested too deeply")?;
        match self.peek() {
            Some('[') => Ok(Literal::List(self.list(']', depth)?)),
            Some('(') => Ok(Literal::List(self.list(')', depth)?)),
            Some('{') => Ok(Literal::List(self.list('}', depth)?)),
            Some('\'' | '"') => self.text(),
            Some(_) => {
                let word = self.word()?;
                if self.peek() == Some('(') {
                    return Ok(Literal::Call(word, self.arguments(depth)?));
                }
                Ok(Literal::Word(word))
            }
            None => Err("the text ends inside a value".to_owned()),
        }
    }

    fn list(&mut self, end: char, depth: usize) -> Result<Vec<Literal<'a>>, String> {
        self.chars.next();
        let mut values = Vec::new();
        while self.peek() != Some(end) {
            values.push(self.value(depth)?);
            self.skip_comma(end)?;
        }
        self.chars.next();
        Ok(values)
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<(&'a str, Literal<'a>)>, String> {
        self.chars.next();
        let mut arguments = Vec::new();
        while self.peek() != Some(')') {
            let value = self.value(depth)?;
            if self.peek() == Some('=') {
                self.chars.next();
                let Literal::Word(name) = value else { return Err(self.wrong("an argument")) };
                arguments.push((name, self.value(depth)?));
            } else {
                arguments.push(("", value));
            }
            self.skip_comma(')')?;
        }
        self.chars.next();
        Ok(arguments)
    }

    fn skip_comma(&mut self, end: char) -> Result<(), String> {
        match self.peek() {
            Some(',' | ':') => {
                self.chars.next();
                Ok(())
            }
            Some(found) if found == end => Ok(()),
            _ => Err(self.wrong("a list")),
        }
    }

    /// One text, or several that stand beside each other.
    fn text(&mut self) -> Result<Literal<'a>, String> {
        let mut text = String::new();
        while let Some(quote @ ('\'' | '"')) = self.peek() {
            self.chars.next();
            loop {
                match self.chars.next() {
                    Some((_, found)) if found == quote => break,
                    Some((_, '\\')) => match self.chars.next() {
                        Some((_, 'n')) => text.push('\n'),
                        Some((_, other)) => text.push(other),
                        None => return Err(self.wrong("a text")),
                    },
                    Some((_, found)) => text.push(found),
                    None => return Err(self.wrong("a text")),
                }
            }
        }
        Ok(Literal::Text(text))
    }

    fn word(&mut self) -> Result<&'a str, String> {
        let start = self.at();
        while self.chars.next_if(|(_, c)| c.is_alphanumeric() || "_.-+".contains(*c)).is_some() {}
        let word = self.source.get(start..self.at()).unwrap_or_default();
        if word.is_empty() { Err(self.wrong("a value")) } else { Ok(word) }
    }

    fn peek(&mut self) -> Option<char> {
        while self.chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        self.chars.peek().map(|(_, found)| *found)
    }

    fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.source.len(), |(at, _)| *at)
    }

    fn wrong(&mut self, what: &str) -> String {
        format!("{what} cannot be read at byte {}", self.at())
    }
}
