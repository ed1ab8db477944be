//! An encrypted blob is read as it was put, or not at all.

use assay_vault::Owner;
use proptest::prelude::*;

use super::*;

fn seal() -> BlobSeal {
    BlobSeal::new(&DataKey::generate(Owner::Installation).unwrap())
}

fn sealed(seal: &BlobSeal, bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    seal.write(BlobHash::of(bytes), bytes, &mut file).unwrap();
    assert_eq!(file.len(), BlobSeal::sealed_len(bytes.len()));
    file
}

#[test]
fn blobs_of_every_length_around_a_chunk_come_back() {
    let seal = seal();
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
        let bytes: Vec<u8> = (0..length).map(|at| at as u8).collect();
        let file = sealed(&seal, &bytes);
        assert_eq!(seal.read(BlobHash::of(&bytes), file.as_slice()).unwrap(), Some(bytes));
    }
}

#[test]
fn chunks_that_were_swapped_left_out_or_taken_from_another_blob_are_found() {
    let seal = seal();
    let bytes: Vec<u8> = (0..3 * CHUNK).map(|at| (at / 7) as u8).collect();
    let hash = BlobHash::of(&bytes);
    let file = sealed(&seal, &bytes);
    let (start, unit) = (MARK.len() + HEAD + OVERHEAD, CHUNK + OVERHEAD);
    let chunk = |number: usize| &file[start + number * unit..start + (number + 1) * unit];
    let of = |chunks: &[&[u8]]| [&file[..start], &chunks.concat()].concat();
    assert!(seal.read(hash, of(&[chunk(0), chunk(1), chunk(2)]).as_slice()).unwrap().is_some());
    for wrong in [
        of(&[chunk(1), chunk(0), chunk(2)]),
        of(&[chunk(0), chunk(2)]),
        of(&[chunk(0), chunk(1)]),
        of(&[chunk(0), chunk(1), chunk(2), chunk(2)]),
        [&sealed(&seal, b"other")[..start], &file[start..]].concat(),
    ] {
        assert_eq!(seal.read(hash, wrong.as_slice()).unwrap(), None);
    }
    assert_eq!(self::seal().read(hash, file.as_slice()).unwrap(), None, "another tenant's key");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_flipped_bit_and_a_cut_anywhere_are_found(
        length in 0..2 * CHUNK,
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let (seal, bytes) = (seal(), vec![7; length]);
        let (hash, mut file) = (BlobHash::of(&bytes), sealed(&seal, &bytes));
        let at = at.index(file.len());
        prop_assert_eq!(seal.read(hash, &file[..at]).unwrap(), None);
        file[at] ^= 1 << bit;
        prop_assert_eq!(seal.read(hash, file.as_slice()).unwrap(), None);
    }
}
