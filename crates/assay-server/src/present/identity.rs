//! Tenants, members and keys on the wire.

use assay_api::{
    AccessListResponse, GroupResponse, InvitationResponse, KeyResponse, MemberResponse,
    MintedKeyResponse, NamedHolder, OpenTo, PrincipalResponse, TenantLimits, TenantResponse,
};
use assay_core::Holder;
use assay_identity::{
    Group, GroupDetail, Invitation, KeyRecord, Member, MintedKey, Permission, Principal,
    TenantLimits as Limits, TenantRecord,
};

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

/// A tenant with the limits that hold for it.
pub(crate) fn tenant(tenant: &TenantRecord, limits: Limits) -> TenantResponse {
    let limit = |value: u64| (value > 0).then_some(value);
    TenantResponse {
        id: tenant.id.to_string(),
        name: tenant.name.clone(),
        state: tenant.state.as_str().to_owned(),
        trial_ends_at: tenant.trial_ends_ms.map(time),
        created_at: time(tenant.created_ms),
        limits: TenantLimits {
            documents: limit(limits.documents),
            bytes: limit(limits.bytes),
            members: limit(limits.members),
            questions_per_minute: limit(limits.questions_per_minute),
            requests_per_minute: limit(limits.requests_per_minute),
        },
        usage: None,
    }
}

pub(crate) fn invitation(invitation: &Invitation, state: &str) -> InvitationResponse {
    InvitationResponse {
        id: invitation.id.to_string(),
        name: invitation.name.clone(),
        role: invitation.role.as_str().to_owned(),
        state: state.to_owned(),
        invited_by: invitation.invited_by.to_string(),
        created_at: time(invitation.created_ms),
        expires_at: time(invitation.expires_ms),
    }
}

pub(crate) fn group(group: &Group) -> GroupResponse {
    GroupResponse {
        id: group.id.to_string(),
        name: group.name.clone(),
        member_count: group.members,
        members: None,
        created_at: time(group.created_ms),
    }
}

pub(crate) fn group_detail(detail: &GroupDetail) -> GroupResponse {
    let named = |member: &Principal| NamedHolder {
        id: member.id.to_string(),
        name: Some(member.name.clone()),
    };
    GroupResponse {
        members: Some(detail.members.iter().map(named).collect()),
        ..group(&detail.group)
    }
}

/// A list with the names of its holders; none where something inherits.
pub(crate) fn access_list(
    list: Option<&[Holder]>,
    names: Vec<Option<String>>,
) -> AccessListResponse {
    let open_to = match list {
        None => OpenTo::Inherited,
        Some([Holder::Everybody]) => OpenTo::Everybody,
        Some(_) => OpenTo::Listed,
    };
    let mut shown = AccessListResponse { open_to, members: Vec::new(), groups: Vec::new() };
    for (holder, name) in list.unwrap_or_default().iter().zip(names) {
        match holder {
            Holder::Everybody => {}
            Holder::Principal(id) => shown.members.push(NamedHolder { id: id.to_string(), name }),
            Holder::Group(id) => shown.groups.push(NamedHolder { id: id.to_string(), name }),
        }
    }
    shown
}
