//! The files that the program brings.

macro_rules! files {
    ($($folder:literal, $name:literal;)*) => {
        [$(($name, include_str!(concat!("../../", $folder, "/", $name)))),*]
    };
}

/// Names and texts of the checks.
pub(super) const CHECKS: [(&str, &str); 35] = files! {
    "checks", "01-configuration-and-environment.toml";
    "checks", "02-secrets-and-keys.toml";
    "checks", "03-domain-and-tls.toml";
    "checks", "04-network-and-perimeter.toml";
    "checks", "05-authentication-and-tenancy.toml";
    "checks", "06-api-and-application-security.toml";
    "checks", "07-model-safety.toml";
    "checks", "08-data-stores.toml";
    "checks", "09-models-and-answer-quality.toml";
    "checks", "10-knowledge-base-and-retrieval.toml";
    "checks", "11-health.toml";
    "checks", "12-objectives.toml";
    "checks", "13-load.toml";
    "checks", "14-durable-tasks.toml";
    "checks", "15-resilience-and-fault-injection.toml";
    "checks", "16-metrics.toml";
    "checks", "17-logs.toml";
    "checks", "18-traces.toml";
    "checks", "19-dashboards.toml";
    "checks", "20-alerts.toml";
    "checks", "21-on-call-and-incidents.toml";
    "checks", "22-runbooks.toml";
    "checks", "23-backup-and-disaster-recovery.toml";
    "checks", "24-cost.toml";
    "checks", "25-build.toml";
    "checks", "26-tests.toml";
    "checks", "27-containers-and-hosts.toml";
    "checks", "28-infrastructure.toml";
    "checks", "29-rollout-and-rollback.toml";
    "checks", "30-functional-smoke.toml";
    "checks", "31-windows-after-deployment.toml";
    "checks", "32-recurring-operations.toml";
    "checks", "33-documentation.toml";
    "checks", "34-legal-and-compliance.toml";
    "checks", "35-sign-off.toml";
};

/// Names and texts of the profiles.
pub(super) const PROFILES: [(&str, &str); 9] = files! {
    "profiles", "api-assistant.toml";
    "profiles", "dev.toml";
    "profiles", "prod.toml";
    "profiles", "sap-llm.toml";
    "profiles", "sarvanom.toml";
    "profiles", "sparkle.toml";
    "profiles", "staging.toml";
    "profiles", "strict.toml";
    "profiles", "vital.toml";
};
