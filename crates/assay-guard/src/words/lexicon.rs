//! What lists a word stands in: common words, given names, family names, towns, countries, words of
//! streets and of organisations. Kept as hashes, made by `training/guard/lexicon.py`.

/// Five bytes an entry, in the order of the hashes: the hash in little endian, and its lists.
static ENTRIES: &[u8] = include_bytes!("lexicon.bin");

/// Bytes of an entry.
const ENTRY: usize = 5;

/// The lists of the word with this hash, one bit each; 0 for a word of no list.
pub(crate) fn lists(hash: u32) -> u32 {
    let (mut low, mut high) = (0, ENTRIES.len() / ENTRY);
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
