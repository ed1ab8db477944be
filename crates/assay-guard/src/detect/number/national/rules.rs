//! The rules of national numbers.

use crate::{Kind, Rule, Severity};

macro_rules! national {
    ($($name:ident $id:literal $kind:ident $reason:literal $example:literal;)*) => {
        $(pub(super) static $name: Rule =
            Rule::built_in($id, Kind::$kind, Severity::High, $reason, &[$example]);)*
        pub(in crate::detect::number) const RULES: &[&Rule] = &[$(&$name),*];
    };
}

national! {
    US_SSN "us_ssn" NationalId "United States: social security number, by the areas given out."
        "Here's my SSN: 308-63-0237";
    US_ITIN "us_itin" TaxId "United States: taxpayer identification number, 9xx-xx-xxxx."
        "ITIN 912-70-1234";
    DE_STEUER_ID "de_steuer_id" TaxId "Germany: tax identification number, mod 11,10, beside a word for tax."
        "Steuer-ID 86095742719";
    FR_NIR "fr_nir" NationalId "France: social security number, its key mod 97."
        "2 55 08 14 168 025 38";
    GB_NINO "gb_nino" NationalId "United Kingdom: national insurance number, by the prefixes given out."
        "my NI number is AB 12 34 56 C";
    GB_NHS "gb_nhs" MedicalRecord "United Kingdom: NHS number, mod 11, beside the word NHS."
        "NHS number 943 476 5919";
    ES_DNI "es_dni" NationalId "Spain: identity document, by its letter."
        "DNI 12345678Z";
    ES_NIE "es_nie" NationalId "Spain: identity number of foreigners, by its letter."
        "NIE X1234567L";
    IT_CODICE_FISCALE "it_codice_fiscale" TaxId "Italy: tax code, by its check letter."
        "codice fiscale RSSMRA85T10A562S";
    NL_BSN "nl_bsn" NationalId "Netherlands: citizen service number, the test of eleven, beside its name."
        "BSN 111222333";
    IN_AADHAAR "in_aadhaar" NationalId "India: Aadhaar, by its Verhoeff digit."
        "Aadhaar 2341 2341 2346";
    IN_PAN "in_pan" TaxId "India: permanent account number, by the letter of its holder."
        "PAN ABCPE1234F";
    BR_CPF "br_cpf" TaxId "Brazil: taxpayer number of a person, two check digits."
        "CPF 529.982.247-25";
    BR_CNPJ "br_cnpj" TaxId "Brazil: number of a legal entity, two check digits."
        "CNPJ 11.222.333/0001-81";
    CN_RESIDENT "cn_resident_id" NationalId "China: resident identity number, by its date and mod 11-2."
        "身份证 11010519491231002X";
    CH_AHV "ch_ahv" NationalId "Switzerland: insurance number, EAN-13."
        "AHV 756.9217.0769.85";
    PL_PESEL "pl_pesel" NationalId "Poland: PESEL, by its check digit, beside its name."
        "PESEL 44051401359";
    CA_SIN "ca_sin" NationalId "Canada: social insurance number, Luhn, beside its name."
        "SIN 046 454 286";
    AU_TFN "au_tfn" TaxId "Australia: tax file number, mod 11, beside its name."
        "TFN 123 456 782";
}
