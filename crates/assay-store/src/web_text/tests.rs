//! What is kept, for how long, and for whom.

use super::*;
use crate::fixture::Fixture;

const DAY: Duration = Duration::from_secs(24 * 3_600);

fn text(number: u128) -> WebText {
    WebText {
        version: VersionId::from_u128(number),
        document: DocumentId::from_u128(1),
        provider: "wikipedia".to_owned(),
        url: "https://en.wikipedia.org/wiki/Pump".to_owned(),
        title: "Pump".to_owned(),
        author: Some("Wikipedia contributors".to_owned()),
        licence: Some("CC BY-SA 4.0".to_owned()),
        changed_ms: None,
        fetched_ms: 1_700_000_000_000,
        text: format!("A pump moves {number} litres."),
    }
}

#[test]
fn a_text_stays_as_long_as_it_is_shown() {
    let fixture = Fixture::new();
    let tenant = &fixture.tenant;
    tenant.keep_web_texts(vec![text(1), text(2)]).unwrap();
    fixture.clock.advance_ms(20 * 24 * 3_600_000);
    tenant.keep_web_texts(vec![text(2)]).unwrap();
    fixture.clock.advance_ms(15 * 24 * 3_600_000);
    assert_eq!(tenant.forget_web_texts(30 * DAY).unwrap(), 1);
    assert!(matches!(tenant.web_text(text(1).version), Err(StoreError::NotFound { .. })));
    let fixture = fixture.reopen();
    assert_eq!(fixture.tenant.web_text(text(2).version).unwrap(), text(2));
}

#[test]
fn the_number_of_texts_is_bounded() {
    let fixture = Fixture::new();
    let most = u128::from(TEXTS_MAX);
    fixture.tenant.keep_web_texts((1..=10).map(text).collect()).unwrap();
    fixture.clock.advance_ms(1);
    fixture.tenant.keep_web_texts((11..=most + 3).map(text).collect()).unwrap();
    assert_eq!(fixture.tenant.forget_web_texts(30 * DAY).unwrap(), 3);
    assert!(fixture.tenant.web_text(text(most + 3).version).is_ok());
}
