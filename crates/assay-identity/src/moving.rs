//! Moving a tenant with its members, services, keys, groups and log to where the rows are from now on.

use assay_core::TenantScope;
use assay_sqlite::copy::{Table, TableSum, copy};

use crate::{Identities, IdentityError};

const OF_TENANT: &str = "tenant = CAST(?1 AS BLOB)";

/// Each table after those that it refers to. Logins are not moved: people log in again.
const TABLES: &[Table] = &[
    Table {
        rows: "id = CAST(?1 AS BLOB)",
        ..table("tenant", &["id", "name", "state", "trial_ends_ms", "created_ms", "limits"], "id")
    },
    Table {
        rows: "home = CAST(?1 AS BLOB) OR id IN \
            (SELECT principal FROM membership WHERE tenant = CAST(?1 AS BLOB))",
        ..table(
            "principal",
            &["id", "kind", "home", "name", "created_ms", "disabled_ms", "password"],
            "id",
        )
    },
    Table {
        rows: "principal IN (SELECT principal FROM membership WHERE tenant = CAST(?1 AS BLOB))",
        ..table("account", &["issuer", "subject", "principal", "created_ms"], "issuer, subject")
    },
    table("membership", &["tenant", "principal", "role", "created_ms"], "principal"),
    table(
        "api_key",
        &[
            "id",
            "principal",
            "tenant",
            "name",
            "hash",
            "scopes",
            "created_ms",
            "expires_ms",
            "revoked_ms",
            "used_ms",
            "replaces",
        ],
        "id",
    ),
    table("access_group", &["id", "tenant", "name", "created_ms"], "id"),
    table("group_member", &["in_group", "tenant", "principal"], "in_group, principal"),
    table(
        "invitation",
        &[
            "id",
            "tenant",
            "name",
            "role",
            "hash",
            "invited_by",
            "created_ms",
            "expires_ms",
            "accepted_ms",
            "revoked_ms",
        ],
        "id",
    ),
    table("audit", &["tenant", "seq", "line"], "seq"),
    table("checkpoint", &["tenant", "seq", "line"], "seq"),
];

const fn table(name: &'static str, columns: &'static [&'static str], order: &'static str) -> Table {
    Table { name, columns, order, rows: OF_TENANT, page: 500, replaces: false }
}

impl Identities {
    /// Copies a tenant to other identities, with whoever belongs to it. What is there already is left
    /// as it is, and refused where it differs.
    ///
    /// # Errors
    /// [`IdentityError::Database`] with a copy that differs: users of the same name are two people.
    pub fn copy_tenant(
        &self,
        scope: &TenantScope,
        target: &Self,
    ) -> Result<Vec<TableSum>, IdentityError> {
        let id = scope.tenant().to_bytes();
        // The platform tenant is made at every start; as long as nobody is in it, it is replaced.
        let people: Vec<[u8; 16]> = self.read(|db| {
            let sql = "SELECT principal FROM membership WHERE tenant = ?";
            let mut rows = db.prepare_cached(sql)?;
            Ok(rows.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })?;
        target.write_quietly(move |tx| {
            let sql = "DELETE FROM tenant WHERE id = ?1 AND NOT EXISTS \
                (SELECT 1 FROM membership WHERE tenant = ?1)";
            tx.execute(sql, [id])?;
            // Whom an earlier move has left there may be called otherwise by now.
            let sql = "DELETE FROM principal WHERE id = ?1 AND NOT EXISTS \
                (SELECT 1 FROM membership WHERE principal = ?1)";
            for person in people {
                tx.execute(sql, [person])?;
            }
            Ok(())
        })?;
        Ok(copy(&self.database, &target.database, TABLES, &id)?)
    }

    /// Forgets a tenant that was copied elsewhere; lines of its log stay, for they are never deleted.
    ///
    /// # Errors
    /// Those of the database.
    pub fn release(&self, scope: &TenantScope) -> Result<(), IdentityError> {
        let id = scope.tenant().to_bytes();
        self.write_quietly(move |tx| {
            tx.execute("DELETE FROM tenant WHERE id = ?", [id])?;
            tx.execute("DELETE FROM principal WHERE home = ?", [id])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
