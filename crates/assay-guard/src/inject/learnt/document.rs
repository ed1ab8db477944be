//! Sentences of a document, and how each stands to the text around it.

use std::sync::LazyLock;

use super::{
    features::mix,
    token::{Gap, Token, hash, offset},
};

/// What a text looks like as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Form {
    /// It has the header of a mail.
    Mail,
    /// It greets somebody at the start.
    Letter,
    /// Most of its lines are rows.
    Table,
    /// Anything else.
    Prose,
}

/// A sentence, a line or a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sentence {
    /// Its first word and the first behind it. Sentences are many: they are kept small.
    first: u32,
    behind: u32,
    /// Whether it starts a line, and whether it ends one.
    starts_line: bool,
    ends_line: bool,
    row: bool,
    /// Whether it is a single letter, which says nothing: a text of them has many sentences.
    pub(crate) is_letter: bool,
    orders: bool,
    asks: bool,
    /// Words of it that stand around it too, in quarters of its words that tell something.
    shared: u8,
}

impl Sentence {
    /// Its first word.
    pub(crate) const fn first(&self) -> usize {
        self.first as usize
    }

    /// The first word behind it.
    pub(crate) const fn behind(&self) -> usize {
        self.behind as usize
    }
}

/// A text cut into sentences.
pub(crate) struct Document {
    pub(crate) form: Form,
    pub(crate) sentences: Vec<Sentence>,
    /// How many of the others order or ask something, for a sentence that does and for one that does
    /// not.
    usual: (u8, u8),
}

/// Words of a text at least, and sentences, to have a place where something can hide.
const WORDS_LEAST: usize = 20;
const SENTENCES_LEAST: usize = 3;
/// Words of a sentence at most; longer ones are cut.
const SENTENCE_WORDS: usize = 60;
/// Words around a sentence that it is compared with.
const AROUND: usize = 300;
/// What stands for a share of words where none tells anything.
const NOTHING_TELLING: u8 = 5;
/// Slots of the table of words around.
const SLOTS: usize = 1 << 12;

/// Words that start an order or a question.
const ORDERS: &str = "write give tell explain create make list show describe suggest recommend provide \
    find generate translate summarize summarise compare design develop draft help act convert \
    calculate compute define analyze analyse identify rewrite outline compose discuss name plan add \
    build could can would what how why which who when where is do does are should please imagine \
    pretend teach solve fix implement prepare brainstorm think rate edit answer reply respond encode \
    encrypt decode replace reverse spell repeat print say output ignore disregard forget send forward \
    include insert append mention promote advertise claim state inform remind convince determine \
    classify rank schedule book organize organise automate decide play end begin start finish never \
    don't only instead now also";

/// The words of [`ORDERS`], by the last bits of their hashes: far more slots than words, so that one
/// look tells most words that are none.
static ORDER_WORDS: LazyLock<Vec<Vec<u32>>> = LazyLock::new(|| {
    let mut slots = vec![Vec::new(); ORDER_SLOTS];
    for word in ORDERS.split_whitespace().map(|word| hash(word.as_bytes())) {
        if let Some(slot) = slots.get_mut(word as usize % ORDER_SLOTS) {
            slot.push(word);
        }
    }
    slots
});
const ORDER_SLOTS: usize = 1 << 10;
static HEADER_WORDS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let names = ["subject", "from", "to", "date", "sent", "cc", "content", "sender", "recipient"];
    names.iter().map(|word| hash(word.as_bytes())).collect()
});
static GREETINGS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    ["hi", "dear", "hello", "hey", "greetings"].iter().map(|word| hash(word.as_bytes())).collect()
});

impl Document {
    /// The document that sentences make; none when it is too short to hide anything.
    pub(crate) fn of(tokens: &[Token], mut sentences: Vec<Sentence>) -> Option<Self> {
        if tokens.len() < WORDS_LEAST || sentences.len() < SENTENCES_LEAST {
            return None;
        }
        let form = form(tokens, &sentences);
        compare(tokens, &mut sentences);
        let orders = sentences.iter().filter(|sentence| sentence.orders || sentence.asks).count();
        let usual = |others: usize| match others * 10 / sentences.len() {
            0 => u8::from(others > 0),
            1..3 => 2,
            _ => 3,
        };
        let usual = (usual(orders.saturating_sub(1)), usual(orders));
        Some(Self { form, sentences, usual })
    }

    /// How the sentence at a place stands in the text, and its first two words.
    #[inline(always)]
    pub(crate) fn manner(&self, tokens: &[Token], at: usize) -> Option<(Manner, u32, u32)> {
        let own = self.sentences.get(at)?;
        let position = match at {
            0 => 0,
            _ if at + 1 == self.sentences.len() => 1,
            _ if own.starts_line && own.ends_line => 2,
            _ if own.starts_line || own.ends_line => 3,
            _ => 4,
        };
        let mood = u8::from(own.orders) * 2 + u8::from(own.asks);
        let length = match own.behind() - own.first() {
            ..4 => 0,
            4..8 => 1,
            8..16 => 2,
            16..30 => 3,
            _ => 4,
        };
        let usual = if own.orders || own.asks { self.usual.0 } else { self.usual.1 };
        let lines = u8::from(own.starts_line) * 2 + u8::from(own.ends_line);
        let (row, shared) = (u8::from(own.row), own.shared);
        let word = |back: usize| {
            tokens.get(own.first() + back).filter(|_| own.first() + back < own.behind())
        };
        let word = |back| word(back).map_or(0, |token: &Token| token.word);
        let manner = Manner { position, mood, length, usual, lines, row, shared };
        Some((manner, word(0), word(1)))
    }

    /// Features of how a sentence stands, whatever its words.
    pub(crate) fn manners(&self, manner: Manner, mut add: impl FnMut(u32)) {
        let form = self.form as u32;
        let Manner { position, mood, length, usual, lines, row, shared } = manner;
        let [position, mood, length] = [position, mood, length].map(u32::from);
        let [usual, lines, row, shared] = [usual, lines, row, shared].map(u32::from);
        add(mix(21, &[form]));
        add(mix(22, &[form, position]));
        add(mix(23, &[form, position, mood, row]));
        add(mix(24, &[form, shared]));
        add(mix(25, &[form, shared, mood, row]));
        add(mix(26, &[form, position, shared]));
        add(mix(27, &[form, length, row]));
        add(mix(28, &[form, length, mood]));
        add(mix(32, &[form, usual, mood]));
        add(mix(33, &[form, lines, mood, row]));
        add(mix(34, &[usual, shared, mood, length]));
        add(mix(35, &[form, position, length, mood]));
    }

    /// Features of how it begins.
    #[inline(always)]
    pub(crate) fn beginnings(
        &self,
        manner: Manner,
        first: u32,
        second: u32,
        mut add: impl FnMut(u32),
    ) {
        add(mix(29, &[self.form as u32, first]));
        add(mix(30, &[first, second, u32::from(manner.position)]));
        add(mix(31, &[u32::from(manner.shared), first]));
    }
}

/// How a sentence stands in its text. There are few manners: what they weigh is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Manner {
    position: u8,
    mood: u8,
    length: u8,
    usual: u8,
    lines: u8,
    row: u8,
    shared: u8,
}

impl Manner {
    /// A number that hardly two have in common.
    pub(crate) fn number(self) -> usize {
        let parts = [self.mood, self.length, self.usual, self.lines, self.row, self.shared];
        parts.iter().fold(usize::from(self.position), |sum, part| sum * 5 + usize::from(*part))
    }
}

/// The sentences of a text, one behind the other.
pub(crate) fn cut(tokens: &[Token]) -> Vec<Sentence> {
    let mut all = Vec::new();
    let (mut first, mut starts_line) = (0, true);
    let (mut cells, mut commas, mut begins) = (0, 0, false);
    let order_words = &*ORDER_WORDS;
    let orders = |token: &Token| {
        let slot = order_words.get(token.word as usize % ORDER_SLOTS);
        slot.is_some_and(|slot| slot.contains(&token.word))
    };
    for (at, token) in tokens.iter().enumerate() {
        cells += usize::from(token.gap == Gap::Cell);
        commas += usize::from(token.gap == Gap::Comma);
        begins |= at < first + 2 && orders(token);
        let length = at + 1 - first;
        if !token.gap.ends() && length < SENTENCE_WORDS {
            continue;
        }
        all.push(Sentence {
            first: offset(first),
            behind: offset(at + 1),
            starts_line,
            ends_line: token.gap.breaks(),
            is_letter: at == first && token.length < 2,
            row: cells > 1 || commas * 3 > length && commas > 2,
            orders: begins,
            asks: token.asks,
            shared: 0,
        });
        (first, starts_line) = (at + 1, token.gap.breaks());
        (cells, commas, begins) = (0, 0, false);
    }
    all
}

fn form(tokens: &[Token], sentences: &[Sentence]) -> Form {
    let starts = |sentence: &&Sentence| sentence.starts_line;
    let word = |sentence: &Sentence| tokens.get(sentence.first());
    let rows = sentences.iter().filter(|sentence| sentence.row).count();
    if rows * 2 >= sentences.len() {
        return Form::Table;
    }
    let heads = sentences.iter().take(12).filter(starts).filter(|sentence| {
        let named = |token: &Token| token.gap == Gap::Colon && HEADER_WORDS.contains(&token.word);
        let two = tokens
            .get(sentence.first()..sentence.behind().min(sentence.first() + 2))
            .unwrap_or(&[]);
        two.iter().any(named)
    });
    if heads.count() > 0 {
        return Form::Mail;
    }
    let greets = |sentence: &Sentence| word(sentence).is_some_and(|t| GREETINGS.contains(&t.word));
    match sentences.iter().take(4).filter(starts).any(greets) {
        true => Form::Letter,
        false => Form::Prose,
    }
}

/// Counts for each sentence which of its words stand around it.
fn compare(tokens: &[Token], sentences: &mut [Sentence]) {
    let mut counts = vec![0u16; SLOTS];
    let telling = |token: &&Token| token.length > 3;
    if !tokens.iter().any(|token| telling(&token)) {
        return sentences.iter_mut().for_each(|sentence| sentence.shared = NOTHING_TELLING);
    }
    let slot = |token: &Token| token.stem as usize % SLOTS;
    let (mut low, mut high) = (0, 0);
    for sentence in sentences {
        let (from, to) = (sentence.first().saturating_sub(AROUND), sentence.behind() + AROUND);
        let to = to.min(tokens.len());
        for token in tokens.get(high..to).unwrap_or(&[]).iter().filter(telling) {
            if let Some(count) = counts.get_mut(slot(token)) {
                *count += 1;
            }
        }
        for token in tokens.get(low..from).unwrap_or(&[]).iter().filter(telling) {
            if let Some(count) = counts.get_mut(slot(token)) {
                *count -= 1;
            }
        }
        (low, high) = (from, to);
        let own = tokens.get(sentence.first()..sentence.behind()).unwrap_or(&[]);
        if !own.iter().any(|token| telling(&token)) {
            sentence.shared = NOTHING_TELLING;
            continue;
        }
        let mut change = |by: fn(u16) -> u16| {
            for token in own.iter().filter(telling) {
                if let Some(count) = counts.get_mut(slot(token)) {
                    *count = by(*count);
                }
            }
        };
        // Its own words do not count as being around it.
        change(|count| count.wrapping_sub(1));
        let there = |token: &&Token| counts.get(slot(token)).is_some_and(|count| *count > 0);
        let (telling_words, shared) =
            (own.iter().filter(telling).count(), own.iter().filter(telling).filter(there).count());
        let mut change = |by: fn(u16) -> u16| {
            for token in own.iter().filter(telling) {
                if let Some(count) = counts.get_mut(slot(token)) {
                    *count = by(*count);
                }
            }
        };
        change(|count| count.wrapping_add(1));
        sentence.shared = match telling_words {
            0 => NOTHING_TELLING,
            _ => u8::try_from(shared * 4 / telling_words).unwrap_or(0),
        };
    }
}
