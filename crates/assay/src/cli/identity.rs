//! Tenants, members, keys, users, the audit log.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant
    #[command(after_help = "Example:\n  assay tenant create acme --owner ada@example.org")]
    Create {
        /// 1 to 63 of a-z, 0-9 and hyphens
        name: String,
        /// The user who becomes its first owner
        #[arg(long)]
        owner: Option<String>,
        /// When its trial ends, such as 2027-01-31T00:00:00Z
        #[arg(long, value_name = "TIME")]
        trial_ends: Option<String>,
    },
    /// List the tenants
    List,
    /// Show a tenant; without a name, the one that the key is for
    Show {
        /// Name or id
        name: Option<String>,
    },
    /// Stop all reading and writing of a tenant; nothing is lost
    Suspend {
        /// Name or id
        name: String,
    },
    /// Let a tenant go on
    Resume {
        /// Name or id
        name: String,
    },
    /// Leave a tenant only the way out: its owner takes data out
    Cancel {
        /// Name or id
        name: String,
    },
    /// Set limits of a tenant; those that are not given stay
    #[command(
        after_help = "Examples:\n  assay tenant limit acme --documents 10000 --bytes 5000000000\n  \
                      assay tenant limit acme --default documents"
    )]
    Limit {
        /// Name or id
        name: String,
        #[command(flatten)]
        limits: Limits,
        /// Let what the configuration says hold again for this limit
        #[arg(long, value_name = "LIMIT", value_parser = LIMITS)]
        default: Vec<String>,
    },
    /// Take everything of the tenant out as one archive (tar); for its owners
    #[command(after_help = "Example:\n  assay tenant export acme --out acme.tar")]
    Export {
        /// Name or id; it has to be the tenant that the key is for
        name: String,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Erase a tenant with everything it holds
    Erase {
        /// Name or id
        name: String,
        /// Needed: it cannot be taken back
        #[arg(long)]
        yes: bool,
    },
    /// Move a tenant to a Postgres server, or back to the data folder; no server of Assay may run
    #[command(after_help = "Examples:\n  \
        assay tenant move acme --to postgres://assay@db.example.org/assay\n  \
        assay tenant move acme --to ~/.local/share/assay   # from the server of database.url")]
    Move {
        /// Name
        name: String,
        /// Address of the server, or the data folder
        #[arg(long, value_name = "URL|DIR")]
        to: String,
    },
    /// Print what each role may do, and what each state of a tenant leaves of it
    Roles,
    /// List, add and remove members
    #[command(subcommand)]
    Members(MemberCommand),
    /// Make a service: a program that acts for the tenant
    Service {
        /// Its name, unique in the tenant
        name: String,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Limits {
    /// Documents, what came out of archives included; 0 for any number
    #[arg(long)]
    pub(crate) documents: Option<u64>,
    /// Bytes of the originals of all versions that are kept; 0 for any number
    #[arg(long)]
    pub(crate) bytes: Option<u64>,
    /// Members, services included; 0 for any number
    #[arg(long)]
    pub(crate) members: Option<u64>,
    /// Questions a minute; 0 for any number
    #[arg(long)]
    pub(crate) questions_per_minute: Option<u64>,
    /// Requests a minute; 0 for what the server sets for every tenant
    #[arg(long)]
    pub(crate) requests_per_minute: Option<u64>,
}

/// The names of limits.
const LIMITS: [&str; 5] =
    ["documents", "bytes", "members", "questions_per_minute", "requests_per_minute"];

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// List the members
    List {
        /// Of this tenant, for the platform; else of the one that the key is for
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Add a user, or give a member another role
    #[command(after_help = "Example:\n  assay tenant members set bob@example.org member")]
    Set {
        /// The user
        user: String,
        /// owner, admin, member or guest
        role: String,
        /// Of this tenant, for the platform; else of the one that the key is for
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Invite somebody; prints a token to hand over, once
    #[command(
        after_help = "Example:\n  assay tenant members invite eve@example.org member --days 3"
    )]
    Invite {
        /// The name that the user has or will have
        user: String,
        /// owner, admin, member or guest
        role: String,
        /// Days for which it is good, 1 to 30
        #[arg(long, default_value_t = 7)]
        days: u32,
    },
    /// List invitations
    Invitations,
    /// Revoke an invitation
    Revoke {
        /// The invitation
        id: String,
    },
    /// Accept an invitation; the password is read from standard input
    #[command(after_help = "Example:\n  assay tenant members accept TOKEN < password.txt")]
    Accept {
        /// The token
        token: String,
    },
    /// Take a member out; the member's keys end
    Remove {
        /// Name or id of the member
        member: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a key; it is shown this once
    #[command(
        after_help = "Examples:\n  assay keys create --bootstrap ada@example.org   # the first key of an installation\n  \
        assay keys create laptop\n  assay keys create ci --service crawler --scope content.read,content.write"
    )]
    Create(KeyCreate),
    /// List the keys that one may see
    List,
    /// Make a key in the place of another, which stays good for a while
    Rotate {
        /// The key's public part
        id: String,
        /// Seconds for which the old one stays good
        #[arg(long, default_value_t = 86_400)]
        overlap: u32,
    },
    /// Revoke a key at once
    Revoke {
        /// The key's public part
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct KeyCreate {
    /// What it is for
    #[arg(default_value = "command line")]
    pub(crate) name: String,
    /// Make this user an owner of the platform tenant and the key for it, straight in the data
    /// folder: needs no key, only the right to write the folder
    #[arg(long, value_name = "USER", conflicts_with_all = ["service", "scope", "expires"])]
    pub(crate) bootstrap: Option<String>,
    /// For this service of the tenant
    #[arg(long)]
    pub(crate) service: Option<String>,
    /// Narrow it to these permissions
    #[arg(long, value_delimiter = ',', value_name = "PERMISSIONS")]
    pub(crate) scope: Vec<String>,
    /// When it ends, such as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user
    Create {
        /// The name, such as an address of mail
        name: String,
    },
    /// List the users
    List,
    /// Shut a user out of everything
    Disable {
        /// The user
        name: String,
    },
    /// Let a user in again
    Enable {
        /// The user
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List what was done
    List {
        /// Only entries after this number
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// Entries at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Take the whole log out as lines of JSON, with signed checkpoints
    Export {
        /// File to write; standard output when absent
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Check an export, without a server: ends with code 1 when anything in it was changed
    #[command(after_help = "Examples:\n  assay audit verify audit.jsonl\n  \
        assay audit verify audit.jsonl --key BASE64 --checkpoint last-month.jsonl")]
    Verify {
        /// The export
        file: PathBuf,
        /// The public key of the installation, known from elsewhere
        #[arg(long)]
        key: Option<String>,
        /// An earlier export or its first line, which this one must continue
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
    },
}
