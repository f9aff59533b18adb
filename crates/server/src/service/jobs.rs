//! What goes on by itself.

use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::app::App;
use super::gate::drain_audit;
use super::memory::FreeMemory;

/// How often the workspace is asked whether rows are due to be moved to their tables.
const TICK: Duration = Duration::from_secs(1);

/// How often sessions and sign-ins that are over are removed from the state.
const FORGET: Duration = Duration::from_secs(60);

/// Runs until `stop`.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let mut forgotten = Instant::now();
    let mut memory = FreeMemory::new(forgotten);
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        app.live().tick(Instant::now()).await;
        memory.tick(&app, Instant::now()).await;
        app.queries().tick(&app).await;
        drain_audit(&app).await;
        if forgotten.elapsed() > FORGET {
            forgotten = Instant::now();
            if let Err(refusal) = app.gate().forget_expired(app.now()).await {
                tracing::warn!(%refusal, "what is over could not be forgotten");
            }
        }
    }
}
