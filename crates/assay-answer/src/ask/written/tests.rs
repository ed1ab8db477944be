//! Sentences off a stream do not depend on how it was cut; marks of the model disappear.

use super::{take_sentences, without_marks};

#[test]
fn every_cut_gives_the_same_sentences() {
    let text = "It fell by 12.5 % in 2019 [1]. Dr. Smith disagreed [2][3]. Nothing else is known.";
    let mut whole = text.to_owned();
    let expected = take_sentences(&mut whole, true);
    assert_eq!(expected.len(), 3);
    for cut in 0..text.len() {
        let (left, right) = text.split_at(cut);
        let mut pending = left.to_owned();
        let mut sentences = take_sentences(&mut pending, false);
        pending.push_str(right);
        sentences.extend(take_sentences(&mut pending, true));
        assert_eq!(sentences, expected, "cut at {cut}");
    }
}

#[test]
fn marks_are_removed_and_other_brackets_stay() {
    assert_eq!(without_marks("A rose [1][2]. B [see Table 3] [4, 5]."), "A rose. B [see Table 3].");
    assert_eq!(without_marks("open [1"), "open [1");
}
