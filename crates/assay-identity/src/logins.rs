//! Logins with a password or by a provider: a short-lived token for requests, a longer one that fetches the next
//! pair, and a proof that a request comes from the page that logged in.

use assay_core::{PrincipalId, Secret};
use assay_sqlite::sql::{OptionalExtension, Transaction, params};

use crate::{
    Actor, Caller, Credential, Event, Identities, IdentityError, key::encode, row::principal_id,
    secrets::random,
};

/// Milliseconds for which a token for requests is good: 30 minutes.
const ACCESS_MS: i64 = 30 * 60_000;
/// Milliseconds for which the token for the next pair is good: 7 days.
const REFRESH_MS: i64 = 7 * 24 * 3_600_000;

/// A login, as its owner gets it.
#[derive(Debug)]
pub struct Login {
    /// Its id, which is no secret.
    pub id: String,
    /// The token for requests.
    pub access: Secret,
    /// Milliseconds for which it is good.
    pub access_ms: i64,
    /// The token for the next pair; it is good once.
    pub refresh: Secret,
    /// Milliseconds for which it is good.
    pub refresh_ms: i64,
    /// What a request that changes something has to show besides.
    pub proof: String,
}

/// A login as it is stored.
pub(crate) struct LoginRow {
    pub(crate) id: String,
    access: [u8; 32],
    refresh: [u8; 32],
    pub(crate) now_ms: i64,
}

impl LoginRow {
    /// Writes it down; the user's logins that are over go.
    pub(crate) fn insert(
        &self,
        tx: &Transaction<'_>,
        user: PrincipalId,
    ) -> Result<(), IdentityError> {
        let (user, now_ms) = (user.to_bytes(), self.now_ms);
        let sql = "DELETE FROM login WHERE principal = ? AND refresh_ends_ms <= ?";
        tx.prepare_cached(sql)?.execute(params![user, now_ms])?;
        let sql = "INSERT INTO login VALUES (?, ?, ?, ?, ?, ?, ?)";
        let (ends, refresh_ends) = (now_ms + ACCESS_MS, now_ms + REFRESH_MS);
        let row = params![self.id, user, self.access, ends, self.refresh, refresh_ends, now_ms];
        tx.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}

impl Identities {
    /// Logs a user in.
    ///
    /// # Errors
    /// When name and password do not fit, or too many were tried.
    pub fn log_in(
        &self,
        actor: &Actor,
        name: &str,
        password: &str,
    ) -> Result<Login, IdentityError> {
        let user = self.check_password(name, password)?;
        let login = self.new_login()?;
        let row = self.row_of(&login);
        self.change(actor, move |tx| {
            row.insert(tx, user.id)?;
            let event = Event::done("login.begin", format!("login:{}", row.id));
            Ok(((), event.detail(format!("principal:{}", user.id))))
        })?;
        Ok(login)
    }

    /// A login that is not written down yet.
    pub(crate) fn new_login(&self) -> Result<Login, IdentityError> {
        self.minted(encode(&random::<10>()?))
    }

    /// A login as it is stored.
    pub(crate) fn row_of(&self, login: &Login) -> LoginRow {
        let (id, access, refresh) = self.hashes(login);
        LoginRow { id, access, refresh, now_ms: self.clock().now_ms() }
    }

    /// Gives the next pair of tokens. A token that was used already ends the login: somebody else
    /// has it too.
    ///
    /// # Errors
    /// When the token is not good.
    pub fn refresh_login(&self, actor: &Actor, token: &str) -> Result<Login, IdentityError> {
        let over = || IdentityError::credential("this login has ended");
        let (id, _) = token.split_once('.').ok_or_else(over)?;
        let login = self.minted(id.to_owned())?;
        let (id, access, refresh) = self.hashes(&login);
        let (secrets, now_ms, token) = (self.secrets(), self.clock().now_ms(), token.to_owned());
        let is_good = self.change(actor, move |tx| {
            let sql = "SELECT refresh, refresh_ends_ms FROM login WHERE id = ?";
            let found = tx
                .prepare_cached(sql)?
                .query_row([&id], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)));
            let (stored, ends) = found.optional()?.ok_or_else(over)?;
            if ends <= now_ms || !secrets.matches(&token, &stored) {
                tx.prepare_cached("DELETE FROM login WHERE id = ?")?.execute([&id])?;
                let event = Event::done("login.end", format!("login:{id}"));
                return Ok((false, event.detail("a token that was not the newest was shown")));
            }
            let sql = "UPDATE login SET access = ?, access_ends_ms = ?, refresh = ? WHERE id = ?";
            tx.prepare_cached(sql)?.execute(params![access, now_ms + ACCESS_MS, refresh, id])?;
            Ok((true, Event::done("login.refresh", format!("login:{id}"))))
        })?;
        if is_good { Ok(login) } else { Err(over()) }
    }

    /// Ends a login.
    ///
    /// # Errors
    /// When the database fails.
    pub fn log_out(&self, actor: &Actor, id: &str) -> Result<(), IdentityError> {
        let id = id.to_owned();
        self.change(actor, move |tx| {
            tx.prepare_cached("DELETE FROM login WHERE id = ?")?.execute([&id])?;
            Ok(((), Event::done("login.end", format!("login:{id}"))))
        })
    }

    /// Turns the token of a login into who acts for which tenant.
    ///
    /// # Errors
    /// When the token is not good, or the tenant is not open to the user.
    pub fn authenticate_login(
        &self,
        token: &str,
        chosen: Option<&str>,
    ) -> Result<Caller, IdentityError> {
        let over = || IdentityError::credential("this login has ended");
        let (id, _) = token.split_once('.').ok_or_else(over)?;
        let found = self.read(|db| {
            let sql = "SELECT l.access, l.access_ends_ms, l.principal, p.name FROM login l \
                       JOIN principal p ON p.id = l.principal WHERE l.id = ?";
            let mut rows = db.prepare_cached(sql)?;
            let found = rows.query_row([id], |row| {
                let (access, ends) = (row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?);
                Ok((access, ends, principal_id(row, "principal")?, row.get::<_, String>(3)?))
            });
            Ok::<_, IdentityError>(found.optional()?)
        })?;
        let (access, ends, _, user) = found.ok_or_else(over)?;
        if ends <= self.clock().now_ms() || !self.secrets().matches(token, &access) {
            return Err(over());
        }
        let credential = Credential::Login(id.to_owned());
        self.standing(&user)?.choose(chosen, credential, self.clock().now_ms())
    }

    /// Whether a request shows the proof that belongs to the login.
    #[must_use]
    pub fn is_proof(&self, login: &str, proof: &str) -> bool {
        self.secrets().is_same(&self.proof(login), proof)
    }

    fn proof(&self, login: &str) -> String {
        encode(&self.secrets().hash(&format!("proof of {login}")))
    }

    fn minted(&self, id: String) -> Result<Login, IdentityError> {
        let token =
            || Ok::<_, IdentityError>(Secret::new(format!("{id}.{}", encode(&random::<32>()?))));
        Ok(Login {
            access: token()?,
            access_ms: ACCESS_MS,
            refresh: token()?,
            refresh_ms: REFRESH_MS,
            proof: self.proof(&id),
            id,
        })
    }

    fn hashes(&self, login: &Login) -> (String, [u8; 32], [u8; 32]) {
        let secrets = self.secrets();
        (
            login.id.clone(),
            secrets.hash(login.access.expose()),
            secrets.hash(login.refresh.expose()),
        )
    }
}
