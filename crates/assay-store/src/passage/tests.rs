//! Passages read back with all that a citation needs.

use assay_core::{PageBox, PassageId, TextRange};

use crate::fixture::{Fixture, parsed};

#[test]
fn a_passage_knows_its_place_its_text_and_its_neighbours() {
    let text = "Überschrift\nzweite Zeile\ndritte";
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", text);
    let mut record = parsed(text);
    let bbox = PageBox { x0: 1.5, y0: 0.1, x1: 2.25, y1: 3.3 };
    record.passages[1].page = Some(4);
    record.passages[1].bbox = Some(bbox);
    let ids: Vec<_> = record.passages.iter().map(|passage| passage.id).collect();
    fixture.tenant.save_parsed(received.version, record).unwrap();
    fixture.tenant.publish(received.version).unwrap();

    let found = fixture.tenant.get_passages(&[ids[1]]).unwrap().remove(0);
    assert_eq!(found.text, "zweite Zeile");
    assert_eq!(found.range, TextRange::new(13, 25));
    assert_eq!(found.chars, (12, 24), "Ü is two bytes and one character");
    assert_eq!((found.page, found.bbox), (Some(4), Some(bbox)));
    assert_eq!((found.previous, found.next), (Some(ids[0]), Some(ids[2])));
    assert_eq!((found.document, found.version), (received.document, received.version));
    assert_eq!((found.name.as_str(), found.title.as_deref()), ("a.txt", Some("Title")));
    assert_eq!(found.heading_path, ["Heading"]);
    assert_eq!(found.span().range.of(text), found.text);
}

#[test]
fn passages_come_in_the_order_asked_for_and_unknown_ones_are_left_out() {
    let fixture = Fixture::new();
    let lines: String = (0..60).map(|number| format!("line {number}\n")).collect();
    let received = fixture.ingest("a.txt", &lines);
    let mut ids = fixture.passage_ids(received.version);
    ids.reverse();
    let mut asked = ids.clone();
    asked.insert(30, PassageId::new());
    let found: Vec<_> =
        fixture.tenant.get_passages(&asked).unwrap().iter().map(|passage| passage.id).collect();
    assert_eq!(found, ids);
    assert!(fixture.tenant.get_passages(&[]).unwrap().is_empty());
}
