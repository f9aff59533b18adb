//! Turns and memory, shared fairly between callers.
//!
//! A lane has so many turns and so much memory. Who comes when all turns are taken waits; a turn that gets free goes to the caller with the
//! fewest running queries, and among equals to the one who was served longest ago, so that a caller with a hundred queries delays another's
//! first by one query at most. A query gets at least its share of the memory (`memory / turns`) and up to half of what is free.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::{Failure, FailureKind};
use tokio::sync::oneshot;

/// Longest time after which who was sent away is told to come again.
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// Bounds of a lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LaneLimits {
    /// Queries that run at a time.
    pub(crate) turns: usize,
    /// Memory of all of them, in bytes.
    pub(crate) memory: u64,
    /// Most memory of one, in bytes.
    pub(crate) memory_per_query: u64,
    /// Queries that wait.
    pub(crate) waiting: usize,
    /// Queries of one caller that wait.
    pub(crate) waiting_per_caller: usize,
    /// Longest time that one waits.
    pub(crate) waiting_time: Duration,
}

/// Where queries wait for their turn. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    limits: LaneLimits,
    state: Arc<Mutex<State>>,
}

/// A turn, given back when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    lane: Lane,
    caller: String,
    memory: u64,
    is_running: bool,
}

/// What a lane is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LaneStatus {
    /// Queries that run.
    pub(crate) running: usize,
    /// Queries that wait.
    pub(crate) waiting: usize,
    /// Memory that is given out, in bytes.
    pub(crate) memory: u64,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    memory: u64,
    by_caller: HashMap<String, usize>,
    waiting: BTreeMap<String, VecDeque<Waiter>>,
    /// When each waiting caller was last served, in turns given.
    served: HashMap<String, u64>,
    given: u64,
}

#[derive(Debug)]
struct Waiter {
    needs: u64,
    sender: oneshot::Sender<Turn>,
}

impl Lane {
    /// A lane without queries.
    pub(crate) fn new(limits: LaneLimits) -> Self {
        Self { limits, state: Arc::default() }
    }

    /// Waits for a turn; `needs` is memory without which the query cannot run.
    ///
    /// # Errors
    /// `Throttled` where too many wait already, or none became free in time.
    pub(crate) async fn turn(&self, caller: &str, needs: u64) -> Result<Turn, Failure> {
        let needs = needs.max(self.share());
        if needs > self.limits.memory {
            let limit = self.limits.memory;
            return Err(Failure::new(
                FailureKind::OutOfMemory,
                format!("query asks for more than the {limit} bytes of memory of all queries"),
            ));
        }
        let receiver = {
            let mut state = self.lock();
            if state.waiting.is_empty()
                && let Some(turn) = self.give(&mut state, caller, needs)
            {
                return Ok(turn);
            }
            state.forget_gone();
            let of_caller = state.waiting.get(caller).map_or(0, VecDeque::len);
            if state.waiting_count() >= self.limits.waiting || of_caller >= self.limits.waiting_per_caller {
                return Err(self.busy(&state));
            }
            let (sender, receiver) = oneshot::channel();
            state.waiting.entry(caller.to_owned()).or_default().push_back(Waiter { needs, sender });
            receiver
        };
        // A turn may have become free in between.
        self.serve_waiting();
        match tokio::time::timeout(self.limits.waiting_time, receiver).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(self.busy(&self.lock())),
        }
    }

    /// What it is doing.
    pub(crate) fn status(&self) -> LaneStatus {
        let state = self.lock();
        LaneStatus { running: state.running, waiting: state.waiting_count(), memory: state.memory }
    }

    /// The memory that each query gets at least.
    fn share(&self) -> u64 {
        self.limits.memory / self.limits.turns.max(1) as u64
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn, if one is free and memory with it.
    fn give(&self, state: &mut State, caller: &str, needs: u64) -> Option<Turn> {
        let free = self.limits.memory.saturating_sub(state.memory);
        if state.running >= self.limits.turns || free < needs {
            return None;
        }
        let memory = (free / 2).min(self.limits.memory_per_query).max(needs);
        state.running += 1;
        state.memory += memory;
        state.given += 1;
        *state.by_caller.entry(caller.to_owned()).or_default() += 1;
        Some(Turn { lane: self.clone(), caller: caller.to_owned(), memory, is_running: true })
    }

    /// Gives free turns to who waits.
    fn serve_waiting(&self) {
        loop {
            // Sent without the lock: a turn whose receiver is gone comes back through this function.
            let (turn, sender) = {
                let mut state = self.lock();
                state.forget_gone();
                let Some(caller) = state.next_caller() else { return };
                let Some(needs) = state.waiting.get(&caller).and_then(|queue| queue.front()).map(|waiter| waiter.needs)
                else {
                    return;
                };
                let Some(turn) = self.give(&mut state, &caller, needs) else { return };
                match state.take_first(&caller) {
                    Some(waiter) => (turn, waiter.sender),
                    None => return,
                }
            };
            drop(sender.send(turn));
        }
    }

    fn busy(&self, state: &State) -> Failure {
        let rounds = state.waiting_count() / self.limits.turns.max(1);
        let retry_after = Duration::from_secs(1 + rounds as u64).min(LONGEST_RETRY);
        let message = format!("{} queries run and {} wait; try again later", state.running, state.waiting_count());
        Failure::new(FailureKind::Throttled { retry_after }, message)
    }
}

impl State {
    fn waiting_count(&self) -> usize {
        self.waiting.values().map(VecDeque::len).sum()
    }

    /// Drops waiters whose clients went away.
    fn forget_gone(&mut self) {
        for queue in self.waiting.values_mut() {
            queue.retain(|waiter| !waiter.sender.is_closed());
        }
        self.waiting.retain(|_, queue| !queue.is_empty());
        if self.waiting.is_empty() {
            self.served.clear();
        }
    }

    /// Whose turn it is.
    fn next_caller(&self) -> Option<String> {
        let key = |caller: &String| {
            let running = self.by_caller.get(caller).copied().unwrap_or(0);
            (running, self.served.get(caller).copied().unwrap_or(0))
        };
        self.waiting.keys().min_by_key(|caller| key(caller)).cloned()
    }

    fn take_first(&mut self, caller: &str) -> Option<Waiter> {
        let queue = self.waiting.get_mut(caller)?;
        let waiter = queue.pop_front();
        if queue.is_empty() {
            self.waiting.remove(caller);
        }
        self.served.insert(caller.to_owned(), self.given);
        waiter
    }
}

impl Turn {
    /// The memory that the query may use, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        self.memory
    }

    /// The query is done and only its result is still in memory: lets the next one run.
    pub(crate) fn keep_only(&mut self, bytes: u64) {
        {
            let mut state = self.lane.lock();
            if std::mem::take(&mut self.is_running) {
                state.stop_running(&self.caller);
            }
            let kept = bytes.min(self.memory);
            state.memory -= self.memory - kept;
            self.memory = kept;
        }
        self.lane.serve_waiting();
    }
}

impl State {
    fn stop_running(&mut self, caller: &str) {
        self.running -= 1;
        if let Some(count) = self.by_caller.get_mut(caller) {
            *count -= 1;
            if *count == 0 {
                self.by_caller.remove(caller);
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.keep_only(0);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn lane(turns: usize, waiting: usize) -> Lane {
        Lane::new(LaneLimits {
            turns,
            memory: 1000,
            memory_per_query: 400,
            waiting,
            waiting_per_caller: waiting,
            waiting_time: Duration::from_secs(3600),
        })
    }

    #[tokio::test]
    async fn a_caller_with_many_queries_delays_another_by_one() {
        let lane = lane(2, 100);
        let first = lane.turn("loud", 0).await.unwrap();
        let _second = lane.turn("loud", 0).await.unwrap();
        let mut loud: Vec<_> = (0..10).map(|_| Box::pin(lane.turn("loud", 0))).collect();
        assert!(loud.iter_mut().all(|turn| turn.now_or_never().is_none()));
        let mut quiet = Box::pin(lane.turn("quiet", 0));
        assert!((&mut quiet).now_or_never().is_none());
        drop(first);
        let turn = (&mut quiet).now_or_never().expect("the free turn is the quiet caller's").unwrap();
        assert!(loud.iter_mut().all(|turn| turn.now_or_never().is_none()));
        drop(turn);
        let turns: Vec<_> = loud.iter_mut().filter_map(|turn| turn.now_or_never()).collect();
        assert_eq!(turns.len(), 1);
    }

    #[tokio::test]
    async fn who_comes_to_a_full_queue_is_told_when_to_come_again() {
        let lane = lane(1, 2);
        let _running = lane.turn("a", 0).await.unwrap();
        let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(lane.turn("a", 0))).collect();
        assert!(waiting.iter_mut().all(|turn| turn.now_or_never().is_none()));
        let failure = lane.turn("b", 0).await.unwrap_err();
        assert_eq!(failure.status(), 429);
        assert!(failure.retry_after() >= Some(1));
        // Who goes away makes room.
        waiting.pop();
        assert!(lane.turn("b", 0).now_or_never().is_none());
    }

    #[tokio::test]
    async fn memory_never_goes_beyond_the_whole() {
        let lane = lane(4, 10);
        let mut turns = Vec::new();
        for _ in 0..3 {
            turns.push(lane.turn("a", 0).now_or_never().expect("a turn is free").unwrap());
            assert!(lane.status().memory <= 1000);
        }
        assert_eq!(turns.iter().map(Turn::memory).collect::<Vec<_>>(), [400, 300, 250]);
        // A turn is free, memory is not.
        let mut fourth = Box::pin(lane.turn("a", 0));
        assert!((&mut fourth).now_or_never().is_none());
        turns[0].keep_only(100);
        assert!((&mut fourth).now_or_never().is_some());
        drop(turns);
        drop(fourth);
        assert_eq!(lane.status(), LaneStatus::default());
        assert_eq!(lane.turn("a", 2000).await.unwrap_err().status(), 400);
    }

    #[tokio::test]
    async fn a_turn_sent_to_somebody_who_left_goes_on() {
        let lane = lane(1, 10);
        let running = lane.turn("a", 0).await.unwrap();
        let mut left = Box::pin(lane.turn("b", 0));
        assert!((&mut left).now_or_never().is_none());
        let mut stays = Box::pin(lane.turn("c", 0));
        assert!((&mut stays).now_or_never().is_none());
        drop(running);
        drop(left);
        assert!((&mut stays).now_or_never().is_some());
    }
}
