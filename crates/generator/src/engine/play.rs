//! A tenant played live: its records handed over one by one, in the order in which they arrive, at a pace.
//!
//! The engine writes the files of a slice of time side by side. Here each file keeps what it got until the slice is done; then
//! the records of all files are put in one order and handed over. So memory holds one slice.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{FileAbout, Sink, SinkFile, generate_into};
use crate::truth::{Truth, TruthFile};
use crate::{GenerateError, GenerateOptions};

/// Records that are due within one such step are handed over together.
const STEP: Duration = Duration::from_millis(200);
/// Most records a second that can be asked for.
const MAX_PER_SECOND: u64 = 10_000_000;
/// Most times as fast as life.
const MAX_TIMES: u64 = 1_000_000;

/// How fast a tenant is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// So many records a second, whatever time of the tenant's day it is: a load that doesn't change. Written `500`.
    PerSecond(u64),
    /// So many times as fast as life, the tenant's first midnight being now: nights are quiet. Written `60x`; `1x` is life.
    Times(u64),
}

impl Rate {
    /// When a record is due that arrives at `arrival`, after `before` others, counted from the beginning.
    fn due(self, before: u64, arrival: DateTime<Utc>, start: DateTime<Utc>) -> Duration {
        match self {
            Self::PerSecond(rate) => Duration::from_micros(before * 1_000_000 / rate),
            Self::Times(times) => {
                let passed = (arrival - start).num_microseconds().and_then(|passed| u64::try_from(passed).ok());
                Duration::from_micros(passed.unwrap_or(0) / times)
            }
        }
    }
}

impl std::str::FromStr for Rate {
    type Err = GenerateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, max, rate): (_, _, fn(u64) -> Self) = match text.strip_suffix('x') {
            Some(number) => (number, MAX_TIMES, Self::Times),
            None => (text, MAX_PER_SECOND, Self::PerSecond),
        };
        let parsed = number.parse().ok().filter(|number| (1..=max).contains(number));
        parsed.map(rate).ok_or_else(|| GenerateError::Option {
            option: "rate",
            expected: format!(
                "records a second (1 to {MAX_PER_SECOND}) or times as fast as life (`1x` to `{MAX_TIMES}x`)"
            ),
            found: text.into(),
        })
    }
}

/// What says how late it is.
pub trait Clock: Send {
    /// Waits until so much time has passed since the beginning; returns at once when it has.
    fn wait_until(&mut self, passed: Duration);
}

/// What takes records one by one.
pub trait Receiver: Send {
    /// Takes a record of `file`, which is given as [`FileAbout::streamed`], without the framing.
    ///
    /// # Errors
    /// When it cannot be taken.
    fn record(&mut self, file: &FileAbout, record: &str) -> Result<(), GenerateError>;

    /// What was taken so far must be out: the next records are due later.
    ///
    /// # Errors
    /// When it cannot be passed on.
    fn flush(&mut self) -> Result<(), GenerateError>;

    /// No record of `file` follows.
    ///
    /// # Errors
    /// When the file cannot be ended.
    fn end(&mut self, file: &FileAbout) -> Result<(), GenerateError>;
}

/// Plays the tenant that `options` describe to `receiver`, and returns what is true of it. Files are those the receiver saw.
///
/// # Errors
/// When an option is outside its limits or the receiver cannot take a record.
pub fn play(
    options: &GenerateOptions,
    rate: Rate,
    clock: &mut dyn Clock,
    receiver: &mut dyn Receiver,
) -> Result<Truth, GenerateError> {
    let pace = Pace { rate, start: options.start, clock, sent: 0, step: 0 };
    let sink = PlaySink { state: Mutex::new(State { files: Vec::new(), pace, receiver, ended: Vec::new() }) };
    let mut truth = generate_into(options, &sink)?;
    let mut state = sink.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.end_files()?;
    state.receiver.flush()?;
    truth.files = state.ended;
    truth.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(truth)
}

/// Says when the next record is due.
struct Pace<'r> {
    rate: Rate,
    start: DateTime<Utc>,
    clock: &'r mut dyn Clock,
    sent: u64,
    step: u128,
}

struct PlaySink<'r> {
    state: Mutex<State<'r>>,
}

struct State<'r> {
    files: Vec<Playing>,
    pace: Pace<'r>,
    receiver: &'r mut dyn Receiver,
    ended: Vec<TruthFile>,
}

/// A file of which records may come.
struct Playing {
    about: FileAbout,
    records: u64,
    bytes: u64,
    held: Arc<Mutex<Held>>,
}

/// What a file got in this slice.
#[derive(Default)]
struct Held {
    text: String,
    /// Arrival and end in the text, of each record.
    records: Vec<(DateTime<Utc>, usize)>,
    /// Whether the engine has ended the file.
    is_complete: bool,
}

impl Sink for PlaySink<'_> {
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError> {
        let held = Arc::new(Mutex::new(Held::default()));
        let about = about.streamed();
        let bytes = (about.framing.open.len() + about.framing.close.len()) as u64;
        let file = Playing { about, records: 0, bytes, held: Arc::clone(&held) };
        self.state.lock().unwrap_or_else(PoisonError::into_inner).files.push(file);
        Ok(Box::new(HeldFile(held)))
    }

    fn slice_done(&self) -> Result<(), GenerateError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.end_files()?;
        state.hand_over()
    }
}

struct HeldFile(Arc<Mutex<Held>>);

impl SinkFile for HeldFile {
    fn record(&mut self, arrival: DateTime<Utc>, record: &str) -> Result<(), GenerateError> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.text.push_str(record);
        let end = held.text.len();
        held.records.push((arrival, end));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), GenerateError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_complete = true;
        Ok(())
    }
}

impl State<'_> {
    /// Hands over what the files hold.
    fn hand_over(&mut self) -> Result<(), GenerateError> {
        let held: Vec<Held> = self.files.iter().map(|file| file.take()).collect();
        let mut order: Vec<(DateTime<Utc>, usize, usize)> = Vec::new();
        for (file, held) in held.iter().enumerate() {
            order.extend(held.records.iter().enumerate().map(|(record, (arrival, _))| (*arrival, file, record)));
        }
        order.sort_unstable();
        for (arrival, file, record) in order {
            let (held, file) = (&held[file], &mut self.files[file]);
            let begin = record.checked_sub(1).map_or(0, |before| held.records[before].1);
            let text = &held.text[begin..held.records[record].1];
            file.bytes +=
                text.len() as u64 + if file.records > 0 { file.about.framing.between.len() as u64 } else { 0 };
            file.records += 1;
            if self.pace.has_to_wait(arrival) {
                self.receiver.flush()?;
                self.pace.wait();
            }
            self.receiver.record(&file.about, text)?;
            self.pace.sent += 1;
        }
        Ok(())
    }

    /// Ends the files that the engine has ended.
    fn end_files(&mut self) -> Result<(), GenerateError> {
        let (complete, open) = std::mem::take(&mut self.files).into_iter().partition(Playing::is_complete);
        self.files = open;
        let complete: Vec<Playing> = complete;
        for Playing { about, records, bytes, .. } in complete {
            self.receiver.end(&about)?;
            self.ended.push(TruthFile { path: about.path, records, bytes });
        }
        Ok(())
    }
}

impl Playing {
    /// Takes what the file got in this slice.
    fn take(&self) -> Held {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Held {
            is_complete: held.is_complete,
            text: std::mem::take(&mut held.text),
            records: std::mem::take(&mut held.records),
        }
    }

    fn is_complete(&self) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).is_complete
    }
}

impl Pace<'_> {
    /// Moves on to the step in which the next record is due; false when that is the present one.
    fn has_to_wait(&mut self, arrival: DateTime<Utc>) -> bool {
        let step = self.rate.due(self.sent, arrival, self.start).as_micros() / STEP.as_micros();
        let later = step > self.step;
        self.step = self.step.max(step);
        later
    }

    fn wait(&mut self) {
        self.clock.wait_until(STEP * u32::try_from(self.step).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScenarioChoice;

    /// Remembers how long it was asked to wait.
    #[derive(Default)]
    struct NotedClock(Vec<Duration>);

    impl Clock for NotedClock {
        fn wait_until(&mut self, passed: Duration) {
            self.0.push(passed);
        }
    }

    /// Remembers how many records came between two flushes, and what each file held.
    #[derive(Default)]
    struct Counted {
        batches: Vec<u64>,
        files: std::collections::BTreeMap<String, (u64, u64)>,
        ended: Vec<String>,
    }

    impl Receiver for Counted {
        fn record(&mut self, file: &FileAbout, record: &str) -> Result<(), GenerateError> {
            assert!(!self.ended.contains(&file.path), "{} has ended", file.path);
            if self.batches.is_empty() {
                self.batches.push(0);
            }
            if let Some(count) = self.batches.last_mut() {
                *count += 1;
            }
            let counts = self.files.entry(file.path.clone()).or_default();
            counts.0 += 1;
            counts.1 += record.len() as u64;
            Ok(())
        }

        fn flush(&mut self) -> Result<(), GenerateError> {
            self.batches.push(0);
            Ok(())
        }

        fn end(&mut self, file: &FileAbout) -> Result<(), GenerateError> {
            self.ended.push(file.path.clone());
            Ok(())
        }
    }

    fn small() -> GenerateOptions {
        GenerateOptions { users: 150, days: 3, scenarios: ScenarioChoice::None, ..GenerateOptions::default() }
    }

    #[test]
    fn records_come_at_the_rate_that_was_asked_for() {
        let (mut clock, mut receiver) = (NotedClock::default(), Counted::default());
        let truth = play(&small(), Rate::PerSecond(1_000), &mut clock, &mut receiver).expect("plays");
        let records: u64 = truth.files.iter().map(|file| file.records).sum();
        assert_eq!(receiver.batches.iter().sum::<u64>(), records);
        // 200 records in a step of 200 ms, at a thousand a second.
        assert!(receiver.batches[..clock.0.len()].iter().all(|count| *count == 200));
        assert_eq!(clock.0.len() as u64, (records - 1) / 200);
        assert!(clock.0.is_sorted());
    }

    #[test]
    fn the_files_of_a_played_tenant_hold_what_those_of_a_written_one_do() {
        let (mut clock, mut receiver) = (NotedClock::default(), Counted::default());
        let played = play(&small(), Rate::Times(600), &mut clock, &mut receiver).expect("plays");
        let written = generate_into(&small(), &crate::NullSink).expect("generates");
        let count = |truth: &Truth| -> Vec<u64> { truth.files.iter().map(|file| file.records).collect() };
        assert_eq!(count(&played), count(&written));
        assert_eq!(played.counts, written.counts);
        for file in &played.files {
            assert_eq!(receiver.files[&file.path].0, file.records, "{}", file.path);
            assert!(receiver.ended.contains(&file.path), "{} has an end", file.path);
        }
        // Three days at 600 times the speed of life, and what comes late.
        let last = clock.0.last().expect("waits");
        assert!((Duration::from_secs(400)..Duration::from_secs(700)).contains(last), "{last:?}");
    }

    #[test]
    fn rates_are_read_and_refused() {
        assert_eq!("500".parse::<Rate>().ok(), Some(Rate::PerSecond(500)));
        assert_eq!("60x".parse::<Rate>().ok(), Some(Rate::Times(60)));
        for wrong in ["0", "x", "-1", "1.5x", "fast", "99999999999"] {
            let error = wrong.parse::<Rate>().expect_err("refused").to_string();
            assert!(error.starts_with("`rate` must be records a second"), "{error}");
        }
    }
}
