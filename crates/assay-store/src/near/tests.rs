//! Sketches that meet and sketches that do not.

use crate::fixture::{Fixture, parsed};

fn ingest(fixture: &Fixture, key: &str, sketch: Vec<u32>) -> assay_core::DocumentId {
    let received = fixture.receive(key, key);
    let record = crate::ParsedRecord { sketch, ..parsed(key) };
    fixture.tenant.save_parsed(received.version, record).unwrap();
    fixture.tenant.publish(received.version).unwrap();
    received.document
}

#[test]
fn similar_documents_are_found_and_grouped() {
    let fixture = Fixture::new();
    let base: Vec<u32> = (0..128).collect();
    let mut close = base.clone();
    close[100..110].fill(7_000);
    let other: Vec<u32> = (10_000..10_128).collect();
    let a = ingest(&fixture, "a", base);
    let b = ingest(&fixture, "b", close);
    let c = ingest(&fixture, "c", other);
    let near = fixture.tenant.near_documents(a, 0.8).unwrap();
    assert_eq!(near.iter().map(|near| near.document).collect::<Vec<_>>(), [b]);
    assert!((near[0].similarity - 118.0 / 128.0).abs() < 1e-6);
    assert!(fixture.tenant.near_documents(a, 0.95).unwrap().is_empty());
    assert!(fixture.tenant.near_documents(c, 0.1).unwrap().is_empty());
    assert_eq!(fixture.tenant.near_groups(0.8).unwrap(), [[a, b]]);
}

#[test]
fn a_replaced_version_is_no_duplicate_of_the_new_one() {
    let fixture = Fixture::new();
    let sketch: Vec<u32> = (0..128).collect();
    let a = ingest(&fixture, "a", sketch.clone());
    let received = fixture.receive("a", "a changed");
    let record = crate::ParsedRecord { sketch, ..parsed("a changed") };
    fixture.tenant.save_parsed(received.version, record).unwrap();
    fixture.tenant.publish(received.version).unwrap();
    assert!(fixture.tenant.near_documents(a, 0.5).unwrap().is_empty());
    assert!(fixture.tenant.near_groups(0.5).unwrap().is_empty());
}
