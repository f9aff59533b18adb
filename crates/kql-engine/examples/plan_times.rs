//! How long queries take from text to plan: `plan_times --tables FILE < queries.jsonl` reads lines `{"query"}` and prints
//! the median, the 95th percentile and the longest of parsing, of parsing and binding, and of all up to the physical plan,
//! each the least of three runs, over the queries that can be planned; then the slowest queries (`--slowest N` of them).
//!
//! Where the system tells how long a thread was on a processor, that counts, so that other programs do not.

#[path = "support/tables.rs"]
mod tables;

use std::io::BufRead;
use std::time::{Duration, Instant};

use kql_engine::{Engine, EngineOptions, QueryOptions};
use serde_json::Value;

/// `now()` of every query, in ticks.
const NOW: i64 = 638_540_496_000_000_000;
/// Stack of the thread that plans: some queries are long.
const STACK_BYTES: usize = 64 << 20;
/// How often each step is timed; the least counts.
const RUNS: usize = 3;
/// How many of the slowest queries are shown, unless told.
const SLOWEST: usize = 10;
/// How late the system may count what a thread did, at most.
const CLOCK_TICK: Duration = Duration::from_millis(4);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run = || measure().map_err(|error| error.to_string());
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run)?;
    match thread.join() {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err("planning panicked".into()),
    }
}

fn measure() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().skip_while(|arg| arg != "--tables").nth(1).ok_or("no --tables FILE")?;
    let catalog = tables::tables(&serde_json::from_str(&std::fs::read_to_string(path)?)?)?;
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let options = QueryOptions::new(NOW);
    let mut times: Vec<([Duration; 3], String)> = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let query = request["query"].as_str().unwrap_or_default();
        if !runtime.block_on(engine.check_plan(query, &catalog, &options)).is_ok() {
            continue;
        }
        let parse = least(|| drop(engine.prepare(query)));
        let bind = least(|| drop(engine.check(query, &catalog, &options)));
        let plan = least(|| drop(runtime.block_on(engine.check_plan(query, &catalog, &options))));
        times.push(([parse, bind, plan], query.to_owned()));
    }
    let slowest = std::env::args().skip_while(|arg| arg != "--slowest").nth(1);
    report(&mut times, slowest.map_or(Ok(SLOWEST), |number| number.parse())?);
    Ok(())
}

fn least(mut step: impl FnMut()) -> Duration {
    let timed = |_| {
        let (start, busy) = (Instant::now(), busy());
        step();
        let elapsed = start.elapsed();
        match (busy, self::busy()) {
            (Some(before), Some(after)) => elapsed.min(after.saturating_sub(before) + CLOCK_TICK),
            _ => elapsed,
        }
    };
    (0..RUNS).map(timed).min().unwrap_or_default()
}

/// How long this thread was on a processor so far; Linux tells.
fn busy() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

#[allow(clippy::print_stdout, reason = "a report on the terminal")]
fn report(times: &mut [([Duration; 3], String)], slowest: usize) {
    println!("{} queries", times.len());
    for (index, name) in ["parse", "parse, bind", "parse, bind, plan"].into_iter().enumerate() {
        times.sort_by_key(|(time, _)| time[index]);
        let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
        let [median, most, longest] =
            [50, 95, 100].map(|share| at(share).map_or(Duration::ZERO, |(time, _)| time[index]));
        println!("{name}: median {median:?}, 95 % {most:?}, longest {longest:?}");
    }
    for (time, query) in times.iter().rev().take(slowest) {
        println!("{:?} {:?} {}", time[1], time[2], query.replace('\n', " ").chars().take(150).collect::<String>());
    }
}
