//! Whose eyes documents are read with: what access lists name, and who stands on them.

use std::sync::Arc;

use crate::{GroupId, PrincipalId};

/// What an access list names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// Every member of the tenant.
    Everybody,
    /// A user or a service.
    Principal(PrincipalId),
    /// The members of a group.
    Group(GroupId),
}

impl Holder {
    /// Bytes of [`Self::to_bytes`].
    pub const BYTES: usize = 17;

    /// The kind in one byte, then the id: equal exactly for equal holders.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let (kind, id) = match self {
            Self::Everybody => (0, 0),
            Self::Principal(id) => (1, id.as_u128()),
            Self::Group(id) => (2, id.as_u128()),
        };
        let mut bytes = [kind; Self::BYTES];
        if let Some(rest) = bytes.last_chunk_mut() {
            *rest = id.to_be_bytes();
        }
        bytes
    }

    /// The holder that these bytes name; none for bytes that [`Self::to_bytes`] does not write.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        let [kind, id @ ..] = bytes;
        match (kind, u128::from_be_bytes(id)) {
            (0, 0) => Some(Self::Everybody),
            (1, id) => Some(Self::Principal(PrincipalId::from_u128(id))),
            (2, id) => Some(Self::Group(GroupId::from_u128(id))),
            _ => None,
        }
    }
}

/// Which documents of a tenant a call may see: all, or those that access lists leave to somebody.
///
/// It is a part of [`crate::TenantScope`], so that whoever looks for documents of a tenant has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reader(Option<Arc<[Holder]>>);

impl Reader {
    /// Sees every document: Assay's own work, and callers who may read what lists close.
    #[must_use]
    pub const fn whole() -> Self {
        Self(None)
    }

    /// Sees what no list closes, and what a list leaves to everybody, to this principal or to one of
    /// these groups.
    #[must_use]
    pub fn of(principal: PrincipalId, groups: impl IntoIterator<Item = GroupId>) -> Self {
        let own = [Holder::Everybody, Holder::Principal(principal)];
        let mut holders: Vec<_> =
            own.into_iter().chain(groups.into_iter().map(Holder::Group)).collect();
        holders.sort_unstable();
        holders.dedup();
        Self(Some(holders.into()))
    }

    /// Sees only what no list closes: for acts on a tenant that are not about its documents.
    #[must_use]
    pub fn nobody() -> Self {
        Self(Some(Arc::new([])))
    }

    /// What the reader stands on lists as, sorted; none for one who sees every document.
    #[must_use]
    pub fn holders(&self) -> Option<&[Holder]> {
        self.0.as_deref()
    }

    /// Whether a list with these names leaves its documents to the reader.
    #[must_use]
    pub fn is_on(&self, list: &[Holder]) -> bool {
        self.holders().is_none_or(|own| list.iter().any(|holder| own.binary_search(holder).is_ok()))
    }
}

#[cfg(test)]
mod tests {
    //! Holders survive their writing; a reader is on a list that names one of its own.

    use super::*;

    #[test]
    fn holders_read_back() {
        let id = 0x0123_4567_89ab_7def_8123_4567_89ab_cdef;
        let holders = [
            Holder::Everybody,
            Holder::Principal(PrincipalId::from_u128(id)),
            Holder::Group(GroupId::from_u128(id)),
        ];
        for holder in holders {
            assert_eq!(Holder::from_bytes(holder.to_bytes()), Some(holder));
        }
        assert_eq!(Holder::from_bytes([3; Holder::BYTES]), None);
        assert_eq!(Holder::from_bytes([0xff; Holder::BYTES]), None);
    }

    #[test]
    fn a_list_names_the_principal_a_group_or_everybody() {
        let (ada, bob) = (PrincipalId::from_u128(1), PrincipalId::from_u128(2));
        let (legal, sales) = (GroupId::from_u128(1), GroupId::from_u128(2));
        let reader = Reader::of(ada, [sales]);
        assert!(reader.is_on(&[Holder::Principal(bob), Holder::Principal(ada)]));
        assert!(reader.is_on(&[Holder::Group(sales)]));
        assert!(reader.is_on(&[Holder::Everybody]));
        assert!(!reader.is_on(&[Holder::Principal(bob), Holder::Group(legal)]));
        assert!(!reader.is_on(&[]));
        assert!(!Reader::nobody().is_on(&[Holder::Everybody]));
        assert!(Reader::whole().is_on(&[]));
    }
}
