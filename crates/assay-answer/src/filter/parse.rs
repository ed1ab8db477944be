//! From text to a condition, by recursive descent.

use super::{
    DEPTH_MAX, Fault, LIST_MAX, Node, Operator, TESTS_MAX, TEXT_BYTES_MAX, Test, Value,
    token::{Token, tokens},
};

const EXAMPLE: &str = "for example: tags in [a, b] and date >= 2020 and not language = de";

/// Reads a condition.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    if text.len() > TEXT_BYTES_MAX {
        let what = format!("{} bytes, and {TEXT_BYTES_MAX} are allowed", text.len());
        return Err(Fault { at: 0, what, hint: "ask for less at a time" });
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0, tests: 0 };
    let node = parser.any()?;
    match parser.peek() {
        Token::End => Ok(node),
        token => Err(parser.fault(format!("expected `and`, `or` or the end, found {token}"))),
    }
}

struct Parser {
    /// Ends with [`Token::End`].
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    tests: usize,
}

impl Parser {
    fn any(&mut self) -> Result<Node, Fault> {
        let mut nodes = vec![self.all()?];
        while self.take_word("or") {
            nodes.push(self.all()?);
        }
        Ok(one_or(nodes, Node::Any))
    }

    fn all(&mut self) -> Result<Node, Fault> {
        let mut nodes = vec![self.factor()?];
        while self.take_word("and") {
            nodes.push(self.factor()?);
        }
        Ok(one_or(nodes, Node::All))
    }

    fn factor(&mut self) -> Result<Node, Fault> {
        if self.depth == DEPTH_MAX {
            return Err(self.fault(format!("more than {DEPTH_MAX} levels")));
        }
        self.depth += 1;
        let node = if self.take_word("not") {
            Node::Not(Box::new(self.factor()?))
        } else if self.take_sign("(") {
            let node = self.any()?;
            if !self.take_sign(")") {
                let found = self.peek();
                return Err(self.fault(format!("expected `)`, found {found}")));
            }
            node
        } else {
            Node::Test(Box::new(self.test()?))
        };
        self.depth -= 1;
        Ok(node)
    }

    fn test(&mut self) -> Result<Test, Fault> {
        self.tests += 1;
        if self.tests > TESTS_MAX {
            return Err(self.fault(format!("more than {TESTS_MAX} tests")));
        }
        let at = self.at();
        let field = match self.advance() {
            Token::Word(name) | Token::Quoted(name) => name,
            token => return Err(fault(at, format!("expected the name of a field, found {token}"))),
        };
        let operator = self.operator(&field)?;
        let at = self.at();
        let values =
            if operator.takes_list() { self.list()? } else { vec![self.value("a value")?] };
        Test::new(&field, operator, values, at)
    }

    fn operator(&mut self, field: &str) -> Result<Operator, Fault> {
        let at = self.at();
        let token = self.advance();
        let operator = match &token {
            Token::Sign("=" | "==") => Some(Operator::Eq),
            Token::Sign("!=" | "<>") => Some(Operator::Ne),
            Token::Sign(">") => Some(Operator::Gt),
            Token::Sign(">=") => Some(Operator::Gte),
            Token::Sign("<") => Some(Operator::Lt),
            Token::Sign("<=") => Some(Operator::Lte),
            Token::Sign("~") => Some(Operator::Regex),
            // Two words are one operator: `not in`, `starts with`.
            Token::Word(word) => Operator::named(word).or_else(|| {
                let Token::Word(second) = self.peek() else { return None };
                let operator = Operator::named(&format!("{word}_{second}"))?;
                self.advance();
                Some(operator)
            }),
            _ => None,
        };
        operator.ok_or_else(|| Fault {
            at,
            what: format!("expected an operator after `{field}`, found {token}"),
            hint: Operator::HINT,
        })
    }

    fn list(&mut self) -> Result<Vec<Option<Value>>, Fault> {
        let close = if self.take_sign("[") {
            "]"
        } else if self.take_sign("(") {
            ")"
        } else {
            let found = self.peek();
            return Err(self.fault(format!("expected a list in brackets, found {found}")));
        };
        let mut values = Vec::new();
        loop {
            values.push(self.value("a value of the list")?);
            if values.len() > LIST_MAX {
                return Err(self.fault(format!("more than {LIST_MAX} values in a list")));
            }
            if self.take_sign(close) {
                return Ok(values);
            }
            if !self.take_sign(",") {
                let found = self.peek();
                return Err(self.fault(format!("expected `,` or `{close}`, found {found}")));
            }
        }
    }

    fn value(&mut self, expected: &str) -> Result<Option<Value>, Fault> {
        let at = self.at();
        match self.advance() {
            Token::Word(word) if word.eq_ignore_ascii_case("null") => Ok(None),
            Token::Word(text) | Token::Quoted(text) => Ok(Some(Value::new(&text))),
            token => Err(fault(at, format!("expected {expected}, found {token}"))),
        }
    }

    fn peek(&self) -> Token {
        self.tokens.get(self.next).map_or(Token::End, |(_, token)| token.clone())
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).or_else(|| self.tokens.last()).map_or(0, |(at, _)| *at)
    }

    fn advance(&mut self) -> Token {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(next) if next.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: &'static str) -> bool {
        let found = self.peek() == Token::Sign(sign);
        self.next += usize::from(found);
        found
    }

    fn fault(&self, what: String) -> Fault {
        fault(self.at(), what)
    }
}

fn fault(at: usize, what: String) -> Fault {
    Fault { at, what, hint: EXAMPLE }
}

fn one_or(mut nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(node) if nodes.is_empty() => node,
        last => {
            nodes.extend(last);
            join(nodes)
        }
    }
}
