//! From the price lists of packages to one table.

use sha2::{Digest, Sha256};

use super::{
    PriceFile, PriceSource,
    file::hex,
    genai::{self, rows as genai_rows},
    litellm::{self, rows as litellm_rows},
};
use crate::LedgerError;

/// A list as it lies in a package.
#[derive(Debug, Clone, Copy)]
pub struct PriceList<'a> {
    /// The version of the package.
    pub version: &'a str,
    /// The day that the list is of, as `YYYY-MM-DD`.
    pub date: &'a str,
    /// The list.
    pub text: &'a str,
}

impl PriceFile {
    /// The table of the lists of `litellm` and `genai-prices`. Where both have a model the second
    /// counts: it knows since when a price holds.
    ///
    /// # Errors
    /// [`LedgerError::PriceFile`] when a list is not what it was.
    pub fn of_lists(litellm: PriceList<'_>, genai: PriceList<'_>) -> Result<Self, LedgerError> {
        let name = |package: &str, list: &PriceList<'_>| format!("{package} {}", list.version);
        let first = Self {
            rows: litellm_rows(litellm.text, &name("litellm", &litellm), litellm.date)?,
            sources: vec![source("litellm", litellm::FILE, litellm::LICENCE, &litellm)],
        };
        let second = Self {
            rows: genai_rows(genai.text, &name("genai-prices", &genai), genai.date)?,
            sources: vec![source("genai-prices", genai::FILE, genai::LICENCE, &genai)],
        };
        Ok(second.over(first))
    }
}

fn source(package: &str, file: &str, licence: &str, list: &PriceList<'_>) -> PriceSource {
    PriceSource {
        package: package.to_owned(),
        version: list.version.to_owned(),
        file: file.to_owned(),
        sha256: hex(&Sha256::digest(list.text)),
        licence: licence.to_owned(),
    }
}
