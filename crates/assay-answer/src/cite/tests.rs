//! Marks leave the text as it is.

use proptest::prelude::*;

use super::marked;

proptest! {
    #[test]
    fn a_text_without_its_marks_is_the_text(
        text in any::<String>(),
        places in prop::collection::vec((0usize..200, "[a-z]{1,3}"), 0..8),
    ) {
        let marks: Vec<(usize, String)> =
            places.into_iter().filter(|(at, _)| text.is_char_boundary(*at)).collect();
        let marked = marked(&text, &marks);
        let mut sorted = marks;
        sorted.sort_by_key(|(at, _)| *at);
        let mut rest = marked.as_str();
        let (mut kept, mut copied) = (String::new(), 0);
        for (at, mark) in &sorted {
            let (before, after) = rest.split_at(at - copied);
            kept.push_str(before);
            rest = after.strip_prefix(mark.as_str()).unwrap();
            copied = *at;
        }
        kept.push_str(rest);
        prop_assert_eq!(kept, text);
    }
}
