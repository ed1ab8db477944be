//! Calls of Assay's own: answers, follow-up questions, judgements, vectors. They take the same way
//! as those of callers, and are counted for the tenant that they are made for.

use assay_core::{DocumentId, RequestId, TenantScope};
use serde::Serialize;

use crate::{Dialect, Gateway, GatewayError, Incoming, Reply, Wishes};

/// For whom and for what a call is made.
#[derive(Debug, Clone, Copy)]
pub struct Purpose<'a> {
    /// The tenant.
    pub scope: &'a TenantScope,
    /// Who asked for it, and the key that came with that: their budgets pay.
    pub user: Option<&'a str>,
    /// See `user`.
    pub key: Option<&'a str>,
    /// The question that it helps to answer.
    pub query: Option<RequestId>,
    /// The document that it helps to take in.
    pub document: Option<DocumentId>,
}

impl<'a> Purpose<'a> {
    /// A call for a tenant that belongs to no question and no document.
    #[must_use]
    pub const fn of(scope: &'a TenantScope) -> Self {
        Self { scope, user: None, key: None, query: None, document: None }
    }
}

/// A model for Assay's own use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OwnModel {
    gateway: Gateway,
    /// The name of its route.
    pub(crate) name: String,
}

impl Gateway {
    /// The model of a route, an alias or `provider/model`, or one that the settings have for
    /// Assay's own use.
    #[must_use]
    pub fn own_model(&self, name: &str) -> OwnModel {
        OwnModel { gateway: self.clone(), name: name.to_owned() }
    }
}

impl OwnModel {
    /// The name of its route.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends a body; a fault is an error.
    pub(crate) async fn call(
        &self,
        dialect: Dialect,
        purpose: Purpose<'_>,
        body: &impl Serialize,
    ) -> Result<Reply, GatewayError> {
        let body = serde_json::to_vec(body).map_err(|error| self.malformed(error.to_string()))?;
        let incoming = Incoming {
            scope: purpose.scope.clone(),
            key: purpose.key.map(str::to_owned),
            user: purpose.user.map(str::to_owned),
            principal: None,
            id: RequestId::new(),
            dialect,
            body: body.into(),
            wishes: Wishes::default(),
            forward: Vec::new(),
            own: Some((purpose.query, purpose.document)),
        };
        // Boxed: few of those who may call a model do.
        let reply = Box::pin(self.gateway.call(incoming)).await;
        match reply.fault {
            Some(fault) => Err(GatewayError::Failed(Box::new(fault))),
            None => Ok(reply),
        }
    }

    pub(crate) fn malformed(&self, reason: impl Into<String>) -> GatewayError {
        GatewayError::Malformed { host: self.name.clone(), reason: reason.into() }
    }
}
