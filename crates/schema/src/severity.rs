//! How serious an alert or incident is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Severity of an alert or incident, ordered from least to most serious. Names are Sentinel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Not suspicious by itself; kept as context.
    Informational,
    /// Probably harmless; look when there is time.
    Low,
    /// Worth an analyst's look today.
    Medium,
    /// Look now.
    High,
}

impl Severity {
    /// All severities, least serious first.
    pub const ALL: [Self; 4] = [Self::Informational, Self::Low, Self::Medium, Self::High];

    /// The name as Sentinel writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    /// Reads a name in any case.
    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = text.trim();
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str().eq_ignore_ascii_case(wanted))
            .ok_or_else(|| format!("unknown severity `{wanted}`; use High, Medium, Low or Informational"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_ordered_and_read_in_any_case() {
        assert!(Severity::ALL.is_sorted());
        assert_eq!("high".parse(), Ok(Severity::High));
        assert_eq!(" Medium ".parse(), Ok(Severity::Medium));
        assert!("urgent".parse::<Severity>().expect_err("unknown").contains("`urgent`"));
    }
}
