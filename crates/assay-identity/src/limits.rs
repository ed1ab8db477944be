//! How much a tenant may have and do.

use assay_core::{TenantId, TenantScope};
use assay_sqlite::sql::{self, Row, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::{Actor, Event, Identities, IdentityError, TenantRecord, tenants};

/// Limits of a tenant; 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantLimits {
    /// Documents, what came out of archives and mails included.
    pub documents: u64,
    /// Bytes of the originals of all versions that are kept.
    pub bytes: u64,
    /// Members, services included.
    pub members: u64,
    /// Questions a minute.
    pub questions_per_minute: u64,
    /// Requests a minute; 0 for `server.rates.tenant_per_minute`.
    pub requests_per_minute: u64,
}

impl TenantLimits {
    /// No limits.
    pub const NONE: Self = Self {
        documents: 0,
        bytes: 0,
        members: 0,
        questions_per_minute: 0,
        requests_per_minute: 0,
    };
}

/// Limits of one tenant that differ from those of the configuration; `None` where they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnLimits {
    /// As [`TenantLimits::documents`], and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<u64>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<u64>,
    /// Questions a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions_per_minute: Option<u64>,
    /// Requests a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u64>,
}

impl OwnLimits {
    /// What holds, with `default` where nothing is set.
    pub(crate) fn over(self, default: TenantLimits) -> TenantLimits {
        TenantLimits {
            documents: self.documents.unwrap_or(default.documents),
            bytes: self.bytes.unwrap_or(default.bytes),
            members: self.members.unwrap_or(default.members),
            questions_per_minute: self.questions_per_minute.unwrap_or(default.questions_per_minute),
            requests_per_minute: self.requests_per_minute.unwrap_or(default.requests_per_minute),
        }
    }

    /// These without those of `names`.
    fn without(mut self, names: &[String]) -> Result<Self, IdentityError> {
        for name in names {
            let limit = match name.as_str() {
                "documents" => &mut self.documents,
                "bytes" => &mut self.bytes,
                "members" => &mut self.members,
                "questions_per_minute" => &mut self.questions_per_minute,
                "requests_per_minute" => &mut self.requests_per_minute,
                _ => {
                    let reason = "none of documents, bytes, members, questions_per_minute, \
                                  requests_per_minute";
                    return Err(IdentityError::invalid("default_limits", reason));
                }
            };
            *limit = None;
        }
        Ok(self)
    }

    /// These, and what another sets in their place.
    fn changed_by(self, other: Self) -> Self {
        Self {
            documents: other.documents.or(self.documents),
            bytes: other.bytes.or(self.bytes),
            members: other.members.or(self.members),
            questions_per_minute: other.questions_per_minute.or(self.questions_per_minute),
            requests_per_minute: other.requests_per_minute.or(self.requests_per_minute),
        }
    }

    pub(crate) fn read(row: &Row<'_>) -> sql::Result<Self> {
        let text: String = row.get("limits")?;
        serde_json::from_str(&text).map_err(sql::Error::unreadable)
    }
}

impl Identities {
    /// What holds for a tenant: its own limits over those of the configuration, which the platform
    /// tenant is free of.
    #[must_use]
    pub fn limits(&self, tenant: &TenantRecord) -> TenantLimits {
        tenant.own_limits.over(default_for(tenant.id, self.settings().limits))
    }

    /// Sets limits of a tenant; what is `None` stays as it is. Those of `defaults`, by name, become
    /// again what the configuration says.
    ///
    /// # Errors
    /// When there is no such tenant, or no limit of such a name.
    pub fn set_limits(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        limits: OwnLimits,
        defaults: Vec<String>,
    ) -> Result<TenantRecord, IdentityError> {
        let (id, now_ms) = (scope.tenant(), self.clock().now_ms());
        self.change(&actor.in_tenant(id), move |tx| {
            let own = tenants::find(tx, id, now_ms)?.own_limits;
            let limits = own.without(&defaults)?.changed_by(limits);
            let text = serde_json::to_string(&limits)
                .map_err(|error| IdentityError::invalid("limits", error.to_string()))?;
            let sql = "UPDATE tenant SET limits = ? WHERE id = ?";
            tx.prepare_cached(sql)?.execute(params![text, id.to_bytes()])?;
            let event = Event::done("tenant.limits", format!("tenant:{id}")).detail(text);
            Ok((tenants::find(tx, id, now_ms)?, event))
        })
    }
}

/// The limits of the configuration, as far as they hold for a tenant.
pub(crate) fn default_for(tenant: TenantId, default: TenantLimits) -> TenantLimits {
    let platform = TenantScope::built_in().tenant();
    if tenant == platform { TenantLimits::NONE } else { default }
}

/// Refuses a further member where there are as many as there may be.
pub(crate) fn has_room(
    tx: &Transaction<'_>,
    tenant: TenantId,
    default: TenantLimits,
) -> Result<(), IdentityError> {
    let own = tx
        .prepare_cached("SELECT limits FROM tenant WHERE id = ?")?
        .query_row([tenant.to_bytes()], OwnLimits::read)?;
    let limit = own.over(default_for(tenant, default)).members;
    let sql = "SELECT count(*) FROM membership WHERE tenant = ?";
    let count: u64 = tx.prepare_cached(sql)?.query_row([tenant.to_bytes()], |row| row.get(0))?;
    if limit > 0 && count >= limit {
        return Err(IdentityError::Limit { what: "members", limit });
    }
    Ok(())
}
