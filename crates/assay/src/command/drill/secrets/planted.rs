//! Personal data that nobody has: made up, with check digits that are right.

/// How many: 59 of which none comes through show that fewer than 5 % do.
pub(super) const PERSONAL: usize = 60;

/// Addresses of mail, card numbers, bank accounts: each once.
pub(in crate::command::drill) fn personal() -> Vec<String> {
    (0..PERSONAL)
        .map(|number| match number % 3 {
            0 => format!("canary.{number}.jones@post{number}.example.org"),
            1 => card(number),
            _ => account(number),
        })
        .collect()
}

/// A card number whose last digit is right (Luhn).
fn card(number: usize) -> String {
    let body = format!("453914880343{number:03}");
    let sum: u32 = body
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, twice) if twice > 9 => twice - 9,
            (0, twice) => twice,
            _ => digit,
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A German account (ISO 13616): the remainder of 97 is one.
fn account(number: usize) -> String {
    let body = format!("37040044{:010}", 532_013_000 + number);
    // `DE00` behind the account, with letters as numbers from 10.
    let whole = format!("{body}131400");
    let rest = whole
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .fold(0, |rest, digit| (rest * 10 + digit) % 97);
    format!("DE{:02}{body}", 98 - rest)
}

#[cfg(test)]
mod tests {
    //! Check digits that others have computed.

    use super::*;

    #[test]
    fn check_digits_are_right_and_nothing_stands_twice() {
        let mut all = personal();
        assert_eq!(account(0), "DE89370400440532013000");
        let luhn = |text: &str| {
            let digits = text.chars().rev().filter_map(|digit| digit.to_digit(10)).enumerate();
            digits
                .map(
                    |(at, digit)| if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit },
                )
                .sum::<u32>()
                % 10
        };
        assert!(
            all.iter().skip(1).step_by(3).all(|card| luhn(card) == 0 && card.len() == 16),
            "{all:?}"
        );
        all.sort();
        all.dedup();
        assert_eq!(all.len(), PERSONAL);
    }
}
