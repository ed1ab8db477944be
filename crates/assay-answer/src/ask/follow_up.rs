//! Follow-up questions: what pronouns and omissions stand for is taken from the turn before, so that
//! the question can be looked for alone. Built-in rules for English; a model, when one is set up,
//! rewrites what they say needs it, and its words are checked.

use crate::claim::grammar::{
    Word, is_auxiliary, is_determiner, is_preposition, is_pronoun, subject, words,
};

use super::{Exchange, topic::is_vague};

mod model;

pub(super) use model::rewrite as rewrite_by_model;

/// Words that a follow-up with something left out has at most.
const SHORT: usize = 8;
/// Words of a noun phrase at most.
const PHRASE_WORDS_MAX: usize = 6;
const QUESTION_WORDS: [&str; 9] =
    ["what", "which", "who", "whom", "whose", "when", "where", "why", "how"];
/// Verbs that often follow a subject behind `does` or `did`; there the subject ends.
const VERBS: &str = "cost costs take place lower raise help work mean say show happen start begin end \
    win lose make give get have need use cause find found lead live die go come run apply contain \
    include change increase reduce affect do play write build hold improve prevent treat become";

/// The question so that it can be understood alone, when it leans on the conversation and the rules
/// know on what.
pub(super) fn rewrite(question: &str, history: &[Exchange]) -> Option<String> {
    let last = history.last()?;
    let question = question.trim();
    let own = words(question);
    if let Some(rest) = continuation(&own) {
        return Some(continued(&last.question, question, &own, rest));
    }
    if let [only] = own.as_slice()
        && QUESTION_WORDS.contains(&only.lower().as_str())
    {
        return asked_again(only, &last.question);
    }
    resolved(question, &own, last).or_else(|| {
        let topic = topic(last, false, false).filter(|_| is_vague(question))?;
        Some(format!("{} about {topic}", question.trim_end_matches(['?', '.', '!'])))
    })
}

/// Whether the question leans on what was said before.
pub(super) fn leans(question: &str) -> bool {
    let own = words(question.trim());
    let bare = matches!(own.as_slice(), [only] if QUESTION_WORDS.contains(&only.lower().as_str()));
    bare || is_vague(question)
        || continuation(&own).is_some()
        || own.iter().enumerate().any(|(at, _)| stands(&own, at))
}

/// The first word of what is new in `And in 2021?`, `What about Bergen?`.
fn continuation(own: &[Word<'_>]) -> Option<usize> {
    if own.len() > SHORT {
        return None;
    }
    let lower = |at: usize| own.get(at).map(Word::lower).unwrap_or_default();
    let about = matches!(lower(0).as_str(), "what" | "how") && lower(1) == "about";
    let rest = match lower(0).as_str() {
        "and" | "or" if matches!(lower(1).as_str(), "what" | "how") && lower(2) == "about" => 3,
        "and" | "or" => 1,
        _ if about => 2,
        _ => return None,
    };
    // With a verb of its own it is a question of its own.
    let has_verb = own.iter().skip(rest).any(|word| is_auxiliary(&word.lower()));
    let is_pronoun = own.len() == rest + 1 && is_pronoun(&lower(rest));
    (rest < own.len() && !has_verb && !is_pronoun).then_some(rest)
}

/// The question before with what is new in the place of what it takes the place of.
fn continued(before: &str, question: &str, own: &[Word<'_>], rest: usize) -> String {
    let from = own.get(rest).map_or(0, |word| word.range.start as usize);
    let new = question.get(from..).unwrap_or("").trim_end_matches(['?', '.', '!', ' ']);
    let old = words(before);
    let place = slot(&old, &words(new));
    match place.and_then(|(first, last)| Some((old.get(first)?, old.get(last)?))) {
        Some((first, last)) => {
            let start = first.range.start as usize;
            let end =
                last.range.start as usize + last.text.trim_end_matches(['?', '.', '!', ',']).len();
            let (head, tail) = (before.get(..start).unwrap_or(""), before.get(end..).unwrap_or(""));
            format!("{head}{new}{tail}")
        }
        None => {
            let before = before.trim_end_matches(['?', '.', '!', ' ']);
            let joint = if words(new).first().is_some_and(|word| is_preposition(&word.lower())) {
                " "
            } else {
                ", "
            };
            format!("{before}{joint}{new}?")
        }
    }
}

/// The words of the question before that `new` takes the place of: the phrase with the same
/// preposition, the number, the name.
fn slot(old: &[Word<'_>], new: &[Word<'_>]) -> Option<(usize, usize)> {
    let first = new.first()?;
    let lower = first.lower();
    if is_preposition(&lower) {
        let at = old.iter().position(|word| word.lower() == lower)?;
        return Some((at, phrase_end(old, at + 1)?));
    }
    let has_digit = |word: &Word<'_>| word.text.contains(|c: char| c.is_ascii_digit());
    if has_digit(first) {
        let at = old.iter().position(has_digit)?;
        return Some((at, at));
    }
    let last = names(old).last().copied().filter(|_| first.is_name());
    last.or_else(|| topic_phrase(old))
}

/// Where the phrase that begins at `at` ends.
fn phrase_end(words: &[Word<'_>], at: usize) -> Option<usize> {
    words.get(at)?;
    let end = (at + 1..words.len()).find(|&next| {
        let ends = words.get(next - 1).is_some_and(Word::pauses);
        let opens = words.get(next).is_some_and(|word| is_preposition(&word.lower()));
        ends || opens || next - at >= PHRASE_WORDS_MAX
    });
    Some(end.unwrap_or(words.len()) - 1)
}

/// `When?` after `Where did the trial take place?`.
fn asked_again(word: &Word<'_>, before: &str) -> Option<String> {
    let old = words(before);
    let first = old.first()?;
    let lower = first.lower();
    let rest = |from: usize| before.get(old.get(from)?.range.start as usize..);
    let asked = if QUESTION_WORDS.contains(&lower.as_str()) {
        // The noun of `which year did …` goes with the question word.
        let verb = old.iter().position(|word| is_auxiliary(&word.lower()))?;
        rest(verb)?.to_owned()
    } else if is_auxiliary(&lower) {
        format!("{lower} {}", rest(1)?)
    } else {
        return None;
    };
    Some(format!("{} {asked}", word.bare()))
}

/// The question with what its pronoun stands for.
fn resolved(question: &str, own: &[Word<'_>], last: &Exchange) -> Option<String> {
    let at = (0..own.len()).find(|&at| stands(own, at))?;
    let word = own.get(at)?;
    let lower = word.lower();
    let owns = match lower.as_str() {
        "his" | "its" | "their" => true,
        // `her brother`, but `for her`.
        "her" => !word.pauses() && own.get(at + 1).is_some(),
        _ => false,
    };
    let for_person = matches!(lower.as_str(), "he" | "she" | "him" | "his" | "her");
    let topic = topic(last, for_person, lower == "there")?;
    let start = word.range.start as usize;
    let end = start
        + word.bare().len()
        + (word.text.len() - word.text.trim_start_matches(|c: char| !c.is_alphanumeric()).len());
    let ending = if owns { "'s" } else { "" };
    let place = if lower == "there" { "in " } else { "" };
    let (head, tail) = (question.get(..start)?, question.get(end..)?);
    Some(format!("{head}{place}{topic}{ending}{tail}"))
}

/// Whether the word at `at` stands for something that the question does not say itself.
fn stands(own: &[Word<'_>], at: usize) -> bool {
    let Some(word) = own.get(at) else { return false };
    let lower = word.lower();
    let next = own.get(at + 1).map(Word::lower).unwrap_or_default();
    if lower == "there" {
        // `Is there …` asks whether something exists.
        let before =
            at.checked_sub(1).and_then(|at| own.get(at)).map(Word::lower).unwrap_or_default();
        return !is_auxiliary(&before) && at > 0;
    }
    if matches!(lower.as_str(), "this" | "these" | "those") {
        return word.pauses() || next.is_empty() || is_preposition(&next);
    }
    // `it` stands for the name before it in the question, if there is one.
    let told = own.iter().take(at).skip(1).any(Word::is_name);
    is_pronoun(&lower) && !told
}

/// What the turn before was about.
fn topic(last: &Exchange, for_person: bool, for_place: bool) -> Option<String> {
    let asked = words(&last.question);
    let answered = words(&last.answer);
    if for_place {
        return place_name(&answered).or_else(|| place_name(&asked));
    }
    let from_question = || name_of(&asked, names(&asked).first().copied());
    let from_answer = || name_of(&answered, names(&answered).first().copied());
    if for_person {
        return from_question().or_else(from_answer);
    }
    let phrase = || phrase_of(&asked, topic_phrase(&asked)?);
    let opening = || {
        let subject = subject(&answered)?;
        answered.first().filter(|word| !is_pronoun(&word.lower()))?;
        phrase_of(&answered, (0, subject.len - 1))
    };
    from_question().or_else(phrase).or_else(opening)
}

/// The name behind `in` or `at`.
fn place_name(text: &[Word<'_>]) -> Option<String> {
    let behind = |(first, _): &&(usize, usize)| {
        first.checked_sub(1).and_then(|at| text.get(at)).is_some_and(|word| {
            matches!(word.lower().as_str(), "in" | "at" | "from" | "to" | "near")
        })
    };
    name_of(text, names(text).iter().rfind(behind).copied())
}

/// Runs of words that are names; the first word of a text is none by its capital alone.
fn names(text: &[Word<'_>]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, word) in text.iter().enumerate() {
        let opens = at == 0
            || text.get(at - 1).is_some_and(|before| {
                before.text.ends_with(['.', '?', '!']) && before.bare().len() > 3
            });
        let lower = word.lower();
        let is_word = QUESTION_WORDS.contains(&lower.as_str())
            || is_auxiliary(&lower)
            || is_determiner(&lower)
            || is_preposition(&lower)
            || is_pronoun(&lower);
        let has_next = text.get(at + 1).is_some_and(Word::is_name) && !word.pauses();
        if !word.is_name() || is_word || (opens && !has_next) {
            continue;
        }
        match runs.last_mut() {
            Some((_, last))
                if *last + 1 == at
                    && !text.get(*last).is_some_and(|w| w.text.ends_with([',', ';', '?'])) =>
            {
                *last = at;
            }
            _ => runs.push((at, at)),
        }
    }
    runs
}

fn name_of(text: &[Word<'_>], run: Option<(usize, usize)>) -> Option<String> {
    phrase_of(text, run?)
}

/// The words of a phrase, without the punctuation behind it.
fn phrase_of(text: &[Word<'_>], (first, last): (usize, usize)) -> Option<String> {
    let phrase: Vec<&str> = text.get(first..=last)?.iter().map(|word| word.text).collect();
    let phrase = phrase.join(" ");
    let end = phrase.trim_end_matches(['?', '.', '!', ',', ';', ':', '"', '”']);
    let phrase = end.trim_end_matches("'s").trim_end_matches("’s").trim_start_matches(['"', '“']);
    (!phrase.is_empty()).then(|| phrase.to_owned())
}

/// The noun phrase that a question is about: its subject behind the verb, else what follows the verb.
fn topic_phrase(old: &[Word<'_>]) -> Option<(usize, usize)> {
    let verb = old.iter().position(|word| is_auxiliary(&word.lower()));
    let first = match verb {
        Some(verb) => verb + 1,
        // `Who approved the budget?`
        None if old.first().is_some_and(|word| QUESTION_WORDS.contains(&word.lower().as_str())) => {
            2
        }
        None => return None,
    };
    old.get(first).filter(|word| !is_pronoun(&word.lower()) || is_determiner(&word.lower()))?;
    let mut last = first;
    for at in first + 1..old.len() {
        let (Some(before), Some(word)) = (old.get(at - 1), old.get(at)) else { break };
        let lower = word.lower();
        let is_verb = VERBS.split_ascii_whitespace().any(|verb| verb == lower);
        let ends = before.pauses() || is_auxiliary(&lower) || is_verb;
        let opens = is_preposition(&lower) && lower != "of";
        if ends || opens || at - first >= PHRASE_WORDS_MAX {
            break;
        }
        last = at;
    }
    Some((first, last))
}

#[cfg(test)]
mod tests;
