//! SHA-256 as two types, so that the hash of a file cannot be taken for the hash of a passage.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::StoreError;

macro_rules! hashes {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The hash of these bytes.
            #[must_use]
            pub fn of(bytes: &[u8]) -> Self {
                Self(Sha256::digest(bytes).into())
            }

            /// A hash computed elsewhere.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 32] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )*};
}

hashes! {
    /// The SHA-256 of a blob; its name in the store.
    BlobHash;
    /// The SHA-256 of exactly what an embedder is given for a passage. Passages of equal content
    /// share their vectors, so what is not hashed must not influence the vector.
    ContentHash;
}

impl FromStr for BlobHash {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let invalid = || StoreError::Invalid {
            what: "blob hash",
            why: "64 hexadecimal digits are expected".to_owned(),
        };
        if text.len() != 64 {
            return Err(invalid());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digit = |hex: u8| char::from(hex).to_digit(16);
            let (Some(high), Some(low)) =
                (pair.first().copied().and_then(digit), pair.last().copied().and_then(digit))
            else {
                return Err(invalid());
            };
            *byte = u8::try_from(high * 16 + low).map_err(|_| invalid())?;
        }
        Ok(Self(bytes))
    }
}
