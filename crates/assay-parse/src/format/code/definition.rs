//! Which line of code opens a definition, and what it names.

use super::language::{CONTAINERS, Family, Language};

/// What a definition says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    /// The word that makes it one, such as `class`; empty for functions without such a word.
    pub(super) keyword: String,
    pub(super) name: String,
    /// A text that names it better than keyword and name do.
    pub(super) title: Option<String>,
    /// Whether it may hold further definitions.
    pub(super) is_container: bool,
}

/// Words before the one that makes a definition.
const MODIFIERS: &[&str] = &[
    "pub",
    "async",
    "unsafe",
    "const",
    "extern",
    "export",
    "default",
    "declare",
    "abstract",
    "public",
    "private",
    "protected",
    "internal",
    "static",
    "final",
    "sealed",
    "partial",
    "open",
    "override",
    "virtual",
    "inline",
    "data",
    "case",
    "implicit",
    "local",
    "suspend",
    "readonly",
    "native",
    "synchronized",
    "companion",
    "annotation",
    "inner",
    "value",
    "fileprivate",
    "mutating",
    "typedef",
    "external",
    "factory",
    "rec",
    "indirect",
    "nonisolated",
    "lazy",
    "strictfp",
    "constexpr",
    "explicit",
    "friend",
];

/// Words that look like the name of a function before a parenthesis.
const CONTROL: &[&str] = &[
    "if",
    "for",
    "while",
    "switch",
    "return",
    "else",
    "do",
    "catch",
    "new",
    "throw",
    "await",
    "yield",
    "using",
    "lock",
    "case",
    "delete",
    "goto",
    "foreach",
    "try",
    "with",
    "sizeof",
    "super",
    "this",
    "function",
    "elif",
    "until",
    "synchronized",
    "assert",
];

/// Bytes of code in which the body of a function has to open.
const HEAD_BYTES: usize = 1 << 10;

/// The definition that a line opens. `code` goes from the line to the end of the file, `masked` is
/// the same without comments and texts.
pub(super) fn definition(
    code: &str,
    masked: &str,
    language: &Language,
    is_member: bool,
) -> Option<Definition> {
    let line = masked.lines().next()?;
    let written = code.get(..line.len())?.trim();
    match language.family {
        Family::Plain => None,
        Family::Section => section(line),
        Family::Statement => statement(line, written),
        Family::Margin => by_keyword(line, written, language).or_else(|| at_margin(line, language)),
        Family::Indent | Family::Brace => {
            by_keyword(line, written, language).or_else(|| assigned(line, language))
        }
        Family::TypedBrace => by_keyword(line, written, language)
            .or_else(|| assigned(line, language))
            .or_else(|| typed(line, masked, language, is_member)),
    }
}

fn named(keyword: &str, name: &str) -> Definition {
    let is_container = CONTAINERS.contains(&keyword);
    let (keyword, name) = (keyword.to_owned(), name.to_owned());
    Definition { keyword, name, title: None, is_container }
}

fn section(line: &str) -> Option<Definition> {
    let title = line.trim().strip_prefix('[')?.split_once(']')?.0.trim_start_matches('[').trim();
    (!title.is_empty()).then(|| named("", title))
}

fn statement(line: &str, written: &str) -> Option<Definition> {
    let is_create = line.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("create "));
    let title = written.split(['(', ';']).next()?.trim();
    let title = title.strip_suffix(" AS").or_else(|| title.strip_suffix(" as")).unwrap_or(title);
    is_create.then(|| named("", title))
}

fn by_keyword(line: &str, written: &str, language: &Language) -> Option<Definition> {
    let mut rest = line.trim();
    loop {
        let end = rest.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        let bare = word.split('(').next().unwrap_or(word);
        if language.keywords.contains(&word) {
            return keyword(word, after.trim_start(), written, language);
        }
        // `pub(crate)` and `init(` carry a parenthesis.
        if language.keywords.contains(&bare) && matches!(bare, "init" | "func") {
            return Some(named("", bare));
        }
        if !MODIFIERS.contains(&bare) {
            return None;
        }
        if after.is_empty() {
            return None;
        }
        rest = after.trim_start();
    }
}

fn keyword(word: &str, rest: &str, written: &str, language: &Language) -> Option<Definition> {
    let opens =
        |text: &str| text.starts_with(|c: char| c.is_alphanumeric() || "_$\"<*&~(".contains(c));
    if word == "impl" || word == "extension" {
        let head = written.split(['{']).next()?.split(" where").next()?.trim();
        let target = rest.rsplit_once(" for ").map_or(rest, |(_, target)| target);
        let name = identifier(without_generics(target));
        let title = head.find(word).and_then(|at| head.get(at..)).map(str::to_owned);
        return Some(Definition { title, ..named(word, name) });
    }
    if matches!(language.name, "hcl" | "dockerfile" | "cmake") {
        let title = written.split('{').next()?.trim().to_owned();
        return Some(Definition { title: Some(title), is_container: false, ..named(word, "") });
    }
    if word == "func" && rest.starts_with('(') {
        // A method of Go: the receiver names its type.
        let (receiver, after) = rest.split_once(')')?;
        let owner = receiver.rsplit([' ', '*', '(']).next()?.split('[').next()?;
        let name = identifier(after.trim_start());
        return Some(named(word, &format!("{owner}.{name}")));
    }
    let name = identifier(without_generics(rest)).trim_start_matches("self.");
    // In C `struct x y;` declares a variable, and `enum` may have no name at all.
    let is_c = matches!(language.name, "c" | "cpp");
    let declares = is_c && !written.contains('{') && written.ends_with([';', ')', ',']);
    if name.is_empty() || declares || (is_c && written.contains('(')) || !opens(rest) {
        let is_ruby = language.name == "ruby" && word == "class";
        return is_ruby.then(|| named(word, rest));
    }
    Some(named(word, name))
}

/// `const name = (…) =>`, `name = function`, `name <- function(…)`.
fn assigned(line: &str, language: &Language) -> Option<Definition> {
    if !matches!(language.name, "javascript" | "typescript" | "r") {
        return None;
    }
    let (left, right) = line.split_once("<-").or_else(|| line.split_once('='))?;
    let right = right.trim_start();
    let is_function = right.starts_with("function")
        || right.starts_with("async")
        || (right.contains("=>") && !right.starts_with('>'));
    let left = left.split(':').next()?.trim();
    let name = left.rsplit(char::is_whitespace).next()?;
    (is_function && !name.is_empty() && identifier(name) == name).then(|| named("", name))
}

/// A function that only its form tells: a name, parameters and a body.
fn typed(line: &str, masked: &str, language: &Language, is_member: bool) -> Option<Definition> {
    let (before, _) = line.split_once('(')?;
    let head = before.trim_end();
    let name = head.rsplit(|c: char| !(is_name(c) || c == ':' || c == '~')).next()?;
    let first = head.split_whitespace().next()?;
    let has_type = head.len() > name.len();
    let is_script = matches!(language.name, "javascript" | "typescript");
    let fits = match language.name {
        "bash" => !has_type,
        _ if is_script => is_member,
        _ => has_type || is_member || line.starts_with(name),
    };
    let is_control = CONTROL.contains(&first) || CONTROL.contains(&name);
    if !fits || name.is_empty() || is_control || head.contains(['=', '"', '.', '#', '@']) {
        return None;
    }
    let open = before.len();
    opens_body(masked.get(open..)?).then(|| named("", name.trim_matches(':')))
}

/// Whether a brace follows the parentheses, before the statement ends.
fn opens_body(text: &str) -> bool {
    let mut depth = 0_usize;
    for c in text.chars().take(HEAD_BYTES) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '{' if depth == 0 => return true,
            ';' | '}' | '=' if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

/// Definitions that open a line and go on to the next one.
fn at_margin(line: &str, language: &Language) -> Option<Definition> {
    let name = identifier(line);
    if name.is_empty() && language.name != "makefile" {
        return None;
    }
    let rest = line.get(name.len()..)?.trim_start();
    let is_one = match language.name {
        "haskell" => rest.starts_with("::"),
        "erlang" => rest.starts_with('(') && name.starts_with(char::is_lowercase),
        "makefile" => {
            let (target, after) = line.split_once(':')?;
            let is_rule = !after.starts_with('=') && !target.contains('=');
            let fits = is_rule && !target.trim().is_empty() && !line.starts_with(['\t', ' ']);
            return fits.then(|| named("", target.trim()));
        }
        _ => false,
    };
    is_one.then(|| named("", name))
}

/// The name that opens a text.
fn identifier(text: &str) -> &str {
    let is_part = |c: char| is_name(c) || ".:?!~'*&/-".contains(c);
    let end = text.find(|c: char| !is_part(c)).unwrap_or(text.len());
    let name = text.get(..end).unwrap_or_default();
    name.trim_start_matches(['*', '&']).trim_end_matches([':', '.', '-', '*', '&', '/'])
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// The text after the parameters of a type that open it: `<T: A<B>> Name` is `Name`.
fn without_generics(text: &str) -> &str {
    if !text.starts_with('<') {
        return text;
    }
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap_or_default().trim_start();
        }
    }
    text
}
