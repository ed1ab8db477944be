//! The metrics that there are.

use std::collections::BTreeSet;

use crate::{Expression, TelemetryError};

/// Names of the metrics that `GET /metrics` may show, as they stand on samples.
///
/// A family is shown from its first sample on, so what a rule may ask for cannot be read from a
/// server that has just started; tests of the server hold this list against what it writes.
pub const METRICS: &[&str] = &[
    "assay_backup_failures_total",
    "assay_backup_full_age_seconds",
    "assay_backup_full_every_seconds",
    "assay_backup_lag_seconds",
    "assay_cache_lookups_total",
    "assay_database_query_duration_seconds_bucket",
    "assay_database_query_duration_seconds_count",
    "assay_database_query_duration_seconds_sum",
    "assay_database_slow_queries_total",
    "assay_dependency_up",
    "assay_disk_free_bytes",
    "assay_disk_used_ratio",
    "assay_documents",
    "assay_host_cpu_usage_ratio",
    "assay_host_cpus",
    "assay_host_memory_used_ratio",
    "assay_http_request_duration_seconds_bucket",
    "assay_http_request_duration_seconds_count",
    "assay_http_request_duration_seconds_sum",
    "assay_http_requests_total",
    "assay_lane_duration_seconds_bucket",
    "assay_lane_duration_seconds_count",
    "assay_lane_duration_seconds_sum",
    "assay_lane_runs_total",
    "assay_log_events_total",
    "assay_passages",
    "assay_process_cpu_seconds_total",
    "assay_process_resident_memory_bytes",
    "assay_query_vector_duration_seconds_bucket",
    "assay_query_vector_duration_seconds_count",
    "assay_query_vector_duration_seconds_sum",
    "assay_slo_budget_left_ratio",
    "assay_slo_burn_rate",
    "assay_task_duration_seconds_bucket",
    "assay_task_duration_seconds_count",
    "assay_task_duration_seconds_sum",
    "assay_task_longest_run_seconds",
    "assay_task_retries_total",
    "assay_task_store_up",
    "assay_task_workers",
    "assay_tasks",
    "assay_tasks_ended_total",
    "assay_tasks_oldest_seconds",
    "assay_vector_search_duration_seconds_bucket",
    "assay_vector_search_duration_seconds_count",
    "assay_vector_search_duration_seconds_sum",
    "gen_ai_client_operation_duration_seconds_bucket",
    "gen_ai_client_operation_duration_seconds_count",
    "gen_ai_client_operation_duration_seconds_sum",
    "gen_ai_client_operation_time_to_first_chunk_seconds_bucket",
    "gen_ai_client_operation_time_to_first_chunk_seconds_count",
    "gen_ai_client_operation_time_to_first_chunk_seconds_sum",
    "gen_ai_client_token_usage_bucket",
    "gen_ai_client_token_usage_count",
    "gen_ai_client_token_usage_sum",
    "llm_calls_total",
    "llm_estimated_cost_usd_total",
    "llm_latency_seconds_bucket",
    "llm_latency_seconds_count",
    "llm_latency_seconds_sum",
    "llm_quota_limit",
    "llm_quota_refusals_total",
    "llm_quota_usage_total",
    "llm_security_events_total",
    "llm_tokens_total",
];

/// Checks that every metric of an expression is one that there is.
pub(crate) fn check(of: &str, expression: &Expression) -> Result<(), TelemetryError> {
    let known: BTreeSet<&str> = METRICS.iter().copied().collect();
    match expression.metrics().iter().find(|name| !known.contains(*name)) {
        None => Ok(()),
        Some(metric) => {
            Err(TelemetryError::UnknownMetric { rule: of.to_owned(), metric: (*metric).to_owned() })
        }
    }
}
