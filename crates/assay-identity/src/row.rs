//! Reading columns, checking names.

use assay_core::{PrincipalId, TenantId};
use assay_sqlite::sql::{self, Row};

use crate::IdentityError;

/// Bytes of a name at most: an address of mail, a name of a service.
const NAME_BYTES_MAX: usize = 128;

pub(crate) fn tenant_id(row: &Row<'_>, column: &str) -> sql::Result<TenantId> {
    Ok(TenantId::from_bytes(row.get(column)?))
}

pub(crate) fn principal_id(row: &Row<'_>, column: &str) -> sql::Result<PrincipalId> {
    Ok(PrincipalId::from_bytes(row.get(column)?))
}

/// A value that a row holds as a word of a closed set.
pub(crate) fn word<T: std::str::FromStr>(row: &Row<'_>, column: &str) -> sql::Result<T> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| sql::Error::unreadable(format!("`{text}` is no word of `{column}`")))
}

/// Refuses names that are empty, long, or hold what cannot be seen.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), IdentityError> {
    let invalid = |reason: String| Err(IdentityError::invalid(what, reason));
    if name.trim() != name || name.is_empty() {
        return invalid("a name is not empty and has no space at its ends".to_owned());
    }
    if name.len() > NAME_BYTES_MAX {
        return invalid(format!("a name has at most {NAME_BYTES_MAX} bytes"));
    }
    if name.chars().any(char::is_control) {
        return invalid("a name has no control characters".to_owned());
    }
    Ok(())
}
