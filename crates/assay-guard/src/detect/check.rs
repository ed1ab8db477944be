//! Check digits. Each function takes the digits alone, as values 0 to 9 where it says digits.

/// Luhn (ISO/IEC 7812-1, annex B): cards, Canadian SIN, IMEI.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let doubled = u32::from(digit) * if place % 2 == 1 { 2 } else { 1 };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|&digit| digit != 0)
}

/// ISO 7064 mod 97-10 over letters and digits in ASCII, the first four last, as in ISO 13616.
pub(crate) fn iban(text: &[u8]) -> bool {
    let (Some(head), Some(rest)) = (text.get(..4), text.get(4..)) else { return false };
    let rest = rest.iter().chain(head).try_fold(0u32, |rest, &byte| {
        let value = char::from(byte).to_digit(36)?;
        Some(if value < 10 { rest * 10 + value } else { rest * 100 + value } % 97)
    });
    rest == Some(1)
}

/// Sum of the digits times their weights.
pub(crate) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&digit, &weight)| u32::from(digit) * weight).sum()
}

/// Verhoeff: Indian Aadhaar.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    let rows = PERMUTED.iter().cycle();
    let entry = |row: &[u8; 10], at: u8| row.get(usize::from(at)).copied().unwrap_or(0);
    let check = digits.iter().rev().zip(rows).fold(0, |check, (&digit, row)| {
        let products = PRODUCTS.get(usize::from(check)).unwrap_or(&[0; 10]);
        entry(products, entry(row, digit))
    });
    check == 0
}

/// What each digit becomes by its place: the permutation of the scheme, none to seven times.
const PERMUTED: [[u8; 10]; 8] = {
    const ONCE: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut rows = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]; 8];
    let mut row = 1;
    while row < 8 {
        let mut digit = 0;
        while digit < 10 {
            rows[row][digit] = ONCE[rows[row - 1][digit] as usize];
            digit += 1;
        }
        row += 1;
    }
    rows
};

/// The product in the dihedral group of the pentagon, by its two sides.
const PRODUCTS: [[u8; 10]; 10] = {
    let mut table = [[0; 10]; 10];
    let mut at = 0_u8;
    while at < 100 {
        let (a, b) = (at / 10, at % 10);
        let product = match (a < 5, b < 5) {
            (true, true) => (a + b) % 5,
            (true, false) => (a + (b - 5)) % 5 + 5,
            (false, true) => (a - 5 + 5 - b) % 5 + 5,
            (false, false) => (a - 5 + 5 - (b - 5)) % 5,
        };
        table[a as usize][b as usize] = product;
        at += 1;
    }
    table
};

/// ISO 7064 mod 11,10: German tax identification number.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((&check, body)) = digits.split_last() else { return false };
    let mut product = 10;
    for &digit in body {
        let sum = (u32::from(digit) + product) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    (11 - product) % 10 == u32::from(check)
}

/// Chinese resident identity card: ISO 7064 mod 11-2 over 17 digits; the 18th is 0 to 9 or X.
pub(crate) fn mod_11_2(digits: &[u8], check: u8) -> bool {
    let sum: u32 = digits.iter().fold(0, |sum, &digit| (sum + u32::from(digit)) * 2 % 11);
    let wanted = (12 - sum) % 11;
    wanted
        == if check.eq_ignore_ascii_case(&b'X') { 10 } else { u32::from(check.wrapping_sub(b'0')) }
}

/// Brazilian CPF: two check digits by mod 11.
pub(crate) fn cpf(digits: &[u8]) -> bool {
    br(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2], &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])
}

/// Brazilian CNPJ.
pub(crate) fn cnpj(digits: &[u8]) -> bool {
    br(digits, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
}

fn br(digits: &[u8], first: &[u32], second: &[u32]) -> bool {
    let check = |weights: &[u32]| match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    digits.len() == second.len() + 1
        && digits.windows(2).any(|pair| pair.first() != pair.last())
        && digits.get(first.len()).is_some_and(|&digit| u32::from(digit) == check(first))
        && digits.last().is_some_and(|&digit| u32::from(digit) == check(second))
}

/// Dutch BSN: the test of eleven.
pub(crate) fn bsn(digits: &[u8]) -> bool {
    let body = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    let last = digits.last().map_or(0, |&digit| u32::from(digit));
    digits.len() == 9 && body > 0 && (body + 11 - last).is_multiple_of(11)
}

/// British NHS number: mod 11.
pub(crate) fn nhs(digits: &[u8]) -> bool {
    let check = 11 - weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    digits.len() == 10
        && digits.last().is_some_and(|&digit| u32::from(digit) == check % 11)
        && check != 10
}

/// French NIR: 13 digits and a key of two, mod 97; Corsica's letters are replaced before.
pub(crate) fn nir(digits: &[u8]) -> bool {
    let number = |part: &[u8]| part.iter().fold(0u64, |n, &digit| n * 10 + u64::from(digit));
    match (digits.get(..13), digits.get(13..15)) {
        (Some(body), Some(key)) => 97 - number(body) % 97 == number(key),
        _ => false,
    }
}

/// EAN-13: Swiss AHV number.
pub(crate) fn ean13(digits: &[u8]) -> bool {
    digits.len() == 13
        && weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// Polish PESEL.
pub(crate) fn pesel(digits: &[u8]) -> bool {
    digits.len() == 11 && weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
}

/// Australian tax file number: mod 11.
pub(crate) fn tfn(digits: &[u8]) -> bool {
    digits.len() == 9 && weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

/// Italian codice fiscale: 16 letters and digits, the last a check letter.
pub(crate) fn codice_fiscale(text: &[u8]) -> bool {
    const ODD: [u8; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let shape = b"aaaaaa99a99a999a";
    let fits = text.len() == 16
        && text.iter().zip(shape).all(|(byte, shape)| match shape {
            b'a' => byte.is_ascii_alphabetic(),
            _ => byte.is_ascii_digit() || b"LMNPQRSTUV".contains(&byte.to_ascii_uppercase()),
        });
    if !fits {
        return false;
    }
    let sum: u32 = text
        .iter()
        .take(15)
        .enumerate()
        .map(|(place, byte)| {
            let upper = byte.to_ascii_uppercase();
            let value =
                if upper.is_ascii_digit() { upper - b'0' } else { upper.wrapping_sub(b'A') };
            if place % 2 == 1 {
                u32::from(value)
            } else {
                u32::from(ODD.get(usize::from(value)).copied().unwrap_or(0))
            }
        })
        .sum();
    text.last().is_some_and(|last| u32::from(last.to_ascii_uppercase() - b'A') == sum % 26)
}

/// Spanish DNI or NIE: the check letter of a number up to eight digits.
pub(crate) fn dni(number: u32, letter: u8) -> bool {
    let letters = b"TRWAGMYFPDXBNJZSQVHLCKE";
    letters.get((number % 23) as usize) == Some(&letter.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    //! Published examples, and that one changed digit is seen.

    use super::*;

    type Check = fn(&[u8]) -> bool;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect()
    }

    #[test]
    fn published_examples_pass_and_neighbours_fail() {
        let cases: [(Check, &str); 11] = [
            (luhn, "4111 1111 1111 1111"),
            (verhoeff, "2341 2341 2346"),
            (mod_11_10, "86095742719"),
            (cpf, "529.982.247-25"),
            (cnpj, "11.222.333/0001-81"),
            (bsn, "111222333"),
            (nhs, "943 476 5919"),
            (nir, "2 55 08 14 168 025 38"),
            (ean13, "756.9217.0769.85"),
            (pesel, "44051401359"),
            (tfn, "123456782"),
        ];
        for (check, example) in cases {
            let good = digits(example);
            assert!(check(&good), "{example}");
            let mut bad = good.clone();
            let last = bad.last_mut().unwrap();
            *last = (*last + 1) % 10;
            assert!(!check(&bad), "{example} with another last digit");
        }
        let resident = digits("11010519491231002");
        assert!(mod_11_2(&resident, b'X') && !mod_11_2(&resident, b'1'));
        assert!(iban(b"DE89370400440532013000") && !iban(b"DE88370400440532013000"));
        assert!(codice_fiscale(b"RSSMRA85T10A562S") && !codice_fiscale(b"RSSMRA85T10A562T"));
        assert!(dni(12_345_678, b'Z') && !dni(12_345_678, b'A'));
    }
}
