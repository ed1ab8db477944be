//! Words that a language writes together, cut in two by the words of the index.

/// Shorter parts are found in too many words.
const PART_CHARS_MIN: usize = 4;
/// Longer words are data, not language.
const WORD_CHARS_MAX: usize = 48;
/// What stands between two parts.
const LINKS: &[&str] = &["", "s", "es", "n", "en", "er", "e"];
/// Languages that write such words.
pub(super) const LANGUAGES: &[&str] = &["da", "de", "fi", "hu", "nl", "no", "sv"];

/// The two parts of a word, of which both are as frequent as possible; `passages` counts the
/// passages that hold a word.
pub(super) fn parts<E>(
    word: &str,
    mut passages: impl FnMut(&str) -> Result<u64, E>,
) -> Result<Option<(String, String)>, E> {
    let mut best: Option<(u64, String, String)> = None;
    let chars = word.chars().count();
    if !(2 * PART_CHARS_MIN..=WORD_CHARS_MAX).contains(&chars) {
        return Ok(None);
    }
    let cuts = word.char_indices().take(chars - PART_CHARS_MIN + 1).skip(PART_CHARS_MIN);
    for (at, _) in cuts {
        let (head, tail) = word.split_at(at);
        let tails = passages(tail)?;
        if tails == 0 {
            continue;
        }
        for head in LINKS.iter().filter_map(|link| head.strip_suffix(link)) {
            if head.chars().count() < PART_CHARS_MIN {
                continue;
            }
            let both = passages(head)?.min(tails);
            if both > 0 && best.as_ref().is_none_or(|(most, ..)| both > *most) {
                best = Some((both, head.to_owned(), tail.to_owned()));
            }
        }
    }
    Ok(best.map(|(_, head, tail)| (head, tail)))
}
