//! Requests under way, so that the same one is sent once.

use std::sync::Arc;

use tokio::sync::watch;

use super::CachedAnswer;

/// What came of a request under way; nothing yet, or the answer. The sender being gone without an
/// answer says that there is none.
pub(super) type Flight = watch::Receiver<Option<Arc<CachedAnswer>>>;

/// Waits for the end of a request; none when it gave no answer that may be shared.
pub(super) async fn land(mut flight: Flight) -> Option<Arc<CachedAnswer>> {
    let landed = flight.wait_for(Option::is_some).await.ok()?;
    landed.clone()
}
