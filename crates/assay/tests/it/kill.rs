//! Nothing that was acknowledged is lost when the process is killed.

use assay_testkit::{install_crypto, kill::drill};

use crate::support::{Desk, binary};

/// The drill with 200 kills is an example of assay-testkit.
const KILLS: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn kills_during_ingest_lose_nothing() {
    install_crypto();
    let desk = Desk::new();
    let report = drill(binary(), &desk.data(), KILLS, 7).await.unwrap();
    assert!(report.is_whole(), "{report:?}");
    assert!(report.acknowledged > 0, "every kill came before the first file was accepted");
}
