//! Who and what a call is attributed to.

use std::{collections::HashMap, sync::Arc};

use assay_core::{TenantId, TenantScope};

use crate::{Dimension, LedgerError};

/// Longest label, in bytes. Some come from requests.
const BYTES_MAX: usize = 200;

/// Who calls: made once per credential and cheap to clone. The tenant comes from the scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    tenant: TenantId,
    tenant_name: Arc<str>,
    organisation: Option<Arc<str>>,
    key: Option<Arc<str>>,
    user: Option<Arc<str>>,
    end_user: Option<Arc<str>>,
}

impl Caller {
    /// A caller of a tenant, of whom nothing else is known.
    #[must_use]
    pub fn new(scope: &TenantScope) -> Self {
        Self::of_recorded(scope.tenant())
    }

    /// The caller of a call that the journal holds.
    pub(crate) fn of_recorded(tenant: TenantId) -> Self {
        let tenant_name = tenant.to_string().into();
        Self { tenant, tenant_name, organisation: None, key: None, user: None, end_user: None }
    }

    /// With the organisation that the tenant belongs to.
    ///
    /// # Errors
    /// [`LedgerError::Label`] when it is empty, long, or holds control characters; so the others.
    pub fn organisation(self, name: &str) -> Result<Self, LedgerError> {
        Ok(Self { organisation: Some(label("organisation", name)?), ..self })
    }

    /// With the organisation that the settings say.
    pub(crate) fn belonging_to(&self, all: &HashMap<TenantId, Arc<str>>) -> Self {
        let settled = all.get(&self.tenant).cloned();
        Self { organisation: settled.or_else(|| self.organisation.clone()), ..self.clone() }
    }

    /// With the API key, by its id and never by itself.
    ///
    /// # Errors
    /// As [`Self::organisation`].
    pub fn key(self, id: &str) -> Result<Self, LedgerError> {
        Ok(Self { key: Some(label("key", id)?), ..self })
    }

    /// With the user or service that the credential belongs to, by id.
    ///
    /// # Errors
    /// As [`Self::organisation`].
    pub fn user(self, name: &str) -> Result<Self, LedgerError> {
        Ok(Self { user: Some(label("user", name)?), ..self })
    }

    /// With whom the request names.
    ///
    /// # Errors
    /// As [`Self::organisation`].
    pub fn end_user(self, name: &str) -> Result<Self, LedgerError> {
        Ok(Self { end_user: Some(label("end user", name)?), ..self })
    }
}

/// A caller with what is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Labels {
    caller: Caller,
    provider: Arc<str>,
    model: Arc<str>,
}

impl Labels {
    pub(crate) fn new(caller: &Caller, provider: &str, model: &str) -> Result<Self, LedgerError> {
        let (provider, model) = (label("provider", provider)?, label("model", model)?);
        Ok(Self { caller: caller.clone(), provider, model })
    }

    /// Without whom the request named.
    pub(crate) fn forget_end_user(&mut self) {
        self.caller.end_user = None;
    }

    pub(crate) const fn tenant_id(&self) -> TenantId {
        self.caller.tenant
    }

    pub(crate) fn get(&self, dimension: Dimension) -> Option<&Arc<str>> {
        match dimension {
            Dimension::Organisation => self.caller.organisation.as_ref(),
            Dimension::Tenant => Some(&self.caller.tenant_name),
            Dimension::Key => self.caller.key.as_ref(),
            Dimension::User => self.caller.user.as_ref(),
            Dimension::EndUser => self.caller.end_user.as_ref(),
            Dimension::Provider => Some(&self.provider),
            Dimension::Model => Some(&self.model),
        }
    }
}

fn label(kind: &'static str, text: &str) -> Result<Arc<str>, LedgerError> {
    check(kind, text).map_err(|reason| LedgerError::Label { reason })?;
    Ok(text.into())
}

/// Whether a text can be a label.
pub(crate) fn check(kind: &str, text: &str) -> Result<(), String> {
    if text.is_empty() || text.len() > BYTES_MAX || text.chars().any(char::is_control) {
        return Err(format!("the {kind} is not a name of 1 to {BYTES_MAX} bytes"));
    }
    Ok(())
}
