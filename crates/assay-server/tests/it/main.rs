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
mod gateway;
mod guard;
mod jobs;
mod library;
mod matrix;
mod metrics;
mod model;
mod money;
mod provider;
mod query;
mod reading;
mod rerank;
mod resilience;
mod search;
mod sessions;
mod sources;
mod states;
mod stream;
mod tenancy;
mod web;
