//! From an account at a provider to a user here, and what the user may be in which tenant.

use assay_core::{PrincipalId, TenantId};
use assay_sqlite::sql::{OptionalExtension, Transaction, params};
use serde_json::{Map, Value};

use super::{Admit, Grant, OidcSettings, provider::Provider};
use crate::{
    Actor, Event, Identities, IdentityError, Login, Outcome, Principal, Role, TenantLimits,
    audit::append,
    invitations::{make, open_for, use_up},
    jwt::is_among,
    limits::has_room,
    members::{put, role_of, take_out},
    principals,
    row::{check_name, tenant_id},
    secrets::Secrets,
};

const NO_TENANT: &str = "it is a member of no tenant";

/// An account that a provider vouched for.
#[derive(Debug)]
pub struct OidcAccount {
    settings: OidcSettings,
    subject: String,
    /// The name of the user here, as far as the provider's claims give one.
    name: Result<String, &'static str>,
    claims: Map<String, Value>,
}

impl OidcAccount {
    pub(super) fn of(
        provider: &Provider,
        claims: Map<String, Value>,
    ) -> Result<Self, IdentityError> {
        let settings = provider.settings.clone();
        let subject = claims.get("sub").and_then(Value::as_str).map(str::to_owned);
        let subject = subject.ok_or(IdentityError::credential("the token names no user"))?;
        Ok(Self { name: name_of(&settings, &claims), settings, subject, claims })
    }

    /// The name of the provider.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.settings.name
    }

    /// What a tenant's first fitting grant gives.
    fn granted(&self, tenant: &str) -> Option<Role> {
        let mut of_tenant = self.settings.grants.iter().filter(|grant| grant.tenant == tenant);
        of_tenant.find(|grant| fits(grant, &self.claims))?.role()
    }
}

/// The name that the claims give the user here.
fn name_of(settings: &OidcSettings, claims: &Map<String, Value>) -> Result<String, &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let mail = text("email").to_ascii_lowercase();
    let is_verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        // Some providers write all claims as texts.
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    };
    let uses_mail = settings.user_claim == "email" || !settings.email_domains.is_empty();
    if uses_mail && !is_verified {
        return Err("the provider has not verified its address of mail");
    }
    let domain = mail.rsplit_once('@').map_or("", |(_, domain)| domain);
    let domains = &settings.email_domains;
    if !domains.is_empty() && !domains.iter().any(|it| it.eq_ignore_ascii_case(domain)) {
        return Err("its address of mail is of another domain");
    }
    let name = if settings.user_claim == "email" { &mail } else { text(&settings.user_claim) };
    match check_name("user name", name) {
        Ok(()) => Ok(name.to_owned()),
        Err(_) => Err("the provider gives it no name that a user can have"),
    }
}

/// Whether a claim, or one inside it, has the value that a grant asks for.
fn fits(grant: &Grant, claims: &Map<String, Value>) -> bool {
    let inside = || {
        let mut way = grant.claim.split('.');
        let first = claims.get(way.next()?)?;
        way.try_fold(first, |value, name| value.get(name))
    };
    claims.get(&grant.claim).or_else(inside).is_some_and(|value| is_among(value, &grant.value))
}

impl Identities {
    /// Logs in the user of an account, as far as the provider's settings let that user in.
    ///
    /// # Errors
    /// [`IdentityError::NotAdmitted`].
    pub fn oidc_log_in(&self, actor: &Actor, account: OidcAccount) -> Result<Login, IdentityError> {
        let login = self.new_login()?;
        let row = self.row_of(&login);
        let (secrets, limits, actor_too) = (self.secrets(), self.settings().limits, actor.clone());
        let admitted = self.change(actor, move |tx| {
            let now_ms = row.now_ms;
            let mut door = Door { tx, actor: &actor_too, secrets: &secrets, limits, now_ms };
            let user = door.user(&account)?;
            door.invited(&account, &user)?;
            door.granted(&account, &user)?;
            let told = format!("principal:{} {}", user.id, account.settings.name);
            let event = |action, outcome| Event {
                action,
                object: format!("login:{}", row.id),
                outcome,
                detail: told.clone(),
            };
            let sql = "SELECT 1 FROM membership WHERE principal = ?";
            if !tx.prepare_cached(sql)?.exists([user.id.to_bytes()])? {
                // What claims took away stays taken away; else nothing is kept of the attempt.
                if account.settings.admit != Admit::Claims {
                    return Err(IdentityError::NotAdmitted { reason: NO_TENANT });
                }
                return Ok((false, event("login.refused", Outcome::Denied)));
            }
            row.insert(tx, user.id)?;
            Ok((true, event("login.begin", Outcome::Done)))
        })?;
        if admitted { Ok(login) } else { Err(IdentityError::NotAdmitted { reason: NO_TENANT }) }
    }
}

/// A login on its way in, in one transaction.
struct Door<'a> {
    tx: &'a Transaction<'a>,
    actor: &'a Actor,
    secrets: &'a Secrets,
    limits: TenantLimits,
    now_ms: i64,
}

impl Door<'_> {
    /// The user of the account: by issuer and subject, else by name, which binds both from then on.
    fn user(&mut self, account: &OidcAccount) -> Result<Principal, IdentityError> {
        let refused = |reason| Err(IdentityError::NotAdmitted { reason });
        let issuer = account.settings.issuer.as_str();
        let sql = "SELECT p.* FROM account a JOIN principal p ON p.id = a.principal \
                   WHERE a.issuer = ? AND a.subject = ?";
        let known = self
            .tx
            .prepare_cached(sql)?
            .query_row(params![issuer, account.subject], principals::read)
            .optional()?;
        let shut = "the user is shut out";
        if let Some(user) = known {
            return if user.disabled_ms.is_none() { Ok(user) } else { refused(shut) };
        }
        let name =
            account.name.as_deref().map_err(|reason| IdentityError::NotAdmitted { reason })?;
        let user = match principals::user_named(self.tx, name) {
            Ok(user) if user.disabled_ms.is_some() => return refused(shut),
            Ok(user) => user,
            Err(IdentityError::NotFound { .. }) => self.new_user(account, name)?,
            Err(error) => return Err(error),
        };
        let sql = "INSERT INTO account (issuer, subject, principal, created_ms) \
                   VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let row = params![issuer, account.subject, user.id.to_bytes(), self.now_ms];
        if self.tx.prepare_cached(sql)?.execute(row)? == 0 {
            return refused("the user has another account at this provider");
        }
        let event = Event::done("user.account", principal(user.id));
        self.note(self.actor.clone(), &event.detail(&account.settings.name))?;
        Ok(user)
    }

    /// Makes the user, when something but the account itself says that there shall be one.
    fn new_user(&self, account: &OidcAccount, name: &str) -> Result<Principal, IdentityError> {
        let settings = &account.settings;
        let wanted = match settings.admit {
            Admit::Members => false,
            Admit::Invited => !open_for(self.tx, name, self.now_ms)?.is_empty(),
            Admit::Claims => settings.grants.iter().any(|it| fits(it, &account.claims)),
        };
        if !wanted {
            return Err(IdentityError::NotAdmitted { reason: "there is no user for it" });
        }
        let made = make(self.tx, name, None, self.now_ms)?;
        self.note(self.actor.clone(), &Event::done("user.create", principal(made.id)))?;
        Ok(made)
    }

    /// Accepts the invitations of the user.
    fn invited(&self, account: &OidcAccount, user: &Principal) -> Result<(), IdentityError> {
        // By the name that the provider gives now: an invitation is for whoever has it.
        let (Admit::Invited, Ok(name)) = (account.settings.admit, &account.name) else {
            return Ok(());
        };
        if *name != user.name {
            return Ok(());
        }
        for (tenant, invitation) in open_for(self.tx, name, self.now_ms)? {
            if role_of(self.tx, tenant, user.id)?.is_some() || self.is_full(tenant)? {
                continue;
            }
            use_up(self.tx, invitation.id, self.now_ms)?;
            put(self.tx, tenant, user.id, invitation.role, self.now_ms)?;
            let event = Event::done("invitation.accept", format!("invitation:{}", invitation.id));
            let told = format!("{} {}", principal(user.id), invitation.role.as_str());
            self.note(self.actor.in_tenant(tenant), &event.detail(told))?;
        }
        Ok(())
    }

    /// Makes the user in each tenant that grants name what they say, which may be nothing. Owners
    /// stay what they are.
    fn granted(&self, account: &OidcAccount, user: &Principal) -> Result<(), IdentityError> {
        if account.settings.admit != Admit::Claims {
            return Ok(());
        }
        let mut names: Vec<&str> =
            account.settings.grants.iter().map(|grant| grant.tenant.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let sql = "SELECT id FROM tenant WHERE name = ?";
            let found = self.tx.prepare_cached(sql)?.query_row([name], |row| tenant_id(row, "id"));
            let Some(tenant) = found.optional()? else {
                tracing::warn!(
                    tenant = name,
                    "a grant of a provider names no tenant that there is"
                );
                continue;
            };
            self.grant(tenant, user.id, account.granted(name))?;
        }
        Ok(())
    }

    fn grant(
        &self,
        tenant: TenantId,
        user: PrincipalId,
        role: Option<Role>,
    ) -> Result<(), IdentityError> {
        let had = role_of(self.tx, tenant, user)?;
        if had == role || had == Some(Role::Owner) {
            return Ok(());
        }
        let Some(role) = role else {
            take_out(self.tx, tenant, user, self.now_ms)?;
            let event = Event::done("member.remove", principal(user));
            return self.note(self.actor.in_tenant(tenant), &event.detail("by claims"));
        };
        if had.is_none() && self.is_full(tenant)? {
            return Ok(());
        }
        put(self.tx, tenant, user, role, self.now_ms)?;
        let event = Event::done("member.set", principal(user));
        self.note(
            self.actor.in_tenant(tenant),
            &event.detail(format!("{} by claims", role.as_str())),
        )
    }

    /// Whether a tenant has no room: the user may be let in elsewhere nevertheless.
    fn is_full(&self, tenant: TenantId) -> Result<bool, IdentityError> {
        match has_room(self.tx, tenant, self.limits) {
            Err(IdentityError::Limit { limit, .. }) => {
                tracing::warn!(%tenant, limit, "a login found no room for a further member");
                Ok(true)
            }
            room => room.map(|()| false),
        }
    }

    fn note(&self, actor: Actor, event: &Event) -> Result<(), IdentityError> {
        append(self.tx, self.secrets, self.now_ms, &actor, event)
    }
}

fn principal(id: PrincipalId) -> String {
    format!("principal:{id}")
}
