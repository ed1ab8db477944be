//! Who is told when a task ends. The end of a task and the tasks that tell of it are written
//! together: no crash comes between them.

use assay_core::{TaskId, TenantId, TenantScope, WebhookId};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{NewTask, TaskError, TaskSettings, TaskState, Tasks, insert, insert::Draft};

/// Webhooks of a tenant at most: each adds a delivery to each end.
const WEBHOOKS_MAX: i64 = 20;
/// Attempts at a delivery: with the usual delays, that double up to their longest, half a day.
const ATTEMPTS_MAX: u32 = 20;

/// An address that is told when tasks end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where deliveries go.
    pub url: String,
    /// What deliveries are signed with.
    pub secret: String,
    /// Only tasks of these kinds; all when empty.
    pub kinds: Vec<String>,
    /// Only these ends; all when empty.
    pub states: Vec<TaskState>,
    /// When it was set up, in milliseconds since 1970.
    pub created_ms: i64,
}

/// What a delivery tells: which task ended how. The rest is asked for by whoever may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The webhook.
    pub webhook: WebhookId,
    /// The task that ended.
    pub task: TaskId,
    /// Its kind.
    pub kind: String,
    /// How it ended.
    pub state: TaskState,
    /// When, in milliseconds since 1970.
    pub finished_ms: i64,
}

impl Delivery {
    /// The kind and the queue of tasks that deliver.
    pub const KIND: &'static str = "webhook";

    fn task(&self) -> NewTask {
        NewTask {
            queue: Self::KIND.to_owned(),
            attempts_max: Some(ATTEMPTS_MAX),
            ..NewTask::new(Self::KIND, json!(self))
        }
    }
}

/// Enqueues the deliveries that tell of the end of a task; how many. A delivery is not told of.
pub(crate) fn tell(
    transaction: &Transaction<'_>,
    seq: i64,
    now_ms: i64,
) -> Result<usize, TaskError> {
    let sql = "SELECT task.tenant, task.id, task.kind, task.state, webhook.id, webhook.kinds, \
        webhook.states FROM task JOIN webhook ON webhook.tenant = task.tenant \
        WHERE task.seq = ?1 AND task.kind <> ?2";
    let mut statement = transaction.prepare_cached(sql)?;
    let found = statement.query_map(params![seq, Delivery::KIND], |row| {
        let delivery = Delivery {
            task: TaskId::from_bytes(row.get(1)?),
            kind: row.get(2)?,
            state: crate::query::state(row, "state")?,
            webhook: WebhookId::from_bytes(row.get(4)?),
            finished_ms: now_ms,
        };
        Ok((TenantId::from_bytes(row.get(0)?), delivery, words(row, 5)?, words(row, 6)?))
    })?;
    let mut told = 0;
    for found in found.collect::<Result<Vec<_>, _>>()? {
        let (tenant, delivery, kinds, states) = found;
        let is_asked = |words: &[String], word: &str| {
            words.is_empty() || words.iter().any(|asked| asked == word)
        };
        if is_asked(&kinds, &delivery.kind) && is_asked(&states, delivery.state.as_str()) {
            let payload = json!(delivery).to_string();
            let draft = Draft { tenant, task: delivery.task(), payload };
            insert::insert(transaction, &draft, &TaskSettings::default(), now_ms)?;
            told += 1;
        }
    }
    Ok(told)
}

impl Tasks {
    /// Sets a webhook up; its address and secret are not looked at.
    ///
    /// # Errors
    /// [`TaskError::Invalid`] when the tenant has as many as it may; [`TaskError::Store`].
    pub fn create_webhook(
        &self,
        scope: &TenantScope,
        url: &str,
        secret: &str,
        kinds: &[String],
        states: &[TaskState],
    ) -> Result<Webhook, TaskError> {
        let webhook = Webhook {
            id: WebhookId::new(),
            url: url.to_owned(),
            secret: secret.to_owned(),
            kinds: kinds.to_vec(),
            states: states.to_vec(),
            created_ms: self.now_ms(),
        };
        let (made, tenant) = (webhook.clone(), scope.tenant().to_bytes());
        self.0.database.write(move |transaction| {
            let sql = "SELECT count(*) FROM webhook WHERE tenant = ?";
            let count: i64 = transaction.query_row(sql, [tenant], |row| row.get(0))?;
            if count >= WEBHOOKS_MAX {
                let what = format!("there are {count} webhooks, which is the most there may be");
                return Err(TaskError::Invalid { what, hint: "delete one that is not needed" });
            }
            let sql = "INSERT INTO webhook (id, tenant, url, secret, kinds, states, created_ms) \
                VALUES (?, ?, ?, ?, ?, ?, ?)";
            let states: Vec<&str> = made.states.iter().map(|state| state.as_str()).collect();
            transaction.execute(
                sql,
                params![
                    made.id.to_bytes(),
                    tenant,
                    made.url,
                    made.secret,
                    Value::from(made.kinds).to_string(),
                    Value::from(states).to_string(),
                    made.created_ms
                ],
            )?;
            Ok(())
        })?;
        Ok(webhook)
    }

    /// The webhooks of the tenant, the oldest first.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn webhooks(&self, scope: &TenantScope) -> Result<Vec<Webhook>, TaskError> {
        let tenant = scope.tenant().to_bytes();
        self.0.database.read(|connection| {
            let sql = format!("{WEBHOOK} WHERE tenant = ? ORDER BY id");
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(statement.query_map([tenant], webhook)?.collect::<Result<_, _>>()?)
        })
    }

    /// A webhook of the tenant.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn webhook(
        &self,
        scope: &TenantScope,
        id: WebhookId,
    ) -> Result<Option<Webhook>, TaskError> {
        self.0.database.read(|connection: &Connection| {
            let sql = format!("{WEBHOOK} WHERE tenant = ?1 AND id = ?2");
            let keys = params![scope.tenant().to_bytes(), id.to_bytes()];
            Ok(connection.prepare_cached(&sql)?.query_row(keys, webhook).optional()?)
        })
    }

    /// Removes a webhook; what was not delivered yet is not delivered.
    ///
    /// # Errors
    /// [`TaskError::NoWebhook`] or [`TaskError::Store`].
    pub fn delete_webhook(&self, scope: &TenantScope, id: WebhookId) -> Result<(), TaskError> {
        let tenant = scope.tenant().to_bytes();
        self.0.database.write(move |transaction| {
            let sql = "DELETE FROM webhook WHERE tenant = ?1 AND id = ?2";
            match transaction.execute(sql, params![tenant, id.to_bytes()])? {
                0 => Err(TaskError::NoWebhook { id }),
                _ => Ok(()),
            }
        })
    }
}

const WEBHOOK: &str = "SELECT id, url, secret, kinds, states, created_ms FROM webhook";

fn webhook(row: &Row<'_>) -> sql::Result<Webhook> {
    let states = words(row, 4)?;
    Ok(Webhook {
        id: WebhookId::from_bytes(row.get(0)?),
        url: row.get(1)?,
        secret: row.get(2)?,
        kinds: words(row, 3)?,
        states: states.iter().filter_map(|state| state.parse().ok()).collect(),
        created_ms: row.get(5)?,
    })
}

/// The texts of a JSON array that this engine wrote.
fn words(row: &Row<'_>, column: usize) -> sql::Result<Vec<String>> {
    let value = crate::query::json(&row.get::<_, String>(column)?)?;
    let words = value.as_array().into_iter().flatten();
    Ok(words.filter_map(|word| word.as_str().map(str::to_owned)).collect())
}
