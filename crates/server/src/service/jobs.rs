//! What goes on by itself.

use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::app::App;

/// How often the workspace is asked whether rows are due to be moved to their tables.
const TICK: Duration = Duration::from_secs(1);

/// Runs until `stop`.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        app.live().tick(Instant::now()).await;
        app.queries().tick(&app).await;
    }
}
