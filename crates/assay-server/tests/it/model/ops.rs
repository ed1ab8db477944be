//! What members of a tenant ask for.

use std::collections::BTreeSet;

/// The roles, from the one that may least.
pub(crate) const ROLES: [&str; 4] = ["guest", "member", "admin", "owner"];
pub(crate) const GUEST: usize = 0;
const MEMBER: usize = 1;
pub(crate) const ADMIN: usize = 2;
pub(crate) const OWNER: usize = 3;

/// Who stands on a list: a user of the tenant, or a group by the number it was made under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    User(usize),
    Group(usize),
}

/// Who may read; `None` for everybody.
pub(crate) type List = Option<BTreeSet<Holder>>;

/// Who asks: a user, the id of the key, and whether the tenant that is named is the user's.
pub(crate) struct Asking<'a> {
    pub(crate) user: usize,
    pub(crate) key: &'a str,
    pub(crate) own: bool,
}

/// What comes of it: a status, and for lists what is on them.
pub(crate) type Expected = (u16, Option<BTreeSet<String>>);

/// Something that is asked for. Things are named by id where the server makes one.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Documents,
    Search,
    Document(String),
    Upload { collection: String },
    Forget(String),
    Close { document: String, list: Option<List> },
    Collections,
    Collection(String),
    MakeCollection(String),
    DropCollection(String),
    CloseCollection(String, List),
    Sessions,
    Session(String),
    MakeSession,
    DropSession(String),
    Groups,
    MakeGroup(String),
    DropGroup(String),
    Join(String, usize),
    Leave(String, usize),
    Members,
    SetRole(usize, usize),
    Remove(usize),
    Me,
    Keys,
    MakeKey,
    Revoke(String),
    Audit,
}

impl Op {
    /// The lowest role that may, and whether it may in a tenant that is suspended.
    pub(crate) fn needs(&self) -> (usize, bool) {
        match self {
            Self::Upload { .. } | Self::Forget(_) => (MEMBER, false),
            Self::MakeCollection(_) | Self::DropCollection(_) => (MEMBER, false),
            Self::Keys | Self::MakeKey | Self::Revoke(_) => (MEMBER, false),
            Self::Close { .. } | Self::CloseCollection(..) => (ADMIN, false),
            Self::MakeGroup(_) | Self::DropGroup(_) | Self::Join(..) | Self::Leave(..) => {
                (ADMIN, false)
            }
            Self::SetRole(..) | Self::Remove(_) => (ADMIN, false),
            Self::Audit => (ADMIN, true),
            Self::Groups | Self::Members => (MEMBER, true),
            Self::Me => (GUEST, true),
            _ => (GUEST, false),
        }
    }
}
