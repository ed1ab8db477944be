//! Sentences off a stream do not depend on how it was cut; marks of the model disappear.

use super::{take_sentences, without_marks};

#[test]
fn every_cut_gives_the_same_text_and_ends_with_a_sentence() {
    let text = "It fell by 12.5 % in 2019 [1]. Dr. Smith disagreed [2][3]. Nothing else is known.";
    for cut in 0..text.len() {
        let (left, right) = text.split_at(cut);
        let mut pending = left.to_owned();
        let first = take_sentences(&mut pending, false);
        assert!(first.is_empty() || first.trim_end().ends_with('.'), "cut at {cut}: {first}");
        pending.push_str(right);
        assert_eq!(first + &take_sentences(&mut pending, true), text, "cut at {cut}");
    }
}

#[test]
fn marks_are_removed_and_other_brackets_stay() {
    assert_eq!(without_marks("A rose [1][2]. B [see Table 3] [4, 5]."), "A rose. B [see Table 3].");
    assert_eq!(without_marks("open [1"), "open [1");
    assert_eq!(without_marks("- A rose\n[1] B"), "- A rose\n B");
}
