//! From options to files.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use rayon::prelude::*;

use super::clock::Waiting;
use super::numbering::Numbering;
use super::stream::Stream;
use super::{Behavior, FolderSink, Moment, Plan, Sink, Trace, Traces};
use crate::envelopes::{self, Form};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::truth::{Truth, TruthFile, TruthWriter};
use crate::{GenerateError, GenerateOptions, behaviors, timestamps};

/// Actors and moments that one task works on. The output doesn't depend on it.
const ACTORS_PER_TASK: usize = 512;
const MOMENTS_PER_TASK: usize = 64;

/// User accounts above which time is cut into shorter slices, and the slices' lengths in minutes.
const LARGE: u32 = 2_000;
const SLICE_MINUTES: (i64, i64) = (60, 10);
/// What happens before the tenant's first moment is of interest only if it is so near that it leaves traces after it.
const BEFORE_START: TimeDelta = TimeDelta::hours(3);

/// Writes the tenant that `options` describe into the folder `out`, which must be empty, absent or an earlier tenant's.
///
/// # Errors
/// When an option is outside its limits, the folder holds something else, or a file can't be written.
pub fn generate(options: &GenerateOptions, out: &Path) -> Result<Truth, GenerateError> {
    options.check()?;
    let sink = FolderSink::open(out)?;
    let truth = generate_into(options, &sink)?;
    sink.write_truth(&truth)?;
    Ok(truth)
}

/// Gives the tenant that `options` describe to `sink`, file by file, and returns what is true of it.
///
/// # Errors
/// When an option is outside its limits or the sink cannot take a record.
pub fn generate_into(options: &GenerateOptions, sink: &dyn Sink) -> Result<Truth, GenerateError> {
    options.check()?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .build()
        .map_err(|source| GenerateError::Threads { source })?;
    pool.install(|| {
        let tenant = Tenant::invent(options);
        Run::new(&tenant, sink).run()
    })
}

struct Run<'t> {
    tenant: &'t Tenant,
    sink: &'t dyn Sink,
    behaviors: Vec<Box<dyn Behavior + 't>>,
    planned: Waiting<Moment>,
    happening: Waiting<Trace<'t>>,
    arriving: Waiting<Trace<'t>>,
    numbering: Numbering,
    truth: TruthWriter<'t>,
    streams: BTreeMap<StreamKey, Stream<'t>>,
    files: Vec<TruthFile>,
}

/// Day, stem and sub-name of a file: their order is the order in which files are opened and closed.
type StreamKey = (i64, &'static str, &'static str);

impl<'t> Run<'t> {
    fn new(tenant: &'t Tenant, sink: &'t dyn Sink) -> Self {
        let minutes = if tenant.options.users < LARGE { SLICE_MINUTES.0 } else { SLICE_MINUTES.1 };
        let (start, length) = (tenant.options.start, TimeDelta::minutes(minutes));
        Self {
            tenant,
            sink,
            behaviors: behaviors::all(),
            planned: Waiting::new(start, length),
            happening: Waiting::new(start, length),
            arriving: Waiting::new(start, length),
            numbering: Numbering::default(),
            truth: TruthWriter::new(tenant),
            streams: BTreeMap::new(),
            files: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Truth, GenerateError> {
        let tenant = self.tenant;
        // East of Greenwich the working day begins the evening before, west of it it ends the morning after.
        self.plan(-1);
        self.plan(0);
        for slice in self.planned.slice_of(tenant.options.start - BEFORE_START)..0 {
            self.perform(slice);
        }
        for day in 0..i64::from(tenant.options.days) {
            self.plan(day + 1);
            let slices = self.planned.slice_of(tenant.day(day))..self.planned.slice_of(tenant.day(day + 1));
            for slice in slices {
                self.perform(slice);
                self.settle(slice);
                let arrived = self.arriving.take(slice);
                self.write(arrived)?;
            }
            self.close(day)?;
        }
        // What comes late is still the tenant's: the export is made afterwards.
        while let Some(late) = self.arriving.take_first() {
            self.write(late)?;
        }
        self.close(i64::MAX)?;
        Ok(self.truth.finish(self.files))
    }

    /// Plans local day `day` of everybody and everything.
    fn plan(&mut self, day: i64) {
        let tenant = self.tenant;
        // What happens outside need not wait in memory.
        let window = tenant.options.start - BEFORE_START..tenant.options.end();
        for (index, behavior) in self.behaviors.iter().enumerate() {
            let actors: Vec<u32> = (0..behavior.actors(tenant)).collect();
            let plans = actors.par_chunks(ACTORS_PER_TASK).map(|actors| {
                let mut plan = Plan { behavior: index as u16, ..Plan::default() };
                for &actor in actors {
                    plan.actor = actor;
                    let key = (day + 1) as u64;
                    let mut random = Random::substream(tenant.options.seed, behavior.name(), u64::from(actor), key);
                    behavior.plan(tenant, actor, day, &mut random, &mut plan);
                }
                plan.moments.retain(|moment| window.contains(&moment.time));
                plan.moments
            });
            for moment in plans.collect::<Vec<_>>().into_iter().flatten() {
                self.planned.push(moment.time, i64::MIN, moment);
            }
        }
    }

    /// Lets the moments of `slice` leave their traces.
    fn perform(&mut self, slice: i64) {
        let mut moments = self.planned.take(slice);
        moments.par_sort_unstable();
        let (tenant, behaviors) = (self.tenant, &self.behaviors);
        let traces = moments.par_chunks(MOMENTS_PER_TASK).map(|moments| {
            let mut traces = Traces::default();
            for moment in moments {
                let behavior = &behaviors[usize::from(moment.behavior)];
                let key = moment.time.timestamp_micros() as u64 ^ (u64::from(moment.step) << 56);
                let seed = tenant.options.seed.rotate_left(32);
                let mut random = Random::substream(seed, behavior.name(), u64::from(moment.actor), key);
                traces.mark(super::Mark::None);
                behavior.perform(tenant, moment, &mut random, &mut traces);
            }
            traces.list
        });
        for trace in traces.collect::<Vec<_>>().into_iter().flatten() {
            if tenant.holds(trace.time) {
                self.happening.push(trace.time, slice, trace);
            }
        }
    }

    /// Puts the traces of `slice` in order and sends them on their way.
    fn settle(&mut self, slice: i64) {
        let mut traces = self.happening.take(slice);
        // Stable: events of one moment keep the order in which they were made, such as a logon before what it does.
        traces.par_sort_by_key(|trace| trace.time);
        for mut trace in traces {
            self.numbering.number(&mut trace);
            self.truth.note(&trace);
            for copy in envelopes::repetitions(self.tenant, &trace) {
                self.truth.note(&copy);
                self.arriving.push(copy.arrival, slice, copy);
            }
            self.arriving.push(trace.arrival, slice, trace);
        }
    }

    /// Writes `traces` into their files, each in the order of arrival.
    fn write(&mut self, mut traces: Vec<Trace<'t>>) -> Result<(), GenerateError> {
        traces.par_sort_by_key(|trace| trace.arrival);
        for trace in traces {
            let day = self.tenant.day_of(trace.arrival).min(i64::from(self.tenant.options.days) - 1);
            let (form, part) = envelopes::form_of(self.tenant, &trace, day);
            let key = (day, form.stem, part);
            if !self.streams.contains_key(&key) {
                let stream = Stream::open(self.sink, form, path(form, part, self.tenant.day(day)))?;
                self.streams.insert(key, stream);
            }
            if let Some(stream) = self.streams.get_mut(&key) {
                stream.waiting.push(trace);
            }
        }
        let tenant = self.tenant;
        let mut streams: Vec<&mut Stream> =
            self.streams.values_mut().filter(|stream| !stream.waiting.is_empty()).collect();
        streams.par_iter_mut().with_max_len(1).try_for_each(|stream| stream.write(tenant))?;
        self.sink.slice_done()
    }

    /// Closes the files of `day` and the days before.
    fn close(&mut self, day: i64) -> Result<(), GenerateError> {
        // What arrives after the last day is in its files.
        let last = i64::from(self.tenant.options.days) - 1;
        let limit = if day == last { day } else { day.saturating_add(1) };
        let open = self.streams.split_off(&(limit, "", ""));
        let closed = std::mem::replace(&mut self.streams, open);
        for stream in closed.into_values() {
            self.files.push(stream.finish()?);
        }
        Ok(())
    }
}

fn path(form: &Form, part: &str, day: DateTime<Utc>) -> String {
    let mut date = String::new();
    timestamps::date(&mut date, day);
    let mut path = match form.stem.split_once(envelopes::MOMENT) {
        // Snapshots are known by the time before their names.
        Some((folder, name)) => {
            let moment = envelopes::SNAPSHOT_MINUTE;
            format!("{folder}{}{:02}{:02}00{name}", date.replace('-', ""), moment / 60, moment % 60)
        }
        None => format!("{}{part}-{date}", form.stem),
    };
    path.push_str(form.extension);
    path
}
