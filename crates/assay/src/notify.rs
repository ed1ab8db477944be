//! Posts and mails notices of alerts to those who are to be told.

use std::{sync::Arc, time::Duration};

use assay_telemetry::{Notice, ReceiverSettings};
use serde_json::Value;
use tokio::{
    sync::{Semaphore, mpsc},
    time::sleep,
};

use crate::mail;

/// Time for one post.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Pauses before each further try.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(25),
    Duration::from_secs(60),
];
/// Posts under way at once; a receiver that hangs holds up no more than its own.
const POSTS_MAX: usize = 16;

/// Posts every notice to every receiver that wants it, until the server is gone.
pub(crate) async fn run(mut notices: mpsc::Receiver<Notice>, receivers: Vec<ReceiverSettings>) {
    let client = match client() {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "nobody is told of alerts");
            return;
        }
    };
    let (receivers, room) = (Arc::new(receivers), Arc::new(Semaphore::new(POSTS_MAX)));
    while let Some(notice) = notices.recv().await {
        for receiver in receivers.iter() {
            for told in told(&notice, receiver) {
                let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
                let (client, receiver) = (client.clone(), receiver.clone());
                tokio::spawn(async move {
                    tell(&client, &receiver, &told).await;
                    drop(place);
                });
            }
        }
    }
}

/// A client for posts.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    let client = reqwest::Client::builder().timeout(TIMEOUT);
    client.redirect(reqwest::redirect::Policy::none()).build()
}

/// Tells a receiver once.
///
/// # Errors
/// In words, when it is not told.
pub(crate) async fn once(
    client: &reqwest::Client,
    receiver: &ReceiverSettings,
    notice: &Notice,
) -> Result<(), String> {
    for told in told(notice, receiver) {
        told.send(client, receiver).await?;
    }
    Ok(())
}

/// What a notice tells a receiver.
fn told(notice: &Notice, receiver: &ReceiverSettings) -> impl Iterator<Item = Told> {
    let mail = notice.mail(receiver).map(|(subject, text)| Told::Mail { subject, text });
    notice.bodies(receiver).into_iter().map(Told::Post).chain(mail)
}

/// What one receiver is told.
enum Told {
    Post(Value),
    Mail { subject: String, text: String },
}

impl Told {
    async fn send(
        &self,
        client: &reqwest::Client,
        receiver: &ReceiverSettings,
    ) -> Result<(), String> {
        match self {
            Self::Post(body) => post(client, receiver, body).await,
            Self::Mail { subject, text } => mail::send(receiver, subject, text).await,
        }
    }
}

/// Posts or sends a notice, again and again for a while. Addresses may hold a token, so the log names
/// the receiver alone.
async fn tell(client: &reqwest::Client, receiver: &ReceiverSettings, told: &Told) {
    let mut reason = String::new();
    for pause in [Duration::ZERO].into_iter().chain(PAUSES) {
        sleep(pause).await;
        match told.send(client, receiver).await {
            Ok(()) => return,
            Err(error) => reason = error,
        }
        tracing::warn!(receiver = receiver.name, reason, "an alert was not told, trying again");
    }
    tracing::error!(receiver = receiver.name, reason, "an alert was not told");
}

async fn post(
    client: &reqwest::Client,
    receiver: &ReceiverSettings,
    body: &Value,
) -> Result<(), String> {
    match client.post(receiver.url.expose()).json(body).send().await {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(format!("it answers {}", response.status())),
        Err(error) => Err(error.without_url().to_string()),
    }
}
