//! The `Prefer` header of Log Analytics' query API.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/logs/api/prefer-options>

use std::time::Duration;

/// What a client prefers. What a header says beside is passed over, as RFC 7240 demands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prefer {
    /// Longest time to wait for the result.
    pub wait: Option<Duration>,
    /// The answer says what the query took.
    pub include_statistics: bool,
    /// The answer says how it asks to be shown.
    pub include_render: bool,
}

impl Prefer {
    /// Reads the values of all such headers of a request.
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut prefer = Self::default();
        for part in values.into_iter().flat_map(|value| value.split([',', ';'])) {
            let (name, value) = part.split_once('=').unwrap_or((part, "true"));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "wait" => prefer.wait = value.parse().ok().map(Duration::from_secs).or(prefer.wait),
                "include-statistics" => prefer.include_statistics = value.eq_ignore_ascii_case("true"),
                "include-render" => prefer.include_render = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        prefer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_stand_in_one_header_or_in_several() {
        let expected = Prefer { wait: Some(Duration::from_secs(300)), include_statistics: true, include_render: true };
        assert_eq!(Prefer::parse(["wait=300,include-statistics=true,include-render=true"]), expected);
        assert_eq!(
            Prefer::parse(["Wait=300; include-render=true", "include-statistics=True, respond-async"]),
            expected
        );
        assert_eq!(Prefer::parse(["wait=soon,include-statistics=false", ""]), Prefer::default());
    }
}
