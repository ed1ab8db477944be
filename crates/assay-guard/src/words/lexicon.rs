//! What lists a word stands in: common words, given names, family names, towns, countries, words of
//! streets and of organisations. Kept as hashes, made by `training/guard/lexicon.py`.

use std::sync::LazyLock;

/// Five bytes an entry, in the order of the hashes: the hash in little endian, and its lists.
static ENTRIES: &[u8] = include_bytes!("lexicon.bin");

/// Bytes of an entry.
const ENTRY: usize = 5;
/// Bits of a hash that tell the part of the list where it stands.
const PART_BITS: u32 = 13;

/// Where each part of the list starts.
static PARTS: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let mut parts = vec![0; (1 << PART_BITS) + 1];
    for (number, entry) in ENTRIES.chunks_exact(ENTRY).enumerate() {
        let &[a, b, c, d, _] = entry else { continue };
        let part = u32::from_le_bytes([a, b, c, d]) >> (32 - PART_BITS);
        if let Some(next) = parts.get_mut(part as usize + 1) {
            *next = number + 1;
        }
    }
    let mut last = 0;
    for part in &mut parts {
        last = last.max(*part);
        *part = last;
    }
    parts
});

/// Bits of a hash that tell most words of no list.
const FILTER_BITS: u32 = 20;

/// A bit for each value of the last [`FILTER_BITS`] of a hash: whether a word of a list has it.
static FILTER: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut filter = vec![0; 1 << (FILTER_BITS - 6)];
    for entry in ENTRIES.chunks_exact(ENTRY) {
        let &[a, b, c, d, _] = entry else { continue };
        let (slot, bit) = filtered(u32::from_le_bytes([a, b, c, d]));
        if let Some(bits) = filter.get_mut(slot) {
            *bits |= bit;
        }
    }
    filter
});

/// Where a hash stands in the filter.
const fn filtered(hash: u32) -> (usize, u64) {
    let bit = hash % (1 << FILTER_BITS);
    (bit as usize / 64, 1 << (bit % 64))
}

/// The lists of the word with this hash, one bit each; 0 for a word of no list.
pub(crate) fn lists(hash: u32) -> u32 {
    let (slot, bit) = filtered(hash);
    if FILTER.get(slot).is_none_or(|bits| bits & bit == 0) {
        return 0;
    }
    let part = (hash >> (32 - PART_BITS)) as usize;
    let start = |part: usize| PARTS.get(part).copied().unwrap_or(0);
    let (mut low, mut high) = (start(part), start(part + 1));
    while low < high {
        let middle = low.midpoint(high);
        let Some(&[a, b, c, d, lists]) = ENTRIES.get(middle * ENTRY..(middle + 1) * ENTRY) else {
            return 0;
        };
        match u32::from_le_bytes([a, b, c, d]).cmp(&hash) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return u32::from(lists),
        }
    }
    0
}
