//! Characters in the order of reading from characters in the order of place.

/// Puts the glyph texts of one line, given from left to right, into logical order.
///
/// On a page that runs from right to left a line does so too, even with few such letters in it.
/// This undoes what a viewer does when it lays out a line: in a line that runs from right to left
/// everything is reversed but numbers and words of left-to-right scripts. Brackets are left alone:
/// files map the glyph as drawn to the character as written.
pub(super) fn logical(mut glyphs: Vec<&str>, page_is_rtl: bool) -> Vec<&str> {
    if !glyphs.iter().any(|text| is_rtl(text)) {
        return glyphs;
    }
    let rtl = glyphs.iter().filter(|text| is_rtl(text)).count();
    let ltr = glyphs.iter().filter(|text| is_ltr(text)).count();
    if page_is_rtl || rtl >= ltr {
        glyphs.reverse();
        reverse_runs(&mut glyphs, |text| is_ltr(text) || is_digit(text));
    } else {
        reverse_runs(&mut glyphs, is_rtl);
    }
    part_scripts(glyphs)
}

/// Puts a space between letters of scripts that run against each other: the one in the file may
/// have been laid out on the other side of the word.
fn part_scripts(glyphs: Vec<&str>) -> Vec<&str> {
    let mut parted: Vec<&str> = Vec::with_capacity(glyphs.len());
    for text in glyphs {
        if let Some(last) = parted.last()
            && ((is_rtl(last) && is_ltr(text)) || (is_ltr(last) && is_rtl(text)))
        {
            parted.push(" ");
        }
        parted.push(text);
    }
    parted
}

/// Whether a text is mostly of a script that runs from right to left.
pub(super) fn is_mostly_rtl(chars: impl Iterator<Item = char> + Clone) -> bool {
    if !chars.clone().any(is_rtl_char) {
        return false;
    }
    let (mut rtl, mut letters) = (0_usize, 0_usize);
    for c in chars {
        rtl += usize::from(is_rtl_char(c));
        letters += usize::from(c.is_alphabetic());
    }
    rtl > 0 && rtl * 2 > letters
}

/// Reverses each run that starts and ends with a glyph of the given kind and holds none of the
/// other direction in between.
fn reverse_runs(glyphs: &mut [&str], is_kind: fn(&str) -> bool) {
    let mut at = 0;
    while at < glyphs.len() {
        let Some(rest) = glyphs.get_mut(at..) else { return };
        if !rest.first().is_some_and(|text| is_kind(text)) {
            at += 1;
            continue;
        }
        let stop = rest.iter().position(|text| !is_kind(text) && !is_neutral(text));
        let reach = rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default();
        let length = reach.iter().rposition(|text| is_kind(text)).map_or(1, |last| last + 1);
        if let Some(run) = rest.get_mut(..length) {
            run.reverse();
        }
        at += length;
    }
}

fn is_rtl(text: &str) -> bool {
    text.chars().any(is_rtl_char)
}

fn is_rtl_char(c: char) -> bool {
    // Arabic digits run from left to right.
    let is_digit = matches!(c, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}');
    !is_digit
        && matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

fn is_digit(text: &str) -> bool {
    text.chars().any(char::is_numeric)
}

fn is_ltr(text: &str) -> bool {
    text.chars().any(|c| c.is_alphabetic() && !is_rtl_char(c))
}

fn is_neutral(text: &str) -> bool {
    !is_rtl(text) && !is_ltr(text)
}
