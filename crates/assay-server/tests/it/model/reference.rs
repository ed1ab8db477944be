//! What one tenant should answer: the whole of the rules about members, roles, states, access lists,
//! groups, keys and conversations, as a model of maps and sets.

use std::collections::{BTreeMap, BTreeSet};

use crate::ops::{ADMIN, Asking, Expected, GUEST, Holder, List, OWNER, Op, ROLES};

pub(crate) struct User {
    /// None when no member.
    pub(crate) role: Option<usize>,
    pub(crate) disabled: bool,
}

pub(crate) struct Document {
    collection: String,
    /// None where the collection's holds.
    list: Option<List>,
}

#[derive(Default)]
pub(crate) struct Reference {
    pub(crate) suspended: bool,
    pub(crate) users: Vec<User>,
    /// User of each key that was ever made, and whether it is good.
    pub(crate) keys: BTreeMap<String, (usize, bool)>,
    pub(crate) collections: BTreeMap<String, List>,
    pub(crate) documents: BTreeMap<String, Document>,
    /// The number and the members of each group, by name.
    pub(crate) groups: BTreeMap<String, (usize, BTreeSet<usize>)>,
    pub(crate) sessions: BTreeMap<String, usize>,
    made: usize,
}

impl Reference {
    fn is_admin(&self, user: usize) -> bool {
        self.users[user].role.is_some_and(|role| role >= ADMIN)
    }

    fn reads(&self, user: usize, list: &List) -> bool {
        let named = |holder: &Holder| match holder {
            Holder::User(it) => *it == user,
            Holder::Group(number) => {
                self.groups.values().any(|(it, members)| it == number && members.contains(&user))
            }
        };
        self.is_admin(user) || list.as_ref().is_none_or(|list| list.iter().any(named))
    }

    fn reads_document(&self, user: usize, id: &str) -> bool {
        self.documents.get(id).is_some_and(|it| {
            let inherited = &self.collections[&it.collection];
            self.reads(user, it.list.as_ref().unwrap_or(inherited))
        })
    }

    pub(crate) fn reads_collection(&self, user: usize, name: &str) -> bool {
        self.collections.get(name).is_some_and(|list| self.reads(user, list))
    }

    fn refused(&self, by: &Asking<'_>, op: &Op) -> Option<u16> {
        let Asking { user, key, own } = *by;
        let Some(role) = self.users[user].role.filter(|_| self.keys[key].1) else {
            return Some(401);
        };
        if self.users[user].disabled {
            return Some(401);
        }
        let (least, when_suspended) = op.needs();
        let may = own && role >= least && (when_suspended || !self.suspended);
        (!may).then_some(403)
    }

    /// What comes of it; `id` is the name of what the server made, when it made something.
    pub(crate) fn apply(&mut self, by: &Asking<'_>, op: &Op, id: &str) -> Expected {
        if let Some(status) = self.refused(by, op) {
            return (status, None);
        }
        let user = by.user;
        let found = |is_there: bool, status: u16| (if is_there { status } else { 404 }, None);
        let seen = |names: Vec<String>| (200, Some(names.into_iter().collect()));
        match op {
            Op::Documents | Op::Search => {
                let all = self.documents.keys();
                seen(all.filter(|id| self.reads_document(user, id)).cloned().collect())
            }
            Op::Document(id) => found(self.reads_document(user, id), 200),
            Op::Upload { collection } => {
                let document = Document { collection: collection.clone(), list: None };
                self.documents.insert(id.to_owned(), document);
                (202, None)
            }
            Op::Forget(id) => {
                found(self.reads_document(user, id) && self.documents.remove(id).is_some(), 204)
            }
            Op::Close { document, list } => {
                let document = self.documents.get_mut(document);
                found(document.map(|it| it.list.clone_from(list)).is_some(), 200)
            }
            Op::Collections => {
                let all = self.collections.keys();
                seen(all.filter(|it| self.reads_collection(user, it)).cloned().collect())
            }
            Op::Collection(name) => found(self.reads_collection(user, name), 200),
            Op::MakeCollection(name) if self.collections.contains_key(name) => (409, None),
            Op::MakeCollection(name) => {
                self.collections.insert(name.clone(), None);
                (201, None)
            }
            Op::DropCollection(name) => {
                let is_there = self.reads_collection(user, name);
                let is_full = self.documents.values().any(|it| it.collection == *name);
                if is_there && !is_full {
                    self.collections.remove(name);
                }
                found(is_there, if is_full { 400 } else { 204 })
            }
            Op::CloseCollection(name, list) => {
                let known = self.collections.get_mut(name);
                found(known.map(|it| it.clone_from(list)).is_some(), 200)
            }
            Op::Sessions => {
                let own = self.sessions.iter().filter(|(_, owner)| **owner == user);
                seen(own.map(|(id, _)| id.clone()).collect())
            }
            Op::Session(id) => found(self.sessions.get(id) == Some(&user), 200),
            Op::MakeSession => {
                self.sessions.insert(id.to_owned(), user);
                (201, None)
            }
            Op::DropSession(id) => {
                let own = self.sessions.get(id).filter(|owner| **owner == user).copied();
                found(own.and_then(|_| self.sessions.remove(id)).is_some(), 204)
            }
            Op::Groups => seen(self.groups.keys().cloned().collect()),
            Op::MakeGroup(name) if self.groups.contains_key(name) => (409, None),
            Op::MakeGroup(name) => {
                self.made += 1;
                self.groups.insert(name.clone(), (self.made, BTreeSet::new()));
                (201, None)
            }
            Op::DropGroup(name) => found(self.groups.remove(name).is_some(), 204),
            Op::Join(name, who) => {
                let is_member = self.users[*who].role.is_some();
                let group = self.groups.get_mut(name).filter(|_| is_member);
                found(group.map(|(_, members)| members.insert(*who)).is_some(), 200)
            }
            Op::Leave(name, who) => {
                let group = self.groups.get_mut(name);
                found(group.is_some_and(|(_, members)| members.remove(who)), 200)
            }
            Op::Members => {
                let shown = |(at, it): (usize, &User)| Some(format!("u{at}:{}", ROLES[it.role?]));
                seen(self.users.iter().enumerate().filter_map(shown).collect())
            }
            Op::SetRole(who, role) => (self.change(user, *who, Some(*role)), None),
            Op::Remove(who) => (self.change(user, *who, None), None),
            Op::Me => seen(vec![ROLES[self.users[user].role.unwrap_or(GUEST)].to_owned()]),
            Op::Keys => {
                let all = self.keys.iter();
                let good = all.filter(|(_, it)| it.1 && (self.is_admin(user) || it.0 == user));
                seen(good.map(|(id, _)| id.clone()).collect())
            }
            Op::MakeKey => {
                self.keys.insert(id.to_owned(), (user, true));
                (201, None)
            }
            Op::Revoke(id) => {
                let all = self.is_admin(user);
                let known = self.keys.get_mut(id).filter(|(owner, _)| all || *owner == user);
                found(known.map(|it| it.1 = false).is_some(), 204)
            }
            Op::Audit => (200, None),
        }
    }

    /// Gives a user another role, or none, on behalf of `by`.
    fn change(&mut self, by: usize, who: usize, role: Option<usize>) -> u16 {
        let had = self.users[who].role;
        if had.is_none() && role.is_none() {
            return 404;
        }
        let touches_owner = had == Some(OWNER) || role == Some(OWNER);
        if touches_owner && self.users[by].role != Some(OWNER) {
            return 403;
        }
        let owners = self.users.iter().filter(|it| it.role == Some(OWNER)).count();
        if had == Some(OWNER) && role != Some(OWNER) && owners == 1 {
            return 409;
        }
        self.users[who].role = role;
        if role.is_none() {
            self.keys.values_mut().filter(|it| it.0 == who).for_each(|it| it.1 = false);
            self.groups.values_mut().for_each(|(_, members)| members.retain(|it| *it != who));
        }
        204
    }
}
