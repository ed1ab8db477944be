//! The events do not depend on how the bytes were cut.

use proptest::prelude::*;

use super::{EVENT_BYTES_MAX, Event, EventReader, TooLong};

fn events(cuts: &[&[u8]]) -> Vec<(String, String)> {
    let mut reader = EventReader::default();
    let mut events = Vec::new();
    let shown = |event: Event| (event.name, String::from_utf8(event.data).unwrap());
    for cut in cuts {
        reader.push(cut);
        while let Some(event) = reader.next().unwrap() {
            events.push(shown(event));
        }
    }
    events.extend(reader.last().map(shown));
    events
}

#[test]
fn every_cut_gives_the_same_events() {
    let stream = "\u{feff}: ping\r\n\r\ndata: {\"a\":1}\n\nevent: two\ndata:two\ndata: lines\ré\r\n\r\n\
                  id: 7\n\ndata: [DONE]";
    let whole: Vec<_> = [("", "{\"a\":1}"), ("two", "two lines é"), ("", "[DONE]")]
        .map(|(name, data)| (name.to_owned(), data.to_owned()))
        .into();
    for cut in 0..stream.len() {
        let (left, right) = stream.as_bytes().split_at(cut);
        assert_eq!(events(&[left, right]), whole, "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
    assert_eq!(events(&bytes), whole);
}

#[test]
fn an_endless_event_is_refused() {
    let long = format!("data: {}\n", "x".repeat(1000));
    for line in ["x".repeat(1000), long] {
        let mut reader = EventReader::default();
        let chunk = line.repeat(1 << 8);
        let mut pushed = 0;
        let refused = loop {
            reader.push(chunk.as_bytes());
            pushed += chunk.len();
            if let Err(error) = reader.next() {
                break error;
            }
            assert!(pushed < 16 * EVENT_BYTES_MAX);
        };
        assert_eq!(refused, TooLong);
    }
}

proptest! {
    #[test]
    fn no_input_panics(cuts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
        let mut reader = EventReader::default();
        for cut in &cuts {
            reader.push(cut);
            while reader.next().unwrap().is_some() {}
        }
        let _ = reader.last();
    }
}
