//! How bad a vulnerability is: the base score of CVSS 3, by the formula of its specification.

/// From this score on it is high.
const HIGH: f64 = 7.0;

/// Whether a vector says less than high. One that is not understood does not say so.
pub(super) fn is_below_high(vector: &str) -> bool {
    score(vector).is_some_and(|score| score < HIGH)
}

/// Whether a score is high; one that is no number is.
pub(super) fn is_high(score: &str) -> bool {
    !score.trim().parse::<f64>().is_ok_and(|score| score < HIGH)
}

/// The base score of a vector of CVSS 3.0 or 3.1, 0 to 10.
pub(super) fn score(vector: &str) -> Option<f64> {
    let metrics = vector.strip_prefix("CVSS:3.0/").or_else(|| vector.strip_prefix("CVSS:3.1/"))?;
    let of =
        |name: &str| metrics.split('/').find_map(|part| part.strip_prefix(name)?.strip_prefix(':'));
    let is_changed = match of("S")? {
        "C" => true,
        "U" => false,
        _ => return None,
    };
    let harm = |name: &str| match of(name)? {
        "H" => Some(0.56),
        "L" => Some(0.22),
        "N" => Some(0.0),
        _ => None,
    };
    let reach = match of("AV")? {
        "N" => 0.85,
        "A" => 0.62,
        "L" => 0.55,
        "P" => 0.2,
        _ => return None,
    };
    let effort = match of("AC")? {
        "L" => 0.77,
        "H" => 0.44,
        _ => return None,
    };
    let rights = match (of("PR")?, is_changed) {
        ("N", _) => 0.85,
        ("L", false) => 0.62,
        ("L", true) => 0.68,
        ("H", false) => 0.27,
        ("H", true) => 0.5,
        _ => return None,
    };
    let person = match of("UI")? {
        "N" => 0.85,
        "R" => 0.62,
        _ => return None,
    };
    let base: f64 = 1.0 - (1.0 - harm("C")?) * (1.0 - harm("I")?) * (1.0 - harm("A")?);
    let impact = if is_changed {
        7.52 * (base - 0.029) - 3.25 * (base - 0.02).powi(15)
    } else {
        6.42 * base
    };
    if impact <= 0.0 {
        return Some(0.0);
    }
    let sum = impact + 8.22 * reach * effort * rights * person;
    Some(up(if is_changed { 1.08 * sum } else { sum }.min(10.0)))
}

/// The next tenth, as the specification rounds.
fn up(score: f64) -> f64 {
    let whole = (score * 100_000.0).round() as u64;
    whole.div_ceil(10_000) as f64 / 10.0
}

#[cfg(test)]
mod tests {
    //! Scores that the national database publishes for these vectors.

    use super::*;

    #[test]
    fn scores_are_those_of_the_specification() {
        for (vector, expected) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
            ("CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:N/A:N", 4.7),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", 7.5),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ] {
            let score = score(vector).unwrap();
            assert!((score - expected).abs() < 1e-9, "{vector}: {score}");
        }
        assert!(!is_below_high("CVSS:4.0/AV:N"), "what is not understood is not harmless");
        assert!(is_high("9.1") && is_high("many") && is_high("NaN") && !is_high("6.9"));
    }
}
