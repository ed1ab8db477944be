//! Making the tables, under a role of its own, and checking that they are what the program needs.

use super::{Failure, Place, Server, Session};
use crate::{Migration, SqliteError, WayBack, sql::Result};

/// The functions that the tables of every schema use, and the list of what was applied.
const BASE: &str = include_str!("base.sql");

/// Whose rows a transaction sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Those of the tenant that the transaction names; every table has a column `tenant`.
    Tenant,
    /// All of them, for the part of the program of this name: it serves every tenant and names none.
    Role(&'static str),
}

impl Guard {
    /// The condition of a row that is seen, and of a row that may be written.
    fn condition(self) -> String {
        match self {
            Self::Tenant => "tenant = assay.tenant()".to_owned(),
            Self::Role(role) => format!("assay.acts_as('{role}')"),
        }
    }
}

/// The tables of one component.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// Its name in the database.
    pub name: &'static str,
    /// Whose rows are seen.
    pub guard: Guard,
    /// The steps that lead to the schema of this program.
    pub migrations: &'static [Migration],
}

impl Schema {
    fn known(&self) -> u32 {
        self.migrations.last().map_or(0, |last| last.version)
    }
}

impl Server {
    /// Applies the missing steps of `schemas` with the role of this server's address, which then owns
    /// the tables, and lets the role `user` read and write rows. Returns the steps that were applied.
    ///
    /// # Errors
    /// [`SqliteError::Role`] when `user` could read past the policies; those of the database.
    pub fn migrate(&self, schemas: &[Schema], user: &str) -> Result<Vec<String>, SqliteError> {
        let session = self.connect()?;
        session.batch("SELECT pg_advisory_lock(7236287)")?;
        check_user(&session, user)?;
        let mut applied = Vec::new();
        session.batch(&format!("BEGIN; {BASE}; COMMIT"))?;
        guard(&session, "assay", Guard::Role("schema"), user)?;
        for schema in schemas {
            let found = version(&session, schema.name)?;
            if found > schema.known() {
                return Err(SqliteError::NewerSchema { found, known: schema.known() });
            }
            for step in schema.migrations.iter().filter(|step| step.version > found) {
                apply(&session, schema.name, step)?;
                applied.push(format!("{} {} ({})", schema.name, step.version, step.name));
            }
            guard(&session, schema.name, schema.guard, user)?;
        }
        Ok(applied)
    }

    /// The version of a schema; 0 when it was never made.
    ///
    /// # Errors
    /// Those of the database.
    pub fn version(&self, schema: &Schema) -> Result<u32, SqliteError> {
        version(&self.connect()?, schema.name)
    }

    /// Takes the tables of a schema one version back, with the role of this server's address, which owns
    /// them; `false` where they are not at the version that the way leads away from.
    ///
    /// # Errors
    /// [`SqliteError::NewerSchema`]; [`SqliteError::Migration`], and the tables are as they were.
    pub fn step_back(&self, schema: &Schema, way: &WayBack) -> Result<bool, SqliteError> {
        let session = self.connect()?;
        session.batch("SELECT pg_advisory_lock(7236287)")?;
        let found = version(&session, schema.name)?;
        if found > way.from {
            return Err(SqliteError::NewerSchema { found, known: way.from });
        }
        if found < way.from {
            return Ok(false);
        }
        let (name, WayBack { from, to, .. }) = (schema.name, way);
        let sql = way.sql_on_server.unwrap_or(way.sql);
        let sql = format!(
            "BEGIN; SET LOCAL search_path = {name}, assay; {sql}; SET LOCAL assay.role = 'schema'; \
             DELETE FROM assay.migration WHERE schema = '{name}' AND version = {from}; COMMIT"
        );
        session.batch(&sql).map_err(|failure| {
            let _rolled_back = session.batch("ROLLBACK");
            let name = "the way back";
            SqliteError::Migration { version: *to, name, source: failure.into() }
        })?;
        Ok(true)
    }

    /// Refuses a role that the policies do not hold for, and tables that are older or newer than the
    /// program.
    pub(crate) fn check(&self, schema: &Schema) -> Result<(), SqliteError> {
        let session = self.connect()?;
        let sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
        let owned = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE n.nspname IN ('assay', ?) AND pg_has_role(current_user, c.relowner, 'MEMBER')";
        if flag(&session, sql, &[])? || number(&session, owned, &[&schema.name])? > 0 {
            let role = self.role().to_owned();
            return Err(SqliteError::Role { role });
        }
        let (found, known) = (version(&session, schema.name)?, schema.known());
        match found {
            found if found < known => {
                Err(SqliteError::OlderSchema { schema: schema.name, found, known })
            }
            found if found > known => Err(SqliteError::NewerSchema { found, known }),
            _ => Ok(()),
        }
    }

    pub(crate) fn place(&self, schema: &Schema, tenant: Option<assay_core::TenantId>) -> Place {
        Place::new(self, schema.name, schema.guard, tenant)
    }
}

fn check_user(session: &Session, user: &str) -> Result<(), SqliteError> {
    let unsafe_user = "SELECT rolsuper OR rolbypassrls OR rolname = current_user \
        OR pg_has_role(rolname, current_user, 'MEMBER') FROM pg_roles WHERE rolname = ?";
    let prepared = session.prepare(unsafe_user)?;
    let rows = session.query(&prepared, &[&user])?;
    match rows.first().map(|row| row.try_get::<_, bool>(0)) {
        None => Err(SqliteError::NoRole { role: user.to_owned() }),
        Some(Ok(false)) => Ok(()),
        Some(Ok(true)) => Err(SqliteError::Role { role: user.to_owned() }),
        Some(Err(error)) => Err(Failure::from(error).into()),
    }
}

fn apply(session: &Session, schema: &str, step: &Migration) -> Result<(), SqliteError> {
    let sql = format!(
        "BEGIN; CREATE SCHEMA IF NOT EXISTS {schema}; SET LOCAL search_path = {schema}, assay; {}; \
         SET LOCAL assay.role = 'schema'; INSERT INTO assay.migration (schema, version, name) \
         VALUES ('{schema}', {}, '{}'); COMMIT",
        step.sql, step.version, step.name
    );
    session.batch(&sql).map_err(|failure| {
        let _rolled_back = session.batch("ROLLBACK");
        SqliteError::Migration { version: step.version, name: step.name, source: failure.into() }
    })
}

/// Puts the policy on every table of a schema: one that a step forgot does not exist.
fn guard(session: &Session, schema: &str, guard: Guard, user: &str) -> Result<(), SqliteError> {
    let condition = guard.condition();
    let tables = "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c \
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relkind IN ('r', 'p')";
    let user = quoted(user);
    let mut sql = format!("BEGIN; GRANT USAGE ON SCHEMA {schema} TO {user};");
    let prepared = session.prepare(tables)?;
    for row in session.query(&prepared, &[&schema])? {
        let table: String = row.try_get(0).map_err(Failure::from)?;
        let rights = match schema {
            "assay" => "SELECT",
            _ => "SELECT, INSERT, UPDATE, DELETE",
        };
        sql.push_str(&format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; \
             ALTER TABLE {table} FORCE ROW LEVEL SECURITY; \
             DROP POLICY IF EXISTS guarded ON {table}; \
             CREATE POLICY guarded ON {table} USING ({condition}) WITH CHECK ({condition}); \
             REVOKE ALL ON {table} FROM PUBLIC; GRANT {rights} ON {table} TO {user};"
        ));
    }
    sql.push_str("COMMIT");
    Ok(session.batch(&sql)?)
}

/// The version of a schema: 0 when it was never made.
fn version(session: &Session, schema: &str) -> Result<u32, SqliteError> {
    if !flag(session, "SELECT to_regclass('assay.migration') IS NOT NULL", &[])? {
        return Ok(0);
    }
    session.batch("BEGIN; SET LOCAL assay.role = 'schema'")?;
    let sql = "SELECT coalesce(max(version), 0) FROM assay.migration WHERE schema = ?";
    let found = number(session, sql, &[&schema]);
    session.batch("COMMIT")?;
    Ok(u32::try_from(found?).unwrap_or(u32::MAX))
}

fn number(session: &Session, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<i64> {
    let prepared = session.prepare(sql)?;
    let rows = session.query(&prepared, values)?;
    let value = rows.first().ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(value.try_get(0).map_err(Failure::from)?)
}

fn flag(session: &Session, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<bool> {
    let prepared = session.prepare(sql)?;
    let rows = session.query(&prepared, values)?;
    let value = rows.first().ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(value.try_get(0).map_err(Failure::from)?)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
