//! Labels of list items, and numbers as lists spell them.

/// What stands in front of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Label {
    None,
    Bullet,
    /// Such as `2.1.`.
    Number(String),
}

/// `A` to `Z`, then `AA`, `BB`.
pub(super) fn letters(number: u32) -> String {
    let Some(number) = number.checked_sub(1) else { return String::new() };
    let letter = char::from(b'A' + u8::try_from(number % 26).unwrap_or(0));
    let times = (number / 26 + 1).min(8) as usize;
    std::iter::repeat_n(letter, times).collect()
}

/// `I`, `II`, up to 4999.
pub(super) fn roman(number: u32) -> String {
    const VALUES: [(u32, &str); 13] = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut rest = number.min(4999);
    let mut roman = String::new();
    for (value, sign) in VALUES {
        while rest >= value {
            roman.push_str(sign);
            rest -= value;
        }
    }
    roman
}
