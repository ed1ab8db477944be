//! Webhooks: who is told when a task ends, by a signed request in the form of Standard Webhooks
//! (<https://www.standardwebhooks.com>), tried again by a durable task until it is taken.

use std::{sync::Arc, time::Duration};

use assay_core::{Clock, Deadline, ErrorChain, TenantScope, WebhookId};
use assay_net::{Guard, Http, HttpError, InvalidHost, Post};
use assay_tasks::{Delivery, Handler, TaskContext, TaskFailure, TaskState, Tasks, Webhook};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::{
    Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use ring::{
    hmac,
    rand::{SecureRandom as _, SystemRandom},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::{AnswerError, Engine, search::blocking};

/// Longest that a receiver may take, the connection included.
const RECEIVER: Duration = Duration::from_secs(10);
/// Bytes read of what a receiver answers.
const ANSWER_BYTES_MAX: u64 = 64 << 10;
/// Bytes of a secret.
const SECRET_BYTES: usize = 32;
/// What a secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// Longest address, in bytes.
const URL_BYTES_MAX: usize = 2_048;
/// Kinds that a webhook may name.
const KINDS_MAX: usize = 50;

/// What webhooks may reach.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Hosts inside the network that may be told: names, addresses, networks such as `10.2.0.0/16`.
    pub allow_private_hosts: Vec<String>,
}

impl WebhookSettings {
    /// What is wrong with them: the key and the reason.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let problem = self.guard().err();
        problem.map(|problem| ("allow_private_hosts", problem.to_string())).into_iter().collect()
    }

    fn guard(&self) -> Result<Arc<Guard>, InvalidHost> {
        Guard::new(&self.allow_private_hosts)
    }
}

/// A webhook to set up.
#[derive(Debug, Clone, Default)]
pub struct NewWebhook {
    /// Where deliveries go.
    pub url: String,
    /// Only tasks of these kinds; all when empty.
    pub kinds: Vec<String>,
    /// Only these ends; all when empty.
    pub states: Vec<TaskState>,
}

/// Makes requests to receivers.
pub(crate) fn client(settings: &WebhookSettings) -> Result<Http, AnswerError> {
    let guard = settings.guard().map_err(|error| AnswerError::Invalid {
        what: format!("`webhooks.allow_private_hosts` {error}"),
        hint: "name hosts, addresses or networks such as `10.2.0.0/16`",
    })?;
    Http::new(guard, concat!("assay/", env!("CARGO_PKG_VERSION"))).map_err(|error| {
        AnswerError::Invalid {
            what: ErrorChain(&error).to_string(),
            hint: "check the certificates",
        }
    })
}

impl Engine {
    /// Sets a webhook up; what is given back holds the secret, which is not shown again.
    ///
    /// # Errors
    /// When the address may not be reached, or there are too many webhooks.
    pub async fn create_webhook(
        &self,
        scope: &TenantScope,
        new: NewWebhook,
    ) -> Result<Webhook, AnswerError> {
        let url = Url::parse(&new.url).ok().filter(|_| new.url.len() <= URL_BYTES_MAX);
        let url = url.ok_or_else(|| AnswerError::Invalid {
            what: "the address of the webhook is no URL".to_owned(),
            hint: "send one such as `https://example.org/hook`",
        })?;
        self.receivers.guard().check_url(&url).map_err(|blocked| AnswerError::Invalid {
            what: blocked.to_string(),
            hint: "an operator allows hosts of the network with `webhooks.allow_private_hosts`",
        })?;
        if new.kinds.len() > KINDS_MAX {
            return Err(AnswerError::Invalid {
                what: format!("a webhook names {KINDS_MAX} kinds at most"),
                hint: "name none to be told of all",
            });
        }
        if let Some(state) = new.states.iter().find(|state| !state.is_finished()) {
            return Err(AnswerError::Invalid {
                what: format!("`{state}` is no end of a task"),
                hint: "the ends are done, dead, parked and cancelled",
            });
        }
        let mut secret = [0; SECRET_BYTES];
        SystemRandom::new().fill(&mut secret).map_err(|_| AnswerError::Worker)?;
        let secret = format!("{SECRET_PREFIX}{}", BASE64_STANDARD.encode(secret));
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || {
            Ok(tasks.create_webhook(&owner, url.as_str(), &secret, &new.kinds, &new.states)?)
        })
        .await
    }

    /// The webhooks, the oldest first.
    ///
    /// # Errors
    /// When the task store fails.
    pub async fn webhooks(&self, scope: &TenantScope) -> Result<Vec<Webhook>, AnswerError> {
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.webhooks(&owner)?)).await
    }

    /// Removes a webhook; what was not delivered yet is not delivered.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn delete_webhook(
        &self,
        scope: &TenantScope,
        id: WebhookId,
    ) -> Result<(), AnswerError> {
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.delete_webhook(&owner, id)?)).await
    }
}

/// Carries deliveries out.
pub(crate) struct Deliver {
    pub(crate) tasks: Tasks,
    pub(crate) receivers: Http,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) runtime: Handle,
}

impl Handler for Deliver {
    fn kind(&self) -> &'static str {
        Delivery::KIND
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        let delivery: Delivery = context.parse_payload()?;
        let Some(webhook) = self.tasks.webhook(context.scope(), delivery.webhook)? else {
            return Ok(json!({ "removed": true }));
        };
        let url = Url::parse(&webhook.url)
            .map_err(|error| TaskFailure::fatal(format!("the address is no URL: {error}")))?;
        let body = body(&delivery);
        let id = context.task().to_string();
        let headers = headers(&id, self.clock.now_ms() / 1_000, &body, &webhook.secret)?;
        let post = Post {
            url: &url,
            headers,
            body: body.into_bytes(),
            bytes_max: ANSWER_BYTES_MAX,
            deadline: Deadline::after(RECEIVER),
        };
        match self.runtime.block_on(self.receivers.post(post)) {
            Ok(answer) if answer.is_success() => Ok(json!({ "status": answer.status })),
            // The receiver says that it is gone for good.
            Ok(answer) if answer.status == 410 => Err(TaskFailure::fatal("it answered 410 Gone")),
            Ok(answer) => Err(TaskFailure::retry(format!("it answered {}", answer.status))),
            Err(error @ HttpError::Blocked(_)) => Err(TaskFailure::fatal(error.to_string())),
            Err(error) => Err(TaskFailure::retry(error.to_string())),
        }
    }
}

/// What is sent: which task ended how, nothing of what it worked on.
fn body(delivery: &Delivery) -> String {
    json!({
        "type": format!("task.{}", delivery.state),
        "timestamp": assay_core::timestamp(delivery.finished_ms).to_string(),
        "data": { "task": delivery.task, "kind": delivery.kind, "state": delivery.state },
    })
    .to_string()
}

/// The headers of a delivery. The id stays the same over attempts; the time is that of the attempt,
/// so that a receiver can refuse what is old.
fn headers(id: &str, now_s: i64, body: &str, secret: &str) -> Result<HeaderMap, TaskFailure> {
    let values = [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now_s.to_string()),
        ("webhook-signature", signature(id, now_s, body, secret)?),
    ];
    let mut headers =
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    for (name, value) in values {
        let value =
            HeaderValue::from_str(&value).map_err(|error| TaskFailure::fatal(error.to_string()))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

/// HMAC-SHA-256 over the id, the time and the body, joined by dots, with the key in the secret.
fn signature(id: &str, now_s: i64, body: &str, secret: &str) -> Result<String, TaskFailure> {
    let key = secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret);
    let key = BASE64_STANDARD
        .decode(key)
        .map_err(|error| TaskFailure::fatal(format!("the secret is damaged: {error}")))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{now_s}.{body}").as_bytes());
    Ok(format!("v1,{}", BASE64_STANDARD.encode(tag)))
}

#[cfg(test)]
mod tests {
    //! The signature is the one that libraries of receivers check.

    use super::signature;

    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        // The example of the specification's reference libraries.
        let signed = signature(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        );
        assert_eq!(signed.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
