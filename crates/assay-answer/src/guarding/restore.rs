//! Stand-ins of a request put back into its answer, however the answer is cut.

use assay_guard::Pseudonyms;

/// Bytes of a stand-in at most: `[MEDICAL_RECORD_10000]`.
const NAME_BYTES_MAX: usize = 32;

/// Holds back what may become a stand-in.
#[derive(Debug, Default)]
pub(crate) struct Restorer {
    held: String,
}

impl Restorer {
    /// Takes a piece and gives out what is complete, stand-ins put back.
    pub(crate) fn push(&mut self, names: &Pseudonyms, piece: &str) -> String {
        self.held.push_str(piece);
        let open = self.held.rfind('[').filter(|open| {
            let rest = self.held.get(open + 1..).unwrap_or("");
            rest.len() < NAME_BYTES_MAX
                && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        });
        let rest = self.held.split_off(open.unwrap_or(self.held.len()));
        let complete = std::mem::replace(&mut self.held, rest);
        names.restore(&complete)
    }

    /// Gives out the rest.
    pub(crate) fn finish(&mut self) -> String {
        // Without its bracket it is no stand-in.
        std::mem::take(&mut self.held)
    }
}
