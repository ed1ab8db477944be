//! Groups of members, and the names that access lists are written with.

use assay_core::{GroupId, Holder, PrincipalId, Reader, TenantId, TenantScope};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, Transaction, params};

use crate::{Actor, Event, Identities, IdentityError, Principal, principals, row::check_name};

/// Groups of a tenant at most.
const GROUPS_MAX: u32 = 1_000;

/// A group of members of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name, unique in the tenant.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// How many are in it.
    pub members: u64,
}

/// A group with who is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDetail {
    /// The group.
    pub group: Group,
    /// Who is in it, by name.
    pub members: Vec<Principal>,
}

const SELECT: &str = "SELECT g.*, (SELECT count(*) FROM group_member WHERE in_group = g.id) AS members \
     FROM access_group g";

impl Identities {
    /// Makes a group, which nobody is in yet.
    ///
    /// # Errors
    /// When the name is taken or cannot be one, or there are 1,000 groups.
    pub fn create_group(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        name: &str,
    ) -> Result<Group, IdentityError> {
        check_name("group name", name)?;
        if name.parse::<GroupId>().is_ok() {
            return Err(IdentityError::invalid("group name", "it reads as an id"));
        }
        let (tenant, name, created_ms) = (scope.tenant(), name.to_owned(), self.clock().now_ms());
        self.change(&actor.in_tenant(tenant), move |tx| {
            let sql = "SELECT count(*) FROM access_group WHERE tenant = ?";
            let count: u32 =
                tx.prepare_cached(sql)?.query_row([tenant.to_bytes()], |row| row.get(0))?;
            if count >= GROUPS_MAX {
                let reason = format!("there are {count} already, which is the limit");
                return Err(IdentityError::invalid("group", reason));
            }
            let id = GroupId::new();
            let sql = "INSERT INTO access_group (id, tenant, name, created_ms) VALUES (?, ?, ?, ?) \
                       ON CONFLICT DO NOTHING";
            let row = params![id.to_bytes(), tenant.to_bytes(), name, created_ms];
            if tx.prepare_cached(sql)?.execute(row)? == 0 {
                return Err(IdentityError::Exists { kind: "group", name });
            }
            let event = Event::done("group.create", format!("group:{id}"));
            Ok((Group { id, name, created_ms, members: 0 }, event))
        })
    }

    /// The groups of a tenant, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn groups(&self, scope: &TenantScope) -> Result<Vec<Group>, IdentityError> {
        self.read(|db| {
            let mut rows =
                db.prepare_cached(&format!("{SELECT} WHERE g.tenant = ? ORDER BY g.name"))?;
            let groups = rows.query_map([scope.tenant().to_bytes()], read)?;
            Ok(groups.collect::<Result<_, _>>()?)
        })
    }

    /// A group with who is in it.
    ///
    /// # Errors
    /// When there is none of this id or name.
    pub fn group(&self, scope: &TenantScope, given: &str) -> Result<GroupDetail, IdentityError> {
        self.read(|db| {
            let group = find(db, scope.tenant(), given)?;
            let sql = "SELECT p.* FROM group_member m JOIN principal p ON p.id = m.principal \
                       WHERE m.in_group = ? ORDER BY p.name, p.id";
            let mut rows = db.prepare_cached(sql)?;
            let members = rows.query_map([group.id.to_bytes()], principals::read)?;
            Ok(GroupDetail { members: members.collect::<Result<_, _>>()?, group })
        })
    }

    /// Puts members of the tenant into a group and takes others out; it holds for the next request.
    ///
    /// # Errors
    /// When there is no such group, or somebody of this name or id is no member of the tenant, or is
    /// to leave a group without being in it. Nothing is changed then.
    pub fn change_group(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        given: &str,
        add: Vec<String>,
        remove: Vec<String>,
    ) -> Result<(), IdentityError> {
        let (tenant, given) = (scope.tenant(), given.to_owned());
        self.change(&actor.in_tenant(tenant), move |tx| {
            let group = find(tx, tenant, &given)?.id;
            let mut detail = String::new();
            for member in &add {
                let principal = member_named(tx, tenant, member)?;
                join(tx, group, tenant, principal)?;
                detail.push_str(&format!("+principal:{principal} "));
            }
            for member in &remove {
                let principal = member_named(tx, tenant, member)?;
                leave(tx, group, principal)?;
                detail.push_str(&format!("-principal:{principal} "));
            }
            Ok((
                (),
                Event::done("group.change", format!("group:{group}")).detail(detail.trim_end()),
            ))
        })
    }

    /// Removes a group. Lists that name it keep the name of nobody: who read by it reads no more.
    ///
    /// # Errors
    /// When there is none of this id or name.
    pub fn delete_group(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        given: &str,
    ) -> Result<(), IdentityError> {
        let (tenant, given) = (scope.tenant(), given.to_owned());
        self.change(&actor.in_tenant(tenant), move |tx| {
            let id = find(tx, tenant, &given)?.id;
            tx.prepare_cached("DELETE FROM access_group WHERE id = ?")?.execute([id.to_bytes()])?;
            Ok(((), Event::done("group.delete", format!("group:{id}"))))
        })
    }

    /// What names of members and of groups stand for on an access list.
    ///
    /// # Errors
    /// When a name or id is none of this tenant.
    pub fn holders(
        &self,
        scope: &TenantScope,
        members: &[String],
        groups: &[String],
    ) -> Result<Vec<Holder>, IdentityError> {
        let tenant = scope.tenant();
        self.read(|db| {
            let members =
                members.iter().map(|given| member_named(db, tenant, given).map(Holder::Principal));
            let groups =
                groups.iter().map(|given| find(db, tenant, given).map(|it| Holder::Group(it.id)));
            members.chain(groups).collect()
        })
    }

    /// The names of what stands on an access list, in its order; `None` for what is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub fn holder_names(
        &self,
        scope: &TenantScope,
        holders: &[Holder],
    ) -> Result<Vec<Option<String>>, IdentityError> {
        let tenant = scope.tenant().to_bytes();
        let of_member = "SELECT p.name FROM membership m JOIN principal p ON p.id = m.principal \
                         WHERE m.tenant = ? AND m.principal = ?";
        let of_group = "SELECT name FROM access_group WHERE tenant = ? AND id = ?";
        self.read(|db| {
            let name = |holder: &Holder| {
                let (sql, id) = match holder {
                    Holder::Everybody => return Ok(None),
                    Holder::Principal(id) => (of_member, id.to_bytes()),
                    Holder::Group(id) => (of_group, id.to_bytes()),
                };
                let mut rows = db.prepare_cached(sql)?;
                Ok(rows.query_row(params![tenant, id], |row| row.get(0)).optional()?)
            };
            holders.iter().map(name).collect()
        })
    }
}

fn join(
    tx: &Transaction<'_>,
    group: GroupId,
    tenant: TenantId,
    principal: PrincipalId,
) -> Result<(), IdentityError> {
    let sql = "INSERT INTO group_member (in_group, tenant, principal) VALUES (?, ?, ?) \
               ON CONFLICT DO NOTHING";
    let row = params![group.to_bytes(), tenant.to_bytes(), principal.to_bytes()];
    tx.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn leave(
    tx: &Transaction<'_>,
    group: GroupId,
    principal: PrincipalId,
) -> Result<(), IdentityError> {
    let sql = "DELETE FROM group_member WHERE in_group = ? AND principal = ?";
    let gone = tx.prepare_cached(sql)?.execute(params![group.to_bytes(), principal.to_bytes()])?;
    if gone == 1 { Ok(()) } else { Err(IdentityError::not_found("member", principal)) }
}

/// What access lists leave to a member.
pub(crate) fn listed(
    db: &Connection,
    tenant: TenantId,
    principal: PrincipalId,
) -> sql::Result<Reader> {
    let sql = "SELECT in_group FROM group_member WHERE tenant = ? AND principal = ?";
    let mut rows = db.prepare_cached(sql)?;
    let both = params![tenant.to_bytes(), principal.to_bytes()];
    let groups = rows.query_map(both, |row| Ok(GroupId::from_bytes(row.get(0)?)))?;
    Ok(Reader::of(principal, groups.collect::<sql::Result<Vec<_>>>()?))
}

/// A member by id or name. A user and a service of one name are told apart by their ids.
fn member_named(
    db: &Connection,
    tenant: TenantId,
    given: &str,
) -> Result<PrincipalId, IdentityError> {
    let id = given.parse::<PrincipalId>().ok().map(PrincipalId::to_bytes);
    let sql = "SELECT p.* FROM membership m JOIN principal p ON p.id = m.principal \
               WHERE m.tenant = ?1 AND (p.id = ?2 OR (?2 IS NULL AND p.name = ?3)) LIMIT 2";
    let mut rows = db.prepare_cached(sql)?;
    let found = rows.query_map(params![tenant.to_bytes(), id, given], principals::read)?;
    match found.collect::<Result<Vec<_>, _>>()?.as_slice() {
        [one] => Ok(one.id),
        [] => Err(IdentityError::not_found("member", given)),
        _ => {
            let reason = "a user and a service have this name: give the id";
            Err(IdentityError::invalid("member", reason))
        }
    }
}

fn find(db: &Connection, tenant: TenantId, given: &str) -> Result<Group, IdentityError> {
    let id = given.parse::<GroupId>().ok().map(GroupId::to_bytes);
    let sql = format!("{SELECT} WHERE g.tenant = ?1 AND (g.id = ?2 OR g.name = ?3)");
    let mut rows = db.prepare_cached(&sql)?;
    let found = rows.query_row(params![tenant.to_bytes(), id, given], read).optional()?;
    found.ok_or_else(|| IdentityError::not_found("group", given))
}

fn read(row: &Row<'_>) -> sql::Result<Group> {
    Ok(Group {
        id: GroupId::from_bytes(row.get("id")?),
        name: row.get("name")?,
        created_ms: row.get("created_ms")?,
        members: row.get("members")?,
    })
}
