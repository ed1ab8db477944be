//! Text to tokens: lower-cased words with a light stem, numbers and the few symbols that are units.
//!
//! The stem is crude on purpose: it only has to send the forms of one word to one key, on both
//! sides alike.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// A map from words that hashes fast; it holds only fixed tables and the words of one claim and
/// its evidence.
pub(crate) type WordMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
/// A set of the same kind.
pub(crate) type WordSet<K> = HashSet<K, foldhash::fast::RandomState>;

/// What a token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Letters, lower case.
    Lower,
    /// Letters, the first one a capital.
    Capital,
    /// At least two letters, all capitals, or letters with digits in between.
    Acronym,
    /// Digits, perhaps with a decimal point, thousands separators or an ordinal ending.
    Digits,
    /// One of `% $ € £ ¥ °`.
    Symbol,
}

/// A word, a number or a unit symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The text in lower case, straight apostrophes, without a possessive ending.
    pub(crate) lower: String,
    /// What the forms of a word have in common.
    pub(crate) stem: String,
    /// What it looks like.
    pub(crate) shape: Shape,
    /// Whether it opens a sentence, where a capital says nothing.
    pub(crate) first: bool,
    /// Whether it carries grammar rather than content.
    pub(crate) stop: bool,
}

impl Token {
    fn new(text: &str, first: bool) -> Self {
        let lower = fold(text);
        let shape = shape(text);
        let stem = if shape == Shape::Digits {
            // `9th` and `9` are the same day.
            ORDINAL
                .iter()
                .find_map(|ending| lower.strip_suffix(ending))
                .unwrap_or(&lower)
                .to_owned()
        } else if shape == Shape::Symbol {
            lower.clone()
        } else {
            stem(&lower).to_owned()
        };
        let stop = STOP.contains(lower.as_str());
        Self { lower, stem, shape, first, stop }
    }

    /// Whether it says something by itself: neither grammar nor a lone letter.
    pub(crate) fn is_content(&self) -> bool {
        !self.stop && (self.lower.len() > 1 || self.shape == Shape::Digits)
    }
}

const ORDINAL: [&str; 4] = ["st", "nd", "rd", "th"];

/// Splits a text into tokens. Hyphens and dashes part words; `40mg` is a number and a unit.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut first = true;
    // The character since the last token; a space when there are several.
    let mut dash = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let taken = if c.is_ascii_digit() {
            digits(rest)
        } else if is_ideograph(c) {
            // Chinese and Japanese set no spaces: each character is a word.
            c.len_utf8()
        } else if c.is_alphanumeric() {
            word(rest)
        } else {
            0
        };
        if taken > 0 {
            let (token, after) = rest.split_at(taken);
            let whole = if is_dash(dash) { second_year(found.last(), token) } else { None };
            found.push(Token::new(whole.as_deref().unwrap_or(token), first));
            (first, dash) = (false, None);
            rest = after;
            continue;
        }
        dash = if dash.is_none() { Some(c) } else { Some(' ') };
        match c {
            '%' | '$' | '€' | '£' | '¥' | '°' => {
                found.push(Token::new(&rest[..c.len_utf8()], false));
            }
            // The dot of an initial or a title ends no sentence.
            '.' => first = !found.last().is_some_and(is_initial),
            '!' | '?' | ':' | '"' | '“' | '•' | '#' => first = true,
            _ => {}
        }
        rest = &rest[c.len_utf8()..];
    }
    found
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

fn is_dash(c: Option<char>) -> bool {
    matches!(c, Some('-' | '–' | '/'))
}

/// `2019` for the `19` of `2018–19`.
fn second_year(before: Option<&Token>, text: &str) -> Option<String> {
    let year = before.filter(|token| token.shape == Shape::Digits && token.lower.len() == 4)?;
    let short = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    (short && text > &year.lower[2..]).then(|| format!("{}{text}", &year.lower[..2]))
}

fn is_initial(token: &Token) -> bool {
    token.shape != Shape::Lower && token.lower.chars().count() <= 2
        || matches!(token.lower.as_str(), "mrs" | "gov" | "gen" | "rev" | "sen" | "rep" | "vs")
}

/// Bytes of the number at the start, with separators inside it and an ordinal or decade ending.
fn digits(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    loop {
        // British journals set decimals with a raised dot.
        let raised = text[end..].starts_with('·') && digit(end + 2);
        if raised {
            end += 2;
        } else if digit(end) || (matches!(bytes.get(end), Some(b'.' | b',')) && digit(end + 1)) {
            end += 1;
        } else {
            break;
        }
    }
    let letters = text[end..].bytes().take_while(u8::is_ascii_alphabetic).count();
    let ending = text[end..end + letters].to_ascii_lowercase();
    if matches!(ending.as_str(), "st" | "nd" | "rd" | "th" | "s") { end + letters } else { end }
}

/// Bytes of the word at the start; an apostrophe inside and the dots of `U.S.` belong to it.
fn word(text: &str) -> usize {
    let mut end = 0;
    let mut run = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let joins = match c {
            '\'' | '’' => next.is_some_and(char::is_alphabetic),
            '.' => run == 1 && next.is_some_and(char::is_uppercase),
            _ => false,
        };
        if c.is_alphanumeric() && !is_ideograph(c) {
            run += 1;
        } else if joins {
            run = 0;
        } else {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn fold(text: &str) -> String {
    let number = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let mut lower = if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() };
    if !text.is_ascii() {
        lower = lower.replace('’', "'").replace('·', ".");
    }
    if number {
        lower = plain_number(lower);
    } else if lower.contains(['.', ',']) {
        lower.retain(|c| c != ',' && c != '.');
    }
    match lower.strip_suffix("'s") {
        Some(owner) => owner.to_owned(),
        None => lower,
    }
}

/// A number with a point before its decimals and nothing between its thousands. A comma followed
/// by other than three digits is the decimal comma of most of Europe (`2,5`), and points between
/// several groups part thousands (`1.250.000`); `1.250` alone is read as English.
fn plain_number(mut number: String) -> String {
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let points = digits.matches('.').count();
    let decimals = digits.rsplit_once(',').map_or(3, |(_, after)| after.len());
    let ends = !digits.rsplit_once(',').is_some_and(|(_, after)| after.contains('.'));
    if ends && decimals != 3 && digits.matches(',').count() == 1 {
        number = number.replace('.', "").replace(',', ".");
    } else {
        number.retain(|c| c != ',' && (c != '.' || points < 2));
    }
    number
}

fn shape(text: &str) -> Shape {
    let letters = text.chars().filter(|c| c.is_alphabetic());
    let (upper, all) =
        letters.fold((0, 0), |(upper, all), c| (upper + usize::from(c.is_uppercase()), all + 1));
    let starts = text.chars().next();
    if starts.is_some_and(|c| c.is_ascii_digit()) {
        Shape::Digits
    } else if all == 0 {
        Shape::Symbol
    } else if (upper == all && all > 1)
        || (upper > 1)
        || text.contains(|c: char| c.is_ascii_digit())
    {
        Shape::Acronym
    } else if upper > 0 {
        Shape::Capital
    } else {
        Shape::Lower
    }
}

/// Endings that are cut, with the shortest remainder that may be left. Longer endings first.
const ENDINGS: [(&str, usize); 32] = [
    ("ations", 4),
    ("ation", 4),
    ("ements", 4),
    ("ement", 4),
    ("ments", 4),
    ("ment", 4),
    ("ically", 4),
    ("ingly", 4),
    ("iness", 3),
    ("ness", 4),
    ("edly", 4),
    ("ings", 3),
    ("ions", 4),
    ("ives", 4),
    ("ical", 4),
    ("ing", 3),
    ("ion", 4),
    ("ive", 4),
    ("ied", 3),
    ("ies", 3),
    ("ers", 4),
    ("ors", 4),
    ("ity", 4),
    ("ly", 4),
    ("al", 4),
    ("ed", 3),
    ("er", 4),
    ("or", 4),
    ("es", 3),
    ("s", 3),
    ("e", 3),
    ("y", 3),
];

/// What the forms of a lower-case word have in common.
pub(crate) fn stem(lower: &str) -> &str {
    if let Some(base) = FORMS.get(lower) {
        return base;
    }
    if !lower.is_ascii() || lower.len() < 4 || lower.ends_with("ss") {
        return lower;
    }
    let cut = ENDINGS
        .iter()
        .find_map(|&(ending, least)| lower.strip_suffix(ending).filter(|rest| rest.len() >= least));
    let Some(rest) = cut else { return lower };
    let bytes = rest.as_bytes();
    let doubled = matches!(bytes, [.., a, b] if a == b && !matches!(a, b's' | b'l' | b'e' | b'o'));
    let rest = if doubled { &rest[..rest.len() - 1] } else { rest };
    let bare = rest.trim_end_matches(['e', 'y', 'i']);
    if bare.len() >= 3 { bare } else { rest }
}

/// Irregular forms, and words that mean the same often enough to share a stem.
static FORMS: LazyLock<WordMap<&str, &str>> = LazyLock::new(|| {
    "begin = began begun beginning starting started start starts commenced; becom = became become \
     becomes; win = won winner winning wins victory; mak = made make makes making; tak = took \
     taken take takes taking; giv = gave given give gives giving; writ = wrote written write \
     writes writing author authored; lead = led leader leading; hold = held holding holds; build \
     = built building; buy = bought purchased acquired; sell = sold sale sales; say = said says \
     stated; announc = announced; choos = chose chosen; com = came; go = went gone; grow = grew \
     grown; know = knew known; leav = left leaving; los = lost lose loses; meet = met; pay = \
     paid; run = ran; see = saw seen; sing = sang sung; speak = spoke; spend = spent; teach = \
     taught; think = thought; tell = told; child = children; man = men; woman = women; person = \
     people; die = died death dead; film = movie movies films; locat = situated located location; \
     center = centre; programm = program programs; color = colour; star = starred starring stars; \
     debut = debuted premiere premiered; about = approximately roughly around; fall = fell; 1 = \
     one first; 2 = two second; 3 = three third; 4 = four fourth; 5 = five fifth; 6 = six sixth; \
     7 = seven seventh; 8 = eight eighth; 9 = nine ninth; 10 = ten tenth; 11 = eleven; 12 = \
     twelve"
        .split("; ")
        .filter_map(|line| line.split_once(" = "))
        .flat_map(|(base, forms)| forms.split(' ').map(move |form| (form, base)))
        .collect()
});

static STOP: LazyLock<WordSet<&str>> = LazyLock::new(|| {
    "a an the this that these those there here it its it's itself he him his himself she her hers \
     herself they them their theirs themselves we us our ours you your yours i me my mine who whom \
     whose which what when where why how is are was were be been being am do does did done doing \
     has have had having can could may might must shall should will would of in on at by for from \
     to into onto with within about around against between among through during over under up down out off \
     as than then so such and or but nor if because while although though since until before after \
     also however thus hence therefore too very just only even still yet both either neither each \
     every all any some no not never none other another same own more most less least many much few \
     several s t d ll re ve m don't doesn't didn't isn't aren't wasn't weren't hasn't haven't hadn't \
     can't cannot won't wouldn't couldn't shouldn't upon per via etc ago now again once well being \
     whether whereas toward towards along across without like one's mr mrs ms dr"
        .split_whitespace()
        .collect()
});
