//! Drawings as inline SVG. What they show stands in the tables too; they are for the eye.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::parts::severity_class;
use crate::wording::{counted, number};
use crate::{ReportInput, TableCoverage};

/// Width of the drawings' coordinate systems.
const WIDTH: f64 = 900.0;
/// Height of an incident's line.
const LINE: f64 = 24.0;
/// Place for an incident's number.
const LEFT: f64 = 40.0;
/// Least width of a bar: a moment must be seen, too.
const BAR_MIN: f64 = 4.0;
/// Most bars of a volume chart; longer spans are drawn in steps of several days.
const BARS_MAX: i64 = 120;
/// Few days are drawn as narrow as a week's.
const BARS_MIN: usize = 7;
/// Height of a volume chart.
const VOLUME_HEIGHT: f64 = 60.0;
/// Width of a volume chart.
const VOLUME_WIDTH: f64 = 300.0;
/// Labels on the time axis.
const LABELS_MAX: i64 = 8;

/// A line an incident, over the time that incidents span.
pub(super) fn incident_chart(input: &ReportInput) -> Markup {
    let incidents = &input.incidents.items;
    let first = incidents.iter().map(|incident| incident.first_activity).min();
    let last = incidents.iter().map(|incident| incident.last_activity).max();
    let Some((first, last)) = first.zip(last) else { return Markup::default() };
    let axis = Axis::new(first.date_naive(), last.date_naive());
    let height = LINE * incidents.len() as f64 + 30.0;
    html! {
        figure {
            svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label="Incidents over time; the list above has the same times" {
                @for (x, label) in axis.labels() {
                    line.grid x1=(one(x)) x2=(one(x)) y1="0" y2=(height - 22.0) {}
                    text.axis x=(one(x + 4.0)) y=(height - 8.0) { (label) }
                }
                @for (index, incident) in incidents.iter().enumerate() {
                    @let y = LINE * index as f64;
                    @let (from, to) = (axis.x(incident.first_activity), axis.x(incident.last_activity));
                    text.label x="4" y=(one(y + 17.0)) { "#" (incident.number) }
                    rect class={ "bar " (severity_class(incident.severity)) } x=(one(from)) y=(one(y + 5.0))
                        width=(one((to - from).max(BAR_MIN))) height="14" rx="2" {
                        title { (incident.title) }
                    }
                }
            }
            figcaption { "A line for each incident, from its first to its last event (UTC)." }
        }
    }
}

struct Axis {
    first: NaiveDate,
    days: i64,
}

impl Axis {
    fn new(first: NaiveDate, last: NaiveDate) -> Self {
        Self { first, days: (last - first).num_days() + 1 }
    }

    fn x(&self, at: DateTime<Utc>) -> f64 {
        let since = at - self.first.and_time(NaiveTime::MIN).and_utc();
        LEFT + since.num_seconds() as f64 / (self.days * 86_400) as f64 * (WIDTH - LEFT - BAR_MIN)
    }

    fn labels(&self) -> Vec<(f64, String)> {
        let step = (self.days + LABELS_MAX - 1) / LABELS_MAX;
        let days = (0..self.days).step_by(step.max(1) as usize).map(|day| self.first + TimeDelta::days(day));
        days.map(|day| (self.x(day.and_time(NaiveTime::MIN).and_utc()), day.format("%-d %b").to_string())).collect()
    }
}

/// Rows a day as bars, gaps shaded.
pub(super) fn volume_chart(table: &TableCoverage) -> Markup {
    let (Some(first), Some(last)) = (table.days.first(), table.days.last()) else { return Markup::default() };
    let span = (last.day - first.day).num_days() + 1;
    let step = (span + BARS_MAX - 1) / BARS_MAX;
    let bars = ((span + step - 1) / step) as usize;
    let mut volumes = vec![0_u64; bars];
    for day in &table.days {
        volumes[((day.day - first.day).num_days() / step) as usize] += day.rows;
    }
    let highest = volumes.iter().copied().max().unwrap_or(1).max(1);
    let width = VOLUME_WIDTH / bars.max(BARS_MIN) as f64;
    let x_of = |at: DateTime<Utc>| {
        let since = at - first.day.and_time(NaiveTime::MIN).and_utc();
        since.num_seconds() as f64 / (step * 86_400) as f64 * width
    };
    let per = if step == 1 { "a day".to_owned() } else { format!("in {}", counted(step as u64, "day", "days")) };
    let described =
        format!("{}: at most {} rows {per}, from {} to {}", table.table, number(highest), first.day, last.day);
    html! {
        svg.volume viewBox=(format!("0 0 {VOLUME_WIDTH} {VOLUME_HEIGHT}")) role="img" aria-label=(described) {
            @for gap in &table.gaps {
                @let (from, to) = (x_of(gap.start), x_of(gap.end));
                rect.gap x=(one(from)) y="0" width=(one((to - from).max(1.5))) height=(VOLUME_HEIGHT) {}
            }
            @for (index, rows) in volumes.iter().enumerate() {
                @let height = if *rows == 0 { 0.0 } else { (*rows as f64 / highest as f64 * (VOLUME_HEIGHT - 4.0)).max(1.0) };
                rect.bar x=(one(index as f64 * width + width * 0.1)) y=(one(VOLUME_HEIGHT - 1.0 - height)) width=(one(width * 0.8)) height=(one(height)) {
                    title { (first.day + TimeDelta::days(index as i64 * step)) ": " (number(*rows)) }
                }
            }
            line.base x1="0" x2=(VOLUME_WIDTH) y1=(VOLUME_HEIGHT - 0.5) y2=(VOLUME_HEIGHT - 0.5) {}
        }
        span.muted { "up to " (number(highest)) " " (per) }
    }
}

/// One decimal: drawings need no more, and bytes stay the same everywhere.
fn one(value: f64) -> String {
    format!("{value:.1}")
}
