//! Posts notices of alerts to those who are to be told.

use std::{sync::Arc, time::Duration};

use assay_telemetry::{Notice, ReceiverSettings};
use serde_json::Value;
use tokio::{
    sync::{Semaphore, mpsc},
    time::sleep,
};

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
    let client = match reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
    {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(%error, "nobody is told of alerts");
            return;
        }
    };
    let (receivers, room) = (Arc::new(receivers), Arc::new(Semaphore::new(POSTS_MAX)));
    while let Some(notice) = notices.recv().await {
        for receiver in receivers.iter() {
            for body in notice.bodies(receiver) {
                let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
                let (client, receiver) = (client.clone(), receiver.clone());
                tokio::spawn(async move {
                    tell(&client, &receiver, &body).await;
                    drop(place);
                });
            }
        }
    }
}

/// Posts a notice, again and again for a while. Addresses may hold a token, so the log names the
/// receiver alone.
async fn tell(client: &reqwest::Client, receiver: &ReceiverSettings, body: &Value) {
    let mut reason = String::new();
    for pause in [Duration::ZERO].into_iter().chain(PAUSES) {
        sleep(pause).await;
        match client.post(receiver.url.expose()).json(body).send().await {
            Ok(response) if response.status().is_success() => return,
            Ok(response) => reason = format!("it answers {}", response.status()),
            Err(error) => reason = error.without_url().to_string(),
        }
        tracing::warn!(receiver = receiver.name, reason, "an alert was not told, trying again");
    }
    tracing::error!(receiver = receiver.name, reason, "an alert was not told");
}
