//! How one character is folded.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Characters that one may become: a ligature of a whole phrase must not blow a text up, and half a
/// phrase says nothing, so that such a one stays as it is.
const FOLDED_CHARS_MAX: usize = 4;

/// What became of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folded {
    /// It was seen, or is a mark on what was seen.
    Seen,
    /// Nobody sees it.
    Hidden,
}

/// What was folded last, by the last bits of the character: a text has few different characters
/// beside ASCII, and looking one up in the tables of Unicode costs.
pub(super) struct Memo([Slot; Memo::SLOTS]);

#[derive(Clone, Copy)]
struct Slot {
    character: char,
    length: u8,
    form: [u8; Slot::BYTES],
}

impl Slot {
    /// Bytes of a folded form at most.
    const BYTES: usize = 4 * FOLDED_CHARS_MAX;
}

impl Memo {
    const SLOTS: usize = 64;

    pub(super) fn new() -> Self {
        Self([Slot { character: '\0', length: 0, form: [0; Slot::BYTES] }; Self::SLOTS])
    }

    /// Appends the folded form of a character that is seen and not of ASCII.
    fn fold(&mut self, character: char, out: &mut String) {
        let Some(slot) = self.0.get_mut(character as usize % Self::SLOTS) else { return };
        if slot.character == character {
            let form = slot.form.get(..usize::from(slot.length)).unwrap_or(&[]);
            out.push_str(std::str::from_utf8(form).unwrap_or(""));
            return;
        }
        let before = out.len();
        fold_seen(character, out);
        let form = out.as_bytes().get(before..).unwrap_or(&[]);
        if let Some(to) = slot.form.get_mut(..form.len()) {
            to.copy_from_slice(form);
            (slot.character, slot.length) = (character, u8::try_from(form.len()).unwrap_or(0));
        }
    }
}

/// Appends the folded form of `character` to `out`.
pub(super) fn fold(character: char, memo: &mut Memo, out: &mut String) -> Folded {
    if character.is_ascii() {
        out.push(character);
        return Folded::Seen;
    }
    // Tags mirror ASCII and are read by models: rules read them too.
    if let '\u{E0020}'..='\u{E007E}' = character {
        out.extend(char::from_u32(character as u32 - 0xE0000));
        return Folded::Hidden;
    }
    if is_hidden(character) {
        return Folded::Hidden;
    }
    memo.fold(character, out);
    Folded::Seen
}

fn fold_seen(character: char, out: &mut String) {
    let (before, mut count) = (out.len(), 0);
    decompose_compatible(character, |part| {
        if count <= FOLDED_CHARS_MAX && !is_combining_mark(part) {
            count += 1;
            out.push(look_alike(part));
        }
    });
    if count > FOLDED_CHARS_MAX {
        out.truncate(before);
        out.push(character);
    }
}

/// Characters without a glyph: format controls, fillers, variation selectors, tags.
/// Unicode 17, Default_Ignorable_Code_Point, and the controls of direction.
pub(crate) fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether an invisible character does honest work behind `before`: joiners in scripts that need
/// them and in emoji, the choice of a glyph, flags, soft hyphens, a byte order mark at the start.
pub(super) fn has_a_use(character: char, before: char) -> bool {
    match character {
        '\u{AD}' => true,
        '\u{FEFF}' => before == '\0',
        '\u{FE00}'..='\u{FE0F}' => !before.is_ascii_alphabetic(),
        '\u{200C}'..='\u{200F}' | '\u{61C}' => !before.is_ascii() && before != '\0',
        '\u{E0020}'..='\u{E007F}' => before == '\u{1F3F4}',
        _ => false,
    }
}

/// Letters of other scripts that look like Latin ones, quotes, dashes, digits.
/// From the confusables of UTS 39, those that occur in running attacks.
fn look_alike(character: char) -> char {
    match character {
        'а' | 'α' | 'ɑ' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' | 'Ϲ' => 'C',
        'ԁ' => 'd',
        'е' | 'ҽ' => 'e',
        'Е' | 'Ε' => 'E',
        'ɡ' => 'g',
        'һ' | 'հ' => 'h',
        'Н' | 'Η' => 'H',
        'і' | 'ι' | 'ı' | 'ӏ' => 'i',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'κ' => 'k',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'о' | 'ο' | 'օ' | 'ס' => 'o',
        'О' | 'Ο' | 'Օ' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ԛ' => 'q',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'υ' | 'ս' => 'u',
        'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' | 'γ' => 'y',
        'У' | 'Υ' => 'Y',
        'Ζ' => 'Z',
        'ø' => 'o',
        'Ø' => 'O',
        'ł' => 'l',
        'Ł' => 'L',
        'đ' => 'd',
        'Đ' => 'D',
        '‘' | '’' | '‚' | '‛' | '′' | 'ʼ' | '`' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        '⁄' | '∕' => '/',
        '∶' | '꞉' => ':',
        '。' => '.',
        '、' => ',',
        '\u{2028}' | '\u{2029}' => '\n',
        other => digit(other),
    }
}

/// Decimal digits of other scripts, each block of ten from its zero; Unicode 17, category Nd.
fn digit(character: char) -> char {
    const ZEROS: [u32; 12] =
        [0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xE50, 0x1040];
    let code = character as u32;
    let zero = ZEROS.iter().find(|&&zero| (zero..zero + 10).contains(&code));
    zero.and_then(|zero| char::from_digit(code - zero, 10)).unwrap_or(character)
}
