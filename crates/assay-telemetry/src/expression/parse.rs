//! From words to a tree.

use std::collections::BTreeSet;

use super::{
    Aggregation, Choice, Function, Grouping, Matcher, Node, Operator, Selector,
    token::{Token, Word, words},
};

/// Brackets inside of each other at most.
const DEPTH_MAX: usize = 40;
/// Longest window: what the history keeps.
const WINDOW_MS_MAX: i64 = 3 * 86_400_000;

type Wrong = (usize, String);

/// Reads an expression; an error has the byte where it stands.
pub(super) fn parse(text: &str) -> Result<Node, Wrong> {
    let words = words(text)?;
    let mut parser = Parser { words: &words, at: 0, end: text.len(), depth: 0 };
    let node = parser.binary(0)?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.wrong("the expression should end here")),
    }
}

struct Parser<'a> {
    words: &'a [Word],
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.words.get(self.at).map(|word| &word.token)
    }

    fn wrong(&self, what: impl Into<String>) -> Wrong {
        (self.words.get(self.at).map_or(self.end, |word| word.at), what.into())
    }

    fn takes(&mut self, sign: &'static str) -> bool {
        let found = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    fn takes_word(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(found)) if found == name);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), Wrong> {
        if self.takes(sign) {
            Ok(())
        } else {
            Err(self.wrong(format!("`{sign}` should stand here")))
        }
    }

    fn name(&mut self) -> Result<String, Wrong> {
        let Some(Token::Name(name)) = self.peek() else {
            return Err(self.wrong("a name should stand here"));
        };
        let name = name.clone();
        self.at += 1;
        Ok(name)
    }

    /// Operators that bind at least as strongly as `least`.
    fn binary(&mut self, least: u8) -> Result<Node, Wrong> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.wrong("too many brackets inside of each other"));
        }
        let mut left = self.unary()?;
        while let Some((operator, strength)) = self.operator().filter(|(_, s)| *s >= least) {
            self.at += 1;
            let is_bool = operator.compares() && self.takes_word("bool");
            let matching = match (self.takes_word("on"), self.takes_word("ignoring")) {
                (true, _) => Some(Grouping::Only(self.labels()?)),
                (_, true) => Some(Grouping::Except(self.labels()?)),
                _ => None,
            };
            if matches!(self.peek(), Some(Token::Name(name)) if name.starts_with("group_")) {
                return Err(self.wrong("group_left and group_right are not known here"));
            }
            let right = self.binary(strength + 1)?;
            left = Node::Binary { operator, is_bool, matching, sides: Box::new([left, right]) };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<(Operator, u8)> {
        Some(match self.peek()? {
            Token::Name(name) => match name.as_str() {
                "or" => (Operator::Or, 1),
                "and" => (Operator::And, 2),
                "unless" => (Operator::Unless, 2),
                _ => return None,
            },
            Token::Sign(sign) => match *sign {
                "==" => (Operator::Equal, 3),
                "!=" => (Operator::NotEqual, 3),
                ">" => (Operator::Greater, 3),
                ">=" => (Operator::GreaterOrEqual, 3),
                "<" => (Operator::Less, 3),
                "<=" => (Operator::LessOrEqual, 3),
                "+" => (Operator::Add, 4),
                "-" => (Operator::Subtract, 4),
                "*" => (Operator::Multiply, 5),
                "/" => (Operator::Divide, 5),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn unary(&mut self) -> Result<Node, Wrong> {
        if self.takes("-") {
            return Ok(Node::Negative(Box::new(self.unary()?)));
        }
        if self.takes("(") {
            let inside = self.binary(0)?;
            self.expect(")")?;
            return Ok(inside);
        }
        if let Some(Token::Number(value)) = self.peek() {
            let value = *value;
            self.at += 1;
            return Ok(Node::Number(value));
        }
        let name = self.name()?;
        if let Some(how) = aggregation(&name) {
            return self.aggregate(how);
        }
        if self.peek() == Some(&Token::Sign("(")) {
            let Some(function) = Function::named(&name) else {
                self.at -= 1;
                return Err(self.wrong(format!("the function `{name}` is not known here")));
            };
            return self.call(function);
        }
        self.selector(name).map(Node::Selector)
    }

    fn aggregate(&mut self, how: Aggregation) -> Result<Node, Wrong> {
        let before = self.grouping()?;
        self.expect("(")?;
        let of = Box::new(self.binary(0)?);
        self.expect(")")?;
        let grouping = match before {
            Some(grouping) => grouping,
            None => self.grouping()?.unwrap_or(Grouping::Only(BTreeSet::new())),
        };
        Ok(Node::Aggregate { how, grouping, of })
    }

    fn grouping(&mut self) -> Result<Option<Grouping>, Wrong> {
        Ok(match (self.takes_word("by"), self.takes_word("without")) {
            (true, _) => Some(Grouping::Only(self.labels()?)),
            (_, true) => Some(Grouping::Except(self.labels()?)),
            _ => None,
        })
    }

    fn labels(&mut self) -> Result<BTreeSet<String>, Wrong> {
        self.expect("(")?;
        let mut labels = BTreeSet::new();
        while !self.takes(")") {
            labels.insert(self.name()?);
            if !self.takes(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(labels)
    }

    fn call(&mut self, function: Function) -> Result<Node, Wrong> {
        let start = self.at;
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.takes(")") {
            arguments.push(self.binary(0)?);
            if !self.takes(",") {
                self.expect(")")?;
                break;
            }
        }
        let wrong = |what: String| {
            let at = self.words.get(start).map_or(self.end, |word| word.at);
            Err((at, what))
        };
        if arguments.len() != function.arity() {
            return wrong(format!("{} arguments should stand here", function.arity()));
        }
        let has_window =
            |node: &Node| matches!(node, Node::Selector(Selector { window_ms: Some(_), .. }));
        match (function.takes_window(), arguments.iter().any(has_window)) {
            (true, false) => wrong("the function needs a window, such as [5m]".to_owned()),
            (false, true) => wrong("the function takes no window".to_owned()),
            _ => Ok(Node::Call { function, arguments }),
        }
    }

    fn selector(&mut self, name: String) -> Result<Selector, Wrong> {
        let mut matchers = Vec::new();
        if self.takes("{") {
            while !self.takes("}") {
                matchers.push(self.matcher()?);
                if !self.takes(",") {
                    self.expect("}")?;
                    break;
                }
            }
        }
        let mut window_ms = None;
        if self.takes("[") {
            let Some(Token::Duration(window)) = self.peek() else {
                return Err(self.wrong("a window should stand here, such as 5m"));
            };
            if *window > WINDOW_MS_MAX {
                return Err(self.wrong("the window is longer than the three days that are kept"));
            }
            window_ms = Some(*window);
            self.at += 1;
            self.expect("]")?;
        }
        Ok(Selector { name, matchers, window_ms })
    }

    fn matcher(&mut self) -> Result<Matcher, Wrong> {
        let label = self.name()?;
        let (fits, is_pattern) = match self.peek() {
            Some(Token::Sign("=")) => (true, false),
            Some(Token::Sign("!=")) => (false, false),
            Some(Token::Sign("=~")) => (true, true),
            Some(Token::Sign("!~")) => (false, true),
            _ => return Err(self.wrong("=, !=, =~ or !~ should stand here")),
        };
        self.at += 1;
        let Some(Token::Text(text)) = self.peek() else {
            return Err(self.wrong("a text in quotes should stand here"));
        };
        let choices = match is_pattern {
            true => choices(text).map_err(|what| self.wrong(what))?,
            false => vec![Choice { text: text.clone(), open_start: false, open_end: false }],
        };
        self.at += 1;
        Ok(Matcher { label, fits, choices })
    }
}

/// The alternatives of a pattern: literal texts, with `.*` or `.+` at their ends alone. A class such
/// as `5..` is literal text with dots for any one character, which is refused but for the statuses
/// of HTTP that everybody writes so.
fn choices(pattern: &str) -> Result<Vec<Choice>, String> {
    let mut all = Vec::new();
    for alternative in pattern.split('|') {
        let (text, open_start) = match alternative.strip_prefix(".*") {
            Some(rest) => (rest, true),
            None => (alternative, false),
        };
        let (text, open_end) = match text.strip_suffix(".*") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        if let [class @ b'1'..=b'5', b'.', b'.'] = text.as_bytes() {
            let text = char::from(*class).to_string();
            all.push(Choice { text, open_start: false, open_end: true });
            continue;
        }
        if text.contains(['.', '*', '+', '?', '[', '(', '\\', '^', '$', '{']) {
            return Err(format!(
                "`{alternative}`: patterns are literal texts, with .* at their ends alone"
            ));
        }
        all.push(Choice { text: text.to_owned(), open_start, open_end });
    }
    Ok(all)
}

fn aggregation(name: &str) -> Option<Aggregation> {
    Some(match name {
        "sum" => Aggregation::Sum,
        "avg" => Aggregation::Avg,
        "min" => Aggregation::Min,
        "max" => Aggregation::Max,
        "count" => Aggregation::Count,
        _ => return None,
    })
}
