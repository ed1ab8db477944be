//! Tenants, members and keys on the wire.

use assay_api::{
    KeyResponse, MemberResponse, MintedKeyResponse, PrincipalResponse, TenantResponse,
};
use assay_identity::{KeyRecord, Member, MintedKey, Permission, Principal, TenantRecord};

use super::time;

pub(crate) fn key(key: &KeyRecord) -> KeyResponse {
    let names = |permission: Permission| permission.as_str().to_owned();
    KeyResponse {
        id: key.id.to_string(),
        name: key.name.clone(),
        principal: key.principal.to_string(),
        scopes: key.scopes.map(|scopes| scopes.iter().map(names).collect()),
        created_at: time(key.created_ms),
        expires_at: key.expires_ms.map(time),
        revoked_at: key.revoked_ms.map(time),
        used_at: key.used_ms.map(time),
        replaces: key.replaces.as_ref().map(ToString::to_string),
    }
}

pub(crate) fn minted_key(minted: &MintedKey) -> MintedKeyResponse {
    MintedKeyResponse { key: minted.key.expose().to_owned(), about: key(&minted.record) }
}

pub(crate) fn principal(principal: &Principal) -> PrincipalResponse {
    PrincipalResponse {
        id: principal.id.to_string(),
        kind: principal.kind.as_str().to_owned(),
        name: principal.name.clone(),
        created_at: time(principal.created_ms),
        disabled_at: principal.disabled_ms.map(time),
    }
}

pub(crate) fn member(member: &Member) -> MemberResponse {
    MemberResponse {
        id: member.principal.id.to_string(),
        kind: member.principal.kind.as_str().to_owned(),
        name: member.principal.name.clone(),
        role: member.role.as_str().to_owned(),
        since: time(member.since_ms),
    }
}

pub(crate) fn tenant(tenant: &TenantRecord) -> TenantResponse {
    TenantResponse {
        id: tenant.id.to_string(),
        name: tenant.name.clone(),
        state: tenant.state.as_str().to_owned(),
        trial_ends_at: tenant.trial_ends_ms.map(time),
        created_at: time(tenant.created_ms),
    }
}
