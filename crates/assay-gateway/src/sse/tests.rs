//! The events do not depend on how the bytes were cut.

use super::EventReader;

#[test]
fn every_cut_gives_the_same_events() {
    let stream = ": ping\r\n\r\ndata: {\"a\":1}\n\ndata:two\ndata: lines é\r\n\r\ndata: [DONE]\n\n";
    let whole = ["{\"a\":1}", "two\nlines é", "[DONE]"];
    for cut in 0..stream.len() {
        let mut reader = EventReader::default();
        let (left, right) = stream.as_bytes().split_at(cut);
        let mut events = reader.push(left).unwrap();
        events.extend(reader.push(right).unwrap());
        assert_eq!(events, whole, "cut at {cut}");
    }
}

#[test]
fn an_endless_event_is_refused() {
    let mut reader = EventReader::default();
    let chunk = vec![b'x'; 600_000];
    assert!(reader.push(&chunk).is_ok());
    assert!(reader.push(&chunk).is_err());
}
