//! Selectors find their series; what is not there is no zero.

use super::*;

const TEXT: &str = r#"# TYPE requests counter
requests_total{route="/a",status="200"} 90
requests_total{route="/a, \"b\"",status="503"} 10 1.5
took_seconds_bucket{le="0.1",route="/a"} 5
took_seconds_bucket{le="1.0",route="/a"} 9
took_seconds_bucket{le="+Inf",route="/a"} 10
up 1
broken{
# EOF"#;

fn read(word: &str) -> Option<Value> {
    Take::parse(word).unwrap().read(&samples(TEXT))
}

#[test]
fn selectors_find_their_series() {
    assert_eq!(read("sum requests_total"), Some(Value::Number(100.0)));
    assert_eq!(read(r#"sum requests_total{route=~".*b.*"}"#), Some(Value::Number(10.0)));
    assert_eq!(read("max up"), Some(Value::Number(1.0)));
    assert_eq!(
        read(r#"share requests_total{status=~"5.."} of requests_total"#),
        Some(Value::Share { count: 10, of: 100 })
    );
    assert_eq!(
        read("histogram took_seconds"),
        Some(Value::Histogram { le: vec![0.1, 1.0], at_most: vec![5, 9], of: 10 })
    );
    assert_eq!(read("series requests_*"), Some(Value::Number(2.0)));
}

#[test]
fn what_is_not_there_is_no_zero() {
    assert_eq!(read("sum absent_total"), None);
    assert_eq!(read("histogram absent"), None);
    assert_eq!(read("share absent of absent"), None);
    assert!(Take::parse("mean up").is_err());
}
