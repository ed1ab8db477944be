//! The closed list of what can be found.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A family of kinds; a policy may name it in place of each of its kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Personal data.
    Pii,
    /// Keys, tokens, passwords.
    Secret,
    /// Instructions that try to take a model over.
    Injection,
    /// Content that acts where it is shown or run.
    Output,
    /// Characters that nobody sees.
    Unicode,
    /// What the rules of the configuration find.
    Custom,
}

impl Group {
    /// The name as it stands in a policy, such as `pii`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pii => "pii",
            Self::Secret => "secret",
            Self::Injection => "injection",
            Self::Output => "output",
            Self::Unicode => "unicode",
            Self::Custom => "custom",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $group:ident $name:literal;)*) => {
        /// What was found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The name as it stands in a policy and on the wire, such as `pii.email`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            /// The family of the kind.
            #[must_use]
            pub const fn group(self) -> Group {
                match self { $(Self::$kind => Group::$group,)* }
            }
        }
    };
}

kinds! {
    /// The name of a person.
    Person Pii "pii.person";
    /// A postal address or a part of one.
    Address Pii "pii.address";
    /// A town or country that tells where somebody is or comes from.
    Location Pii "pii.location";
    /// The organisation somebody belongs to.
    Organisation Pii "pii.organisation";
    /// An e-mail address.
    Email Pii "pii.email";
    /// A telephone number.
    Phone Pii "pii.phone";
    /// The number of a payment card.
    Card Pii "pii.card";
    /// An international bank account number.
    Iban Pii "pii.iban";
    /// The number by which a state knows a person.
    NationalId Pii "pii.national_id";
    /// The number by which a tax office knows a person or firm.
    TaxId Pii "pii.tax_id";
    /// The number of a driving licence.
    DriverLicence Pii "pii.driver_licence";
    /// The number of a passport.
    Passport Pii "pii.passport";
    /// A medical record or health insurance number.
    MedicalRecord Pii "pii.medical_record";
    /// A date of birth.
    BirthDate Pii "pii.birth_date";
    /// A full date of which nothing says whose it is.
    Date Pii "pii.date";
    /// An IP address.
    Ip Pii "pii.ip";
    /// The address of a web page.
    Url Pii "pii.url";
    /// A token or key whose shape its vendor published.
    Token Secret "secret.token";
    /// A private key.
    PrivateKey Secret "secret.private_key";
    /// A password or key that the words beside it name.
    Password Secret "secret.password";
    /// An address with a user and a password in it.
    ConnectionString Secret "secret.connection_string";
    /// A key of Assay itself.
    AssayKey Secret "secret.assay_key";
    /// A marked text that may never leave.
    Canary Secret "secret.canary";
    /// An order to forget or replace the instructions.
    Override Injection "injection.override";
    /// A role in which rules are said not to hold.
    RolePlay Injection "injection.role_play";
    /// An order to give the system prompt away.
    PromptExtraction Injection "injection.prompt_extraction";
    /// An order to give data away or send it somewhere.
    DataAccess Injection "injection.data_access";
    /// An order to run code or call a tool.
    CodeExecution Injection "injection.code_execution";
    /// A demand on the form of the answer that leaves no room to refuse.
    FormatBypass Injection "injection.format_bypass";
    /// A token that models reserve for the frame of a conversation.
    SpecialToken Injection "injection.special_token";
    /// An instruction in an encoding.
    Encoded Injection "injection.encoded";
    /// A text that reads like an attack, by the model's judgement.
    Likely Injection "injection.likely";
    /// Script or active HTML.
    Script Output "output.script";
    /// A command that destroys, or hands the machine over.
    Command Output "output.command";
    /// Code that runs what it is given.
    Code Output "output.code";
    /// A link to a host that is not allowed.
    Link Output "output.link";
    /// An image, which is fetched without a click, from a host that is not allowed.
    Image Output "output.image";
    /// Characters that are not shown: tags, zero width, direction overrides.
    Hidden Unicode "unicode.hidden";
    /// A rule of the configuration.
    Custom Custom "custom";
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|kind| kind.as_str() == text);
        found.copied().ok_or_else(|| format!("`{text}` is no kind of finding"))
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
