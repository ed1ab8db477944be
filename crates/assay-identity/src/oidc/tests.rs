//! Settings, names and grants.
