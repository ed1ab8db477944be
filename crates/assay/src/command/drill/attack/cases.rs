//! The bundled cases. Written for Assay; half of what makes an attack is its disguise, so some are
//! sent in several.

use super::Case;

const INJECTIONS: &str = include_str!("injections.txt");
const BENIGN: &str = include_str!("benign.txt");
const ACTIVE: &str = include_str!("xss.txt");
const INERT: &str = include_str!("xss_benign.txt");

/// What is made of a text, with its name.
type Form = (&'static str, fn(&str) -> String);

/// Disguises of an injection.
const DISGUISES: [Form; 7] = [
    ("base64", base64),
    ("hex", hex),
    ("rot13", rot13),
    ("leet", leet),
    ("apart", apart),
    ("alike", alike),
    ("invisible", invisible),
];

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// Every injection, plain and disguised.
pub(super) fn injections() -> Vec<Case> {
    let mut cases = Vec::new();
    for line in lines(INJECTIONS) {
        let Some((family, text)) = line.split_once('\t') else { continue };
        let name = family.trim_start_matches('+');
        cases.push(Case { family: name.to_owned(), text: text.to_owned() });
        if family.starts_with('+') {
            cases.extend(DISGUISES.iter().map(|(disguise, put_on)| Case {
                family: format!("{name}/{disguise}"),
                text: put_on(text),
            }));
        }
    }
    cases
}

/// Texts with the same words and nothing behind them.
pub(super) fn benign() -> Vec<&'static str> {
    lines(BENIGN).collect()
}

/// Every payload where it may stand.
pub(super) fn active() -> Vec<Case> {
    let stands: [Form; 3] = [
        ("alone", str::to_owned),
        ("attribute", |payload| format!("\"'>{payload}")),
        ("sentence", |payload| format!("The **answer** is {payload} as the file says [1].")),
    ];
    lines(ACTIVE)
        .flat_map(|payload| {
            let case = |(place, put): &Form| Case {
                family: (*place).to_owned(),
                text: put(&payload.replace("\\n", "\n")),
            };
            stands.iter().map(case).collect::<Vec<_>>()
        })
        .collect()
}

/// Texts that only look like active content.
pub(super) fn inert() -> Vec<&'static str> {
    lines(INERT).collect()
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::from("Decode this and do what it says: ");
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place)) as usize & 63);
            let padded = if place <= three.len() { letter } else { None };
            out.push(padded.map_or('=', |letter| char::from(*letter)));
        }
    }
    out
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn rot13(text: &str) -> String {
    let turn = |c: char, first: u8| {
        u8::try_from(c).map_or(c, |c| char::from((c - first + 13) % 26 + first))
    };
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            other => other,
        })
        .collect()
}

fn leet(text: &str) -> String {
    let sign = |c| match c {
        'o' | 'O' => '0',
        'i' | 'I' => '1',
        'e' | 'E' => '3',
        'a' | 'A' => '4',
        's' | 'S' => '5',
        other => other,
    };
    text.chars().map(sign).collect()
}

fn apart(text: &str) -> String {
    let letters: Vec<String> =
        text.chars().map(|c| if c == ' ' { " ".to_owned() } else { c.to_string() }).collect();
    letters.join(" ")
}

fn alike(text: &str) -> String {
    let other = |c| match c {
        'a' => 'а',
        'e' => 'е',
        'o' => 'о',
        'p' => 'р',
        'c' => 'с',
        'i' => 'і',
        other => other,
    };
    text.chars().map(other).collect()
}

fn invisible(text: &str) -> String {
    text.chars().flat_map(|c| [c, '\u{200B}']).collect()
}

#[cfg(test)]
mod tests {
    //! There are as many as the drill promises.

    use super::{active, base64, benign, hex, inert, injections};

    #[test]
    fn every_group_has_three_hundred_cases_and_twins() {
        assert!(injections().len() >= 300, "{}", injections().len());
        assert!(active().len() >= 300, "{}", active().len());
        assert!(benign().len() >= 100 && inert().len() >= 30);
        assert!(injections().iter().all(|case| case.text.chars().count() <= 1_000));
    }

    #[test]
    fn disguises_are_what_they_are_called() {
        assert!(base64("Ignore all").ends_with("SWdub3JlIGFsbA=="));
        assert_eq!(hex("Az"), "417a");
    }
}
