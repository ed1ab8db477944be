//! Groups, and who may read what.

use assay_api::{AccessRequest, OpenTo};
use clap::{Args, Subcommand};

/// Names for an access list.
#[derive(Debug, Default, Args)]
pub(crate) struct Readers {
    /// Only for this user or service; may be given more than once
    #[arg(long = "for-member", value_name = "NAME")]
    pub(crate) members: Vec<String>,
    /// Only for this group; may be given more than once
    #[arg(long = "for-group", value_name = "NAME")]
    pub(crate) groups: Vec<String>,
}

impl Readers {
    /// The list, where names were given.
    pub(crate) fn list(&self) -> Option<AccessRequest> {
        let (members, groups) = (self.members.clone(), self.groups.clone());
        let is_given = !members.is_empty() || !groups.is_empty();
        is_given.then_some(AccessRequest { open_to: OpenTo::Listed, members, groups })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// List the groups
    List,
    /// Make a group
    Create {
        /// Its name, unique in the tenant
        name: String,
    },
    /// Show a group and who is in it
    Show {
        /// Name or id
        group: String,
    },
    /// Put members of the tenant into a group
    #[command(after_help = "Example:\n  assay groups add board ada@example.org bob@example.org")]
    Add {
        /// Name or id of the group
        group: String,
        /// Names or ids of users and services
        #[arg(required = true)]
        members: Vec<String>,
    },
    /// Take members out of a group
    Remove {
        /// Name or id of the group
        group: String,
        /// Names or ids of users and services
        #[arg(required = true)]
        members: Vec<String>,
    },
    /// Remove a group; lists that name it then name nobody in its place
    Delete {
        /// Name or id
        group: String,
    },
}

/// What an access list belongs to.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Closed {
    /// A document
    #[arg(value_name = "DOCUMENT")]
    pub(crate) document: Option<String>,
    /// A collection
    #[arg(long, value_name = "NAME")]
    pub(crate) collection: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    /// Show who may read a document or a collection
    Show(#[command(flatten)] Closed),
    /// Say who may read a document or a collection
    #[command(
        after_help = "Examples:\n  assay access set ID --for-member ada@example.org --for-group board\n  \
        assay access set --collection contracts --for-group legal\n  \
        assay access set --collection contracts --everybody\n  \
        assay access set ID --inherit"
    )]
    Set {
        #[command(flatten)]
        of: Closed,
        #[command(flatten)]
        readers: Readers,
        /// Open it to every member of the tenant
        #[arg(long, conflicts_with_all = ["members", "groups", "inherit", "nobody"])]
        everybody: bool,
        /// Let a document go by its collection again, or by what it came out of
        #[arg(long, conflicts_with_all = ["members", "groups", "collection", "nobody"])]
        inherit: bool,
        /// Close it to all but those who read everything
        #[arg(long, conflicts_with_all = ["members", "groups"])]
        nobody: bool,
    },
}
