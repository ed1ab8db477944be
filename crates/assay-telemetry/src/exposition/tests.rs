//! What is written is read back.

use super::{Sample, read};

#[test]
fn names_values_and_escaped_labels_are_read() {
    let text = "# HELP a_total Things\n# TYPE a counter\na_total{route=\"/x\",why=\"a \\\"b\\\"\\n\"} 3 # {id=\"1\"} 1\n\
        # TYPE h_seconds histogram\nh_seconds_bucket{le=\"+Inf\"} 2\nh_seconds_sum 0.5\n# TYPE g gauge\ng -Inf\nbroken{\n# EOF\n";
    let found = read(text);
    assert_eq!(
        found.names,
        ["a_total", "h_seconds_bucket", "h_seconds_sum", "h_seconds_count", "g"]
    );
    let shown: Vec<String> = found.samples.iter().map(Sample::to_string).collect();
    assert_eq!(
        shown,
        [
            "a_total{route=\"/x\",why=\"a \\\"b\\\"\\n\"} 3",
            "h_seconds_bucket{le=\"+Inf\"} 2",
            "h_seconds_sum{} 0.5",
            "g{} -inf",
        ]
    );
}
