//! Marks in a text that is otherwise kept byte for byte.

use assay_core::TextRange;

use crate::{CheckedClaim, Verdict, bibliography::ListedReference};

/// `text` with each mark put in front of the byte that it is for.
///
/// Marks for places past the end or inside a character are left out.
#[must_use]
pub fn marked(text: &str, marks: &[(usize, String)]) -> String {
    let mut sorted: Vec<&(usize, String)> =
        marks.iter().filter(|(at, _)| text.is_char_boundary(*at)).collect();
    sorted.sort_by_key(|(at, _)| *at);
    let added: usize = sorted.iter().map(|(_, mark)| mark.len()).sum();
    let mut marked = String::with_capacity(text.len() + added);
    let mut copied = 0;
    for (at, mark) in sorted {
        marked.push_str(text.get(copied..*at).unwrap_or(""));
        marked.push_str(mark);
        copied = *at;
    }
    marked.push_str(text.get(copied..).unwrap_or(""));
    marked
}

/// The marks of the claims that sources support in whole or in part: ` [1] [2]` after each claim,
/// or with `listed` as its style refers to them, in front of the stop: ` (Smith, 2020; Doe, 2021)`.
#[must_use]
pub fn marks_of(
    text: &str,
    claims: &[CheckedClaim],
    listed: Option<&[ListedReference]>,
) -> Vec<(usize, String)> {
    let holds = |claim: &&CheckedClaim| {
        matches!(claim.verdict, Verdict::Supported | Verdict::Partial)
            && !claim.citations.is_empty()
    };
    let mark = |claim: &CheckedClaim| match listed {
        None => {
            let marks = claim.citations.iter().map(|number| format!(" [{number}]")).collect();
            (claim.range.end as usize, marks)
        }
        Some(listed) => {
            let of = |number: &usize| listed.iter().find(|entry| entry.number == *number);
            let names: Vec<&str> =
                claim.citations.iter().filter_map(of).map(|entry| entry.in_text.as_str()).collect();
            (before_stop(text, claim.range), format!(" ({})", names.join("; ")))
        }
    };
    claims.iter().filter(holds).map(mark).collect()
}

/// Where the stop of a sentence begins; its end where it has none.
fn before_stop(text: &str, range: TextRange) -> usize {
    let sentence = range.of(text);
    let bare = sentence.trim_end_matches(['.', '!', '?', '。']);
    range.start as usize + if bare.is_empty() { sentence.len() } else { bare.len() }
}
