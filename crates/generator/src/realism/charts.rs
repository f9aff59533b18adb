//! Drawings as inline SVG.

use maud::{Markup, html};

/// Size of a drawing's coordinate system, and what is left for its axes.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 46.0;
const BOTTOM: f64 = 30.0;
const TOP: f64 = 12.0;
const RIGHT: f64 = 22.0;
/// Grid lines.
const LINES: u32 = 4;
/// Most labels that fit under the bars.
const LABELS: usize = 14;

/// Where values lie in a drawing.
struct Plane {
    columns: f64,
    highest: f64,
}

impl Plane {
    fn x(&self, column: f64) -> f64 {
        LEFT + column / self.columns * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        TOP + (1.0 - value / self.highest) * (HEIGHT - TOP - BOTTOM)
    }

    fn grid(&self, unit: &str) -> Markup {
        html! {
            @for line in 0..=LINES {
                @let value = self.highest * f64::from(line) / f64::from(LINES);
                line.grid x1=(one(LEFT)) x2=(one(WIDTH - RIGHT)) y1=(one(self.y(value))) y2=(one(self.y(value))) {}
                text.axis x=(one(LEFT - 6.0)) y=(one(self.y(value) + 4.0)) text-anchor="end" { (short(value)) (unit) }
            }
        }
    }
}

/// A column of a bar chart: what is measured and, where it is known, what is expected.
pub(super) struct Column {
    pub(super) label: String,
    pub(super) measured: f64,
    pub(super) expected: Option<f64>,
}

/// Bars, those of what is expected beside those of what is measured.
pub(super) fn bars(described: &str, unit: &str, columns: &[Column]) -> Markup {
    let highest =
        columns.iter().flat_map(|column| [column.measured, column.expected.unwrap_or_default()]).fold(0.0, f64::max);
    let plane = Plane { columns: columns.len().max(1) as f64, highest: rounded_up(highest) };
    let both = columns.iter().any(|column| column.expected.is_some());
    let width = plane.x(1.0) - plane.x(0.0);
    let every = columns.len().div_ceil(LABELS);
    let bar = |class: &str, x: f64, width: f64, value: f64, title: String| {
        let height = (plane.y(0.0) - plane.y(value)).max(if value > 0.0 { 0.8 } else { 0.0 });
        html! {
            rect class=(class) x=(one(x)) y=(one(plane.y(0.0) - height)) width=(one(width)) height=(one(height)) { title { (title) } }
        }
    };
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(described) {
            (plane.grid(unit))
            @for (index, column) in columns.iter().enumerate() {
                @let x = plane.x(index as f64) + width * 0.1;
                @let each = width * if both { 0.4 } else { 0.8 };
                (bar("bar", x, each, column.measured, format!("{}: {}{unit}", column.label, short(column.measured))))
                @if let Some(expected) = column.expected {
                    (bar("bar anchor", x + each, each, expected, format!("{}, anchor: {}{unit}", column.label, short(expected))))
                }
                @if index % every == 0 {
                    text.axis x=(one(plane.x(index as f64 + 0.5))) y=(one(HEIGHT - 12.0)) text-anchor="middle" { (column.label) }
                }
            }
            line.base x1=(one(LEFT)) x2=(one(WIDTH - RIGHT)) y1=(one(plane.y(0.0))) y2=(one(plane.y(0.0))) {}
        }
    }
}

/// Bars that lie, for names that are long.
pub(super) fn lying_bars(described: &str, unit: &str, columns: &[Column]) -> Markup {
    const LINE: f64 = 34.0;
    const NAMES: f64 = 215.0;
    let highest =
        columns.iter().flat_map(|column| [column.measured, column.expected.unwrap_or_default()]).fold(0.0, f64::max);
    let highest = rounded_up(highest);
    let height = LINE * columns.len() as f64 + 6.0;
    let length = |value: f64| value / highest * (WIDTH - NAMES - 60.0);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(described) {
            @for (index, column) in columns.iter().enumerate() {
                @let y = LINE * index as f64;
                @let thickness = if column.expected.is_some() { 11.0 } else { 18.0 };
                text.label x=(one(NAMES - 8.0)) y=(one(y + 18.0)) text-anchor="end" { (column.label) }
                rect.bar x=(one(NAMES)) y=(one(y + 5.0)) width=(one(length(column.measured))) height=(one(thickness)) {}
                text.axis x=(one(NAMES + length(column.measured) + 5.0)) y=(one(y + 5.0 + thickness * 0.85)) { (short(column.measured)) (unit) }
                @if let Some(expected) = column.expected {
                    rect class="bar anchor" x=(one(NAMES)) y=(one(y + 17.0)) width=(one(length(expected))) height="11" {}
                    text.axis x=(one(NAMES + length(expected) + 5.0)) y=(one(y + 26.5)) { (short(expected)) (unit) }
                }
            }
        }
    }
}

/// A curve from the left to the right, 0 to 100 percent in both directions, and a point that is expected to lie on it.
pub(super) fn share_curve(described: &str, values: &[f64], expected: (f64, f64)) -> Markup {
    let plane = Plane { columns: 100.0, highest: 100.0 };
    let step = 100.0 / (values.len().max(2) - 1) as f64;
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(index, value)| format!("{},{}", one(plane.x(index as f64 * step)), one(plane.y(*value))))
        .collect();
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(described) {
            (plane.grid(" %"))
            @for label in [0, 20, 40, 60, 80, 100] {
                text.axis x=(one(plane.x(f64::from(label)))) y=(one(HEIGHT - 12.0)) text-anchor="middle" { (label) " %" }
            }
            line.even x1=(one(plane.x(0.0))) y1=(one(plane.y(0.0))) x2=(one(plane.x(100.0))) y2=(one(plane.y(100.0))) {}
            polyline.curve points=(points.join(" ")) {}
            circle.anchor cx=(one(plane.x(expected.0))) cy=(one(plane.y(expected.1))) r="5" {}
        }
    }
}

/// Counts by rank, both axes logarithmic, beside a line of slope -1 through the middle.
pub(super) fn rank_plot(described: &str, counts: &[(String, u64)]) -> Markup {
    let highest = counts.first().map_or(1.0, |(_, count)| (*count as f64).max(10.0));
    let (ranks, decades) = ((counts.len().max(2) as f64).ln(), highest.log10().ceil());
    let plane = Plane { columns: ranks, highest: decades };
    let x = |rank: f64| plane.x(rank.ln());
    let y = |count: f64| plane.y(count.max(1.0).log10());
    // Zipf's law with as many sign-ins in all.
    let total: f64 = counts.iter().map(|(_, count)| *count as f64).sum();
    let harmonic: f64 = (1..=counts.len()).map(|rank| 1.0 / rank as f64).sum();
    let first = total / harmonic.max(1.0);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(described) {
            @for decade in 0..=(decades as u32) {
                @let at = plane.y(f64::from(decade));
                line.grid x1=(one(LEFT)) x2=(one(WIDTH - RIGHT)) y1=(one(at)) y2=(one(at)) {}
                text.axis x=(one(LEFT - 6.0)) y=(one(at + 4.0)) text-anchor="end" { (short(10_f64.powi(decade as i32))) }
            }
            @for rank in [1_u32, 2, 5, 10, 20, 50].into_iter().filter(|rank| *rank as usize <= counts.len()) {
                text.axis x=(one(x(f64::from(rank)))) y=(one(HEIGHT - 12.0)) text-anchor="middle" { (rank) }
            }
            line class="even anchor" x1=(one(x(1.0))) y1=(one(y(first))) x2=(one(x(counts.len() as f64))) y2=(one(y(first / counts.len().max(1) as f64))) {}
            @for (index, (name, count)) in counts.iter().enumerate() {
                circle.point cx=(one(x(index as f64 + 1.0))) cy=(one(y(*count as f64))) r="3" { title { (name) ": " (count) } }
            }
        }
    }
}

/// A cell an hour of the week: the darker, the more.
pub(super) fn week(described: &str, week: &[Vec<u64>]) -> Markup {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const CELL: (f64, f64) = (20.5, 24.0);
    let highest = week.iter().flatten().copied().max().unwrap_or(1).max(1) as f64;
    let x = |hour: usize| LEFT + hour as f64 * CELL.0;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} 205")) role="img" aria-label=(described) {
            @for (day, hours) in week.iter().enumerate() {
                @let y = 6.0 + day as f64 * CELL.1;
                text.axis x=(one(LEFT - 6.0)) y=(one(y + 16.0)) text-anchor="end" { (DAYS[day % 7]) }
                @for (hour, count) in hours.iter().enumerate() {
                    rect.empty x=(one(x(hour))) y=(one(y)) width=(one(CELL.0 - 1.5)) height=(one(CELL.1 - 1.5)) {}
                    rect.bar x=(one(x(hour))) y=(one(y)) width=(one(CELL.0 - 1.5)) height=(one(CELL.1 - 1.5)) fill-opacity=(format!("{:.2}", *count as f64 / highest)) {
                        title { (DAYS[day % 7]) " " (hour) ":00: " (count) }
                    }
                }
            }
            @for hour in (0..24).step_by(3) {
                text.axis x=(one(x(hour) + CELL.0 / 2.0)) y="194" text-anchor="middle" { (hour) ":00" }
            }
        }
    }
}

/// The next number above that is 1, 2, 2.5 or 5 times a power of ten.
fn rounded_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|step| step * power >= value * 0.999);
    step.unwrap_or(10.0) * power
}

/// A number in as few characters as its size allows.
pub(super) fn short(value: f64) -> String {
    match value.abs() {
        1e9.. => format!("{}G", trimmed(value / 1e9)),
        1e6.. => format!("{}M", trimmed(value / 1e6)),
        1e4.. => format!("{}k", trimmed(value / 1e3)),
        100.0.. => format!("{value:.0}"),
        _ => trimmed(value),
    }
}

fn trimmed(value: f64) -> String {
    let text = if value.abs() < 10.0 { format!("{value:.2}") } else { format!("{value:.1}") };
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// One decimal: drawings need no more, and bytes stay the same everywhere.
fn one(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_scales_end_above_the_highest_bar() {
        let texts = [0.0, 0.5, 8.0, 33.333, 120.0, 12_345.0, 2.5e6].map(short);
        assert_eq!(texts, ["0", "0.5", "8", "33.3", "120", "12.3k", "2.5M"]);
        assert_eq!([3.0, 21.0, 100.0, 0.07].map(rounded_up), [5.0, 25.0, 100.0, 0.1]);
    }
}
