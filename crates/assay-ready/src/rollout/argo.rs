//! The same rollout as resources of Argo Rollouts: Kubernetes shifts the traffic, `assay rollout compare`
//! judges, as the metric of an analysis that is a job.

use serde_json::{Value, json};

use super::plan::{Plan, Questions};

/// What the resources name.
#[derive(Debug, Clone)]
pub struct Names {
    /// Name of the rollout and of its services.
    pub name: String,
    /// Namespace.
    pub namespace: String,
    /// Image with `assay`, for the pods and for the jobs.
    pub image: String,
    /// Instances.
    pub replicas: u32,
}

/// Where the job of the analysis finds the questions.
const QUESTIONS: &str = "/etc/assay-rollout";

/// The resources as documents of YAML; `questions` is the file of the plan's questions, where it has some. A
/// document of JSON is one of YAML, so each is written as such, which leaves nothing to quote.
#[must_use]
pub fn resources(plan: &Plan, names: &Names, questions: Option<&str>) -> String {
    let mut all = vec![service(names, "stable"), service(names, "canary")];
    if let (Some(questions), Some(text)) = (&plan.questions, questions) {
        all.push(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": about(names, &questions_of(names)),
            "data": { file_name(questions): text },
        }));
    }
    all.extend([analysis(plan, names), rollout(plan, names)]);
    let documents = all.iter().map(|it| format!("---\n{it:#}\n"));
    format!(
        "# Written by `assay rollout export argo`. Needs the controller of Argo Rollouts and the plugin or \
         ingress that splits its traffic.\n{}",
        documents.collect::<String>()
    )
}

fn questions_of(names: &Names) -> String {
    format!("{}-rollout-questions", names.name)
}

fn file_name(questions: &Questions) -> String {
    questions.file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn about(names: &Names, name: &str) -> Value {
    json!({ "name": name, "namespace": names.namespace, "labels": { "app": names.name } })
}

fn service(names: &Names, role: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": about(names, &format!("{}-{role}", names.name)),
        "spec": { "selector": { "app": names.name }, "ports": [{ "port": 8080, "targetPort": "http" }] },
    })
}

/// Argo's job metric knows two ends: the job of `compare` waits until there is a decision, so that a
/// sample that is too small holds the step.
fn analysis(plan: &Plan, names: &Names) -> Value {
    let limits = &plan.limits;
    let url = |role: &str| format!("http://{}-{role}:8080", names.name);
    let mut arguments: Vec<String> = [
        "rollout",
        "compare",
        "--stable",
        &url("stable"),
        "--canary",
        &url("canary"),
        "--hold",
        "{{args.hold}}",
        "--sample",
        "{{args.sample}}",
        "--longest",
        &plan.step_seconds_max.to_string(),
        "--extra-errors",
        &limits.extra_errors.to_string(),
        "--slower",
        &limits.slower.to_string(),
        "--dearer",
        &limits.dearer.to_string(),
        "--chance",
        &limits.chance.to_string(),
        "--alerts",
        &limits.alerts.to_string(),
        "--grace",
        &plan.grace_seconds.to_string(),
    ]
    .map(str::to_owned)
    .to_vec();
    let (mut mounts, mut volumes) = (Vec::new(), Vec::new());
    if let Some(questions) = &plan.questions {
        let further = [
            ("--questions", format!("{QUESTIONS}/{}", file_name(questions))),
            ("--worse", questions.worse.to_string()),
            ("--right", questions.sample.to_string()),
            ("--answer-chance", questions.chance.to_string()),
            ("--answer-seconds", questions.seconds.to_string()),
        ];
        let collections = questions.collections.iter().map(|it| ("--collection", it.clone()));
        for (name, value) in further.into_iter().chain(collections) {
            arguments.extend([name.to_owned(), value]);
        }
        mounts.push(json!({ "name": "questions", "mountPath": QUESTIONS, "readOnly": true }));
        volumes.push(json!({ "name": "questions", "configMap": { "name": questions_of(names) } }));
    }
    let key = json!([{
        "name": "ASSAY_API_KEY",
        "valueFrom": { "secretKeyRef": { "name": format!("{}-rollout", names.name), "key": "key", "optional": true } },
    }]);
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AnalysisTemplate", "metadata": about(names, &names.name),
        "spec": {
            "args": [{ "name": "hold" }, { "name": "sample" }],
            "metrics": [{
                "name": "canary-against-stable", "count": 1, "failureLimit": 0,
                "provider": { "job": { "spec": { "backoffLimit": 0, "template": { "spec": {
                    "restartPolicy": "Never", "volumes": volumes,
                    "containers": [{
                        "name": "compare", "image": names.image, "args": arguments, "env": key, "volumeMounts": mounts,
                    }],
                } } } } },
            }],
        },
    })
}

fn rollout(plan: &Plan, names: &Names) -> Value {
    let mut steps = Vec::new();
    for step in &plan.step {
        steps.push(json!({ "setWeight": step.percent }));
        // At 100 % nothing is left to compare with: the hold alone is kept.
        steps.push(if step.percent < 100 {
            let argument = |name: &str, value: String| json!({ "name": name, "value": value });
            json!({ "analysis": {
                "templates": [{ "templateName": names.name }],
                "args": [argument("hold", step.hold_seconds.to_string()), argument("sample", step.sample.to_string())],
            } })
        } else {
            json!({ "pause": { "duration": format!("{:.0}s", step.hold_seconds) } })
        });
        if step.confirm {
            steps.push(json!({ "pause": {} }));
        }
    }
    let probe = |path: &str| json!({ "httpGet": { "path": path, "port": "http" } });
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": about(names, &names.name),
        "spec": {
            "replicas": names.replicas,
            "selector": { "matchLabels": { "app": names.name } },
            "strategy": { "canary": {
                "stableService": format!("{}-stable", names.name),
                "canaryService": format!("{}-canary", names.name),
                "steps": steps,
            } },
            "template": {
                "metadata": { "labels": { "app": names.name } },
                "spec": { "containers": [{
                    "name": "assay", "image": names.image,
                    "ports": [{ "name": "http", "containerPort": 8080 }],
                    "livenessProbe": probe("/health/live"), "readinessProbe": probe("/health/ready"),
                }] },
            },
        },
    })
}
