//! What is sealed opens at its own place alone, and nothing that was changed opens at all.

use proptest::prelude::*;

use crate::{DataKey, Owner};

use super::*;

fn key() -> DataKey {
    DataKey::generate(Owner::Installation).unwrap()
}

#[test]
fn the_same_text_is_never_sealed_the_same_way() {
    let sealer = key().sealer("blob");
    let (first, second) = (sealer.seal(b"", b"text").unwrap(), sealer.seal(b"", b"text").unwrap());
    assert_ne!(first, second);
    assert_ne!(first[..4], second[..4], "not only the salt differs");
    assert_eq!(sealer.name_of(b"text"), sealer.name_of(b"text"));
    assert_ne!(sealer.name_of(b"text"), key().sealer("blob").name_of(b"text"));
}

#[test]
fn another_key_purpose_or_place_opens_nothing() {
    let key = key();
    let sealed = key.sealer("blob").seal(b"1", b"text").unwrap();
    assert_eq!(key.sealer("blob").open(b"1", &sealed).unwrap(), b"text");
    assert_eq!(key.sealer("blob").open(b"2", &sealed), Err(Damaged));
    assert_eq!(key.sealer("page").open(b"1", &sealed), Err(Damaged));
    assert_eq!(self::key().sealer("blob").open(b"1", &sealed), Err(Damaged));
    // The same bytes as the key of somebody else: the owner is a part of what is bound.
    let tenant = Owner::Tenant(assay_core::TenantId::new());
    let other = DataKey::new(tenant, crate::key::to_key(key.bytes()));
    assert_eq!(other.sealer("blob").open(b"1", &sealed), Err(Damaged));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_flipped_bit_and_every_cut_is_found(
        text in prop::collection::vec(any::<u8>(), 0..300),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let sealer = key().sealer("page");
        let sealed = sealer.seal(b"place", &text).unwrap();
        prop_assert_eq!(sealed.len(), text.len() + OVERHEAD);
        prop_assert_eq!(sealer.open(b"place", &sealed).unwrap(), text);
        let at = at.index(sealed.len());
        prop_assert_eq!(sealer.open(b"place", &sealed[..at]), Err(Damaged));
        let mut flipped = sealed;
        flipped[at] ^= 1 << bit;
        prop_assert_eq!(sealer.open(b"place", &flipped), Err(Damaged));
    }
}
