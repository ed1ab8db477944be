//! Telephone numbers.

use super::{Groups, Run};
use crate::{
    Kind, Rule, Severity,
    detect::bytes::{self, Words},
    view::View,
};

static INTERNATIONAL: Rule = Rule::built_in(
    "phone_international",
    Kind::Phone,
    Severity::Medium,
    "A telephone number reaches a person. A plus sign or 00 and 8 to 15 digits (E.164).",
    &["+49 30 901820 for help", "+1-748-088-2851x818"],
);
static NATIONAL: Rule = Rule::built_in(
    "phone_national",
    Kind::Phone,
    Severity::Medium,
    "A telephone number reaches a person. The groups are those of a national numbering plan.",
    &["(978)645-9740x11144", "678-777-1600", "089 72 63 41"],
);
static NAMED: Rule = Rule::built_in(
    "phone_named",
    Kind::Phone,
    Severity::Medium,
    "A telephone number reaches a person. Six digits or more beside a word for telephone, or alone \
     on a line between others.",
    &["call 73 448 266 today", "5551234 fax"],
);

pub(super) const RULES: &[&Rule] = &[&INTERNATIONAL, &NATIONAL, &NAMED];

const PHONE_WORDS: Words = Words::new(&[
    "phone",
    "telephone",
    "tel ",
    "call ",
    "called ",
    "calling",
    "fax",
    "mobile",
    "cell",
    "reach ",
    "answering",
    "dial",
    "whatsapp",
    "sms",
    "ring ",
    "hotline",
    "office ",
    "telefon",
    "handy",
    "rufnummer",
    "movil",
    "telefono",
    "celular",
    "portable",
    "telefax",
    "telefoon",
    "cellulare",
    "contact ",
    "text me",
    "landline",
    "pager",
    "voicemail",
]);
/// Words that say that a number is another one.
const OTHER_WORDS: Words = Words::new(&[
    "order ",
    "invoice",
    "version",
    "isbn",
    "issn",
    "pmid",
    "doi ",
    "population",
    "id ",
    "ticket",
]);

pub(super) fn phone(view: &mut View<'_>, run: &Run) -> bool {
    if !view.at(run.start).is_ascii_digit() {
        return false;
    }
    let before = view.before(run.start);
    let (plus, bracket) = (before == b'+', before == b'(');
    if !plus && !bracket && !run.stands_apart(view) || before == b'$' {
        return false;
    }
    let groups = run.groups.within(40);
    let count = groups.lengths().len();
    let digits = groups.digits(count).len();
    if !(6..=15).contains(&digits) {
        return false;
    }
    let end = extension(view, groups.end(count), run.window.right);
    let next = view.at(end);
    let cut = bytes::is_word(next)
        || matches!(next, b'.' | b',' | b'-') && view.at(end + 1).is_ascii_digit();
    if cut || matches!(next, b'%') {
        return false;
    }
    let extended = end > groups.end(count);
    let Some(rule) = judge(view, run, &groups, (plus, bracket, extended), end) else {
        return false;
    };
    let start = if plus || bracket { run.start - 1 } else { run.start };
    view.found(start, end, rule);
    true
}

fn judge(
    view: &View<'_>,
    run: &Run,
    groups: &Groups<'_>,
    (plus, bracket, extended): (bool, bool, bool),
    end: usize,
) -> Option<&'static Rule> {
    let count = groups.lengths().len();
    let digits = groups.digits(count);
    let international = plus || digits.starts_with(&[0, 0]) && count > 1;
    if international && digits.len() >= 8 {
        return Some(&INTERNATIONAL);
    }
    let north_american = [&[3, 3, 4][..], &[1, 3, 3, 4]].iter().any(|lengths| {
        groups.lengths() == *lengths && groups.separators().iter().all(|s| b"-. ()".contains(s))
    });
    let trunk = digits.first() == Some(&0) && count > 1 && digits.len() >= 8;
    let closed = bracket && groups.separators().first() == Some(&b')') && digits.len() >= 7;
    let slashed = groups.separators().iter().skip(1).any(|&s| s == b'/');
    if !slashed && (north_american || trunk || closed || extended && count > 1 && digits.len() > 8)
    {
        return Some(&NATIONAL);
    }
    let named = run.near(view, end, &PHONE_WORDS) && !run.near(view, end, &OTHER_WORDS);
    let alone = count > 1
        && digits.len() >= 7
        && matches!(view.before(run.start), b'\n' | 0)
        && matches!(view.at(end), b'\n' | 0)
        && !groups.separators().contains(&b'.');
    (!slashed && (named || alone)).then_some(&NAMED)
}

/// The end of `x123` or ` ext. 123` behind a number.
fn extension(view: &View<'_>, end: usize, right: usize) -> usize {
    let rest = view.slice(end, (end + 14).min(right));
    let marks: [&[u8]; 6] = [b"x", b" x", b" ext. ", b" ext ", b" ext.", b" extension "];
    for mark in marks {
        if rest.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark)) {
            let digits = rest.get(mark.len()..).unwrap_or(&[]);
            let length = bytes::run(digits, |byte| byte.is_ascii_digit());
            if (1..=6).contains(&length) {
                return end + mark.len() + length;
            }
        }
    }
    end
}
