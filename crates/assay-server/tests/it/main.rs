//! The HTTP surface, through real connections to a real server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod app;
mod auth;
mod bad_input;
mod chat;
mod citations;
mod connections;
mod contract;
mod documents;
#[path = "model/drive.rs"]
mod drive;
mod encryption;
mod erasure;
mod gateway;
mod grpc;
mod guard;
mod jobs;
mod library;
mod matrix;
mod metrics;
mod model;
mod money;
mod oidc;
#[path = "model/ops.rs"]
mod ops;
mod provider;
mod query;
mod readiness;
mod reading;
#[path = "model/reference.rs"]
mod reference;
mod rerank;
mod resilience;
mod search;
mod sessions;
mod sockets;
mod sources;
#[path = "model/stack.rs"]
mod stack;
mod states;
mod stream;
mod tasks;
mod telemetry;
mod tenancy;
mod web;
