//! How a timeline is cut into windows.

use kql_functions::Type;
use kql_functions::Value;
use kql_functions::datetime::{TICKS_PER_DAY, civil_from_ticks, days_from_civil};
use kql_syntax::Diagnostic;

use super::Axis;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::operators::plugins::{Arguments, Wanted};

/// Windows of equal length or of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Of a length, one of them beginning at an origin.
    Fixed {
        /// More than 0.
        length: i64,
        /// Where one begins.
        origin: i64,
    },
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

/// Days since 0001-01-01 of the first day of a month.
fn first_of_month(year: i64, month: i64) -> i64 {
    (days_from_civil(year, month, 1) - days_from_civil(1, 1, 1)) * TICKS_PER_DAY
}

impl Step {
    /// A length, or the name of a period of the calendar.
    pub(super) fn read(
        binder: &mut Binder<'_>,
        args: &mut Arguments<'_>,
        parameter: &'static str,
        axis: Axis,
        origin: i64,
    ) -> Bind<Self> {
        let expr = args.required(parameter)?;
        let value = args.constant_of(binder, expr, parameter, Wanted::ANY)?;
        let Value::String(name) = &value else {
            let length = axis.length_of(binder, args, expr, parameter)?;
            return Ok(Self::Fixed { length: length.max(1), origin });
        };
        let is_calendar = axis.span_type() == Type::TimeSpan && axis.value(0).ty() == Type::DateTime;
        match name.to_lowercase().as_str() {
            // Day 0 is a Monday; weeks begin on Sunday.
            "week" if is_calendar => Ok(Self::Fixed { length: 7 * TICKS_PER_DAY, origin: -TICKS_PER_DAY }),
            "month" if is_calendar => Ok(Self::Month),
            "year" if is_calendar => Ok(Self::Year),
            _ => {
                let message = format!("`{parameter}` is neither a length nor a period of the calendar");
                let hint = "on a timeline of datetimes, the periods are `week`, `month` and `year`";
                Err(Diagnostic::error(codes::INVALID_USE, expr.span, message).with_hint(hint).into())
            }
        }
    }

    /// Where the window of a position begins.
    pub(super) fn start_of(self, position: i64) -> i64 {
        match self {
            Self::Fixed { length, origin } => {
                let offset = (i128::from(position) - i128::from(origin)).rem_euclid(i128::from(length));
                let start = i128::from(position) - offset;
                i64::try_from(start).unwrap_or(i64::MIN)
            }
            Self::Month => {
                let civil = civil_from_ticks(position);
                first_of_month(civil.year, civil.month)
            }
            Self::Year => first_of_month(civil_from_ticks(position).year, 1),
        }
    }

    /// Where the window before that one begins.
    pub(super) fn before(self, start: i64) -> i64 {
        self.start_of(start.saturating_sub(1))
    }

    /// Where the window after that one begins.
    pub(super) fn after(self, start: i64) -> i64 {
        match self {
            Self::Fixed { length, .. } => start.saturating_add(length),
            Self::Month => self.start_of(start.saturating_add(31 * TICKS_PER_DAY)),
            Self::Year => self.start_of(start.saturating_add(366 * TICKS_PER_DAY)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kql_functions::datetime::parse_datetime;

    #[test]
    fn windows_begin_where_the_calendar_or_the_origin_says() {
        let at = |text: &str| parse_datetime(text).unwrap();
        assert_eq!(Step::Month.start_of(at("2024-02-29T12:00")), at("2024-02-01"));
        assert_eq!(Step::Month.after(at("2024-01-01")), at("2024-02-01"));
        assert_eq!(Step::Month.before(at("2024-03-01")), at("2024-02-01"));
        assert_eq!(Step::Year.after(at("2023-01-01")), at("2024-01-01"));
        assert_eq!(Step::Year.start_of(at("2024-12-31")), at("2024-01-01"));
        let week = Step::Fixed { length: 7 * TICKS_PER_DAY, origin: -TICKS_PER_DAY };
        assert_eq!(week.start_of(at("2024-06-15")), at("2024-06-09"));
        let odd = Step::Fixed { length: 10, origin: 3 };
        assert_eq!((odd.start_of(2), odd.start_of(3), odd.start_of(12), odd.start_of(13)), (-7, 3, 3, 13));
    }
}
