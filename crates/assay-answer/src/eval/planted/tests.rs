//! What a planted error must be: one change, the same for the same seed.

use super::plant::{Kind, Random, plant};

const SENTENCE: &str = "In May 1994 Maria Rossi of Blue River showed that most of the 250 kg of ore \
                        from Milan may be older than the 3 km long tunnel.";

fn planted(kind: Kind, seed: u64) -> Option<(String, &'static str)> {
    let names = ["Anna Keller".to_owned()];
    let error = plant(kind, SENTENCE, &names, &names, &mut Random::new(seed))?;
    Some((error.sentence, error.rule))
}

#[test]
fn every_kind_changes_the_sentence_in_one_place() {
    for kind in Kind::ALL {
        for seed in 0..20 {
            let (changed, rule) = planted(kind, seed).unwrap_or_else(|| panic!("{kind:?}"));
            assert_ne!(changed, SENTENCE, "{rule}");
            let same = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| {
                a.zip(b).take_while(|(a, b)| a == b).count()
            };
            let before = same(&mut SENTENCE.chars(), &mut changed.chars());
            let after = same(&mut SENTENCE.chars().rev(), &mut changed.chars().rev());
            let rest = SENTENCE.chars().count().saturating_sub(before + after);
            assert!(rest <= 15, "{rule}: {changed}");
            assert_eq!(planted(kind, seed), Some((changed, rule)));
        }
    }
}

#[test]
fn a_sentence_without_a_fact_of_the_kind_is_left_alone() {
    let plain = "it rains.";
    for kind in Kind::ALL {
        assert!(plant(kind, plain, &[], &[], &mut Random::new(1)).is_none(), "{kind:?}");
    }
}
